/* SPDX-License-Identifier: BSD-3-Clause
 * What a walk asks of a pass over X, and what it makes of the answer: the duality gap over all
 * features, and which gradients the next window needs. */
#include "solve/certify.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum {
    MOST_ATTEMPTS = 30,        /* failures at one alpha before it is left uncertified */
    KNOWN_ROW = RI_LOOK_AHEAD, /* of walk->residual: the one whose gradient is known */
};

/* What only leads the way need not be exact. */
static const double LEAD_TOL = 1e-3;

/* A window is solved on its candidates to this part of the tolerance. */
static const double CANDIDATE_PART = 0.3;

/* Gradients above this part of the threshold are always looked at one by one. */
static const double NEAR_THRESHOLD = 0.99;

double ri_tolerance_at(const ri_walk *walk, int64_t a) {
    double tol = walk->options.tol;
    return walk->options.lead && walk->options.lead[a] ? fmax(tol, LEAD_TOL) : tol;
}

ri_point ri_point_at(const ri_walk *walk, int64_t a) {
    double alpha = walk->options.alpha[a];
    return (ri_point){.l1 = alpha * walk->options.l1_ratio,
                      .l2 = alpha * (1 - walk->options.l1_ratio),
                      .target = CANDIDATE_PART * ri_tolerance_at(walk, a)};
}

void ri_solution_free(ri_solution *s) {
    free(s->feature);
    free(s->b);
    free(s->prediction);
    *s = (ri_solution){0};
}

/* Gradient (per penalty factor) that makes a candidate of alphas from `here` down to `low`. Under
 * positivity it may be negative: a gradient has to come up from there. Without l1 term, and at
 * alpha = 0, every feature counts. */
double ri_threshold_between(const ri_walk_options *o, double here, double low, double reach) {
    double threshold = fmin(low - reach * (here - low), NEAR_THRESHOLD * here);
    if (o->positive)
        return o->l1_ratio == 0 || here == 0 ? -INFINITY : threshold * o->l1_ratio;
    return fmax(threshold, 0) * o->l1_ratio;
}

/* The least gradient that can make a candidate of the window after alpha a. */
static double floor_after(const ri_walk *walk, int64_t a) {
    const ri_walk_options *o = &walk->options;
    int64_t last = a + RI_LOOK_AHEAD < o->alphas - 1 ? a + RI_LOOK_AHEAD : o->alphas - 1;
    double here = o->alpha[a < 0 ? 0 : a], low = o->alpha[last];
    return ri_threshold_between(o, here, low, fmin(walk->reach + 0.5, 1));
}

void ri_walk_request(const ri_walk *walk, ri_request *request) {
    int64_t n = walk->view->columns->x.n, last = walk->started ? walk->window - 1 : 0;
    *request = (ri_request){.view = walk->view,
                            .count = last + 1,
                            .residual = walk->residual,
                            .known = walk->knows ? walk->residual + KNOWN_ROW * n : NULL,
                            .gradient = walk->gradient,
                            .positive = walk->options.positive};
    for (int64_t t = 0; t < last; t++)
        request->answer[t].floor = NEAR_THRESHOLD * ri_point_at(walk, walk->next + t).l1;
    request->answer[last].floor = floor_after(walk, walk->started ? walk->next + last : -1);
}

/* Value of a feature in a sparse solution. */
static double coefficient(const ri_solution *s, int64_t feature, int64_t *at) {
    while (*at < s->count && s->feature[*at] < feature)
        (*at)++;
    return *at < s->count && s->feature[*at] == feature ? s->b[*at] : 0;
}

/* At alpha = 0 there is no dual: the largest normal equation relative to that of the null model. */
static double normal_equations(const ri_walk *walk, const ri_solution *s, const ri_answer *answer) {
    double largest = 0;
    int64_t at = 0;
    for (int64_t i = 0; i < answer->count; i++) {
        bool held_at_zero =
            walk->options.positive && coefficient(s, answer->entry[i].feature, &at) == 0;
        double g = answer->entry[i].value;
        largest = fmax(largest, held_at_zero ? g : fabs(g));
    }
    double size = walk->options.loss ? walk->dual.null_residual : sqrt(2 * walk->null_loss);
    return walk->null_loss > 0 ? largest / size : 0;
}

/* Bound of |g - l2 f b| / (l1 f) over the features that the pass did not keep: |g| < floor f. */
static double unseen_ratio(const ri_walk *walk, const ri_point *point, const ri_solution *s,
                           const ri_answer *answer) {
    double floor = fmax(answer->floor, 0), ratio = floor / point->l1;
    for (int64_t k = 0, i = 0; k < s->count; k++) {
        while (i < answer->count && answer->entry[i].feature < s->feature[k])
            i++;
        bool seen = i < answer->count && answer->entry[i].feature == s->feature[k];
        if (!seen && ri_penalty(walk->view->columns, s->feature[k]) > 0)
            ratio = fmax(ratio, (floor + point->l2 * fabs(s->b[k])) / point->l1);
    }
    return ratio;
}

static double certify(const ri_walk *walk, int64_t a, const ri_solution *s, const ri_answer *answer,
                      const double *residual) {
    ri_point point = ri_point_at(walk, a);
    if (walk->options.alpha[a] == 0)
        return normal_equations(walk, s, answer);
    ri_gap_terms terms = {.rr = s->rr, .ry = s->ry, .norm1 = s->norm1, .norm2 = s->norm2};
    int64_t at = 0;
    if (point.l1 > 0)
        terms.ratio = unseen_ratio(walk, &point, s, answer);
    for (int64_t i = 0; i < answer->count; i++) {
        int64_t j = answer->entry[i].feature;
        double f = ri_penalty(walk->view->columns, j), raw = answer->entry[i].value;
        double g = raw - point.l2 * f * coefficient(s, j, &at);
        g = walk->options.positive ? g : fabs(g);
        if (point.l1 > 0)
            terms.ratio = fmax(terms.ratio, g / (point.l1 * f));
        else if (raw > 0 || !walk->options.positive)
            terms.conjugate += raw * raw / f;
    }
    return walk->options.loss ? ri_walk_gap_of_loss(walk, s, &point, &terms, residual)
                              : ri_duality_gap(&terms, point.l1, point.l2, walk->null_loss);
}

/* The entries of the last residual, and with them those that made an earlier one fail. */
static ri_status take_entries(ri_walk *walk, const ri_answer *last, const ri_answer *failed,
                              ri_error *err) {
    int64_t most = last->count + (failed ? failed->count : 0), count = 0;
    ri_gradient *entry = ri_alloc((size_t)most, sizeof *entry);
    if (!entry)
        return ri_fail_memory(err, "the gradients of a fit", 16ULL * (size_t)most);
    for (int64_t i = 0, k = 0; i < last->count || (failed && k < failed->count);) {
        bool more = failed && k < failed->count;
        if (!more || (i < last->count && last->entry[i].feature < failed->entry[k].feature)) {
            entry[count++] = last->entry[i++];
            continue;
        }
        i += i < last->count && last->entry[i].feature == failed->entry[k].feature;
        entry[count++] = failed->entry[k++];
    }
    free(walk->entry);
    walk->entry = entry;
    walk->entries = count;
    return RI_OK;
}

/* After a failure: shorter windows, wider candidates. */
static void fall_back(ri_walk *walk) {
    walk->attempts++;
    walk->look = walk->look > 1 ? walk->look / 2 : 1;
    walk->reach = fmin(walk->reach + 0.25, 1);
}

static int64_t count_twins(const ri_walk *walk) {
    int64_t count = 0;
    for (int64_t j = 0; walk->twin && j < walk->view->columns->x.p; j++)
        count += walk->twin[j];
    return count;
}

void ri_solution_note(const ri_walk *walk, ri_solution *s) {
    s->dependent = walk->dependent;
    s->twins = count_twins(walk);
}

/* Records the alphas of the window up to the first that is not certified; their number. */
static int64_t record_certified(ri_walk *walk, const ri_request *request) {
    int64_t accepted = 0, twins = count_twins(walk);
    for (; accepted < walk->window; accepted++) {
        int64_t a = walk->next + accepted;
        ri_solution *s = &walk->pending[accepted];
        s->gap = certify(walk, a, s, &request->answer[accepted],
                         request->residual + accepted * walk->view->columns->x.n);
        /* nothing to gain by other candidates, or nothing gained by many */
        bool give_up = (s->stalled && s->gap <= 2 * s->own_gap) ||
                       (accepted == 0 && walk->attempts >= MOST_ATTEMPTS);
        if (s->gap > ri_tolerance_at(walk, a) && !give_up)
            break;
        if (!s->noted) {
            s->dependent = walk->dependent;
            s->twins = twins;
        }
        walk->done[a] = *s;
        *s = (ri_solution){0};
    }
    return accepted;
}

ri_status ri_walk_accept(ri_walk *walk, const ri_request *request, ri_error *err) {
    int64_t window = walk->window, accepted = 0, n = walk->view->columns->x.n;
    int64_t last = request->count - 1;
    const ri_answer *failed = NULL;
    if (walk->started) {
        accepted = record_certified(walk, request);
        if (accepted < window && accepted < last)
            failed = &request->answer[accepted];
        if (accepted > 0)
            walk->attempts = 0;
        if (accepted < window)
            fall_back(walk);
        else
            walk->look = 2 * walk->look < RI_LOOK_AHEAD ? 2 * walk->look : RI_LOOK_AHEAD;
    }
    memcpy(walk->residual + KNOWN_ROW * n, request->residual + last * n,
           (size_t)n * sizeof(double));
    walk->knows = true;
    walk->next += accepted;
    for (int64_t t = 0; t < window; t++)
        ri_solution_free(&walk->pending[t]);
    walk->window = 0;
    walk->started = true;
    if (ri_walk_done(walk)) { /* memory that others in hand may need */
        ri_support_free(&walk->support);
        ri_distinct_free(&walk->distinct);
        return RI_OK;
    }
    return take_entries(walk, &request->answer[last], failed, err);
}
