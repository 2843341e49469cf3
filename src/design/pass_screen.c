/* SPDX-License-Identifier: BSD-3-Clause
 * What becomes of the products of a tile: which features a request asks for. Most are told apart
 * many at once; of the few that are left some wait for products of their own. */
#include "design/pass_job.h"

#include <math.h>

static void keep(ri_pass_worker *w, int64_t request, int64_t residual, int64_t feature,
                 double value) {
    const int64_t most = sizeof w->list->first->entry / sizeof *w->list->first->entry;
    ri_pass_list *list = &w->list[request];
    if (!list->last || list->last->count == most) {
        ri_pass_block *block = ri_pieces_take(&w->blocks);
        if (!block) {
            w->failed = true;
            return;
        }
        block->next = NULL;
        block->count = 0;
        *(list->last ? &list->last->next : &list->first) = block;
        list->last = block;
    }
    list->last->entry[list->last->count++] =
        (ri_pass_kept){value, feature * RI_MOST_RESIDUALS + residual};
}

/* z_j'v / train from d_j'v, the sum of v, and that over the missing rows of column j. */
static double standardise(const ri_view *view, int64_t j, double product, double sum,
                          double missing) {
    double m = view->mean[j];
    double c = product - (view->columns->centered ? m * (sum - missing) : -m * missing);
    return c * view->scale[j] / (double)view->train;
}

static bool matters(double g, bool positive, double floor) {
    return (positive ? g : fabs(g)) >= floor;
}

/* Residuals [first, end) of a request with the features that wait for that. */
static void compute_waiting(const ri_pass_job *job, int64_t q, int64_t first, int64_t end,
                            ri_pass_waiting *list, ri_pass_worker *w) {
    const ri_request *request = &job->request[q];
    const ri_pass_window *own = &job->window[q];
    const int64_t n = job->columns->x.n, count = list->count;
    const ri_vectors some = {request->residual + first * n, n, end - first};
    list->count = 0;
    if (count == 0)
        return;
    ri_pass_multiply_list(job->columns, list->feature, count, &some, w->near, RI_PASS_TILE);
    if (job->made) /* others may have read them before */
        w->bytes += (double)count * ri_matrix_column_bytes(&job->columns->x);
    for (int64_t k = 0; k < count; k++) {
        int64_t j = list->feature[k], rows = ri_pass_missing_rows(job, j, w);
        double penalty = ri_penalty(job->columns, j);
        for (int64_t t = first; t < end; t++) {
            double lost = 0;
            for (int64_t i = 0; i < rows; i++)
                lost += request->residual[t * n + w->missing[i]];
            double g = standardise(request->view, j, w->near[k + (t - first) * RI_PASS_TILE],
                                   own->sum[t], lost);
            if (matters(g, request->positive, request->answer[t].floor * penalty))
                keep(w, q, t, j, g);
        }
    }
}

static void compute_near(const ri_pass_job *job, int64_t q, ri_pass_worker *w) {
    compute_waiting(job, q, 0, job->window[q].near, &w->list_near[q], w);
}

static void compute_whole(const ri_pass_job *job, int64_t q, ri_pass_worker *w) {
    compute_waiting(job, q, job->window[q].near, job->request[q].count, &w->list_whole[q], w);
}

void ri_pass_compute_waiting(const ri_pass_job *job, ri_pass_worker *w) {
    for (int64_t q = 0; q < job->count; q++) {
        compute_near(job, q, w);
        compute_whole(job, q, w);
    }
}

/* What becomes of the products `g` of feature j with the residuals that all of X is multiplied by:
 * they are kept or, where they are coarse, tell that it has to be computed. */
static void screen_whole(const ri_pass_job *job, int64_t q, int64_t j, const double *g,
                         ri_pass_worker *w) {
    const ri_request *request = &job->request[q];
    const ri_pass_window *own = &job->window[q];
    const double penalty = ri_penalty(job->columns, j);
    bool reaches = false;
    for (int64_t t = own->near; t < request->count; t++) {
        const double at = g[(t - own->near) * RI_PASS_TILE],
                     floor = request->answer[t].floor * penalty;
        if (job->coarse)
            reaches |= matters(at, request->positive,
                               floor - job->rounding[own->vector + t - own->near].off);
        else if (matters(at, request->positive, floor))
            keep(w, q, t, j, at);
    }
    if (!reaches)
        return;
    ri_pass_waiting *list = &w->list_whole[q];
    list->feature[list->count++] = j;
    if (list->count == RI_PASS_TILE)
        compute_whole(job, q, w);
}

/* Features of a tile that the request may ask for: hit[a] is 0 for the others. Loops that the
 * compiler vectorises; few features are looked at one by one after them. */
static void find_hits(const ri_pass_job *job, int64_t q, int64_t from, int64_t columns,
                      const ri_pass_worker *w, double hit[RI_PASS_TILE]) {
    const ri_request *request = &job->request[q];
    const ri_pass_window *own = &job->window[q];
    const double *g = w->product + own->vector * RI_PASS_TILE;
    const double *last = g + (request->count - own->near - 1) * RI_PASS_TILE;
    const float *known = request->gradient + from;
    const bool all = job->columns->penalty_factor != NULL;
    const double known_part = own->most_known, last_part = own->most_last, rest = own->most_rest;
    const double least = own->near > 0 ? own->least_floor : INFINITY;
    for (int64_t a = 0; a < columns; a++)
        hit[a] = all ? 1 : 0;
    for (int64_t a = 0; !all && own->near > 0 && a < columns; a++) {
        double most = known_part * fabs((double)known[a]) + last_part * fabs(last[a]) + rest;
        hit[a] = most >= least ? 1 : 0;
    }
    for (int64_t t = own->near; !all && t < request->count; t++, g += RI_PASS_TILE) {
        const double off = job->coarse ? job->rounding[own->vector + t - own->near].off : 0;
        const double floor = request->answer[t].floor - off;
        for (int64_t a = 0; a < columns; a++)
            hit[a] += fabs(g[a]) >= floor ? 1 : 0;
    }
}

/* One of them. */
static void screen_feature(const ri_pass_job *job, int64_t q, int64_t j, const double *g,
                           ri_pass_worker *w) {
    const ri_request *request = &job->request[q];
    const ri_pass_window *own = &job->window[q];
    const double penalty = ri_penalty(job->columns, j), known = (double)request->gradient[j];
    const double last = g[(request->count - own->near - 1) * RI_PASS_TILE];
    if (penalty == 0 || request->view->scale[j] == 0)
        return;
    screen_whole(job, q, j, g, w);
    bool reaches = false;
    double most = own->most_known * fabs(known) + own->most_last * fabs(last) + own->most_rest;
    for (int64_t t = 0; t < own->near && most >= own->least_floor * penalty && !reaches; t++)
        reaches = ri_between_reaches(&own->between[t], request->gradient[j], last,
                                     request->answer[t].floor * penalty, request->positive);
    if (!reaches)
        return;
    ri_pass_waiting *list = &w->list_near[q];
    list->feature[list->count++] = j;
    if (list->count == RI_PASS_TILE)
        compute_near(job, q, w);
}

static void screen_request(const ri_pass_job *job, int64_t q, int64_t from, int64_t columns,
                           ri_pass_worker *w) {
    const ri_request *request = &job->request[q];
    const double *g = w->product + job->window[q].vector * RI_PASS_TILE;
    const double *last = g + (request->multiplied - 1) * RI_PASS_TILE;
    const double *scale = request->view->scale + from;
    const double *penalty = job->columns->penalty_factor;
    float *gradient = request->gradient + from;
    double hit[RI_PASS_TILE];
    find_hits(job, q, from, columns, w, hit);
    for (int64_t a = 0; a < columns; a++)
        if (hit[a] > 0)
            screen_feature(job, q, from + a, g + a, w);
    for (int64_t a = 0; a < columns; a++)
        gradient[a] = scale[a] == 0 ? 0 : (float)last[a];
    for (int64_t a = 0; penalty && a < columns; a++)
        gradient[a] = penalty[from + a] == 0 ? 0 : gradient[a];
}

void ri_pass_screen(const ri_pass_job *job, int64_t from, int64_t columns, ri_pass_worker *w) {
    for (int64_t q = 0; q < job->count; q++)
        screen_request(job, q, from, columns, w);
}
