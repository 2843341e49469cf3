/* SPDX-License-Identifier: BSD-3-Clause */
#include "design/joint.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "design/pass.h"

enum {
    TILE = 64,         /* columns taken at a time: so many, */
    MOST_TILES = 8,    /* or a few times as many, */
    LEAST_COLUMNS = 8, /* or fewer, */
    SHARES = 16,       /* so that every thread has a number of turns */
    YIELDS = 200,      /* looks before the first sleep */
    SHORT_SLEEPS = 200,
    SHORT_NS = 50000,
    LONG_NS = 300000, /* of one that waits for long, as without fits of its own */
};

/* X with fewer values is multiplied sooner than a process is woken. */
static const double LEAST_VALUES = 50e3;

/* Rows with which a product is cheaper to make than to fetch. */
static const int64_t LEAST_ROWS = 64;

/* Products may take this part of the memory of X, or so many bytes for each member. */
static const double MOST_PART = 0.25, MOST_BYTES = 16e6;

typedef struct post { /* residuals of one process, side by side on the board */
    ri_joint_kind kind;
    int64_t first, count;
    int64_t entry; /* turns taken before it came */
    int64_t made;  /* tiles that are complete */
    bool taken;    /* whoever posted it has used the products */
} post;

enum { AWAY, HERE, LEFT };

struct ri_board {
    pthread_mutex_t mutex;
    int64_t features, stride;
    int64_t most;    /* residuals, and posts */
    int64_t columns; /* of a tile */
    int64_t tiles;
    int members;
    int64_t next; /* turns taken since the board was empty */
    int64_t used; /* residuals on it */
    int64_t posts;
    size_t state, post, vector, product; /* where these lie, in bytes from here */
};

/* A tile in hand. */
typedef struct turn {
    int64_t from, columns; /* of X */
    int64_t open, posts;   /* posts [open, posts) whose residuals are open */
} turn;

static size_t round_up(size_t bytes) {
    return (bytes + 63) / 64 * 64;
}

/* Places of all parts; the bytes of the whole. */
static size_t lay_out(const ri_matrix *x, int64_t fits, int members, ri_board *board) {
    *board = (ri_board){.features = ri_matrix_features(x),
                        .stride = (x->n + 7) / 8 * 8,
                        .most = fits,
                        .members = members};
    const size_t vectors = (size_t)fits * sizeof(double);
    board->state = round_up(sizeof *board);
    board->post = board->state + round_up((size_t)members * sizeof(int));
    board->vector = board->post + round_up((size_t)fits * sizeof(post));
    board->product = board->vector + round_up((size_t)board->stride * vectors);
    return board->product + round_up((size_t)board->features * vectors);
}

size_t ri_joint_bytes(const ri_matrix *x, int64_t fits, int members) {
    ri_board board;
    double products = 8 * (double)fits * (double)ri_matrix_features(x);
    double most = MOST_PART * ri_matrix_bytes(x), least = MOST_BYTES * members;
    if (members < 2 || fits < 1 || x->n < LEAST_ROWS ||
        (double)x->n * (double)ri_matrix_features(x) < LEAST_VALUES ||
        products > (most > least ? most : least))
        return 0;
    return lay_out(x, fits, members, &board);
}

static int *state_of(ri_board *board) {
    return (int *)(void *)((char *)board + board->state);
}

static post *post_of(ri_board *board) {
    return (post *)(void *)((char *)board + board->post);
}

static double *vector_of(ri_board *board) {
    return (double *)(void *)((char *)board + board->vector);
}

static double *product_of(ri_board *board) {
    return (double *)(void *)((char *)board + board->product);
}

ri_status ri_joint_open(void *memory, const ri_matrix *x, int64_t fits, int members,
                        ri_error *err) {
    ri_board *board = memory;
    pthread_mutexattr_t mutex;
    lay_out(x, fits, members, board);
    bool good = pthread_mutexattr_init(&mutex) == 0;
    good = good && pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED) == 0 &&
           pthread_mutex_init(&board->mutex, &mutex) == 0;
    pthread_mutexattr_destroy(&mutex);
    return good ? RI_OK : ri_fail(err, RI_SYSTEM, "a lock between processes cannot be made");
}

void ri_joint_join(ri_joint *joint, void *memory, const ri_columns *columns, int member,
                   int threads) {
    *joint = (ri_joint){
        .columns = columns, .board = memory, .member = member, .threads = threads, .post = -1};
    ri_board *board = joint->board;
    pthread_mutex_lock(&board->mutex);
    if (board->columns == 0) { /* the first to come */
        int64_t share = board->features / (SHARES * (int64_t)board->members * threads);
        int64_t tiles = share / TILE < MOST_TILES ? share / TILE : MOST_TILES;
        share = share > LEAST_COLUMNS ? share : LEAST_COLUMNS;
        board->columns = tiles > 0 ? tiles * TILE : share;
        board->tiles = (board->features + board->columns - 1) / board->columns;
    }
    pthread_mutex_unlock(&board->mutex);
}

/* --- tiles ----------------------------------------------------------------------------------- */

/* With the lock held: the next tile and the residuals that are open there; false: none is open. */
static bool take_turn(ri_board *board, turn *out) {
    const post *all = post_of(board);
    int64_t open = 0;
    while (open < board->posts && board->next >= all[open].entry + board->tiles)
        open++;
    if (open == board->posts)
        return false;
    int64_t from = board->next++ % board->tiles * board->columns;
    int64_t left = board->features - from;
    *out = (turn){.from = from,
                  .columns = left < board->columns ? left : board->columns,
                  .open = open,
                  .posts = board->posts};
    return true;
}

static bool begin_turn(ri_board *board, turn *out) {
    pthread_mutex_lock(&board->mutex);
    bool some = take_turn(board, out);
    pthread_mutex_unlock(&board->mutex);
    return some;
}

/* Hands in a tile and takes the next. */
static bool next_turn(ri_board *board, turn *now) {
    post *all = post_of(board);
    pthread_mutex_lock(&board->mutex);
    for (int64_t k = now->open; k < now->posts; k++)
        all[k].made++;
    bool some = take_turn(board, now);
    pthread_mutex_unlock(&board->mutex);
    return some;
}

/* Posts of one kind that follow each other at a time. */
static void multiply(const ri_joint *joint, const turn *now) {
    ri_board *board = joint->board;
    const post *all = post_of(board);
    for (int64_t k = now->open, next; k < now->posts; k = next) {
        ri_vectors open = {vector_of(board) + all[k].first * board->stride, board->stride, 0};
        for (next = k; next < now->posts && all[next].kind == all[k].kind; next++)
            open.count += all[next].count;
        double *product = product_of(board) + all[k].first * board->features + now->from;
        (all[k].kind == RI_JOINT_SQUARES ? ri_pass_multiply_squares : ri_pass_multiply)(
            joint->columns, now->from, now->columns, &open, product, board->features);
    }
}

/* Tiles that nobody has taken. */
static int64_t count_open(ri_board *board) {
    int64_t open = 0;
    pthread_mutex_lock(&board->mutex);
    if (board->posts > 0)
        open = post_of(board)[board->posts - 1].entry + board->tiles - board->next;
    pthread_mutex_unlock(&board->mutex);
    return open > 0 ? open : 0;
}

/* All threads take tiles for as long as there are some; false where there were none. */
static bool serve(ri_joint *joint, double *bytes) {
    ri_board *board = joint->board;
    int64_t columns = 0;
    int64_t open = count_open(board);
    int threads = open < 2 * (int64_t)joint->threads ? 1 : joint->threads;
    if (open == 0)
        return false;
#pragma omp parallel num_threads(threads) reduction(+ : columns)
    {
        turn now;
        for (bool some = begin_turn(board, &now); some; some = next_turn(board, &now)) {
            multiply(joint, &now);
            columns += now.columns;
        }
    }
    *bytes += (double)columns * ri_matrix_column_bytes(&joint->columns->x);
    return true;
}

/* --- waiting --------------------------------------------------------------------------------- */

static void nap(ri_joint *joint, int *looks) {
    double begun = ri_seconds();
    if (joint->idle)
        joint->idle(joint->context);
    if (*looks < YIELDS)
        sched_yield();
    else
        nanosleep(
            &(struct timespec){.tv_nsec = *looks < YIELDS + SHORT_SLEEPS ? SHORT_NS : LONG_NS},
            NULL);
    *looks += *looks < YIELDS + SHORT_SLEEPS;
    joint->waited += ri_seconds() - begun;
}

/* A place for so many residuals, or -1 where others have to leave the board first. */
static int64_t try_to_post(ri_joint *joint, ri_joint_kind kind, const double *vector,
                           int64_t count) {
    ri_board *board = joint->board;
    int64_t place = -1;
    pthread_mutex_lock(&board->mutex);
    if (board->used + count <= board->most) {
        place = board->posts++;
        post_of(board)[place] =
            (post){.kind = kind, .first = board->used, .count = count, .entry = board->next};
        memcpy(vector_of(board) + board->used * board->stride, vector,
               (size_t)(count * board->stride) * sizeof *vector);
        board->used += count;
        state_of(board)[joint->member] = HERE;
    }
    pthread_mutex_unlock(&board->mutex);
    return place;
}

static bool complete(ri_joint *joint) {
    ri_board *board = joint->board;
    pthread_mutex_lock(&board->mutex);
    bool is = post_of(board)[joint->post].made == board->tiles;
    pthread_mutex_unlock(&board->mutex);
    return is;
}

/* Members that are AWAY or, with `all`, have not LEFT. */
static int still_to_come(ri_board *board, bool all) {
    int count = 0;
    pthread_mutex_lock(&board->mutex);
    for (int m = 0; m < board->members; m++)
        count += state_of(board)[m] == AWAY || (all && state_of(board)[m] == HERE);
    pthread_mutex_unlock(&board->mutex);
    return count;
}

bool ri_joint_multiply(ri_joint *joint, ri_joint_kind kind, const double *vector, int64_t count,
                       const double **product, double *bytes) {
    ri_board *board = joint->board;
    int looks = 0;
    assert(joint->post < 0);
    if (count < 1 || count > board->most)
        return false;
    while ((joint->post = try_to_post(joint, kind, vector, count)) < 0)
        if (!serve(joint, bytes))
            nap(joint, &looks);
    double begun = ri_seconds();
    looks = 0;
    while (!complete(joint))
        if (!serve(joint, bytes))
            nap(joint, &looks);
    joint->spent = ri_seconds() - begun;
    *product = product_of(board) + post_of(board)[joint->post].first * board->features;
    return true;
}

/* The last of those on the board clears it. */
static void take_down(ri_joint *joint) {
    ri_board *board = joint->board;
    post *all = post_of(board);
    int64_t left = 0;
    pthread_mutex_lock(&board->mutex);
    all[joint->post].taken = true;
    joint->post = -1;
    for (int64_t k = 0; k < board->posts; k++)
        left += !all[k].taken;
    if (left == 0) {
        board->posts = board->used = board->next = 0;
        for (int m = 0; m < board->members; m++)
            if (state_of(board)[m] == HERE)
                state_of(board)[m] = AWAY;
    }
    pthread_mutex_unlock(&board->mutex);
}

void ri_joint_finish(ri_joint *joint, double *bytes) {
    double until = ri_seconds() + joint->spent;
    int looks = 0;
    for (;;) {
        if (serve(joint, bytes))
            continue;
        if (still_to_come(joint->board, false) == 0 || ri_seconds() >= until)
            break;
        nap(joint, &looks);
    }
    take_down(joint);
}

void ri_joint_leave(ri_joint *joint, double *bytes) {
    ri_board *board = joint->board;
    int looks = 0;
    pthread_mutex_lock(&board->mutex);
    state_of(board)[joint->member] = LEFT;
    pthread_mutex_unlock(&board->mutex);
    while (still_to_come(board, true) > 0) {
        if (serve(joint, bytes))
            looks = 0;
        else
            nap(joint, &looks);
    }
}
