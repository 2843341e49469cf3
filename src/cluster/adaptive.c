/* SPDX-License-Identifier: BSD-3-Clause
 * The adaptive lasso over the group: first fits at some alphas, then a run for each of them with
 * the weights that they give; each becomes a path of one record. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "cluster/cluster.h"
#include "cluster/facts.h"
#include "cv/frequency.h"

/* Last alpha over alpha_max: few features are left, which may need little penalty. */
static const double LEAST_ALPHA = 1e-3;
/* The same of first fits, where no alphas are given. */
static const double LEAST_FIRST = 0.05;

/* Rank 0's weights become everybody's. */
static ri_status share_weights(ri_cluster *cluster, ri_adaptive *weights, ri_error *err) {
    ri_status status = RI_OK;
    bool first = ri_cluster_rank(cluster) == 0;
    int64_t entries = first ? weights->start[weights->fits] : 0;
    ri_adaptive facts = *weights;
    ri_cluster_share(cluster, &facts, sizeof facts);
    ri_cluster_share(cluster, &entries, sizeof entries);
    size_t fits = (size_t)facts.fits, size = (size_t)entries;
    if (!first) {
        *weights = facts;
        weights->start = ri_alloc(fits + 1, sizeof *weights->start);
        weights->feature = ri_alloc(size + 1, sizeof *weights->feature);
        weights->initial = ri_alloc(size + 1, sizeof *weights->initial);
        weights->weight = ri_alloc(size + 1, sizeof *weights->weight);
        if (!weights->start || !weights->feature || !weights->initial || !weights->weight)
            status = ri_fail_memory(err, "the weights of an adaptive lasso", 24 * size);
    }
    RI_TRY(ri_cluster_agree(cluster, status, err));
    ri_cluster_share(cluster, weights->start, (fits + 1) * sizeof *weights->start);
    if (size == 0)
        return RI_OK;
    ri_cluster_share(cluster, weights->feature, size * sizeof *weights->feature);
    ri_cluster_share(cluster, weights->initial, size * sizeof *weights->initial);
    ri_cluster_share(cluster, weights->weight, size * sizeof *weights->weight);
    return RI_OK;
}

/* Moves the path of `more` behind those of `all`; `all` may be NULL. */
static ri_status append_path(ri_record **all, ri_record *more, ri_adaptive *weights,
                             ri_error *err) {
    more->path[0].adaptive = *weights;
    *weights = (ri_adaptive){0};
    if (!*all) {
        *all = more;
        return RI_OK;
    }
    ri_record *record = *all;
    ri_path *path = realloc(record->path, (size_t)(record->paths + 1) * sizeof *path);
    if (!path) {
        ri_record_free(more);
        return ri_fail_memory(err, "the paths", sizeof *path);
    }
    record->path = path;
    path[record->paths++] = more->path[0];
    more->path[0] = (ri_path){0};
    more->paths = 0;
    ri_run_facts_add(&record->run, &more->run);
    ri_record_free(more);
    return RI_OK;
}

/* The run with the weights of the first fits at one alpha. One that leaves nothing to the refit is
 * passed over. */
static ri_status run_weighted(ri_cluster *cluster, const ri_adaptive_run *run,
                              const ri_record *first, int64_t index, ri_record **all,
                              ri_error *err) {
    ri_adaptive weights = {0};
    ri_problem problem = *run->problem;
    ri_record *record = NULL;
    ri_status worked = RI_OK, status = RI_OK;
    if (first)
        status = ri_adaptive_new(first, index, run->problem, run->gamma, &weights, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    RI_GO(share_weights(cluster, &weights, err));
    if (weights.start[weights.fits] == weights.start[weights.fits - 1])
        goto done;
    problem.adaptive = &weights;
    problem.eps = problem.eps > 0 ? problem.eps : LEAST_ALPHA;
    worked = status =
        ri_cluster_run(cluster, &problem, run->threads, run->hook, run->context, &record, err);
    if (status != RI_OK && status != RI_UNCERTIFIED)
        goto done;
    status = record ? append_path(all, record, &weights, err) : RI_OK;
    status = ri_cluster_agree(cluster, status, err);
    status = status == RI_OK ? worked : status;
done:
    ri_adaptive_free(&weights);
    return status;
}

/* First fits: one path of given alphas, or six from alpha_max down to a twentieth, of which the
 * first keeps nothing. */
static ri_status run_first(ri_cluster *cluster, const ri_adaptive_run *run, ri_record **out,
                           ri_error *err) {
    const double ratio = run->ridge ? 0 : 1;
    ri_problem problem = *run->problem;
    problem.l1_ratios = 1;
    problem.l1_ratio = &ratio;
    problem.blocks = 1;
    problem.settings.early_stop = false;
    problem.alphas = run->alphas > 0 ? run->alphas : RI_ADAPTIVE_ALPHAS;
    problem.alpha_list = run->alphas > 0 ? run->alpha : NULL;
    problem.eps = LEAST_FIRST;
    ri_status status =
        ri_cluster_run(cluster, &problem, run->threads, run->hook, run->context, out, err);
    return status == RI_UNCERTIFIED ? RI_OK : status;
}

ri_status ri_cluster_adaptive(ri_cluster *cluster, const ri_adaptive_run *run, ri_record **out,
                              ri_error *err) {
    ri_record *first = NULL, *all = NULL;
    int64_t alphas = run->alphas > 0 ? run->alphas : RI_ADAPTIVE_ALPHAS;
    ri_status worst = RI_OK, status = run_first(cluster, run, &first, err);
    *out = NULL;
    for (int64_t a = 0; status == RI_OK && a < alphas; a++) {
        status = run_weighted(cluster, run, first, a, &all, err);
        if (status == RI_UNCERTIFIED) {
            worst = status;
            status = RI_OK;
        }
    }
    if (status == RI_OK && ri_cluster_rank(cluster) == 0 && !all)
        status = ri_fail(err, RI_BAD_INPUT,
                         "--adaptive: the first fit keeps no feature; give smaller ones by "
                         "--adaptive-alpha");
    if (status == RI_OK && all) {
        ri_run_facts_add(&all->run, &first->run);
        ri_record_choose(all);
        status = ri_record_count_folds(all, err);
    }
    status = ri_cluster_agree(cluster, status, err);
    ri_record_free(first);
    if (status != RI_OK) {
        ri_record_free(all);
        return status;
    }
    *out = all;
    return worst;
}
