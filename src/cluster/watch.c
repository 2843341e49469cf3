/* SPDX-License-Identifier: BSD-3-Clause */
#include "cluster/watch.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

#define REPORT_SECONDS 0.5
#define IDLE_SECONDS 0.1

ri_status ri_watch_open(const ri_cluster *cluster, ri_progress_hook hook, void *context,
                        double started, ri_watch *watch, ri_error *err) {
    size_t slots = cluster->rank == 0 ? (size_t)cluster->ranks : 1;
    *watch = (ri_watch){.cluster = cluster,
                        .hook = cluster->rank == 0 ? hook : NULL,
                        .context = context,
                        .started = started,
                        .latest = ri_calloc(slots, sizeof(ri_progress)),
                        .reports_seen = ri_calloc(slots, sizeof(int64_t)),
                        .reports_due = ri_calloc(slots, sizeof(int64_t)),
                        .sending = MPI_REQUEST_NULL};
    if (!watch->latest || !watch->reports_seen || !watch->reports_due)
        return ri_fail_memory(err, "progress of the ranks", slots * sizeof(ri_progress));
    return RI_OK;
}

void ri_watch_close(ri_watch *watch) {
    free(watch->latest);
    free(watch->reports_seen);
    free(watch->reports_due);
    free(watch->board);
    free(watch->outgoing_board);
    free(watch->sending_board);
    free(watch->boards_sent);
    free(watch->boards_seen);
    *watch = (ri_watch){0};
}

ri_status ri_watch_exchange(ri_watch *watch, ri_stop *stop, ri_error *err) {
    size_t ranks = (size_t)watch->cluster->ranks;
    if (!stop || ranks == 1)
        return RI_OK;
    int64_t size = stop->paths * stop->folds * stop->alphas;
    if (size > INT32_MAX)
        return RI_OK; /* larger than a message: nothing is saved, nothing else changes */
    watch->board = ri_alloc((size_t)size, sizeof(double));
    watch->outgoing_board = ri_alloc((size_t)size, sizeof(double));
    watch->sending_board = ri_alloc(ranks, sizeof *watch->sending_board);
    watch->boards_sent = ri_calloc(ranks, sizeof *watch->boards_sent);
    watch->boards_seen = ri_calloc(ranks, sizeof *watch->boards_seen);
    if (!watch->board || !watch->outgoing_board || !watch->sending_board || !watch->boards_sent ||
        !watch->boards_seen)
        return ri_fail_memory(err, "the folds' errors", 16ULL * (size_t)size);
    for (size_t r = 0; r < ranks; r++)
        watch->sending_board[r] = MPI_REQUEST_NULL;
    watch->board_size = (int)size;
    watch->stop = stop;
    return RI_OK;
}

static void receive_board(ri_watch *watch, int source) {
    MPI_Status from;
    MPI_Recv(watch->board, watch->board_size, MPI_DOUBLE, source, RI_TAG_ERRORS,
             watch->cluster->world, &from);
    watch->boards_seen[from.MPI_SOURCE]++;
    if (ri_stop_merge(watch->stop, watch->board) && watch->cluster->rank == 0)
        watch->stop->news = true; /* for all others */
}

/* Ranks send to rank 0 what they know, and rank 0 sends to all; each a message at a time. */
static void exchange_errors(ri_watch *watch) {
    const ri_cluster *cluster = watch->cluster;
    int there = 1, sent;
    if (!watch->stop)
        return;
    for (int i = 0; i < cluster->ranks && there; i++) {
        MPI_Iprobe(MPI_ANY_SOURCE, RI_TAG_ERRORS, cluster->world, &there, MPI_STATUS_IGNORE);
        if (there)
            receive_board(watch, MPI_ANY_SOURCE);
    }
    ri_stop_look(watch->stop);
    MPI_Testall(cluster->ranks, watch->sending_board, &sent, MPI_STATUSES_IGNORE);
    if (!watch->stop->news || !sent)
        return;
    watch->stop->news = false;
    memcpy(watch->outgoing_board, watch->stop->error,
           (size_t)watch->board_size * sizeof *watch->outgoing_board);
    for (int r = 0; r < cluster->ranks; r++) {
        if (r == cluster->rank || (cluster->rank != 0 && r != 0))
            continue;
        MPI_Isend(watch->outgoing_board, watch->board_size, MPI_DOUBLE, r, RI_TAG_ERRORS,
                  cluster->world, &watch->sending_board[r]);
        watch->boards_sent[r]++;
    }
}

/* After all have come: what is still under way is known by its number. */
static void finish_exchange(ri_watch *watch) {
    const ri_cluster *cluster = watch->cluster;
    if (!watch->stop)
        return;
    int64_t *due = watch->boards_sent;
    MPI_Request request;
    MPI_Ialltoall(MPI_IN_PLACE, 1, MPI_INT64_T, due, 1, MPI_INT64_T, cluster->world, &request);
    ri_group_wait(&request, NULL, NULL);
    for (int r = 0; r < cluster->ranks; r++)
        while (watch->boards_seen[r] < due[r])
            receive_board(watch, r);
    for (int r = 0; r < cluster->ranks; r++)
        ri_group_wait(&watch->sending_board[r], NULL, NULL);
}

void ri_watch_stop_others(ri_watch *watch) {
    const ri_cluster *cluster = watch->cluster;
    if (watch->tells || cluster->world == MPI_COMM_NULL)
        return;
    watch->tells = true;
    for (int r = 0; r < cluster->ranks; r++) {
        if (r == cluster->rank)
            continue;
        /* Nothing to wait for: the message is empty, and ri_watch_finish sees that it is received.
         */
        MPI_Request request;
        MPI_Isend(NULL, 0, MPI_BYTE, r, RI_TAG_STOP, cluster->world, &request);
        MPI_Request_free(&request);
    }
}

static void receive_stop(ri_watch *watch) {
    MPI_Recv(NULL, 0, MPI_BYTE, MPI_ANY_SOURCE, RI_TAG_STOP, watch->cluster->world,
             MPI_STATUS_IGNORE);
    watch->stops_seen++;
    watch->told = true;
}

static void receive_report(ri_watch *watch, int source) {
    ri_progress report;
    MPI_Status from;
    MPI_Recv(&report, sizeof report, MPI_BYTE, source, RI_TAG_PROGRESS, watch->cluster->world,
             &from);
    watch->latest[from.MPI_SOURCE] = report;
    watch->reports_seen[from.MPI_SOURCE]++;
}

/* Rank 0 answers all that ask for more units. */
static void hand_out(ri_watch *watch) {
    int there = 1;
    for (int i = 0; watch->rest && i < watch->cluster->ranks; i++) {
        MPI_Status from;
        MPI_Iprobe(MPI_ANY_SOURCE, RI_TAG_TAKE, watch->cluster->world, &there, &from);
        if (!there)
            break;
        MPI_Request request;
        MPI_Recv(NULL, 0, MPI_BYTE, from.MPI_SOURCE, RI_TAG_TAKE, watch->cluster->world,
                 MPI_STATUS_IGNORE);
        ri_hand hand = ri_rest_take(watch->rest, from.MPI_SOURCE);
        MPI_Isend(&hand, sizeof hand, MPI_BYTE, from.MPI_SOURCE, RI_TAG_HAND, watch->cluster->world,
                  &request);
        ri_group_wait(&request, NULL, NULL);
    }
}

ri_hand ri_watch_next_hand(ri_watch *watch) {
    const ri_cluster *cluster = watch->cluster;
    ri_hand hand = {0};
    watch->before = watch->latest[0];
    if (!watch->rest)
        return hand;
    if (cluster->rank == 0)
        return ri_rest_take(watch->rest, 0);
    MPI_Request request;
    MPI_Isend(NULL, 0, MPI_BYTE, 0, RI_TAG_TAKE, cluster->world, &request);
    ri_group_wait(&request, ri_watch_idle, watch);
    MPI_Irecv(&hand, sizeof hand, MPI_BYTE, 0, RI_TAG_HAND, cluster->world, &request);
    ri_group_wait(&request, ri_watch_idle, watch);
    return hand;
}

static void receive_waiting(ri_watch *watch) {
    int there = 0;
    if (watch->cluster->world == MPI_COMM_NULL)
        return;
    MPI_Iprobe(MPI_ANY_SOURCE, RI_TAG_STOP, watch->cluster->world, &there, MPI_STATUS_IGNORE);
    if (there)
        receive_stop(watch);
    if (watch->cluster->rank != 0)
        return;
    hand_out(watch);
    for (int i = 0; i < watch->cluster->ranks; i++) {
        MPI_Iprobe(MPI_ANY_SOURCE, RI_TAG_PROGRESS, watch->cluster->world, &there,
                   MPI_STATUS_IGNORE);
        if (!there)
            break;
        receive_report(watch, MPI_ANY_SOURCE);
    }
}

/* Sums over ranks to the user's hook; true where that wants the run to end. */
static bool tell_user(ri_watch *watch) {
    if (!watch->hook)
        return false;
    ri_progress sum = {.points_total = watch->points_total,
                       .units_total = watch->units_total,
                       .work_total = watch->work_total,
                       .seconds = ri_seconds() - watch->started};
    for (int r = 0; r < watch->cluster->ranks; r++) {
        const ri_progress *one = &watch->latest[r];
        sum.points_done += one->points_done;
        sum.units_done += one->units_done;
        sum.work_done += one->work_done;
        sum.bytes_read += one->bytes_read;
        sum.unsaved += one->unsaved;
        if (one->nonzeros > sum.nonzeros)
            sum.nonzeros = one->nonzeros;
    }
    return watch->hook(watch->context, &sum) != 0;
}

static void call_hook(ri_watch *watch) {
    if (!tell_user(watch))
        return;
    watch->interrupted = true;
    ri_watch_stop_others(watch);
}

static void report(ri_watch *watch) {
    int sent;
    double now = ri_seconds();
    MPI_Test(&watch->sending, &sent, MPI_STATUS_IGNORE);
    if (!sent || now < watch->next_report)
        return;
    watch->next_report = now + REPORT_SECONDS;
    watch->outgoing = watch->latest[0];
    MPI_Isend(&watch->outgoing, sizeof watch->outgoing, MPI_BYTE, 0, RI_TAG_PROGRESS,
              watch->cluster->world, &watch->sending);
    watch->reports_sent++;
}

int ri_watch_look(void *context, const ri_progress *own) {
    ri_watch *watch = context;
    const ri_progress *before = &watch->before;
    watch->latest[0] = *own;
    watch->latest[0].points_done += before->points_done;
    watch->latest[0].units_done += before->units_done;
    watch->latest[0].work_done += before->work_done;
    watch->latest[0].bytes_read += before->bytes_read;
    watch->latest[0].screening += before->screening;
    watch->latest[0].descent += before->descent;
    watch->latest[0].flops += before->flops;
    receive_waiting(watch);
    exchange_errors(watch);
    if (watch->cluster->rank == 0)
        call_hook(watch);
    else
        report(watch);
    return watch->interrupted || watch->told;
}

void ri_watch_idle(void *context) {
    ri_watch *watch = context;
    double now = ri_seconds();
    receive_waiting(watch);
    exchange_errors(watch);
    if (now < watch->next_report || watch->interrupted)
        return;
    watch->next_report = now + IDLE_SECONDS;
    call_hook(watch);
}

void ri_watch_finish(ri_watch *watch) {
    const ri_cluster *cluster = watch->cluster;
    if (cluster->world == MPI_COMM_NULL)
        return;
    if (cluster->rank != 0 && !watch->told) { /* the last word of this rank's progress */
        ri_group_wait(&watch->sending, NULL, NULL);
        watch->next_report = 0;
        report(watch);
    }
    ri_group_meet(cluster->world, ri_watch_idle, watch);
    /* All have come, nobody sends any more; what is still under way is known by its number. */
    finish_exchange(watch);
    double stops = watch->tells;
    ri_group_reduce(cluster->world, &stops, 1, MPI_SUM);
    while (watch->stops_seen < (int64_t)stops - watch->tells)
        receive_stop(watch);
    MPI_Request request;
    MPI_Igather(&watch->reports_sent, 1, MPI_INT64_T, watch->reports_due, 1, MPI_INT64_T, 0,
                cluster->world, &request);
    ri_group_wait(&request, NULL, NULL);
    for (int r = 1; cluster->rank == 0 && r < cluster->ranks; r++)
        while (watch->reports_seen[r] < watch->reports_due[r])
            receive_report(watch, r);
    ri_group_wait(&watch->sending, NULL, NULL);
    if (cluster->rank == 0 && !watch->interrupted && !watch->told) /* the last word of all ranks */
        watch->interrupted = tell_user(watch);
}
