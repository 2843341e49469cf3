/* SPDX-License-Identifier: BSD-3-Clause
 * A round of the ranks that hold X together. Between two transfers all agree, so that a rank that
 * lacks memory leaves nobody waiting. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "cluster/shard.h"
#include "cluster/shard_columns.h"
#include "cluster/shard_send.h"

typedef struct round {
    ri_shards *s;
    const ri_want *want;
    const ri_shard_head *head;   /* [ranks] */
    ri_bytes *asked;             /* [ranks] */
    ri_bytes *answer, *answered; /* [ranks] for each, from each */
    size_t *length;              /* [ranks] work */
    bool trades;                 /* somebody wants columns */
    ri_trade trade;
    double worked; /* seconds of this rank's own arithmetic */
} round;

static void close_round(round *job) {
    int ranks = job->s->ranks;
    ri_trade_close(&job->trade);
    free(job->length);
    ri_bytes_free_all(job->asked, ranks);
    ri_bytes_free_all(job->answer, ranks);
    ri_bytes_free_all(job->answered, ranks);
}

static ri_status open_round(round *job, ri_error *err) {
    size_t ranks = (size_t)job->s->ranks;
    job->asked = ri_calloc(ranks, sizeof *job->asked);
    job->answer = ri_calloc(ranks, sizeof *job->answer);
    job->answered = ri_calloc(ranks, sizeof *job->answered);
    job->length = ri_calloc(ranks, sizeof *job->length);
    return job->asked && job->answer && job->answered && job->length
               ? RI_OK
               : ri_shards_no_memory(ranks * 80, err);
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
    const ri_shards *s = job->s;
    for (int r = 0; r < s->ranks; r++) {
        const ri_shard_head *its = &job->head[r];
        job->trades = job->trades || its->columns > 0;
        if (r != s->rank && !ri_bytes_reserve(&job->asked[r], its->asked))
            return ri_shards_no_memory(its->asked, err);
    }
    return job->trades ? ri_trade_open(&job->trade, job->s, job->want, err) : RI_OK;
}

static void hear_questions(round *job) {
    ri_shards *s = job->s;
    if (job->trades)
        ri_trade_hear(&job->trade);
    for (int r = 0; r < s->ranks; r++)
        s->travelled[RI_SHARD_RESIDUALS] +=
            ri_shards_share(s, job->asked[r].at, job->asked[r].length, r);
}

/* The passes that are asked for, over this rank's own columns. */
static ri_status serve(round *job, double *bytes, ri_error *err) {
    ri_shards *s = job->s;
    bool asked = false;
    for (int r = 0; r < s->ranks; r++)
        asked = asked || job->asked[r].length > 0;
    if (!asked)
        return RI_OK;
    double begun = ri_seconds();
    ri_status status = ri_part_answer(&s->part, job->asked, s->threads, bytes, job->answer, err);
    job->worked += ri_seconds() - begun;
    return status;
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
        if (r != s->rank && !ri_bytes_reserve(&job->answered[r], job->length[r]))
            return ri_shards_no_memory(job->length[r], err);
    return RI_OK;
}

static ri_status take_answers(round *job, ri_error *err) {
    ri_shards *s = job->s;
    const ri_want *want = job->want;
    double begun = ri_seconds();
    for (int r = 0; want->requests > 0 && r < s->ranks; r++)
        RI_TRY(ri_part_take(r == s->rank ? &job->answer[r] : &job->answered[r], s->from[r],
                            s->to[r], want->first, want->request, want->requests, err));
    ri_part_settle(want->request, want->requests);
    job->worked += ri_seconds() - begun;
    return RI_OK;
}

/* Of the bytes that came from other nodes: moments of a first pass, and else gradients. */
static void count_answers(round *job, double bytes) {
    ri_shards *s = job->s;
    double moments = 0;
    for (int r = 0; job->want->first && r < s->ranks; r++)
        if (s->node_of[r] != s->node)
            moments += 16 * (double)(s->to[r] - s->from[r]) * (double)job->want->requests;
    s->travelled[RI_SHARD_MOMENTS] += moments;
    s->travelled[RI_SHARD_GRADIENTS] += bytes - moments;
}

/* All ranks of the group are here and know what each wants. */
static ri_status make_round(round *job, double *bytes, ri_error *err) {
    MPI_Comm group = job->s->group;
    RI_TRY(ri_group_agree(group, make_room(job, err), err));
    hear_questions(job);
    ri_status status = job->trades ? ri_trade_pack(&job->trade, err) : RI_OK;
    if (status == RI_OK)
        status = serve(job, bytes, err);
    RI_TRY(ri_group_agree(group, status, err));
    status = make_room_for_answers(job, err);
    RI_TRY(ri_group_agree(group, status, err));
    if (job->trades)
        ri_trade_make(&job->trade);
    count_answers(job, ri_shards_transfer(job->s, job->answer, job->answered));
    return take_answers(job, err);
}

ri_status ri_shards_round(ri_shards *s, const ri_want *want, double *bytes, bool *all_leave,
                          ri_error *err) {
    round job = {.s = s, .want = want, .head = s->head};
    bool failed = false;
    double begun = ri_seconds();
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
    s->waited += ri_seconds() - begun - job.worked;
    return status;
}
