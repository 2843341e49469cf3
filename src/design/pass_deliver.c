/* SPDX-License-Identifier: BSD-3-Clause
 * What threads have kept in a pass becomes answers. A thread takes tiles from left to right, so
 * that an answer is as many ascending runs as there are threads, and these are merged. */
#include "design/pass_job.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Where the run that begins at `from` ends. */
static int64_t end_of_run(const ri_gradient *entry, int64_t from, int64_t count) {
    int64_t end = from < count ? from + 1 : count;
    while (end < count && entry[end - 1].feature <= entry[end].feature)
        end++;
    return end;
}

/* Runs [from, middle) and [middle, end) to one, by way of `room`. */
static void merge(ri_gradient *entry, int64_t from, int64_t middle, int64_t end,
                  ri_gradient *room) {
    int64_t count = middle - from, left = 0, right = middle;
    memcpy(room, entry + from, (size_t)count * sizeof *room);
    for (int64_t at = from; left < count; at++) {
        bool first = right == end || room[left].feature <= entry[right].feature;
        entry[at] = first ? room[left++] : entry[right++];
    }
}

/* Each round makes pairs of runs to one run. */
static void sort_runs(ri_gradient *entry, int64_t count, ri_gradient *room) {
    while (end_of_run(entry, 0, count) < count)
        for (int64_t from = 0; from < count;) {
            int64_t middle = end_of_run(entry, from, count);
            int64_t end = end_of_run(entry, middle, count);
            if (middle < end)
                merge(entry, from, middle, end, room);
            from = end;
        }
}

/* The answers of request q; `room` becomes large enough for the longest. */
static bool deliver(const ri_pass_job *job, int64_t q, ri_gradient **room, size_t *capacity) {
    ri_request *request = &job->request[q];
    for (int t = 0; t < job->threads; t++)
        for (const ri_pass_block *b = job->workers[t].list[q].first; b; b = b->next)
            for (int64_t k = 0; k < b->count; k++)
                request->answer[b->entry[k].where % RI_MOST_RESIDUALS].count++;
    for (int64_t r = 0; r < request->count; r++) {
        ri_answer *answer = &request->answer[r];
        answer->entry = ri_alloc((size_t)answer->count, sizeof *answer->entry);
        if (!answer->entry || !ri_renew(room, capacity, (size_t)answer->count, sizeof **room))
            return false;
        answer->count = 0;
    }
    for (int t = 0; t < job->threads; t++)
        for (const ri_pass_block *b = job->workers[t].list[q].first; b; b = b->next)
            for (int64_t k = 0; k < b->count; k++) {
                const ri_pass_kept *from = &b->entry[k];
                ri_answer *answer = &request->answer[from->where % RI_MOST_RESIDUALS];
                answer->entry[answer->count++] =
                    (ri_gradient){from->where / RI_MOST_RESIDUALS, from->value};
            }
    for (int64_t r = 0; r < request->count; r++)
        sort_runs(request->answer[r].entry, request->answer[r].count, *room);
    return true;
}

ri_status ri_pass_deliver(const ri_pass_job *job, ri_error *err) {
    bool failed = false;
    for (int t = 0; t < job->threads; t++)
        failed |= job->workers[t].failed;
#pragma omp parallel num_threads(job->threads) if (job->count > 1)
    {
        ri_gradient *room = NULL;
        size_t capacity = 0;
        bool mine = !failed;
#pragma omp for schedule(dynamic, 1)
        for (int64_t q = 0; q < job->count; q++)
            mine = mine && deliver(job, q, &room, &capacity);
        free(room);
        if (!mine) {
#pragma omp atomic write
            failed = true;
        }
    }
    return failed ? ri_fail_memory(err, "the gradients of a pass",
                                   (size_t)job->count * RI_PASS_TILE * sizeof(ri_gradient))
                  : RI_OK;
}
