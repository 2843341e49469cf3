/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/tasks.h"

#include <pthread.h>
#include <stdlib.h>

#include <omp.h>

#include "base/clock.h"
#include "base/failure.h"
#include "base/memory.h"

/* A window in hand. */
typedef struct task {
    int64_t unit, room; /* none: -1 */
    bool leave;         /* at half of the window */
} task;

typedef struct tasks { /* of a round */
    ri_batch *batch;
    pthread_mutex_t turn; /* of the thread that looks at what follows */
    const int64_t *unit;  /* [count] */
    int64_t count, next;  /* the first that is not begun */
    int64_t spare;        /* windows that may be left while others are to begin */
    task *left;           /* [waiting] begun, in nobody's hands */
    int64_t waiting;
    int64_t *room; /* [rooms] free workspaces */
    int64_t rooms;
    ri_failure failure;
} tasks;

int64_t ri_task_rooms(int threads) {
    return 2 * (int64_t)threads - 1;
}

static bool in_one_go(const ri_walk *walk) {
    return walk->shoots || walk->options.loss;
}

/* What is left of a window, in no unit: alphas, each by what steps on its support cost. */
static double remaining(const ri_batch *b, int64_t unit) {
    const ri_walk *walk = &b->walk[unit];
    return (double)(walk->window - walk->solved) * (double)(walk->support.size + 1);
}

/* The longest first; few. */
static void sort_units(const ri_batch *b, int64_t *unit, int64_t count) {
    for (int64_t k = 1; k < count; k++)
        for (int64_t i = k; i > 0 && remaining(b, unit[i]) > remaining(b, unit[i - 1]); i--) {
            int64_t swap = unit[i];
            unit[i] = unit[i - 1];
            unit[i - 1] = swap;
        }
}

static void begin(tasks *t, task *mine) {
    const ri_walk *walk = &t->batch->walk[t->unit[t->next]];
    *mine = (task){t->unit[t->next++], t->room[--t->rooms], false};
    mine->leave = t->spare > 0 && walk->window > 1 && !in_one_go(walk);
    t->spare -= mine->leave;
}

/* The window left that has most before it, or -1. */
static int64_t longest_left(const tasks *t) {
    int64_t best = -1;
    for (int64_t i = 0; i < t->waiting; i++)
        if (best < 0 ||
            remaining(t->batch, t->left[i].unit) > remaining(t->batch, t->left[best].unit))
            best = i;
    return best;
}

/* What the thread that has `mine` in hand, or nothing, goes on with; false where nothing is left.
 * When all is to stop no window is begun any more. */
static bool choose_task(tasks *t, task *mine) {
    bool more = t->next < t->count && !ri_batch_stopping(t->batch);
    if (mine->unit >= 0 && more) {
        const ri_walk *walk = &t->batch->walk[mine->unit];
        if (!mine->leave || 2 * walk->solved < walk->window)
            return true;
        t->left[t->waiting++] = (task){mine->unit, mine->room, false};
        begin(t, mine);
        return true;
    }
    if (mine->unit < 0 && more) {
        begin(t, mine);
        return true;
    }
    int64_t best = longest_left(t);
    if (best < 0)
        return mine->unit >= 0;
    if (mine->unit >= 0 &&
        remaining(t->batch, t->left[best].unit) <= remaining(t->batch, mine->unit))
        return true;
    task other = t->left[best];
    if (mine->unit >= 0)
        t->left[best] = *mine;
    else
        t->left[best] = t->left[--t->waiting];
    *mine = other;
    return true;
}

/* Solves the next alpha of the window, or all of it, and gives the workspace back at its end. */
static void work_on(tasks *t, task *mine) {
    ri_batch *b = t->batch;
    ri_walk *walk = &b->walk[mine->unit];
    ri_error own = {0};
    double from = ri_thread_seconds();
    int64_t until = in_one_go(walk) ? walk->window : walk->solved + 1;
    ri_status status = ri_walk_solve(walk, &b->pool, until, &b->workspace[mine->room], &own);
    b->seconds[mine->unit] += ri_thread_seconds() - from;
    ri_failure_note(&t->failure, b->count - mine->unit, status, &own);
    if (status == RI_OK && until < walk->window)
        return;
    b->solved[mine->unit] = status == RI_OK;
    pthread_mutex_lock(&t->turn);
    t->room[t->rooms++] = mine->room;
    pthread_mutex_unlock(&t->turn);
    mine->unit = -1;
}

static void run_tasks(tasks *t) {
    task mine = {.unit = -1};
    for (bool on = true; on;) {
        if (omp_get_thread_num() == 0)
            ri_batch_report(t->batch);
        pthread_mutex_lock(&t->turn);
        on = choose_task(t, &mine);
        pthread_mutex_unlock(&t->turn);
        if (on)
            work_on(t, &mine);
    }
}

ri_status ri_tasks_run(ri_batch *b, int64_t *unit, int64_t count, ri_error *err) {
    int64_t rooms = ri_task_rooms(b->threads), over = count - b->threads;
    tasks t = {.batch = b,
               .turn = PTHREAD_MUTEX_INITIALIZER,
               .unit = unit,
               .count = count,
               .spare = over < b->threads - 1 ? (over > 0 ? over : 0) : b->threads - 1,
               .left = ri_alloc((size_t)rooms, sizeof *t.left),
               .room = ri_alloc((size_t)rooms, sizeof *t.room),
               .failure = RI_NO_FAILURE};
    ri_status status = RI_OK;
    if (t.left && t.room) {
        sort_units(b, unit, count);
        while (t.rooms < rooms) {
            t.room[t.rooms] = rooms - 1 - t.rooms;
            t.rooms++;
        }
#pragma omp parallel num_threads(b->threads)
        run_tasks(&t);
        status = ri_failure_tell(&t.failure, err);
    } else {
        status = ri_fail_memory(err, "the windows of a round", (size_t)rooms * sizeof *t.left);
    }
    free(t.left);
    free(t.room);
    return status;
}
