/* SPDX-License-Identifier: BSD-3-Clause
 * Which features could stand in for the selected ones. A proxy of a selected feature is another
 * feature, selected or not, whose correlation with it over the kept rows (weighted, missing values
 * at the mean) is at least a threshold in size. All are found in one pass over X. Beside it the
 * variance inflation of each selected feature among the others: 1 / (1 - R^2) of its regression on
 * them. */
#ifndef RI_CV_PROXIES_H
#define RI_CV_PROXIES_H

#include "cv/problem.h"
#include "cv/record.h"

enum { RI_PROXIES_LOOKED = 200, RI_INFLATION_MOST = 1000 };

/* Makes record->proxies for the chosen model: the proxies of its RI_PROXIES_LOOKED strongest
 * features, and the variance inflation of all where they are at most RI_INFLATION_MOST. A threshold
 * of 0 looks for none and makes nothing. `*bytes` grows by the bytes of X read. */
RI_MUST_USE ri_status ri_record_find_proxies(ri_record *record, const ri_problem *problem,
                                             double threshold, int threads, double *bytes,
                                             ri_error *err);

/* Number of the group of each selected feature, 0, 1, ... in their order: two features are in one
 * group where a chain of proxies joins them. Receives [count]; returns the number of groups. */
RI_MUST_USE ri_status ri_proxies_group(const ri_proxies *proxies, int64_t p, int64_t *group,
                                       int64_t *groups, ri_error *err);

/* The proxies of the k-th selected feature, the most correlated first; the caller frees `*out`. */
typedef struct ri_proxy {
    int64_t feature;
    double r;
} ri_proxy;
RI_MUST_USE ri_status ri_proxies_sort(const ri_proxies *proxies, int64_t k, ri_proxy **out,
                                      int64_t *count, ri_error *err);

/* In numbers: selected features that were looked at, that have a proxy, that have one which is not
 * selected; and the largest variance inflation, NaN where none is known. */
typedef struct ri_proxy_totals {
    int64_t looked, with, with_unselected;
    double worst_vif;
} ri_proxy_totals;
ri_proxy_totals ri_proxies_totals(const ri_proxies *proxies);

/* Place of a feature in proxies->feature, or -1. */
int64_t ri_proxies_find(const ri_proxies *proxies, int64_t feature);

#endif
