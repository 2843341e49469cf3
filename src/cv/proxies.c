/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/proxies.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cv/inflation.h"
#include "cv/plan.h"
#include "design/pass.h"
#include "design/pool.h"

/* All that a search has in hand. */
typedef struct search {
    const ri_problem *problem;
    ri_record *record;
    ri_proxies *found;
    ri_columns columns;
    ri_view view;
    double *shift;
    uint8_t *missing, *role;
    int64_t *place;   /* [count] of a selected feature in z, or -1 */
    int64_t gathered; /* columns of z */
    double *z;        /* [gathered * train] standardised, times root weights */
} search;

int64_t ri_proxies_find(const ri_proxies *proxies, int64_t feature) {
    int64_t low = 0, high = proxies->count;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (proxies->feature[middle] < feature)
            low = middle + 1;
        else
            high = middle;
    }
    return low < proxies->count && proxies->feature[low] == feature ? low : -1;
}

typedef struct strength {
    double size;
    int64_t place;
} strength;

static int compare_strength(const void *left, const void *right) {
    const strength *a = left, *b = right;
    if (a->size != b->size)
        return a->size < b->size ? 1 : -1;
    return a->place < b->place ? -1 : 1;
}

/* The selected features, and which of them are strong enough to be looked at. */
static ri_status take_selected(search *s, ri_error *err) {
    const ri_record *record = s->record;
    const ri_fit *fit = ri_path_refit(record, ri_record_selected(record));
    int64_t from = fit->start[record->index_selected], to = fit->start[record->index_selected + 1];
    size_t room = (size_t)(to - from);
    ri_proxies *found = s->found;
    found->feature = ri_alloc(room, sizeof *found->feature);
    found->vif = ri_alloc(room, sizeof *found->vif);
    found->looked = ri_calloc(room, 1);
    found->start = ri_calloc(room + 1, sizeof *found->start);
    strength *order = ri_alloc(room, sizeof *order);
    if (!found->feature || !found->vif || !found->looked || !found->start || !order) {
        free(order);
        return ri_fail_memory(err, "the proxies of the features", 40 * room);
    }
    for (int64_t e = from; e < to; e++) {
        int64_t j = fit->feature[e];
        if (fit->coefficient[e] == 0 || !(record->feature_sd[j] > 0))
            continue;
        order[found->count] =
            (strength){fabs(fit->coefficient[e] * record->feature_sd[j]), found->count};
        found->vif[found->count] = NAN;
        found->feature[found->count++] = j;
    }
    qsort(order, (size_t)found->count, sizeof *order, compare_strength);
    for (int64_t k = 0; k < found->count && k < RI_PROXIES_LOOKED; k++)
        found->looked[order[k].place] = 1;
    free(order);
    return RI_OK;
}

/* The columns over all kept rows, centred and scaled by the moments that the record has. */
static ri_status open_view(search *s, ri_error *err) {
    const ri_record *record = s->record;
    ri_matrix x = s->problem->x;
    size_t p = (size_t)record->p;
    x.p = record->p;
    x.extras = 0;
    x.extra = NULL;
    s->shift = ri_calloc(p, sizeof *s->shift);
    s->missing = ri_calloc(p, 1);
    s->role = ri_calloc((size_t)x.n, 1);
    if (!s->shift || !s->missing || !s->role)
        return ri_fail_memory(err, "the proxies of the features", 9 * p);
    ri_plan_roles(s->problem, RI_REFIT, s->role);
    memset(s->missing, record->missing_values > 0, p);
    bool shifted = x.storage == RI_F64 || x.storage == RI_F32 || x.storage == RI_DOSAGE;
    if (shifted)
        memcpy(s->shift, record->feature_mean, p * sizeof *s->shift);
    s->columns = (ri_columns){
        .x = x, .shift = s->shift, .missing = s->missing, .centered = true, .standardized = true};
    RI_TRY(ri_view_new(&s->columns, s->role, s->problem->weight, &s->view, err));
    for (int64_t j = 0; j < record->p; j++) {
        s->view.mean[j] = record->feature_mean[j] - s->shift[j];
        s->view.scale[j] = record->feature_sd[j] > 0 ? 1 / record->feature_sd[j] : 0;
    }
    return RI_OK;
}

/* A streamed X has columns in memory only while a pool holds them. */
static ri_status gather_into(search *s, double *scratch, double *held, double *bytes,
                             ri_error *err) {
    const ri_proxies *found = s->found;
    ri_pool pool = {0};
    ri_status status = RI_OK;
    if (s->columns.x.stream) {
        RI_TRY(ri_pool_open(&pool, &s->columns, err));
        for (int64_t k = 0; k < found->count; k++)
            pool.wanted[found->feature[k]] = s->place[k] >= 0;
        status = ri_pool_hold(&pool, 1, bytes, err);
    }
    for (int64_t k = 0; k < found->count && status == RI_OK; k++)
        if (s->place[k] >= 0)
            ri_view_gather(&s->view, found->feature[k], s->z + s->place[k] * s->view.train, held,
                           scratch);
    ri_pool_free(&pool);
    return status;
}

/* Standardised selected columns where there are few enough of them, else of those looked at. */
static ri_status gather(search *s, double *bytes, ri_error *err) {
    bool all = s->found->count <= RI_INFLATION_MOST;
    s->place = ri_alloc((size_t)s->found->count, sizeof *s->place);
    if (!s->place)
        return ri_fail_memory(err, "the selected features", 8 * (size_t)s->found->count);
    for (int64_t k = 0; k < s->found->count; k++)
        s->place[k] = all || s->found->looked[k] ? s->gathered++ : -1;
    size_t values = (size_t)s->gathered * (size_t)s->view.train;
    s->z = ri_calloc(values, sizeof *s->z);
    double *scratch = ri_alloc(ri_scratch_doubles(s->problem->x.n), sizeof *scratch);
    double *held = ri_alloc((size_t)s->view.held, sizeof *held);
    ri_status status = s->z && scratch && held
                           ? gather_into(s, scratch, held, bytes, err)
                           : ri_fail_memory(err, "the selected features", 8 * values);
    free(scratch);
    free(held);
    return status;
}

/* One request for up to RI_MOST_RESIDUALS of the columns looked at, from `*k` on. */
static void fill_request(const search *s, int64_t *k, double *residual, float *gradient,
                         ri_request *request) {
    int64_t n = s->problem->x.n, train = s->view.train;
    *request =
        (ri_request){.view = &s->view, .residual = residual, .gradient = gradient, .once = true};
    for (; *k < s->found->count && request->count < RI_MOST_RESIDUALS; (*k)++) {
        if (!s->found->looked[*k])
            continue;
        double *v = residual + request->count * n;
        for (int64_t t = 0; t < train; t++)
            v[s->view.row[t]] = s->view.root[t] * s->z[s->place[*k] * train + t];
        request->answer[request->count++].floor = s->found->threshold;
    }
}

/* What the pass kept, less each feature itself. */
static ri_status take_answers(search *s, const ri_request *request, ri_error *err) {
    ri_proxies *found = s->found;
    int64_t asked = 0, entry = 0, room = 0;
    for (int64_t k = 0, a = 0; k < found->count; k++)
        if (found->looked[k]) {
            room += request[a / RI_MOST_RESIDUALS].answer[a % RI_MOST_RESIDUALS].count;
            a++;
        }
    found->proxy = ri_alloc((size_t)room, sizeof *found->proxy);
    found->r = ri_alloc((size_t)room, sizeof *found->r);
    if (!found->proxy || !found->r)
        return ri_fail_memory(err, "the proxies of the features", 16 * (size_t)room);
    for (int64_t k = 0; k < found->count; k++) {
        if (found->looked[k]) {
            const ri_answer *answer =
                &request[asked / RI_MOST_RESIDUALS].answer[asked % RI_MOST_RESIDUALS];
            for (int64_t e = 0; e < answer->count; e++) {
                if (answer->entry[e].feature == found->feature[k])
                    continue;
                found->proxy[entry] = answer->entry[e].feature;
                found->r[entry++] = fmax(-1, fmin(1, answer->entry[e].value));
            }
            asked++;
        }
        found->start[k + 1] = entry;
    }
    return RI_OK;
}

/* One pass over X multiplies it by all columns looked at. */
static ri_status read_x(search *s, int threads, double *bytes, ri_error *err) {
    int64_t n = s->problem->x.n, looked = 0, requests, k = 0;
    for (int64_t i = 0; i < s->found->count; i++)
        looked += s->found->looked[i];
    requests = (looked + RI_MOST_RESIDUALS - 1) / RI_MOST_RESIDUALS;
    size_t room = (size_t)requests * RI_MOST_RESIDUALS * (size_t)n;
    double *residual = ri_calloc(room, sizeof *residual);
    float *gradient = ri_calloc((size_t)s->record->p, sizeof *gradient); /* written, never read */
    ri_request *request = ri_calloc((size_t)requests, sizeof *request);
    ri_status status = RI_OK;
    if (!residual || !gradient || !request) {
        status = ri_fail_memory(err, "the proxies of the features", 8 * room);
        goto done;
    }
    for (int64_t q = 0; q < requests; q++)
        fill_request(s, &k, residual + q * RI_MOST_RESIDUALS * n, gradient, &request[q]);
    RI_GO(ri_pass_run(&s->columns, request, requests, threads, bytes, err));
    status = take_answers(s, request, err);
done:
    for (int64_t q = 0; request && q < requests; q++)
        for (int64_t a = 0; a < request[q].count; a++)
            free(request[q].answer[a].entry);
    free(request);
    free(residual);
    free(gradient);
    return status;
}

ri_status ri_record_find_proxies(ri_record *record, const ri_problem *problem, double threshold,
                                 int threads, double *bytes, ri_error *err) {
    search s = {.problem = problem, .record = record, .found = &record->proxies};
    ri_status status;
    if (!(threshold > 0))
        return RI_OK;
    s.found->threshold = threshold;
    RI_GO(take_selected(&s, err));
    if (s.found->count == 0) {
        status = take_answers(&s, NULL, err);
        goto done;
    }
    RI_GO(open_view(&s, err));
    RI_GO(gather(&s, bytes, err));
    if (s.found->count <= RI_INFLATION_MOST)
        RI_GO(ri_inflation_find(s.z, s.view.train, s.found->count, threads, s.found->vif, err));
    status = read_x(&s, threads, bytes, err);
done:
    ri_view_free(&s.view);
    free(s.shift);
    free(s.missing);
    free(s.role);
    free(s.place);
    free(s.z);
    if (status != RI_OK)
        ri_proxies_free(s.found);
    return status;
}

static int compare_proxies(const void *left, const void *right) {
    const ri_proxy *a = left, *b = right;
    if (fabs(a->r) != fabs(b->r))
        return fabs(a->r) < fabs(b->r) ? 1 : -1;
    return a->feature < b->feature ? -1 : 1;
}

ri_status ri_proxies_sort(const ri_proxies *proxies, int64_t k, ri_proxy **out, int64_t *count,
                          ri_error *err) {
    int64_t from = proxies->start[k];
    *count = proxies->start[k + 1] - from;
    *out = ri_alloc((size_t)*count, sizeof **out);
    if (!*out)
        return ri_fail_memory(err, "the proxies of a feature", (size_t)*count * sizeof **out);
    for (int64_t i = 0; i < *count; i++)
        (*out)[i] = (ri_proxy){proxies->proxy[from + i], proxies->r[from + i]};
    qsort(*out, (size_t)*count, sizeof **out, compare_proxies);
    return RI_OK;
}

ri_proxy_totals ri_proxies_totals(const ri_proxies *proxies) {
    ri_proxy_totals totals = {.worst_vif = NAN};
    for (int64_t k = 0; k < proxies->count; k++) {
        bool unselected = false;
        for (int64_t e = proxies->start[k]; e < proxies->start[k + 1] && !unselected; e++)
            unselected = ri_proxies_find(proxies, proxies->proxy[e]) < 0;
        totals.looked += proxies->looked[k];
        totals.with += proxies->start[k + 1] > proxies->start[k];
        totals.with_unselected += unselected;
        totals.worst_vif = fmax(totals.worst_vif, proxies->vif[k]);
    }
    return totals;
}

static int64_t root_of(int64_t *parent, int64_t k) {
    while (parent[k] != k)
        k = parent[k] = parent[parent[k]];
    return k;
}

ri_status ri_proxies_group(const ri_proxies *proxies, int64_t p, int64_t *group, int64_t *groups,
                           ri_error *err) {
    int64_t *parent = ri_alloc(2 * (size_t)p, sizeof *parent);
    *groups = 0;
    if (!parent)
        return ri_fail_memory(err, "the groups of features", 16 * (size_t)p);
    int64_t *number = parent + p;
    for (int64_t j = 0; j < p; j++) {
        parent[j] = j;
        number[j] = -1;
    }
    for (int64_t k = 0; k < proxies->count; k++)
        for (int64_t e = proxies->start[k]; e < proxies->start[k + 1]; e++) {
            int64_t a = root_of(parent, proxies->feature[k]),
                    b = root_of(parent, proxies->proxy[e]);
            parent[a > b ? a : b] = a > b ? b : a;
        }
    for (int64_t k = 0; k < proxies->count; k++) {
        int64_t root = root_of(parent, proxies->feature[k]);
        if (number[root] < 0)
            number[root] = (*groups)++;
        group[k] = number[root];
    }
    free(parent);
    return RI_OK;
}
