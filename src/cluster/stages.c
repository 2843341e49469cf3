/* SPDX-License-Identifier: BSD-3-Clause
 * The whole run over the group: plan, deal, work, gather, assemble. At the end of each stage the
 * ranks agree, so that all of them enter the next one or none does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cluster/gather.h"
#include "cluster/group.h"
#include "cluster/shard.h"
#include "cluster/together.h"
#include "cluster/watch.h"
#include "cv/checkpoint.h"

enum { COLUMNS = 64, MOST_ARRAYS = 16 };

typedef struct run {
    ri_cluster *cluster;
    int threads;
    ri_plan *plan;
    ri_stream *stream;        /* NULL: X is in memory */
    ri_shards *shards;        /* NULL: every node has all of X */
    void *array[MOST_ARRAYS]; /* of the plan, that shards exchange; bytes of a column */
    size_t array_size[MOST_ARRAYS];
    int arrays;
    int64_t columns;
    bool exchanged;
    ri_meeting *meeting;
    bool dissolved;       /* the meeting: another rank of the node failed */
    ri_error share_error; /* of memory for the plan; RI_OK: none */
    const ri_unit *unit;  /* [units] all, canonical order; the plan's */
    int64_t units;
    int32_t *owner;  /* [units] */
    ri_unit *own;    /* [owned] this rank's, in the order it took them */
    int64_t *number; /* [owned] of each, among all */
    int64_t owned;
    ri_unit_result *mine; /* [owned] */
    size_t own_room, number_room, mine_room;
    ri_rest rest;
    ri_unit_result *all;           /* [units] on rank 0 */
    ri_ledger own_ledger, *ledger; /* [ranks] on rank 0 */
    ri_unit_fact *fact;            /* [units] on rank 0 */
    ri_together together;
    ri_watch watch;
} run;

static void *allocate_shared(void *context, size_t bytes) {
    run *job = context;
    void *address;
    if (!ri_meeting_wait(job->meeting)) {
        job->dissolved = true;
        return NULL;
    }
    if (ri_block_new(job->cluster, bytes, "the plan", &address, &job->share_error) != RI_OK)
        return NULL;
    job->array[job->arrays] = address;
    job->array_size[job->arrays++] = bytes / (size_t)job->columns;
    return address;
}

/* Once for every rank of the group, also where it failed before. */
static void exchange(run *job, bool good) {
    if (!job->shards || job->exchanged)
        return;
    job->exchanged = true;
    if (!ri_shards_exchange(job->shards, good, job->array, job->array_size, job->arrays,
                            job->columns))
        job->dissolved = true;
    else if (!ri_meeting_wait(job->meeting))
        job->dissolved = true;
}

static void complete_shared(void *context) {
    run *job = context;
    if (!ri_meeting_wait(job->meeting))
        job->dissolved = true;
    exchange(job, !job->dissolved);
}

/* Columns that this rank surveys for the plan. */
static void share_out(const run *job, const ri_problem *problem, ri_share *share) {
    const ri_shards *s = job->shards;
    if (!s) {
        ri_node_part(job->cluster, problem->x.p, COLUMNS, &share->from, &share->to);
        return;
    }
    share->from = s->from[s->rank];
    share->to = s->to[s->rank];
    if (s->node == s->face.nodes - 1 && job->cluster->node_rank == job->cluster->node_ranks - 1)
        share->to = problem->x.p; /* extra columns too */
}

static ri_status make_plan(run *job, const ri_problem *problem, ri_error *err) {
    ri_cluster *cluster = job->cluster;
    ri_share share = {.allocate = allocate_shared, .complete = complete_shared, .context = job};
    if (cluster->node_ranks == 1 && !job->shards)
        return ri_plan_new(problem, NULL, job->threads, &job->plan, err);
    job->columns = problem->x.p;
    share_out(job, problem, &share);
    ri_status status = ri_plan_new(problem, &share, job->threads, &job->plan, err);
    bool dissolved = job->dissolved;
    if (!dissolved && job->share_error.status != RI_OK) {
        status = job->share_error.status;
        if (err)
            *err = job->share_error;
    }
    if (!dissolved && status != RI_OK)
        ri_meeting_fail(job->meeting, cluster->node_rank);
    exchange(job, false);
    /* whatever came of it: the rank that failed has the sentence */
    return dissolved ? RI_OK : status;
}

/* A result on its way to its place. */
typedef struct numbered {
    int64_t number;
    ri_unit_result result;
} numbered;

/* A status that later stages go on after. */
static bool goes_on(ri_status status) {
    return status == RI_OK || status == RI_UNCERTIFIED;
}

/* Units that no rank begins with. */
static ri_status keep_rest(run *job, const int64_t *order, const ri_dealing *dealing,
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
static bool take_unit(run *job, int64_t u) {
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
static ri_dealing choose_dealing(const run *job) {
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

/* Rank 0 deals for all: one decision, whatever the others' arithmetic. */
static ri_status deal(run *job, ri_error *err) {
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
static ri_status run_own(run *job, int64_t first, ri_error *err) {
    if (job->owned == first)
        return RI_OK;
    return ri_units_run(job->plan, job->own + first, job->owned - first, job->threads,
                        ri_watch_look, &job->watch, job->mine + first, err);
}

/* The units it began with, then others as long as there are some. The first word of a unit that is
 * not certified stays. */
static ri_status run_hands(run *job, ri_error *err) {
    ri_watch *watch = &job->watch;
    ri_status status = run_own(job, 0, err);
    while (watch->rest && goes_on(status) && !watch->told && !watch->interrupted) {
        ri_hand hand = ri_watch_next_hand(watch);
        int64_t first = job->owned;
        if (hand.count == 0)
            break;
        for (int64_t i = 0; i < hand.count; i++)
            if (!take_unit(job, watch->rest->unit[hand.first + i]))
                return ri_fail_memory(err, "units of work", sizeof *job->mine);
        ri_error own = {0};
        ri_status next = run_own(job, first, &own);
        if (!goes_on(next) || status == RI_OK) {
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

/* Puts this rank's results into canonical order, and learns who has the rest. */
static ri_status settle_owners(run *job, ri_error *err) {
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

/* What this rank did, from its last report. */
static void note_work(run *job, double surveyed) {
    const ri_progress *last = &job->watch.latest[0];
    ri_ledger *own = &job->own_ledger;
    own->reading = job->cluster->reading;
    own->screening = last->screening + job->together.screening;
    own->descent = last->descent;
    own->flops = last->flops;
    own->bytes = last->bytes_read - surveyed; /* the plan's is added at the end */
    own->units = (double)last->units_done;
    own->points = (double)last->points_done;
}

/* Fits in hand are at most those that a rank begins with, or less. */
static void join_passes(run *job) {
    int64_t fits = ri_plan_pass_fits(job->plan, job->owned, job->threads);
    ri_together_join(&job->together, job->cluster, job->plan, fits, job->threads, &job->watch);
}

/* This rank's units; then waits for all ranks. A rank that only stopped because another told it to
 * has nothing to report: the other has. */
static ri_status work(run *job, ri_error *err) {
    ri_watch *watch = &job->watch;
    ri_status status = RI_OK;
    ri_memory_trim(); /* of names and tables as they were read */
    watch->units_total = job->units;
    for (int64_t u = 0; u < job->units; u++)
        watch->points_total += job->unit[u].count;
    for (int64_t u = 0; u < job->units; u++)
        watch->work_total += ri_unit_cost(job->plan, &job->unit[u]);
    const double surveyed = ri_plan_bytes_read(job->plan);
    watch->before.bytes_read = watch->latest[0].bytes_read = surveyed;
    if (job->stream) { /* passes are made by the ranks of the node together */
        ri_stream_join(job->stream, job->cluster->node_ranks, job->cluster->node_rank == 0);
        ri_group_meet(job->cluster->node, NULL, NULL);
    }
    if (job->shards)
        status = ri_shards_join(job->shards, ri_plan_columns(job->plan), watch, job->threads, err);
    if (!job->stream)
        join_passes(job);
    if (status == RI_OK)
        status = run_hands(job, err);
    if (job->stream)
        ri_stream_leave(job->stream);
    if (status == RI_INTERRUPTED && watch->told && !watch->interrupted)
        status = RI_OK;
    if (status != RI_OK && status != RI_UNCERTIFIED)
        ri_watch_stop_others(watch);
    ri_together_leave(&job->together, job->plan, watch);
    note_work(job, surveyed);
    if (job->shards) { /* serves those that still work */
        ri_shards_leave(job->shards);
        job->own_ledger.bytes += job->shards->served;
    }
    double done = ri_seconds();
    ri_watch_finish(watch);
    if (watch->interrupted)
        status = ri_fail(err, RI_INTERRUPTED, "interrupted");
    status = ri_group_agree(job->cluster->world, status, err);
    job->own_ledger.waiting = ri_seconds() - done + job->together.joint.waited;
    return status;
}

/* The ledgers of all ranks, and what the units cost, into the record of rank 0. */
static void hand_over_ledger(run *job, ri_record *record) {
    ri_cluster *cluster = job->cluster;
    job->own_ledger.bytes += ri_plan_bytes_read(job->plan); /* also when units were put together */
    if (cluster->world == MPI_COMM_NULL) {
        job->ledger[0] = job->own_ledger;
    } else {
        MPI_Request request;
        MPI_Igather(&job->own_ledger, RI_LEDGER_COLUMNS, MPI_DOUBLE, job->ledger, RI_LEDGER_COLUMNS,
                    MPI_DOUBLE, 0, cluster->world, &request);
        ri_group_wait(&request, NULL, NULL);
    }
    if (!record)
        return;
    for (int64_t u = 0; u < job->units; u++) {
        const ri_unit *unit = &job->unit[u];
        job->fact[u] = (ri_unit_fact){.path = unit->path,
                                      .fold = unit->fold,
                                      .first = unit->first,
                                      .count = unit->count,
                                      .rank = job->owner[u],
                                      .seconds = job->all[u].seconds};
    }
    record->run.ledger = job->ledger;
    record->run.unit = job->fact;
    record->run.units = job->units;
    job->ledger = NULL;
    job->fact = NULL;
}

/* Facts that only the group knows. `record` is NULL but on rank 0. */
static void state_facts(run *job, const ri_problem *problem, double seconds, ri_record *record) {
    ri_cluster *cluster = job->cluster;
    hand_over_ledger(job, record);
    double bytes = ri_plan_bytes_read(job->plan) + (job->shards ? job->shards->served : 0) +
                   job->together.served;
    double x_bytes = ri_matrix_bytes(&problem->x);
    ri_group_reduce(cluster->world, &bytes, 1, MPI_SUM);
    ri_group_reduce(cluster->world, &seconds, 1, MPI_MAX);
    double peak = ri_cluster_peak_mb(cluster);
    if (!record)
        return;
    for (int64_t u = 0; u < job->units; u++)
        bytes += job->all[u].bytes_read;
    record->run.seconds = seconds;
    record->run.passes_over_x = x_bytes > 0 ? bytes / x_bytes : 0;
    record->run.peak_rss_mb = peak;
    record->run.ranks = cluster->ranks;
    record->run.threads = job->threads;
    record->run.ranks_on_node = cluster->node_ranks;
    snprintf(record->run.host, sizeof record->run.host, "%s", cluster->host);
}

static void free_results(ri_unit_result *result, int64_t count) {
    for (int64_t i = 0; result && i < count; i++)
        ri_unit_result_free(&result[i]);
    free(result);
}

static void free_run(run *job) {
    free_results(job->all, job->units);
    free_results(job->mine, job->owned);
    free(job->own);
    free(job->number);
    free(job->rest.unit);
    free(job->ledger);
    free(job->fact);
    free(job->owner);
    ri_plan_free(job->plan);
    ri_watch_close(&job->watch);
}

ri_status ri_cluster_run(ri_cluster *cluster, const ri_problem *problem, int threads,
                         ri_progress_hook hook, void *context, ri_record **out, ri_error *err) {
    double started = ri_seconds();
    const ri_block *mark = cluster->blocks;
    run job = {.cluster = cluster, .threads = threads, .stream = problem->x.stream};
    if (problem->x.stream && problem->x.stream->shard)
        job.shards = cluster->shards;
    ri_status worked = RI_OK, status;
    *out = NULL;
    status = ri_watch_open(cluster, hook, context, started, &job.watch, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    status = ri_meeting_new(cluster, &job.meeting, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    double planned = ri_seconds();
    RI_GO(ri_cluster_agree(cluster, make_plan(&job, problem, err), err));
    job.own_ledger.planning = ri_seconds() - planned;
    if (problem->checkpoint)
        ri_checkpoint_next_stage(problem->checkpoint);
    if (problem->checkpoint && cluster->rank == 0)
        status = ri_checkpoint_take_plan(problem->checkpoint, job.plan, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    RI_GO(deal(&job, err));
    status = ri_watch_exchange(&job.watch, ri_plan_stop(job.plan), err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    worked = status = work(&job, err);
    if (!goes_on(status))
        goto done;
    RI_GO(ri_cluster_agree(cluster, settle_owners(&job, err), err));
    status = ri_units_gather(cluster, job.owner, job.units, job.mine, job.all, &job.watch, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    if (cluster->rank == 0)
        status = ri_assemble(job.plan, job.all, out, err);
    if (cluster->rank == 0 && !goes_on(status))
        *out = NULL;
    status = ri_cluster_agree(cluster, status, err);
    if (goes_on(status))
        state_facts(&job, problem, ri_seconds() - started, *out);
    if (status == RI_OK)
        status = worked;
done:
    free_run(&job);
    ri_blocks_release(cluster, mark);
    return status;
}
