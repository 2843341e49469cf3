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
    int64_t view, fit, count, known, positive;
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
    request_head head = {.view = view,
                         .fit = request->fit,
                         .count = request->count,
                         .known = request->known != NULL,
                         .positive = request->positive};
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
    for (size_t f = 0; f < of->fits; f++)
        free(of->gradient[f]);
    free(of->gradient);
    free(of->null);
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
    float **null;   /* [askers] gradients of first passes */
    int64_t *start; /* [askers] first request of each */
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

/* Where the gradient of a fit is kept; of one that is new here, that of its view's first pass. */
static float *gradient_of(ri_part *part, ri_part_views *of, const request_head *head,
                          ri_error *err) {
    const size_t p = (size_t)part->columns.x.p, fit = (size_t)head->fit;
    size_t had = of->fits;
    bool good = fit < had || ri_grow(&of->gradient, &had, fit + 1, sizeof *of->gradient);
    for (; good && of->fits < had; of->fits++)
        of->gradient[of->fits] = NULL;
    if (good && of->gradient[fit])
        return of->gradient[fit];
    float *fresh = good ? ri_alloc(p, sizeof *fresh) : NULL;
    if (!fresh) {
        (void)!ri_fail_memory(err, "the gradients of other ranks", p * sizeof *fresh);
        return NULL;
    }
    copy(fresh, of->null + (size_t)head->view * p, (int64_t)p, sizeof *fresh);
    return of->gradient[fit] = fresh;
}

/* Those of asker `r`; `first` are the views of a first pass. */
static ri_status get_requests(service *job, const ri_bytes *in, size_t *at, int r,
                              const ri_view *first, int64_t count, ri_error *err) {
    ri_part_views *of = &job->part->of[r];
    const ri_columns *columns = &job->part->columns;
    for (int64_t q = 0; q < count; q++) {
        const request_head *head = get(in, at, 1, sizeof *head);
        ri_request *request = &job->request[job->start[r] + q];
        *request = (ri_request){.view = &(first ? first : of->view)[head->view],
                                .count = head->count,
                                .positive = head->positive != 0};
        request->gradient = first ? job->null[r] + head->view * columns->x.p
                                  : gradient_of(job->part, of, head, err);
        if (!request->gradient)
            return RI_SYSTEM;
        request->residual = get(in, at, head->count * columns->x.n, sizeof(double));
        for (int64_t t = 0; t < head->count; t++)
            request->answer[t].floor = head->floor[t];
        if (head->known)
            request->known = get(in, at, columns->x.n, sizeof(double));
    }
    return RI_OK;
}

/* Counts the questions, and makes room for them. */
static ri_status make_room(service *job, const ri_bytes *asked, ri_error *err) {
    const ri_part *part = job->part;
    const size_t p = (size_t)part->columns.x.p;
    for (int r = 0; r < part->askers; r++) {
        size_t at = 0;
        if (asked[r].length == 0)
            continue;
        const question *head = get(&asked[r], &at, 1, sizeof *head);
        job->firsts += head->views;
        job->requests += head->requests;
    }
    job->fresh = ri_calloc((size_t)job->firsts, sizeof *job->fresh);
    job->request = ri_calloc((size_t)job->requests, sizeof *job->request);
    job->start = ri_calloc((size_t)part->askers, sizeof *job->start);
    job->null = ri_calloc((size_t)part->askers, sizeof *job->null);
    bool good = job->fresh && job->request && job->start && job->null;
    for (int r = 0; good && r < part->askers; r++) {
        size_t at = 0;
        if (asked[r].length == 0)
            continue;
        const question *head = get(&asked[r], &at, 1, sizeof *head);
        if (head->views > 0) {
            job->null[r] = ri_calloc((size_t)head->views * p, sizeof **job->null);
            good = job->null[r] != NULL;
        }
    }
    return good ? RI_OK
                : ri_fail_memory(err, "the passes of other ranks",
                                 4 * (unsigned long long)job->firsts * p);
}

/* Understands all questions. */
static ri_status open_service(service *job, const ri_bytes *asked, ri_error *err) {
    ri_part *part = job->part;
    RI_TRY(make_room(job, asked, err));
    int64_t first = 0, other = job->firsts;
    for (int r = 0; r < part->askers; r++) {
        size_t at = 0;
        if (asked[r].length == 0)
            continue;
        const question *head = get(&asked[r], &at, 1, sizeof *head);
        int64_t *next = head->views > 0 ? &first : &other;
        ri_view *fresh = head->views > 0 ? job->fresh + first : NULL;
        job->start[r] = *next;
        if (fresh)
            RI_TRY(get_views(job, &asked[r], &at, fresh, head->views, err));
        RI_TRY(get_requests(job, &asked[r], &at, r, fresh, head->requests, err));
        *next += head->requests;
    }
    return RI_OK;
}

/* Bytes of the answer to some requests. */
static size_t answer_length(const service *job, int64_t from, int64_t count, bool first) {
    size_t length = 0, p = (size_t)job->part->columns.x.p;
    for (int64_t q = from; q < from + count; q++) {
        length += sizeof(int64_t) + (first ? 2 * p * sizeof(double) : 0);
        for (int64_t t = 0; t < job->request[q].count; t++)
            length +=
                sizeof(int64_t) + (size_t)job->request[q].answer[t].count * sizeof(ri_gradient);
    }
    return length;
}

static ri_status put_answer(const service *job, int64_t from, int64_t count, bool first,
                            ri_bytes *out, ri_error *err) {
    const int64_t p = job->part->columns.x.p;
    bool good = ri_renew(&out->at, &out->room, answer_length(job, from, count, first) + 1, 1);
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
        if (first)
            good = good && put(out, request->view->mean, p, sizeof(double)) &&
                   put(out, request->view->scale, p, sizeof(double));
    }
    return good ? RI_OK : ri_fail_memory(err, "answers for other ranks", out->length);
}

/* The views and gradients of an asker's first pass replace those of the one before. */
static ri_status keep_views(service *job, int asker, int64_t first, int64_t count, ri_error *err) {
    ri_part_views *of = &job->part->of[asker];
    free_views(of);
    of->view = ri_alloc((size_t)count, sizeof *of->view);
    if (!of->view)
        return ri_fail_memory(err, "the folds of other ranks", (size_t)count * sizeof *of->view);
    memcpy(of->view, job->fresh + first, (size_t)count * sizeof *of->view);
    memset(job->fresh + first, 0, (size_t)count * sizeof *of->view);
    of->count = count;
    of->null = job->null[asker];
    job->null[asker] = NULL;
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
    for (int r = 0; job->null && r < job->part->askers; r++)
        free(job->null[r]);
    free(job->null);
    free(job->request);
    free(job->start);
}

ri_status ri_part_answer(ri_part *part, const ri_bytes *asked, int threads, double *bytes,
                         ri_bytes *answer, ri_error *err) {
    service job = {.part = part};
    ri_status status;
    RI_GO(open_service(&job, asked, err));
    RI_GO(ri_pass_first(&part->columns, job.fresh, job.request, job.firsts, threads, bytes, err));
    RI_GO(ri_pass_run(&part->columns, job.request + job.firsts, job.requests - job.firsts, threads,
                      bytes, err));
    status = answer_all(&job, asked, answer, err);
done:
    close_service(&job);
    return status;
}
