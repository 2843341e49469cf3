/* SPDX-License-Identifier: BSD-3-Clause */
#include "design/part.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { ALIGN = 8 }; /* every array in a ri_bytes starts on a multiple of it */

typedef struct question { /* head of what an asker sends */
    int64_t views, requests;
} question;

typedef struct view_head {
    int64_t train, held, weighted;
} view_head;

typedef struct request_head {
    int64_t view, count, known, positive;
    double floor[RI_MOST_RESIDUALS];
} request_head;

/* --- bytes ----------------------------------------------------------------------------------- */

void ri_bytes_free(ri_bytes *bytes) {
    if (bytes->room > 0)
        free(bytes->at);
    *bytes = (ri_bytes){0};
}

static size_t rounded(size_t bytes) {
    return (bytes + ALIGN - 1) / ALIGN * ALIGN;
}

/* Appends `count` elements; `from` NULL: zeros. */
static bool put(ri_bytes *out, const void *from, int64_t count, size_t size) {
    size_t bytes = (size_t)count * size, all = rounded(bytes);
    if (!ri_grow(&out->at, &out->room, out->length + all + 1, 1))
        return false;
    memset(out->at + out->length, 0, all);
    if (from && bytes > 0)
        memcpy(out->at + out->length, from, bytes);
    out->length += all;
    return true;
}

/* The next `count` elements. */
static void *get(const ri_bytes *in, size_t *at, int64_t count, size_t size) {
    char *here = in->at + *at;
    *at += rounded((size_t)count * size);
    assert(*at <= in->length);
    return here;
}

/* --- the asker ------------------------------------------------------------------------------- */

static bool put_view(ri_bytes *out, const ri_view *view) {
    view_head head = {view->train, view->held, view->weighted};
    return put(out, &head, 1, sizeof head) &&
           put(out, view->weight, view->columns->x.n, sizeof *view->weight) &&
           put(out, view->root, view->train, sizeof *view->root) &&
           put(out, view->row, view->train + view->held, sizeof *view->row);
}

static bool put_request(ri_bytes *out, const ri_request *request, int64_t view) {
    int64_t n = request->view->columns->x.n;
    request_head head = {view, request->count, request->known != NULL, request->positive, {0}};
    for (int64_t t = 0; t < request->count; t++)
        head.floor[t] = request->answer[t].floor;
    return put(out, &head, 1, sizeof head) &&
           put(out, request->residual, request->count * n, sizeof(double)) &&
           (!request->known || put(out, request->known, n, sizeof(double)));
}

ri_status ri_part_ask(ri_part *part, const ri_view *first, const ri_request *request, int64_t count,
                      ri_bytes *out, ri_error *err) {
    question head = {first ? count : 0, count};
    if (first)
        part->mine = first;
    bool good = put(out, &head, 1, sizeof head);
    for (int64_t f = 0; good && f < head.views; f++)
        good = put_view(out, &first[f]);
    for (int64_t q = 0; good && q < count; q++)
        good = put_request(out, &request[q], request[q].view - part->mine);
    return good ? RI_OK : ri_fail_memory(err, "residuals for other nodes", out->length);
}

ri_status ri_part_tell(const ri_request *request, int64_t count, int64_t from, int64_t to,
                       ri_bytes *out, ri_error *err) {
    for (int64_t q = 0; q < count; q++)
        if (request[q].known && !put(out, request[q].gradient + from, to - from, sizeof(float)))
            return ri_fail_memory(err, "gradients for other nodes", 4ULL * (size_t)(to - from));
    return RI_OK;
}

static bool take_entries(ri_answer *answer, const ri_gradient *entry, int64_t count) {
    size_t had = (size_t)answer->count, more = (size_t)count;
    if (!ri_grow(&answer->entry, &had, had + more + 1, sizeof *entry))
        return false;
    if (count > 0)
        memcpy(answer->entry + answer->count, entry, more * sizeof *entry);
    answer->count += count;
    return true;
}

static void copy(void *to, const void *from, int64_t count, size_t size) {
    if (count > 0)
        memcpy(to, from, (size_t)count * size);
}

ri_status ri_part_take(const ri_bytes *answer, int64_t from, int64_t to, ri_view *first,
                       ri_request *request, int64_t count, ri_error *err) {
    const int64_t p = to - from;
    size_t at = 0;
    for (int64_t q = 0; q < count; q++) {
        request[q].multiplied = *(const int64_t *)get(answer, &at, 1, sizeof(int64_t));
        for (int64_t t = 0; t < request[q].count; t++) {
            int64_t entries = *(const int64_t *)get(answer, &at, 1, sizeof(int64_t));
            const ri_gradient *entry = get(answer, &at, entries, sizeof *entry);
            if (!take_entries(&request[q].answer[t], entry, entries))
                return ri_fail_memory(err, "the gradients of a pass", 16ULL * (size_t)entries);
        }
        copy(request[q].gradient + from, get(answer, &at, p, sizeof(float)), p, sizeof(float));
        if (!first)
            continue;
        copy(first[q].mean + from, get(answer, &at, p, sizeof(double)), p, sizeof(double));
        copy(first[q].scale + from, get(answer, &at, p, sizeof(double)), p, sizeof(double));
    }
    return RI_OK;
}

static int compare_entries(const void *a, const void *b) {
    const ri_gradient *left = a, *right = b;
    return (left->feature > right->feature) - (left->feature < right->feature);
}

void ri_part_settle(ri_request *request, int64_t count) {
    for (int64_t q = 0; q < count; q++)
        for (int64_t t = 0; t < request[q].count; t++)
            qsort(request[q].answer[t].entry, (size_t)request[q].answer[t].count,
                  sizeof(ri_gradient), compare_entries);
}

/* --- the part -------------------------------------------------------------------------------- */

ri_status ri_part_open(ri_part *part, const ri_columns *all, const ri_shard *shard, int64_t from,
                       int64_t to, int askers, ri_error *err) {
    *part = (ri_part){.columns = *all, .from = from, .to = to, .askers = askers};
    ri_columns *own = &part->columns;
    own->x = (ri_matrix){.storage = all->x.storage,
                         .n = all->x.n,
                         .p = to - from,
                         .stride = shard->stride,
                         .values = shard->values + (size_t)(from - shard->from) * shard->stride};
    own->shift += from;
    own->missing += from;
    own->integer += from;
    if (own->penalty_factor)
        own->penalty_factor += from;
    part->of = ri_calloc((size_t)askers, sizeof *part->of);
    return part->of
               ? RI_OK
               : ri_fail_memory(err, "the folds of other ranks", (size_t)askers * sizeof *part->of);
}

static void free_views(ri_part_views *of) {
    for (int64_t v = 0; v < of->count; v++)
        ri_view_free(&of->view[v]);
    free(of->view);
    *of = (ri_part_views){0};
}

void ri_part_free(ri_part *part) {
    for (int r = 0; part->of && r < part->askers; r++)
        free_views(&part->of[r]);
    free(part->of);
    *part = (ri_part){0};
}

/* What is being done for all askers: requests of first passes, and behind them the others. */
typedef struct service {
    ri_part *part;
    int64_t firsts, requests;
    ri_view *fresh; /* [firsts] */
    ri_request *request;
    float *gradient; /* [requests * columns] */
    int64_t *start;  /* [askers] first request of each */
} service;

static ri_status get_views(service *job, const ri_bytes *in, size_t *at, ri_view *out,
                           int64_t views, ri_error *err) {
    const ri_columns *columns = &job->part->columns;
    for (int64_t v = 0; v < views; v++) {
        const view_head *head = get(in, at, 1, sizeof *head);
        ri_view like = {.train = head->train, .held = head->held, .weighted = head->weighted != 0};
        like.weight = get(in, at, columns->x.n, sizeof *like.weight);
        like.root = get(in, at, like.train, sizeof *like.root);
        like.row = get(in, at, like.train + like.held, sizeof *like.row);
        RI_TRY(ri_view_of_rows(columns, &like, &out[v], err));
    }
    return RI_OK;
}

static void get_requests(service *job, const ri_bytes *in, size_t *at, const ri_bytes *told,
                         const ri_view *view, int64_t from, int64_t count) {
    const ri_columns *columns = &job->part->columns;
    size_t tell = 0;
    for (int64_t q = from; q < from + count; q++) {
        const request_head *head = get(in, at, 1, sizeof *head);
        ri_request *request = &job->request[q];
        *request = (ri_request){.view = &view[head->view],
                                .count = head->count,
                                .positive = head->positive != 0,
                                .gradient = job->gradient + q * columns->x.p};
        request->residual = get(in, at, head->count * columns->x.n, sizeof(double));
        for (int64_t t = 0; t < head->count; t++)
            request->answer[t].floor = head->floor[t];
        if (!head->known)
            continue;
        request->known = get(in, at, columns->x.n, sizeof(double));
        copy(request->gradient, get(told, &tell, columns->x.p, sizeof(float)), columns->x.p,
             sizeof(float));
    }
}

/* Understands all questions. */
static ri_status open_service(service *job, const ri_bytes *asked, const ri_bytes *told,
                              ri_error *err) {
    ri_part *part = job->part;
    int64_t others = 0, first = 0;
    for (int r = 0; r < part->askers; r++) {
        size_t at = 0;
        if (asked[r].length == 0)
            continue;
        const question *head = get(&asked[r], &at, 1, sizeof *head);
        job->firsts += head->views;
        others += head->requests - head->views;
    }
    job->requests = job->firsts + others;
    size_t values = (size_t)job->requests * (size_t)part->columns.x.p;
    job->fresh = ri_calloc((size_t)job->firsts, sizeof *job->fresh);
    job->request = ri_calloc((size_t)job->requests, sizeof *job->request);
    job->start = ri_calloc((size_t)part->askers, sizeof *job->start);
    job->gradient = ri_calloc(values, sizeof *job->gradient);
    if (!job->fresh || !job->request || !job->start || !job->gradient)
        return ri_fail_memory(err, "the passes of other ranks", 4 * values);
    int64_t other = job->firsts;
    for (int r = 0; r < part->askers; r++) {
        size_t at = 0;
        if (asked[r].length == 0)
            continue;
        const question *head = get(&asked[r], &at, 1, sizeof *head);
        int64_t *next = head->views > 0 ? &first : &other;
        job->start[r] = *next;
        if (head->views > 0)
            RI_TRY(get_views(job, &asked[r], &at, job->fresh + first, head->views, err));
        get_requests(job, &asked[r], &at, &told[r],
                     head->views > 0 ? job->fresh + first : part->of[r].view, *next,
                     head->requests);
        *next += head->requests;
    }
    return RI_OK;
}

static ri_status put_answer(const service *job, int64_t from, int64_t count, bool first,
                            ri_bytes *out, ri_error *err) {
    int64_t p = job->part->columns.x.p;
    bool good = true;
    for (int64_t q = from; q < from + count && good; q++) {
        const ri_request *request = &job->request[q];
        good = put(out, &request->multiplied, 1, sizeof request->multiplied);
        for (int64_t t = 0; t < request->count && good; t++) {
            const ri_answer *answer = &request->answer[t];
            for (int64_t k = 0; k < answer->count; k++)
                answer->entry[k].feature += job->part->from;
            good = put(out, &answer->count, 1, sizeof answer->count) &&
                   put(out, answer->entry, answer->count, sizeof *answer->entry);
        }
        good = good && put(out, request->gradient, p, sizeof *request->gradient);
        if (first)
            good = good && put(out, request->view->mean, p, sizeof(double)) &&
                   put(out, request->view->scale, p, sizeof(double));
    }
    return good ? RI_OK : ri_fail_memory(err, "answers for other ranks", out->length);
}

/* The views of an asker's first pass replace those of the one before. */
static ri_status keep_views(service *job, int asker, int64_t first, int64_t count, ri_error *err) {
    ri_part_views *of = &job->part->of[asker];
    free_views(of);
    of->view = ri_alloc((size_t)count, sizeof *of->view);
    if (!of->view)
        return ri_fail_memory(err, "the folds of other ranks", (size_t)count * sizeof *of->view);
    memcpy(of->view, job->fresh + first, (size_t)count * sizeof *of->view);
    memset(job->fresh + first, 0, (size_t)count * sizeof *of->view);
    of->count = count;
    return RI_OK;
}

static ri_status answer_all(service *job, const ri_bytes *asked, ri_bytes *answer, ri_error *err) {
    for (int r = 0; r < job->part->askers; r++) {
        size_t at = 0;
        if (asked[r].length == 0)
            continue;
        const question *head = get(&asked[r], &at, 1, sizeof *head);
        bool first = head->views > 0;
        RI_TRY(put_answer(job, job->start[r], head->requests, first, &answer[r], err));
        if (first)
            RI_TRY(keep_views(job, r, job->start[r], head->views, err));
    }
    return RI_OK;
}

static void close_service(service *job) {
    for (int64_t q = 0; job->request && q < job->requests; q++)
        for (int64_t t = 0; t < job->request[q].count; t++)
            free(job->request[q].answer[t].entry);
    for (int64_t f = 0; job->fresh && f < job->firsts; f++)
        ri_view_free(&job->fresh[f]);
    free(job->fresh);
    free(job->request);
    free(job->gradient);
    free(job->start);
}

ri_status ri_part_answer(ri_part *part, const ri_bytes *asked, const ri_bytes *told, int threads,
                         double *bytes, ri_bytes *answer, ri_error *err) {
    service job = {.part = part};
    ri_status status;
    RI_GO(open_service(&job, asked, told, err));
    RI_GO(ri_pass_first(&part->columns, job.fresh, job.request, job.firsts, threads, bytes, err));
    RI_GO(ri_pass_run(&part->columns, job.request + job.firsts, job.requests - job.firsts, threads,
                      bytes, err));
    status = answer_all(&job, asked, answer, err);
done:
    close_service(&job);
    return status;
}
