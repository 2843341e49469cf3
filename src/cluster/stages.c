/* SPDX-License-Identifier: BSD-3-Clause
 * The whole run over the group: plan, deal, work, gather, assemble. At the end of each stage the
 * ranks agree, so that all of them enter the next one or none does. */
#include "cluster/stages.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cv/checkpoint.h"

/* What of the time since the last count was spent in passes of a stream, but waiting for the file
 * or for others: it goes from `account` to theirs. */
static void count_waits(ri_stages *job, double *account) {
    const ri_stream *stream = job->stream;
    if (!stream)
        return;
    double reading = stream->seconds_reading - job->seen_reading;
    double waiting = stream->seconds_waiting - job->seen_waiting;
    job->own_ledger.reading += reading;
    job->own_ledger.waiting += waiting;
    *account -= reading + waiting;
    job->seen_reading = stream->seconds_reading;
    job->seen_waiting = stream->seconds_waiting;
}

/* Serves the others for as long as they work. */
static void leave_shards(ri_stages *job) {
    ri_shards *shards = job->shards;
    double begun = ri_seconds();
    if (!shards)
        return;
    ri_shards_leave(shards);
    job->own_ledger.bytes += shards->served;
    job->own_ledger.screening += ri_seconds() - begun - shards->waited;
    job->own_ledger.waiting += shards->waited;
}

/* What this rank did, from its last report. In a pass it also waited for the file and for others.
 */
static void note_work(ri_stages *job, double surveyed) {
    const ri_progress *last = &job->watch.latest[0];
    ri_ledger *own = &job->own_ledger;
    own->screening = last->screening + job->together.screening;
    own->descent = last->descent;
    own->flops = last->flops;
    own->bytes = last->bytes_read - surveyed; /* the plan's is added at the end */
    own->units = (double)last->units_done;
    own->points = (double)last->points_done;
    count_waits(job, &own->screening);
    leave_shards(job);
}

/* Fits in hand are at most those that a rank begins with, or less. */
static void join_passes(ri_stages *job) {
    int64_t fits = ri_plan_pass_fits(job->plan, job->owned, job->threads);
    ri_together_join(&job->together, job->cluster, job->plan, fits, job->threads, &job->watch);
}

/* This rank's units; then waits for all ranks. A rank that only stopped because another told it to
 * has nothing to report: the other has. */
static ri_status work(ri_stages *job, ri_error *err) {
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
        status = ri_stages_run_hands(job, err);
    if (job->stream)
        ri_stream_leave(job->stream);
    if (status == RI_INTERRUPTED && watch->told && !watch->interrupted)
        status = RI_OK;
    if (status != RI_OK && status != RI_UNCERTIFIED)
        ri_watch_stop_others(watch);
    ri_together_leave(&job->together, job->plan, watch);
    note_work(job, surveyed);
    double done = ri_seconds();
    ri_watch_finish(watch);
    if (watch->interrupted)
        status = ri_fail(err, RI_INTERRUPTED, "interrupted");
    status = ri_group_agree(job->cluster->world, status, err);
    job->own_ledger.waiting += ri_seconds() - done + job->together.joint.waited;
    return status;
}

/* The ledgers of all ranks, and what the units cost, into the record of rank 0. */
static void hand_over_ledger(ri_stages *job, ri_record *record) {
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
static void state_facts(ri_stages *job, const ri_problem *problem, double seconds,
                        ri_record *record) {
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

static void free_run(ri_stages *job) {
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
    ri_stages job = {.cluster = cluster, .threads = threads, .stream = problem->x.stream};
    if (problem->x.stream && problem->x.stream->shard)
        job.shards = cluster->shards;
    ri_status worked = RI_OK, status;
    *out = NULL;
    job.own_ledger.reading = cluster->reading; /* of X, which later runs find there */
    cluster->reading = 0;
    if (job.stream) {
        job.seen_reading = job.stream->seconds_reading;
        job.seen_waiting = job.stream->seconds_waiting;
    }
    status = ri_watch_open(cluster, hook, context, started, &job.watch, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    status = ri_meeting_new(cluster, &job.meeting, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    double planned = ri_seconds();
    RI_GO(ri_cluster_agree(cluster, ri_stages_plan(&job, problem, err), err));
    job.own_ledger.planning = ri_seconds() - planned;
    count_waits(&job, &job.own_ledger.planning);
    if (problem->checkpoint)
        ri_checkpoint_next_stage(problem->checkpoint);
    if (problem->checkpoint && cluster->rank == 0)
        status = ri_checkpoint_take_plan(problem->checkpoint, job.plan, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    RI_GO(ri_stages_deal(&job, err));
    status = ri_watch_exchange(&job.watch, ri_plan_stop(job.plan), err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    worked = status = work(&job, err);
    if (!ri_stages_go_on(status))
        goto done;
    RI_GO(ri_cluster_agree(cluster, ri_stages_settle_owners(&job, err), err));
    status = ri_units_gather(cluster, job.owner, job.units, job.mine, job.all, &job.watch, err);
    RI_GO(ri_cluster_agree(cluster, status, err));
    if (cluster->rank == 0)
        status = ri_assemble(job.plan, job.all, out, err);
    if (cluster->rank == 0 && !ri_stages_go_on(status))
        *out = NULL;
    status = ri_cluster_agree(cluster, status, err);
    if (ri_stages_go_on(status))
        state_facts(&job, problem, ri_seconds() - started, *out);
    if (status == RI_OK)
        status = worked;
done:
    free_run(&job);
    ri_blocks_release(cluster, mark);
    return status;
}
