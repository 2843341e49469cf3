/* SPDX-License-Identifier: BSD-3-Clause
 * The summary in words, for a person who reads it once: what was asked, what was chosen, how well
 * it predicts, what the signs mean, whether it is proven, and what to do where something is off.
 * Lines have at most 100 columns. Each function says its part, or nothing where the record has
 * none. Private to this room. */
#ifndef RI_RESULT_SUMMARY_H
#define RI_RESULT_SUMMARY_H

#include <stdio.h>

#include "cv/record.h"
#include "result/view.h"

/* Columns of labels and of names; most features that are listed. */
enum { RI_SUMMARY_LABEL = 14, RI_SUMMARY_NAME = 30, RI_SUMMARY_STRONGEST = 10 };

/* A paragraph under a label, broken between words. */
void ri_summary_say(FILE *out, const char *label, const char *format, ...) RI_PRINTF(3, 4);

/* Columns that UTF-8 text takes. */
size_t ri_summary_columns(const char *text, size_t bytes);

static inline const char *ri_summary_plural(int64_t count) {
    return count == 1 ? "" : "s";
}

static inline bool ri_summary_unpenalised(const ri_record *record, int64_t feature) {
    return record->penalty_factor && record->penalty_factor[feature] == 0;
}

/* summary_choice.c: the chosen alpha and its rivals; how many features the folds agree on; errors
 * by cross-validation, on test samples (the last word: they took part in nothing), and true ones of
 * simulated data. */
void ri_summary_say_choice(const ri_record *record, FILE *out);
void ri_summary_say_frequency(const ri_record *record, FILE *out);
void ri_summary_say_error(const ri_record *record, FILE *out);
void ri_summary_say_test(const ri_record *record, FILE *out);
void ri_summary_say_replicates(const ri_record *record, FILE *out);

/* summary_effects.c: covariates of the chosen model, as many as fit; its features, `count` effects
 * of it; how many of them are true ones. */
void ri_summary_say_covariates(const ri_record *record, FILE *out);
void ri_summary_say_effects(const ri_record *record, const ri_effect *effect, int64_t count,
                            FILE *out);
void ri_summary_say_truth(const ri_record *record, const ri_effect *effect, int64_t count,
                          FILE *out);

/* summary_certificate.c: features whose coefficients are not unique; the gaps. */
void ri_summary_say_ties(const ri_record *record, FILE *out);
void ri_summary_say_certificate(const ri_record *record, FILE *out);

#endif
