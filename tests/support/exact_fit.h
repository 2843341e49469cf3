/* SPDX-License-Identifier: BSD-3-Clause
 * One fit of a small problem in long double, from its definition: training rows, moments, null
 * model, objective and duality gap. Nothing of the solver is used. */
#ifndef RI_SUPPORT_EXACT_FIT_H
#define RI_SUPPORT_EXACT_FIT_H

#include "support/small_problem.h"

typedef struct exact_fit {
    const small_problem *of;
    int64_t n, p;
    int64_t *row;      /* [n] training rows */
    long double *w;    /* [n] weights, sum n */
    long double *root; /* [n] their square roots */
    long double *z;    /* [p * n] standardised columns, root-weighted */
    long double *mean, *scale;
    bool *constant;
    long double *y;     /* [n] as given */
    long double *basis; /* [directions * n] orthonormal: root weights, unpenalised columns */
    int64_t directions;
    long double *null; /* [n] root-weighted residual of the null model */
    long double null_loss;
} exact_fit;

typedef struct exact_point {
    long double objective, gap; /* relative */
    long double norm_equation;  /* largest relative normal equation: the measure at alpha = 0 */
} exact_point;

static inline long double exact_dot(const long double *a, const long double *b, int64_t n) {
    long double sum = 0;
    for (const long double *end = a + n; a < end; a++, b++)
        sum += *a * *b;
    return sum;
}

static inline long double exact_square(const long double *v, int64_t n) {
    return exact_dot(v, v, n);
}

/* v <- v minus its part in the span of the basis, twice. */
static inline void exact_project(const exact_fit *f, long double *v) {
    for (int pass = 0; pass < 2; pass++)
        for (int64_t q = 0; q < f->directions; q++) {
            const long double *u = f->basis + q * f->n;
            long double dot = exact_dot(u, v, f->n);
            for (int64_t t = 0; t < f->n; t++)
                v[t] -= dot * u[t];
        }
}

static inline void exact_add_direction(exact_fit *f, const long double *z) {
    long double *v = f->basis + f->directions * f->n;
    for (int64_t t = 0; t < f->n; t++)
        v[t] = z ? z[t] : f->root[t];
    long double before = exact_square(v, f->n);
    exact_project(f, v);
    long double after = exact_square(v, f->n);
    if (!(after > 1e-26L * before))
        return;
    for (int64_t t = 0; t < f->n; t++)
        v[t] /= sqrtl(after);
    f->directions++;
}

static inline void exact_column(exact_fit *f, int64_t j) {
    const small_problem *s = f->of;
    const double *x = s->x + j * s->design.n;
    long double weight = 0, sum = 0, squares = 0;
    double first = NAN;
    f->constant[j] = true;
    for (int64_t t = 0; t < f->n; t++) {
        double v = x[f->row[t]];
        if (isnan(v) || f->w[t] == 0)
            continue;
        first = isnan(first) ? v : first;
        f->constant[j] = f->constant[j] && v == first;
        weight += f->w[t];
        sum += f->w[t] * v;
    }
    f->mean[j] = weight > 0 ? sum / weight : 0;
    for (int64_t t = 0; t < f->n; t++) {
        double v = x[f->row[t]];
        long double d = isnan(v) ? 0 : v - f->mean[j];
        squares += f->w[t] * d * d;
    }
    bool centred = !s->design.no_intercept, standard = !s->design.raw;
    long double sd = sqrtl(squares / (long double)f->n);
    f->scale[j] = f->constant[j] ? (centred || standard ? 0 : 1) : standard ? 1 / sd : 1;
    for (int64_t t = 0; t < f->n; t++) {
        double v = x[f->row[t]];
        long double filled = isnan(v) ? f->mean[j] : v;
        f->z[j * f->n + t] = (centred ? filled - f->mean[j] : filled) * f->scale[j] * f->root[t];
    }
}

static inline exact_fit *exact_new(const small_problem *s, int32_t fold) {
    exact_fit *f = small_room(1, sizeof *f);
    size_t n = (size_t)s->design.n, p = (size_t)s->design.p;
    *f = (exact_fit){.of = s, .p = s->design.p};
    f->row = small_room(n, sizeof *f->row);
    f->w = small_room(n, sizeof *f->w);
    f->root = small_room(n, sizeof *f->root);
    f->y = small_room(n, sizeof *f->y);
    f->null = small_room(n, sizeof *f->null);
    f->z = small_room(n * p, sizeof *f->z);
    f->mean = small_room(p, sizeof *f->mean);
    f->scale = small_room(p, sizeof *f->scale);
    f->constant = small_room(p, sizeof *f->constant);
    f->basis = small_room(n * (n + p), sizeof *f->basis);
    long double total = 0;
    for (int64_t i = 0; i < s->design.n; i++)
        if (!isnan(s->y[i]) && (fold == RI_REFIT || s->fold[i] != fold)) {
            f->w[f->n] = s->weight ? s->weight[i] : 1;
            f->y[f->n] = s->y[i];
            total += f->w[f->n];
            f->row[f->n++] = i;
        }
    for (int64_t t = 0; t < f->n; t++) {
        f->w[t] *= (long double)f->n / total;
        f->root[t] = sqrtl(f->w[t]);
    }
    for (int64_t j = 0; j < f->p; j++)
        exact_column(f, j);
    if (!s->design.no_intercept)
        exact_add_direction(f, NULL);
    for (int64_t t = 0; t < f->n; t++)
        f->null[t] = f->root[t] * f->y[t];
    exact_project(f, f->null);
    long double spread = exact_square(f->null, f->n), raw = 0;
    for (int64_t j = 0; j < f->p; j++)
        if (s->factor && s->factor[j] == 0 && f->scale[j] != 0)
            exact_add_direction(f, f->z + j * f->n);
    exact_project(f, f->null);
    for (int64_t t = 0; t < f->n; t++)
        raw += f->w[t] * f->y[t] * f->y[t];
    long double left = exact_square(f->null, f->n);
    bool nothing = left <= 1e-24L * spread || left <= 1e-36L * raw;
    f->null_loss = nothing ? 0 : left / (2 * (long double)f->n);
    return f;
}

static inline void exact_free(exact_fit *f) {
    free(f->row);
    free(f->w);
    free(f->root);
    free(f->z);
    free(f->mean);
    free(f->scale);
    free(f->constant);
    free(f->y);
    free(f->basis);
    free(f->null);
    free(f);
}

/* Objective and gap of coefficients on the original scale: `b` dense, `b0` the intercept. */
static inline exact_point exact_look(const exact_fit *f, double alpha, const double *b, double b0) {
    const small_problem *s = f->of;
    int64_t n = f->n;
    long double l1 = (long double)alpha * s->design.l1_ratio, l2 = alpha - l1;
    long double norm1 = 0, norm2 = 0, *r = small_room((size_t)n, sizeof *r);
    long double *u = small_room((size_t)n, sizeof *u), offset = b0;
    for (int64_t t = 0; t < n; t++)
        r[t] = f->root[t] * f->y[t];
    for (int64_t j = 0; j < f->p; j++) {
        if (b[j] == 0)
            continue;
        long double beta = f->scale[j] != 0 ? b[j] / f->scale[j] : (long double)INFINITY;
        long double factor = s->factor ? s->factor[j] : 1;
        norm1 += factor * fabsl(beta);
        norm2 += factor * beta * beta;
        offset += s->design.no_intercept ? 0 : b[j] * f->mean[j];
        for (int64_t t = 0; t < n; t++)
            r[t] -= beta * f->z[j * n + t];
    }
    long double rr = 0, uu, uy = 0, ratio = 0, conjugate = 0, worst = 0;
    for (int64_t t = 0; t < n; t++) {
        r[t] -= offset * f->root[t];
        u[t] = r[t];
        rr += r[t] * r[t] / (long double)n;
    }
    exact_project(f, u);
    uu = exact_square(u, n) / (long double)n;
    for (int64_t t = 0; t < n; t++)
        uy += u[t] * f->null[t] / (long double)n;
    for (int64_t j = 0; j < f->p; j++) {
        long double raw = alpha == 0 ? exact_dot(f->z + j * n, r, n) / (long double)n : 0;
        long double own = exact_dot(f->z + j * n, u, n) / (long double)n;
        long double factor = s->factor ? s->factor[j] : 1;
        bool upper = s->design.positive && factor > 0;
        worst = fmaxl(worst, upper && b[j] == 0 ? raw : fabsl(raw));
        if (factor == 0 || f->scale[j] == 0)
            continue;
        long double c = own - (b[j] != 0 ? l2 * factor * b[j] / f->scale[j] : 0);
        c = upper ? fmaxl(c, 0) : fabsl(c);
        if (l1 > 0)
            ratio = fmaxl(ratio, c / (l1 * factor));
        own = upper ? fmaxl(own, 0) : own;
        conjugate += own * own / factor;
    }
    long double objective = rr / 2 + l1 * norm1 + l2 * norm2 / 2, dual;
    if (l1 > 0) {
        long double square = uu + l2 * norm2, scale = square > 0 ? fmaxl(uy / square, 0) : 0;
        scale = scale * ratio > 1 ? 1 / ratio : scale;
        dual = scale * uy - scale * scale * square / 2;
    } else {
        dual = uy - uu / 2 - (l2 > 0 ? conjugate / (2 * l2) : 0);
    }
    free(r);
    free(u);
    bool nothing = f->null_loss == 0;
    return (exact_point){.objective = objective,
                         .gap = nothing ? 0 : (objective - dual) / f->null_loss,
                         .norm_equation = nothing ? 0 : worst / sqrtl(2 * f->null_loss)};
}

#endif
