/* SPDX-License-Identifier: BSD-3-Clause
 * A small problem, solved. Include cmocka.h before. */
#ifndef RI_SUPPORT_SMALL_RUN_H
#define RI_SUPPORT_SMALL_RUN_H

#include "support/small_problem.h"

typedef struct small_run {
    ri_plan *plan;
    ri_unit_result *unit; /* [units] in canonical order */
    int64_t units;
    ri_record *record;
} small_run;

/* The grid of a plan, with 0 as its last alpha. */
static inline void small_lead_to_zero(small_problem *s) {
    ri_plan *plan;
    ri_error err = {0};
    if (ri_plan_new(&s->problem, NULL, 1, &plan, &err) != RI_OK)
        fail_msg("%s: %s", small_text(&s->design), err.text);
    const ri_unit *unit;
    int64_t units = ri_plan_units(plan, &unit);
    ri_unit_result *first = small_room((size_t)units, sizeof *first);
    ri_record *record = NULL;
    if (ri_units_run(plan, unit, units, 1, NULL, NULL, first, &err) != RI_OK ||
        ri_assemble(plan, first, &record, &err) != RI_OK)
        fail_msg("%s: %s", small_text(&s->design), err.text);
    s->alpha = small_room((size_t)s->design.alphas, sizeof(double));
    memcpy(s->alpha, record->path[0].alpha, (size_t)s->design.alphas * sizeof(double));
    s->alpha[s->design.alphas - 1] = 0;
    s->problem.alpha_list = s->alpha;
    for (int64_t u = 0; u < units; u++)
        ri_unit_result_free(&first[u]);
    free(first);
    ri_record_free(record);
    ri_plan_free(plan);
}

/* The record of copies of the units, whose fits it takes apart. */
static inline void small_assemble(const small_problem *s, small_run *run) {
    ri_error err = {0};
    ri_unit_result *copy = small_room((size_t)run->units, sizeof *copy);
    for (int64_t u = 0; u < run->units; u++) {
        void *bytes;
        size_t length;
        if (ri_unit_pack(&run->unit[u], &bytes, &length, &err) != RI_OK ||
            ri_unit_unpack(bytes, length, &copy[u], &err) != RI_OK)
            fail_msg("%s: %s", small_text(&s->design), err.text);
        free(bytes);
    }
    if (ri_assemble(run->plan, copy, &run->record, &err) != RI_OK)
        fail_msg("%s: %s", small_text(&s->design), err.text);
    for (int64_t u = 0; u < run->units; u++)
        ri_unit_result_free(&copy[u]);
    free(copy);
}

static inline small_run small_solve(small_problem *s, int threads, bool one_by_one) {
    small_run run = {0};
    ri_error err = {0};
    if (s->design.to_zero && !s->alpha)
        small_lead_to_zero(s);
    if (ri_plan_new(&s->problem, NULL, threads, &run.plan, &err) != RI_OK)
        fail_msg("%s: %s", small_text(&s->design), err.text);
    const ri_unit *unit;
    run.units = ri_plan_units(run.plan, &unit);
    run.unit = small_room((size_t)run.units, sizeof *run.unit);
    int64_t step = one_by_one ? 1 : run.units;
    for (int64_t u = 0; u < run.units; u += step)
        if (ri_units_run(run.plan, unit + u, step, threads, NULL, NULL, run.unit + u, &err) !=
            RI_OK)
            fail_msg("%s: %s", small_text(&s->design), err.text);
    small_assemble(s, &run);
    return run;
}

static inline void small_run_free(small_run *run) {
    for (int64_t u = 0; u < run->units; u++)
        ri_unit_result_free(&run->unit[u]);
    free(run->unit);
    ri_record_free(run->record);
    ri_plan_free(run->plan);
    *run = (small_run){0};
}

/* Coefficient of a feature at alpha a of a fit. */
static inline double small_coefficient(const ri_fit *fit, int64_t a, int64_t feature) {
    for (int64_t k = fit->start[a]; k < fit->start[a + 1]; k++)
        if (fit->feature[k] == feature)
            return fit->coefficient[k];
    return 0;
}

#endif
