/* SPDX-License-Identifier: BSD-3-Clause
 * Who does what: units that ranks begin with, those that are handed out, and whose they were. */
#include "cluster/stages.h"

#include <stdlib.h>

#include "base/memory.h"

/* A result on its way to its place. */
typedef struct numbered {
    int64_t number;
    ri_unit_result result;
} numbered;

/* Units that no rank begins with. */
static ri_status keep_rest(ri_stages *job, const int64_t *order, const ri_dealing *dealing,
                           ri_error *err) {
    ri_rest *rest = &job->rest;
    *rest = (ri_rest){.dealing = *dealing, .owner = job->owner};
    for (int64_t u = 0; u < job->units; u++)
        rest->count += job->owner[u] == RI_NOBODY;
    if (rest->count == 0)
        return RI_OK;
    rest->unit = ri_alloc((size_t)rest->count, sizeof *rest->unit);
    if (!rest->unit)
        return ri_fail_memory(err, "units of work", 8 * (size_t)rest->count);
    for (int64_t i = 0, at = 0; i < job->units; i++)
        if (job->owner[order[i]] == RI_NOBODY)
            rest->unit[at++] = order[i];
    job->watch.rest = rest;
    return RI_OK;
}

/* Adds a unit to those of this rank. */
static bool take_unit(ri_stages *job, int64_t u) {
    size_t need = (size_t)job->owned + 1;
    if (!ri_grow(&job->own, &job->own_room, need, sizeof *job->own) ||
        !ri_grow(&job->number, &job->number_room, need, sizeof *job->number) ||
        !ri_grow(&job->mine, &job->mine_room, need, sizeof *job->mine))
        return false;
    job->number[job->owned] = u;
    job->mine[job->owned] = (ri_unit_result){0};
    job->own[job->owned++] = job->unit[u];
    return true;
}

/* All units are dealt at once where that has reasons of its own: streamed passes are made by all
 * ranks of a node together; second moments are formed once for all units of a rank; folds that move
 * side by side know soonest where to stop. */
static ri_dealing choose_dealing(const ri_stages *job) {
    int ranks = job->cluster->ranks;
    int64_t even = (job->units + ranks - 1) / ranks;
    int64_t most = ri_plan_hand(job->plan, even, job->threads);
    if (ranks == 1 || job->stream)
        return (ri_dealing){.ranks = ranks, .most = job->units, .least = 1, .part = 1};
    ri_dealing dealing =
        ri_dealing_of(job->units, most, ranks, job->threads, job->cluster->node_ranks);
    if (ri_plan_stop(job->plan) || !ri_plan_apart(job->plan))
        dealing.part = 1;
    return dealing;
}

/* Over that of a fold: it has all rows, and comes first. Measured 1.0 to 1.5. */
static const double REFIT_COST = 1.2;

ri_status ri_stages_deal(ri_stages *job, ri_error *err) {
    const ri_cluster *cluster = job->cluster;
    ri_status status = RI_OK;
    job->units = ri_plan_units(job->plan, &job->unit);
    size_t units = (size_t)job->units;
    const ri_dealing dealing = choose_dealing(job);
    double *cost = ri_alloc(units, sizeof *cost);
    int64_t *order = ri_calloc(units, sizeof *order);
    job->owner = ri_calloc(units, sizeof *job->owner);
    if (cluster->rank == 0) {
        job->all = ri_calloc(units, sizeof *job->all);
        job->ledger = ri_calloc((size_t)cluster->ranks, sizeof *job->ledger);
        job->fact = ri_calloc(units, sizeof *job->fact);
    }
    if (!cost || !order || !job->owner ||
        (cluster->rank == 0 && (!job->all || !job->ledger || !job->fact)))
        status = ri_fail_memory(err, "units of work", units * sizeof *job->all);
    for (int64_t u = 0; status == RI_OK && u < job->units; u++)
        cost[u] = ri_unit_cost(job->plan, &job->unit[u]) *
                  (job->unit[u].fold == RI_REFIT ? REFIT_COST : 1);
    if (status == RI_OK && cluster->rank == 0)
        status = ri_units_deal(cost, job->units, &dealing, job->owner, order, err);
    RI_GO(ri_group_agree(cluster->world, status, err));
    ri_group_share(cluster->world, job->owner, units * sizeof *job->owner, 0);
    ri_group_share(cluster->world, order, units * sizeof *order, 0);
    status = keep_rest(job, order, &dealing, err);
    for (int64_t u = 0; status == RI_OK && u < job->units; u++)
        if (job->owner[u] == cluster->rank && !take_unit(job, u))
            status = ri_fail_memory(err, "units of work", (size_t)job->owned * sizeof *job->mine);
    status = ri_group_agree(cluster->world, status, err);
done:
    free(order);
    free(cost);
    return status;
}

/* This rank's units from number `first` on. */
static ri_status run_own(ri_stages *job, int64_t first, ri_error *err) {
    if (job->owned == first)
        return RI_OK;
    return ri_units_run(job->plan, job->own + first, job->owned - first, job->threads,
                        ri_watch_look, &job->watch, job->mine + first, err);
}

ri_status ri_stages_run_hands(ri_stages *job, ri_error *err) {
    ri_watch *watch = &job->watch;
    ri_status status = run_own(job, 0, err);
    while (watch->rest && ri_stages_go_on(status) && !watch->told && !watch->interrupted) {
        ri_hand hand = ri_watch_next_hand(watch);
        int64_t first = job->owned;
        if (hand.count == 0)
            break;
        for (int64_t i = 0; i < hand.count; i++)
            if (!take_unit(job, watch->rest->unit[hand.first + i]))
                return ri_fail_memory(err, "units of work", sizeof *job->mine);
        ri_error own = {0};
        ri_status next = run_own(job, first, &own);
        if (!ri_stages_go_on(next) || status == RI_OK) {
            if (next != RI_OK && err)
                *err = own;
            status = next;
        }
    }
    return status;
}

static int compare_numbers(const void *a, const void *b) {
    int64_t left = ((const numbered *)a)->number, right = ((const numbered *)b)->number;
    return (left > right) - (left < right);
}

ri_status ri_stages_settle_owners(ri_stages *job, ri_error *err) {
    const ri_cluster *cluster = job->cluster;
    ri_status status = RI_OK;
    if (!job->watch.rest)
        return RI_OK;
    numbered *list = ri_alloc((size_t)job->owned, sizeof *list);
    if (!list)
        status = ri_fail_memory(err, "results", (size_t)job->owned * sizeof *list);
    for (int64_t o = 0; list && o < job->owned; o++)
        list[o] = (numbered){.number = job->number[o], .result = job->mine[o]};
    if (list && job->owned > 0)
        qsort(list, (size_t)job->owned, sizeof *list, compare_numbers);
    for (int64_t o = 0; list && o < job->owned; o++)
        job->mine[o] = list[o].result;
    free(list);
    ri_group_share(cluster->world, job->owner, (size_t)job->units * sizeof *job->owner, 0);
    return status;
}
