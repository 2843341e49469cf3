/* SPDX-License-Identifier: BSD-3-Clause
 * Peak memory of a node. Each rank's thread notes its proportional set size (shared pages counted
 * in equal parts by those who map them, so that the sum over ranks counts them once) at ticks of
 * the wall clock, which all ranks of a node share; the peak is that of the sum. Reading it walks
 * the page tables, some milliseconds a gigabyte: the more it costs, the rarer it is done. That is
 * processor time: waiting for a busy machine is no reason to look away. A rank that is alone on its
 * node knows better: the kernel keeps what it had most of. */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/thread.h"
#include "cluster/group.h"

#define TICKS_PER_SECOND 16
#define COST_SHARE 0.01 /* of the time at most is spent on sampling */
#define STEP_MB 0.25    /* smaller changes are not noted: a long run stays a short list */

typedef struct sample {
    double tick; /* whole number, since 1970 */
    double mb;   /* from this tick on */
} sample;

struct ri_sampler {
    pthread_t thread;
    pthread_mutex_t mutex; /* guards all below */
    pthread_cond_t wake;
    bool stop;
    sample *samples;
    size_t count, capacity;
    double peak; /* of the node, as found by synchronous samples */
};

/* A line "NAME: so many kB" of a file, in MB; NaN where the kernel does not tell. */
static double told_mb(const char *path, const char *name) {
    char line[256];
    double kilobytes = NAN;
    size_t length = strlen(name);
    FILE *file = fopen(path, "r");
    if (!file)
        return NAN;
    while (isnan(kilobytes) && fgets(line, sizeof line, file))
        if (strncmp(line, name, length) != 0 || line[length] != ':' ||
            sscanf(line + length + 1, "%lf", &kilobytes) != 1)
            kilobytes = NAN;
    fclose(file);
    return kilobytes * 1024 / 1e6;
}

static double proportional_mb(void) {
    return told_mb("/proc/self/smaps_rollup", "Pss");
}

/* Of a rank that has a node for itself, without looking in time: the most that was resident, less
 * what other programs have of it, libraries. */
static double high_water_mb(void) {
    const char *status = "/proc/self/status";
    double others = fmax(0, told_mb(status, "VmRSS") - proportional_mb());
    return told_mb(status, "VmHWM") - others;
}

static double tick_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return floor(((double)now.tv_sec + 1e-9 * (double)now.tv_nsec) * TICKS_PER_SECOND);
}

/* Mutex held. Without memory for the list the sample is lost: a run does not fail for that. */
static void note(ri_sampler *sampler, double tick, double mb) {
    const sample *last = sampler->count ? &sampler->samples[sampler->count - 1] : NULL;
    if (isnan(mb) || (last && fabs(last->mb - mb) < STEP_MB))
        return;
    if (ri_grow(&sampler->samples, &sampler->capacity, sampler->count + 1, sizeof(sample)))
        sampler->samples[sampler->count++] = (sample){.tick = tick, .mb = mb};
}

static void *watch_memory(void *argument) {
    ri_sampler *sampler = argument;
    pthread_mutex_lock(&sampler->mutex);
    while (!sampler->stop) {
        pthread_mutex_unlock(&sampler->mutex);
        double tick = tick_now(), before = ri_thread_seconds(), mb = proportional_mb();
        double cost = ri_thread_seconds() - before;
        pthread_mutex_lock(&sampler->mutex);
        note(sampler, tick, mb);
        /* Periods are powers of two, so that the ticks of ranks with different costs coincide. */
        double period = exp2(ceil(log2(fmax(1, cost / COST_SHARE * TICKS_PER_SECOND))));
        double next = (floor(tick_now() / period) + 1) * period / TICKS_PER_SECOND;
        struct timespec until = {.tv_sec = (time_t)next,
                                 .tv_nsec = (long)(1e9 * (next - floor(next)))};
        while (!sampler->stop &&
               pthread_cond_timedwait(&sampler->wake, &sampler->mutex, &until) != ETIMEDOUT)
            ;
    }
    pthread_mutex_unlock(&sampler->mutex);
    return NULL;
}

ri_status ri_sampler_start(ri_sampler **out, ri_error *err) {
    *out = NULL;
    ri_sampler *sampler = ri_calloc(1, sizeof *sampler);
    if (!sampler)
        return ri_fail_memory(err, "the memory record", sizeof *sampler);
    pthread_mutex_init(&sampler->mutex, NULL);
    pthread_cond_init(&sampler->wake, NULL);
    int code = ri_thread_start(&sampler->thread, watch_memory, sampler);
    if (code) {
        pthread_cond_destroy(&sampler->wake);
        pthread_mutex_destroy(&sampler->mutex);
        free(sampler);
        return ri_fail(err, RI_SYSTEM,
                       "no further thread can be started (error %d); raise the "
                       "limit on processes (ulimit -u)",
                       code);
    }
    *out = sampler;
    return RI_OK;
}

void ri_sampler_stop(ri_sampler *sampler) {
    if (!sampler)
        return;
    pthread_mutex_lock(&sampler->mutex);
    sampler->stop = true;
    pthread_cond_signal(&sampler->wake);
    pthread_mutex_unlock(&sampler->mutex);
    pthread_join(sampler->thread, NULL);
    pthread_cond_destroy(&sampler->wake);
    pthread_mutex_destroy(&sampler->mutex);
    free(sampler->samples);
    free(sampler);
}

/* A step of one rank's memory: the sum over ranks changes by `change` at `tick`. */
static int compare_steps(const void *a, const void *b) {
    const sample *left = a, *right = b;
    return (left->tick > right->tick) - (left->tick < right->tick);
}

static double peak_of_sum(sample *step, size_t count) {
    double sum = 0, peak = 0;
    qsort(step, count, sizeof *step, compare_steps);
    for (size_t i = 0; i < count; i++) {
        sum += step[i].mb;
        if (i + 1 == count || step[i + 1].tick != step[i].tick)
            peak = fmax(peak, sum);
    }
    return peak;
}

/* This rank's samples as changes; NULL (and `*count` = 0) without memory. */
static sample *steps_of(ri_sampler *sampler, size_t *count) {
    pthread_mutex_lock(&sampler->mutex);
    sample *step = ri_alloc(sampler->count, sizeof *step);
    *count = step ? sampler->count : 0;
    for (size_t i = 0; i < *count; i++) {
        step[i] = sampler->samples[i];
        step[i].mb -= i ? sampler->samples[i - 1].mb : 0;
    }
    pthread_mutex_unlock(&sampler->mutex);
    return step;
}

/* Peak of the sum over the node's ranks, on all of them. Every rank in turn shows its steps to all:
 * lists are short, and no rank needs a special part. */
static double peak_of_node(const ri_cluster *cluster) {
    size_t count, total = 0;
    sample *mine = steps_of(cluster->sampler, &count);
    if (cluster->node_ranks == 1) {
        double alone = peak_of_sum(mine, count);
        free(mine);
        return alone;
    }
    sample *all = NULL;
    size_t capacity = 0;
    for (int r = 0; r < cluster->node_ranks; r++) {
        uint64_t length = count;
        ri_group_share(cluster->node, &length, sizeof length, r);
        double room = ri_grow(&all, &capacity, total + length, sizeof *all);
        ri_group_reduce(cluster->node, &room, 1, MPI_MIN);
        if (room == 0)
            break;
        for (size_t i = 0; r == cluster->node_rank && i < count; i++)
            all[total + i] = mine[i];
        ri_group_share(cluster->node, all + total, length * sizeof *all, r);
        total += length;
    }
    double peak = peak_of_sum(all, total);
    free(all);
    free(mine);
    return peak;
}

double ri_cluster_peak_mb(ri_cluster *cluster) {
    ri_sampler *sampler = cluster->sampler;
    ri_group_meet(cluster->node, NULL, NULL);
    double now = proportional_mb();
    ri_group_meet(cluster->node, NULL, NULL);
    ri_group_reduce(cluster->node, &now, 1, MPI_SUM);
    double peak = fmax(peak_of_node(cluster), now); /* fmax passes over NaN */
    if (cluster->node_ranks == 1)
        peak = fmax(peak, high_water_mb());
    ri_group_reduce(cluster->world, &peak, 1, MPI_MAX);
    pthread_mutex_lock(&sampler->mutex);
    sampler->peak = fmax(sampler->peak, peak);
    peak = sampler->peak;
    pthread_mutex_unlock(&sampler->mutex);
    return peak > 0 ? peak : NAN;
}
