/* SPDX-License-Identifier: BSD-3-Clause
 * Which alpha and which path: from the record alone. */
#include <math.h>

#include "cv/criteria.h"
#include "cv/record.h"

void ri_path_choose(ri_path *path, ri_metric metric) {
    path->index_min = 0;
    for (int64_t a = 1; a < path->alphas; a++) {
        double here = ri_metric_badness(metric, path->mean[a]);
        double least = ri_metric_badness(metric, path->mean[path->index_min]);
        if (here < least || isnan(least))
            path->index_min = a;
    }
    double limit = ri_metric_badness(metric, path->mean[path->index_min]);
    limit += path->se[path->index_min];
    path->index_1se = 0;
    while (path->index_1se < path->index_min &&
           !(ri_metric_badness(metric, path->mean[path->index_1se]) <= limit))
        path->index_1se++;
}

/* By an information criterion, over all paths, ties to the larger l1_ratio; the largest alpha where
 * none has one. */
static void choose_by_criterion(ri_record *record) {
    double gamma = ri_settings_gamma(&record->settings, record->settings.select), lowest = INFINITY;
    record->selected_path = record->index_selected = 0;
    for (int64_t r = 0; r < record->paths; r++) {
        const ri_path *path = &record->path[r];
        int64_t a = ri_path_least_bic(record, path, gamma);
        double value = a < 0 ? (double)NAN : ri_path_bic(record, path, a, gamma);
        bool tie = value == lowest && path->l1_ratio > ri_record_selected(record)->l1_ratio;
        if (value < lowest || tie) {
            lowest = value;
            record->selected_path = r;
            record->index_selected = a;
        }
    }
}

/* Lowest curve wins, ties to the larger l1_ratio. */
static void choose_by_curve(ri_record *record) {
    record->selected_path = 0;
    for (int64_t r = 1; r < record->paths && record->folds > 0; r++) {
        const ri_path *best = &record->path[record->selected_path], *path = &record->path[r];
        ri_metric metric = record->settings.metric;
        double here = ri_metric_badness(metric, path->mean[path->index_min]);
        double there = ri_metric_badness(metric, best->mean[best->index_min]);
        if (here < there || (here == there && path->l1_ratio > best->l1_ratio))
            record->selected_path = r;
    }
    const ri_path *path = &record->path[record->selected_path];
    record->index_selected = path->alphas - 1;
    if (record->folds > 0)
        record->index_selected =
            record->settings.select == RI_SELECT_1SE ? path->index_1se : path->index_min;
}

void ri_record_choose(ri_record *record) {
    if (record->settings.select >= RI_SELECT_BIC)
        choose_by_criterion(record);
    else
        choose_by_curve(record);
}
