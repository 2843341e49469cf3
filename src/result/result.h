/* SPDX-License-Identifier: BSD-3-Clause
 * The record on disk and on paper. Every file appears whole, by rename. */
#ifndef RI_RESULT_RESULT_H
#define RI_RESULT_RESULT_H

#include <stdio.h>

#include "base/status.h"
#include "cv/record.h"
#include "kernel/limits.h"
#include "result/comparison.h"

/* The HDF5 result file: groups /result (no run facts: byte-equal for any ranks and threads) and
 * /run. Schema: see the opening comment of result/hdf5.c and the README. */
RI_MUST_USE ri_status ri_result_write(const ri_record *record, const char *path, ri_error *err);
RI_MUST_USE ri_status ri_result_read(const char *path, ri_record **out, ri_error *err);

/* Exports, each from the record alone. */
RI_MUST_USE ri_status ri_export_json(const ri_record *record, const char *path, ri_error *err);
RI_MUST_USE ri_status ri_export_curve(const ri_record *record, const char *path, ri_error *err);
RI_MUST_USE ri_status ri_export_features(const ri_record *record, const char *path, ri_error *err);

/* Stability selection: a line for each feature that is picked; frequencies, a line for each alpha.
 */
RI_MUST_USE ri_status ri_export_stability(const ri_record *record, const char *path, ri_error *err);
RI_MUST_USE ri_status ri_export_stability_path(const ri_record *record, const char *path,
                                               ri_error *err);

/* Covariates of the chosen model; a file with a header only where there are none. */
RI_MUST_USE ri_status ri_export_covariates(const ri_record *record, const char *path,
                                           ri_error *err);

/* Features that could stand in for the selected ones. */
RI_MUST_USE ri_status ri_export_proxies(const ri_record *record, const char *path, ri_error *err);

/* Genotypes: the selected features as plink2 --score and --read-freq want them. */
RI_MUST_USE ri_status ri_export_score(const ri_record *record, const char *path, ri_error *err);
RI_MUST_USE ri_status ri_export_frequencies(const ri_record *record, const char *path,
                                            ri_error *err);

/* All of these that the record has something for, under one prefix: PREFIX.json .curve.tsv
 * .features.tsv, with covariates .covariates.tsv, with proxies .proxies.tsv, with genotypes
 * .score.tsv .afreq; those of an earlier result that this one has nothing for are removed.
 * `written` (of RI_WRITTEN_TEXT bytes; may be NULL) receives the endings. */
enum { RI_WRITTEN_TEXT = 256 };
RI_MUST_USE ri_status ri_export_tables(const ri_record *record, const char *prefix, char *written,
                                       ri_error *err);

/* Pictures by gnuplot: PREFIX.curve.svg and PREFIX.path.svg. Without gnuplot, the scripts
 * PREFIX.curve.gp and PREFIX.path.gp, which hold their data, are written instead and `*drawn` = 0.
 */
RI_MUST_USE ri_status ri_export_pictures(const ri_record *record, const char *prefix, int *drawn,
                                         ri_error *err);

/* The report for people: one self-contained page that needs nothing but a browser. `comparison`,
 * of models on the same data, gets a section of it; NULL: none. */
RI_MUST_USE ri_status ri_export_page(const ri_record *record, const ri_comparison *comparison,
                                     const char *path, ri_error *err);

/* Where the time of each rank went, and what its passes came to, for the log; nothing without a
 * ledger. `x_bytes`: of X. */
void ri_ledger_print(const ri_record *record, double x_bytes, const ri_limits *limits, FILE *out);

/* The summary in words. */
void ri_summary_print(const ri_record *record, FILE *out);

/* Everything above under one prefix: PREFIX.h5, tables and pictures. */
RI_MUST_USE ri_status ri_result_write_all(const ri_record *record, const char *prefix,
                                          char *written, int *drawn, ri_error *err);

#endif
