/* SPDX-License-Identifier: BSD-3-Clause
 * What a checkpoint is of, line by line. A line whose value begins with '@' is a hash: where two
 * differ, its name says enough. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"
#include "cv/checkpoint.h"
#include "cv/checkpoint_settings.h"
#include "cv/plan.h"
#include "solve/loss.h"

static ri_status add(ri_names *lines, ri_error *err, const char *format, ...) RI_PRINTF(3, 4);

static ri_status add(ri_names *lines, ri_error *err, const char *format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t kept = (size_t)length < sizeof text ? (size_t)length : sizeof text - 1;
    return ri_names_add(lines, text, kept, err);
}

static ri_status add_hash(ri_names *lines, const char *name, const void *bytes, size_t length,
                          ri_error *err) {
    if (!bytes)
        return add(lines, err, "%s\tnone", name);
    return add(lines, err, "%s\t@%016" PRIx64, name, ri_hash(bytes, length, 0));
}

static ri_status add_number(ri_names *lines, const char *name, double value, ri_error *err) {
    char text[RI_NUMBER_TEXT];
    return add(lines, err, "%s\t%s", name, ri_format_number(value, text));
}

/* One initial value for each line: were one missing, or one too many, this would not compile. */
#define ONE_VALUE(kind, field, name) ONE_##kind,
#define ONE_FAMILY RI_GAUSSIAN
#define ONE_METRIC RI_MSE
#define ONE_SOLVER RI_SOLVER_AUTO
#define ONE_SELECT RI_SELECT_MIN
#define ONE_FLAG false
#define ONE_NUMBER 0
#define ONE_COUNT 0
#define ONE_SEED 0
#define ONE_HASH 0
#define ONE_FOLDS 0
#define ONE_TEXT                                                                                   \
    { 0 }
_Static_assert(sizeof((ri_settings){RI_SETTINGS_LINES(ONE_VALUE)}) == sizeof(ri_settings),
               "a line for every field of ri_settings");

#define LINE_FAMILY(value, line) add(lines, err, line "\t%s", ri_loss_of(value)->name)
#define LINE_METRIC(value, line) add(lines, err, line "\t%s", ri_metric_name(value))
#define LINE_SOLVER(value, line) add(lines, err, line "\t%s", ri_solver_word[value])
#define LINE_SELECT(value, line) add(lines, err, line "\t%s", ri_select_word[value])
#define LINE_FLAG(value, line) add(lines, err, line "\t%s", (value) ? "yes" : "no")
#define LINE_NUMBER(value, line) add_number(lines, line, value, err)
#define LINE_COUNT(value, line) add(lines, err, line "\t%" PRId32, value)
#define LINE_SEED(value, line) add(lines, err, line "\t%" PRIu64, value)
#define LINE_HASH(value, line) add(lines, err, line "\t@%016" PRIx64, value)
#define LINE_TEXT(value, line) add(lines, err, line "\t%s", (value)[0] ? (value) : "none")
#define LINE_FOLDS(value, line) RI_OK /* add_folds */

static ri_status add_settings(const ri_settings *s, ri_names *lines, ri_error *err) {
#define ADD_LINE(kind, field, name) RI_TRY(LINE_##kind(s->field, name));
    RI_SETTINGS_LINES(ADD_LINE)
#undef ADD_LINE
    return RI_OK;
}

/* The same for ri_problem, whose fields are described by hand. A new one: add its line where it
 * belongs, and its value here. */
_Static_assert(sizeof((ri_problem){{0},  /* x: shape, storage, covariates; its values by the plan */
                                   NULL, /* y */
                                   NULL, /* weight */
                                   NULL, /* penalty_factor */
                                   0,    /* folds */
                                   NULL, /* fold */
                                   {0},  /* settings: RI_SETTINGS_LINES */
                                   0,    /* l1_ratios */
                                   NULL, /* l1_ratio */
                                   0,    /* alphas */
                                   NULL, /* alpha_list */
                                   false,    /* list_of_each: with the list */
                                   0,        /* eps */
                                   0,        /* kept: as y has it */
                                   0,        /* deviation: as y has it */
                                   0,        /* fits_in_hand: no answer depends on it */
                                   0,        /* columns_in_hand: nor on it */
                                   0,        /* blocks */
                                   NULL,     /* adaptive: settings.first_fit stands for it */
                                   NULL,     /* extent: only expected */
                                   NULL}) == /* checkpoint: where, not what */
                   sizeof(ri_problem),
               "a word on every field of ri_problem");

static ri_status add_folds(const ri_problem *p, ri_names *lines, ri_error *err) {
    size_t repeats = (size_t)ri_settings_repeats(&p->settings);
    RI_TRY(add(lines, err, "folds\t%d", p->folds));
    RI_TRY(add(lines, err, "--repeats\t%zu", repeats));
    return add_hash(lines, "folds of the samples", p->fold,
                    repeats * (size_t)p->x.n * sizeof *p->fold, err);
}

static ri_status add_grid(const ri_problem *p, ri_names *lines, ri_error *err) {
    size_t alphas = (size_t)p->alphas;
    RI_TRY(add(lines, err, "alphas\t%" PRId64, p->alphas));
    RI_TRY(add_number(lines, "--eps", p->eps, err));
    RI_TRY(add_hash(lines, "list of alphas", p->alpha_list,
                    (p->list_of_each ? (size_t)p->l1_ratios : 1) * alphas * sizeof(double), err));
    RI_TRY(add(lines, err, "l1_ratios\t%" PRId64, p->l1_ratios));
    for (int64_t r = 0; r < p->l1_ratios; r++)
        RI_TRY(add_number(lines, "--l1-ratio", p->l1_ratio[r], err));
    return add(lines, err, "--alpha-blocks\t%d", p->blocks);
}

ri_status ri_checkpoint_describe(const ri_problem *p, const char *command, uint64_t dataset,
                                 ri_names *lines, ri_error *err) {
    size_t n = (size_t)p->x.n, features = (size_t)p->x.p, extras = (size_t)p->x.extras;
    RI_TRY(add(lines, err, "version of riata\t%s", RIATA_VERSION));
    RI_TRY(add(lines, err, "subcommand\t%s", command));
    RI_TRY(add(lines, err, "samples\t%" PRId64, p->x.n));
    RI_TRY(add(lines, err, "features\t%" PRId64, ri_matrix_features(&p->x)));
    RI_TRY(add_hash(lines, "dataset", &dataset, sizeof dataset, err));
    RI_TRY(add(lines, err, "storage of X\t%s", ri_storage_name(p->x.storage)));
    RI_TRY(add_hash(lines, "response", p->y, n * sizeof(double), err));
    RI_TRY(add_hash(lines, "weights", p->weight, n * sizeof(double), err));
    RI_TRY(add_hash(lines, "penalty factors", p->penalty_factor, features * sizeof(double), err));
    RI_TRY(add(lines, err, "covariates\t%zu", extras));
    if (extras > 0)
        RI_TRY(
            add_hash(lines, "values of covariates", p->x.extra, extras * n * sizeof(double), err));
    RI_TRY(add_folds(p, lines, err));
    RI_TRY(add_grid(p, lines, err));
    return add_settings(&p->settings, lines, err);
}

uint64_t ri_checkpoint_identity(const ri_names *lines) {
    return ri_hash(lines->bytes, lines->byte_count, 0);
}

/* Every column has its part in mean, sd and gradient. */
static uint64_t hash_values(const ri_plan *plan) {
    size_t p = (size_t)plan->problem->x.p;
    uint64_t hash = ri_hash(plan->mean, p * sizeof(double), 0);
    hash = ri_hash(plan->sd, p * sizeof(double), hash);
    hash = ri_hash(plan->gradient, p * sizeof(double), hash);
    return ri_hash(plan->missing_count, p * sizeof *plan->missing_count, hash);
}

ri_status ri_checkpoint_describe_plan(const ri_plan *plan, ri_names *lines, ri_error *err) {
    const ri_problem *p = plan->problem;
    int64_t points = 0;
    uint64_t grid = 0;
    for (int64_t r = 0; r < p->l1_ratios; r++)
        grid = ri_hash(plan->alpha[r], (size_t)p->alphas * sizeof(double), grid);
    for (int64_t u = 0; u < plan->units; u++)
        points += plan->unit[u].count;
    RI_TRY(add(lines, err, "values of X\t@%016" PRIx64, hash_values(plan)));
    RI_TRY(add(lines, err, "grid of alphas\t@%016" PRIx64, grid));
    RI_TRY(add(lines, err, "units\t%" PRId64, plan->units));
    return add(lines, err, "points\t%" PRId64, points);
}
