/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/relax.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cv/relax.h"

const ri_option ri_options_relax[] = {
    {.name = "relax",
     .kind = RI_SWITCH,
     FIELD(relax),
     .help = "Relaxed lasso: fit the support of every alpha again by least squares, in every fold "
             "on its own training rows, and choose alpha together with the mix gamma."},
    {.name = "gamma",
     .kind = RI_NUMBERS,
     FIELD(gamma),
     .argument = "G[,G..]",
     .initial = "0,0.25,0.5,0.75,1",
     .low = 0,
     .high = 1,
     .help = "Of --relax: coefficients are gamma x the path's + (1 - gamma) x those of least "
             "squares. 0 and 1 are always tried."},
    {0},
};

ri_status ri_relax_check(const ri_session *session, const ri_problem *problem, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    const char *other = problem->settings.family != RI_GAUSSIAN     ? "a --family but gaussian"
                        : problem->settings.positive                ? "--positive"
                        : given->loco >= 0                          ? "--loco"
                        : problem->settings.select >= RI_SELECT_BIC ? "--select bic and ebic"
                                                                    : NULL;
    if (!given->relax)
        return RI_OK;
    if (other)
        return ri_fail(err, RI_BAD_INPUT, "--relax does not go with %s", other);
    for (int64_t r = 0; r < problem->l1_ratios; r++)
        if (!(problem->l1_ratio[r] > 0))
            return ri_fail(err, RI_BAD_INPUT,
                           "--relax fits the features again that are kept, and ridge (--l1-ratio "
                           "0) keeps all of them");
    return RI_OK;
}

static int compare_falling(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* The mixes asked for with 1 and 0, falling, each once: room for count + 2. */
static int64_t sort_mixes(const ri_number_list *given, double *gamma) {
    int64_t count = 0;
    memcpy(gamma, given->value, (size_t)given->count * sizeof *gamma);
    gamma[given->count] = 1;
    gamma[given->count + 1] = 0;
    qsort(gamma, (size_t)given->count + 2, sizeof *gamma, compare_falling);
    for (int64_t i = 0; i < given->count + 2; i++)
        if (count == 0 || gamma[i] < gamma[count - 1])
            gamma[count++] = gamma[i];
    return count;
}

ri_status ri_relax_run(ri_session *session, const ri_problem *problem, int threads,
                       ri_record *record, ri_error *err) {
    ri_status status = RI_OK;
    if (!session->arguments.relax)
        return RI_OK;
    if (record) {
        double started = ri_seconds();
        double *gamma = ri_alloc((size_t)session->arguments.gamma.count + 2, sizeof *gamma);
        int64_t count = gamma ? sort_mixes(&session->arguments.gamma, gamma) : 0;
        ri_console_note(&session->console,
                        "relaxing: least squares on the supports of %d fits, %lld mixes",
                        record->folds + 1, (long long)count);
        status = gamma ? ri_record_relax(record, problem, gamma, count, threads, err)
                       : ri_fail_memory(err, "the mixes", 64);
        free(gamma);
        record->run.seconds += ri_seconds() - started;
    }
    return ri_cluster_agree(session->cluster, status, err);
}
