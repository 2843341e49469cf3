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
    *watch = (ri_watch){0};
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

static void receive_waiting(ri_watch *watch) {
    int there = 0;
    if (watch->cluster->world == MPI_COMM_NULL)
        return;
    MPI_Iprobe(MPI_ANY_SOURCE, RI_TAG_STOP, watch->cluster->world, &there, MPI_STATUS_IGNORE);
    if (there)
        receive_stop(watch);
    if (watch->cluster->rank != 0)
        return;
    for (int i = 0; i < watch->cluster->ranks; i++) {
        MPI_Iprobe(MPI_ANY_SOURCE, RI_TAG_PROGRESS, watch->cluster->world, &there,
                   MPI_STATUS_IGNORE);
        if (!there)
            break;
        receive_report(watch, MPI_ANY_SOURCE);
    }
}

/* Sums over ranks to the user's hook. */
static void call_hook(ri_watch *watch) {
    if (!watch->hook)
        return;
    ri_progress sum = {.points_total = watch->points_total,
                       .units_total = watch->units_total,
                       .seconds = ri_seconds() - watch->started};
    for (int r = 0; r < watch->cluster->ranks; r++) {
        const ri_progress *one = &watch->latest[r];
        sum.points_done += one->points_done;
        sum.units_done += one->units_done;
        sum.bytes_read += one->bytes_read;
        if (one->nonzeros > sum.nonzeros)
            sum.nonzeros = one->nonzeros;
    }
    if (watch->hook(watch->context, &sum) != 0) {
        watch->interrupted = true;
        ri_watch_stop_others(watch);
    }
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
    watch->latest[0] = *own;
    receive_waiting(watch);
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
}
