/* SPDX-License-Identifier: BSD-3-Clause
 * A round of the ranks that hold X together. Between two transfers all agree, so that a rank that
 * lacks memory leaves nobody waiting. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cluster/shard.h"

#define PIECE ((size_t)1 << 30) /* counts in MPI are int */

typedef struct round {
    ri_shards *s;
    const ri_want *want;
    const ri_shard_head *head;     /* [ranks] */
    int64_t **list;                /* [ranks] columns that each wants */
    ri_bytes *asked;               /* [ranks] */
    ri_bytes *answer, *answered;   /* [ranks] for each, from each */
    ri_bytes *outgoing, *incoming; /* [ranks] columns */
    size_t *length;                /* [ranks] work */
} round;

static ri_status no_memory(size_t bytes, ri_error *err) {
    return ri_fail_memory(err, "what the nodes of a group send each other", bytes);
}

/* A buffer that is to be filled. */
static bool reserve(ri_bytes *bytes, size_t length) {
    if (!ri_renew(&bytes->at, &bytes->room, length + 1, 1))
        return false;
    bytes->length = length;
    return true;
}

static void free_all(ri_bytes *bytes, int ranks) {
    for (int r = 0; bytes && r < ranks; r++)
        ri_bytes_free(&bytes[r]);
    free(bytes);
}

static void close_round(round *job) {
    int ranks = job->s->ranks;
    for (int r = 0; job->list && r < ranks; r++)
        free(job->list[r]);
    free(job->list);
    free(job->length);
    free_all(job->asked, ranks);
    free_all(job->answer, ranks);
    free_all(job->answered, ranks);
    free_all(job->outgoing, ranks);
    free_all(job->incoming, ranks);
}

static ri_status open_round(round *job, ri_error *err) {
    size_t ranks = (size_t)job->s->ranks;
    job->list = ri_calloc(ranks, sizeof *job->list);
    job->asked = ri_calloc(ranks, sizeof *job->asked);
    job->answer = ri_calloc(ranks, sizeof *job->answer);
    job->answered = ri_calloc(ranks, sizeof *job->answered);
    job->outgoing = ri_calloc(ranks, sizeof *job->outgoing);
    job->incoming = ri_calloc(ranks, sizeof *job->incoming);
    job->length = ri_calloc(ranks, sizeof *job->length);
    bool good = job->list && job->asked && job->answer && job->answered && job->outgoing &&
                job->incoming && job->length;
    return good ? RI_OK : no_memory(ranks * 160, err);
}

/* --- transfers ------------------------------------------------------------------------------- */

static void count_bytes(ri_shards *s, int from, size_t bytes) {
    if (s->node_of[from] != s->node)
        s->travelled += (double)bytes;
}

/* To and from every other rank in turn; all lengths are known on both sides. */
static void transfer(ri_shards *s, ri_bytes *to, ri_bytes *from) {
    for (int step = 1; step < s->ranks; step++) {
        int next = (s->rank + step) % s->ranks, last = (s->rank - step + s->ranks) % s->ranks;
        ri_bytes *out = &to[next], *in = &from[last];
        for (size_t at = 0; at < out->length || at < in->length; at += PIECE) {
            MPI_Request request[2] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};
            size_t most = in->length > at ? in->length - at : 0;
            if (most > 0)
                MPI_Irecv(in->at + at, (int)(most < PIECE ? most : PIECE), MPI_BYTE, last,
                          RI_TAG_SHARD, s->group, &request[0]);
            most = out->length > at ? out->length - at : 0;
            if (most > 0)
                MPI_Isend(out->at + at, (int)(most < PIECE ? most : PIECE), MPI_BYTE, next,
                          RI_TAG_SHARD, s->group, &request[1]);
            ri_group_wait(&request[0], NULL, NULL);
            ri_group_wait(&request[1], NULL, NULL);
        }
        count_bytes(s, last, in->length);
    }
}

/* Every rank's wishes in a few words; waits for those that still work. */
static void gather_heads(round *job, ri_status status) {
    const ri_want *want = job->want;
    ri_shards *s = job->s;
    ri_shard_head own = {.leaves = want->leaves,
                         .columns = want->columns,
                         .failed = status != RI_OK,
                         .asked = job->asked ? job->asked[s->rank].length : 0};
    MPI_Request request;
    MPI_Iallgather(&own, sizeof own, MPI_BYTE, s->head, sizeof own, MPI_BYTE, s->group, &request);
    ri_group_wait(&request, ri_watch_idle, s->watch);
}

/* --- stages of a round ----------------------------------------------------------------------- */

/* What goes to all ranks. */
static ri_status prepare(round *job, ri_error *err) {
    ri_shards *s = job->s;
    const ri_want *want = job->want;
    if (want->requests == 0)
        return RI_OK;
    return ri_part_ask(&s->part, want->first, want->request, want->requests, &job->asked[s->rank],
                       err);
}

/* Room for the questions of others. */
static ri_status make_room(round *job, ri_error *err) {
    ri_shards *s = job->s;
    for (int r = 0; r < s->ranks; r++) {
        const ri_shard_head *its = &job->head[r];
        job->list[r] = ri_alloc((size_t)its->columns, sizeof **job->list);
        if (!job->list[r])
            return no_memory((size_t)its->columns * sizeof **job->list, err);
        if (r != s->rank && !reserve(&job->asked[r], its->asked))
            return no_memory(its->asked, err);
    }
    return RI_OK;
}

static void hear_questions(round *job) {
    ri_shards *s = job->s;
    if (job->want->columns > 0)
        memcpy(job->list[s->rank], job->want->feature,
               (size_t)job->want->columns * sizeof **job->list);
    for (int r = 0; r < s->ranks; r++) {
        size_t list = (size_t)job->head[r].columns * sizeof **job->list;
        ri_group_share(s->group, job->list[r], list, r);
        ri_group_share(s->group, job->asked[r].at, job->asked[r].length, r);
        if (r != s->rank)
            count_bytes(s, r, list + job->asked[r].length);
    }
}

static int64_t count_within(const int64_t *list, int64_t count, int64_t from, int64_t to) {
    int64_t within = 0;
    for (int64_t k = 0; k < count; k++)
        within += list[k] >= from && list[k] < to;
    return within;
}

/* Columns of this rank that others want, and room for those it wants. */
static ri_status pack_columns(round *job, ri_error *err) {
    ri_shards *s = job->s;
    const int64_t from = s->from[s->rank], to = s->to[s->rank];
    for (int r = 0; r < s->ranks; r++) {
        int64_t columns = job->head[r].columns;
        int64_t out = count_within(job->list[r], columns, from, to);
        int64_t in = count_within(job->want->feature, job->want->columns, s->from[r], s->to[r]);
        if (!reserve(&job->outgoing[r], (size_t)out * s->column) ||
            !reserve(&job->incoming[r], (size_t)in * s->column))
            return no_memory((size_t)(in + out) * s->column, err);
        char *at = job->outgoing[r].at;
        for (int64_t k = 0; k < columns; k++)
            if (job->list[r][k] >= from && job->list[r][k] < to) {
                memcpy(at, ri_shard_column(&s->face, job->list[r][k]), s->column);
                at += s->column;
            }
    }
    return RI_OK;
}

static void unpack_columns(const round *job) {
    const ri_shards *s = job->s;
    const ri_want *want = job->want;
    for (int r = 0; r < s->ranks; r++) {
        const char *at = job->incoming[r].at;
        for (int64_t k = 0; k < want->columns; k++)
            if (want->feature[k] >= s->from[r] && want->feature[k] < s->to[r]) {
                memcpy(want->out[k], at, s->column);
                at += s->column;
            }
    }
}

/* The passes that are asked for, over this rank's own columns. */
static ri_status serve(round *job, double *bytes, ri_error *err) {
    ri_shards *s = job->s;
    for (int r = 0; r < s->ranks; r++)
        if (job->asked[r].length > 0)
            return ri_part_answer(&s->part, job->asked, s->threads, bytes, job->answer, err);
    return RI_OK;
}

static ri_status make_room_for_answers(round *job, ri_error *err) {
    ri_shards *s = job->s;
    MPI_Request request;
    for (int r = 0; r < s->ranks; r++)
        job->length[r] = job->answer[r].length;
    MPI_Ialltoall(MPI_IN_PLACE, sizeof *job->length, MPI_BYTE, job->length, sizeof *job->length,
                  MPI_BYTE, s->group, &request);
    ri_group_wait(&request, NULL, NULL);
    for (int r = 0; r < s->ranks; r++)
        if (r != s->rank && !reserve(&job->answered[r], job->length[r]))
            return no_memory(job->length[r], err);
    return RI_OK;
}

static ri_status take_answers(round *job, ri_error *err) {
    ri_shards *s = job->s;
    const ri_want *want = job->want;
    for (int r = 0; want->requests > 0 && r < s->ranks; r++)
        RI_TRY(ri_part_take(r == s->rank ? &job->answer[r] : &job->answered[r], s->from[r],
                            s->to[r], want->first, want->request, want->requests, err));
    ri_part_settle(want->request, want->requests);
    return RI_OK;
}

/* All ranks of the group are here and know what each wants. */
static ri_status make_round(round *job, double *bytes, ri_error *err) {
    MPI_Comm group = job->s->group;
    RI_TRY(ri_group_agree(group, make_room(job, err), err));
    hear_questions(job);
    ri_status status = pack_columns(job, err);
    if (status == RI_OK)
        status = serve(job, bytes, err);
    RI_TRY(ri_group_agree(group, status, err));
    status = make_room_for_answers(job, err);
    RI_TRY(ri_group_agree(group, status, err));
    transfer(job->s, job->outgoing, job->incoming);
    transfer(job->s, job->answer, job->answered);
    unpack_columns(job);
    return take_answers(job, err);
}

ri_status ri_shards_round(ri_shards *s, const ri_want *want, double *bytes, bool *all_leave,
                          ri_error *err) {
    round job = {.s = s, .want = want, .head = s->head};
    bool failed = false;
    *all_leave = true;
    s->rounds++;
    ri_status status = open_round(&job, err);
    if (status == RI_OK)
        status = prepare(&job, err);
    gather_heads(&job, status);
    for (int r = 0; r < s->ranks; r++) {
        *all_leave = *all_leave && job.head[r].leaves;
        failed = failed || job.head[r].failed;
    }
    if (failed)
        status = ri_group_agree(s->group, status, err);
    else if (!*all_leave)
        status = make_round(&job, bytes, err);
    close_round(&job);
    return status;
}
