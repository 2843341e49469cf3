/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/adaptive.h"

#include <stdlib.h>
#include <string.h>

#include "base/random.h"

enum { LASSO, RIDGE };

const ri_option ri_options_adaptive[] = {
    {.name = "adaptive",
     .kind = RI_CHOICE,
     FIELD(adaptive),
     .argument = "FIRST",
     .shown = "no first fit",
     .choices = "lasso|ridge",
     .help =
         "Adaptive lasso: penalty factors 1 / |b|^gamma of a first lasso or ridge, made anew in "
         "every fold on its own training rows; features that are 0 there are left out."},
    {.name = "adaptive-gamma",
     .kind = RI_NUMBER,
     FIELD(adaptive_gamma),
     .argument = "G",
     .initial = "1",
     .low = 0,
     .above_low = true,
     .high = 10,
     .help = "Of --adaptive: the power of the first coefficients."},
    {.name = "adaptive-alpha",
     .kind = RI_NUMBERS,
     FIELD(adaptive_alpha),
     .argument = "A[,A..]",
     .low = 0,
     .above_low = true,
     .shown = "of a lasso five, from about half of its alpha_max to a twentieth",
     .help = "Of --adaptive: alphas of the first fit. Each gives a path, and the choice is over "
             "all of them."},
    {0},
};

static int compare_falling(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

ri_status ri_adaptive_check(ri_session *session, const ri_problem *problem, ri_error *err) {
    ri_arguments *given = &session->arguments;
    ri_number_list *list = &given->adaptive_alpha;
    const char *other = problem->settings.family != RI_GAUSSIAN     ? "a --family but gaussian"
                        : given->loco >= 0                          ? "--loco"
                        : problem->settings.refine > 0              ? "--refine"
                        : given->relax                              ? "--relax"
                        : problem->settings.select >= RI_SELECT_BIC ? "--select bic and ebic"
                                                                    : NULL;
    if (!ri_adaptive_given(session))
        return RI_OK;
    if (other)
        return ri_fail(err, RI_BAD_INPUT, "--adaptive does not go with %s", other);
    if (problem->l1_ratios != 1 || problem->l1_ratio[0] != 1)
        return ri_fail(err, RI_BAD_INPUT, "--adaptive is a lasso: --l1-ratio must be 1");
    if (given->adaptive == RIDGE && list->count == 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "--adaptive ridge: give the alphas of the first ridge by --adaptive-alpha");
    int64_t kept = 0;
    if (list->count > 0)
        qsort(list->value, (size_t)list->count, sizeof *list->value, compare_falling);
    for (int64_t a = 0; a < list->count; a++)
        if (kept == 0 || list->value[a] < list->value[kept - 1])
            list->value[kept++] = list->value[a];
    list->count = kept;
    return RI_OK;
}

uint64_t ri_adaptive_hash(const ri_session *session) {
    const ri_arguments *given = &session->arguments;
    if (strcmp(session->command, "cv") != 0 || !ri_adaptive_given(session))
        return 0;
    uint64_t hash = ri_hash(&given->adaptive_gamma, sizeof(double), (uint64_t)given->adaptive + 1);
    if (given->adaptive_alpha.count > 0)
        hash = ri_hash(given->adaptive_alpha.value,
                       (size_t)given->adaptive_alpha.count * sizeof(double), hash);
    return hash | 1;
}

ri_status ri_adaptive_start(ri_session *session, const ri_adaptive_run *base, ri_record **out,
                            ri_error *err) {
    const ri_arguments *given = &session->arguments;
    ri_adaptive_run run = *base;
    run.ridge = given->adaptive == RIDGE;
    run.alpha = given->adaptive_alpha.value;
    run.alphas = given->adaptive_alpha.count;
    run.gamma = given->adaptive_gamma;
    return ri_cluster_adaptive(session->cluster, &run, out, err);
}
