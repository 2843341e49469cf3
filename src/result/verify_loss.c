/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/verify_loss.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { MOST_STEPS = 300, MOST_HALVINGS = 80 };

static long double entropy(long double x) {
    return x > 0 ? x * logl(x) : 0;
}

/* The conjugate of the cumulant, at a mean. */
static long double conjugate(ri_family family, long double mean) {
    return family == RI_BINOMIAL ? entropy(mean) + entropy(1 - mean) : entropy(mean) - mean;
}

long double ri_verify_mean(ri_family family, long double eta) {
    if (family == RI_GAUSSIAN)
        return eta;
    return family == RI_BINOMIAL ? 1 / (1 + expl(-eta)) : expl(eta);
}

long double ri_verify_loss(ri_family family, long double y, long double eta) {
    long double cumulant = expl(eta);
    if (family == RI_BINOMIAL)
        cumulant = eta > 0 ? eta + log1pl(expl(-eta)) : log1pl(expl(eta));
    return cumulant - y * eta + conjugate(family, y);
}

static long double curvature(ri_family family, long double eta) {
    long double mean = ri_verify_mean(family, eta);
    return family == RI_BINOMIAL ? mean * (1 - mean) : mean;
}

static ri_family family_of(const ri_verify_rows *rows) {
    return rows->record->settings.family;
}

/* A null model under way: eta = B c / root. */
typedef struct null_model {
    ri_verify_rows *rows;
    long double *c, *step, *gradient; /* [directions] */
    long double *hessian;             /* [directions * directions] */
    long double *eta;                 /* [train] */
} null_model;

static long double loss_at(null_model *m, const long double *c) {
    const ri_verify_rows *rows = m->rows;
    long double sum = 0;
    for (int64_t t = 0; t < rows->train; t++) {
        long double root = rows->root[t], at = 0;
        for (int64_t q = 0; q < rows->directions && root > 0; q++)
            at += c[q] * rows->basis[q * rows->train + t] / root;
        m->eta[t] = at;
        sum += root > 0 ? root * root * ri_verify_loss(family_of(rows), rows->response[t], at) : 0;
    }
    return sum / (long double)rows->train;
}

static void differentiate(null_model *m) {
    const ri_verify_rows *rows = m->rows;
    int64_t d = rows->directions;
    for (int64_t q = 0; q < d; q++) {
        const long double *u = rows->basis + q * rows->train;
        m->gradient[q] = 0;
        for (int64_t t = 0; t < rows->train; t++)
            m->gradient[q] += u[t] * rows->root[t] *
                              (ri_verify_mean(family_of(rows), m->eta[t]) - rows->response[t]);
        for (int64_t s = 0; s <= q; s++) {
            const long double *v = rows->basis + s * rows->train;
            long double sum = 0;
            for (int64_t t = 0; t < rows->train; t++)
                sum += u[t] * v[t] * curvature(family_of(rows), m->eta[t]);
            m->hessian[q * d + s] = sum;
        }
    }
}

/* step = -H^-1 g by Cholesky; false where H is not definite. */
static bool newton_step(null_model *m) {
    int64_t d = m->rows->directions;
    long double *h = m->hessian;
    for (int64_t i = 0; i < d; i++)
        for (int64_t j = 0; j <= i; j++) {
            long double sum = h[i * d + j];
            for (int64_t k = 0; k < j; k++)
                sum -= h[i * d + k] * h[j * d + k];
            if (i == j && !(sum > 0))
                return false;
            h[i * d + j] = i == j ? sqrtl(sum) : sum / h[j * d + j];
        }
    for (int64_t i = 0; i < d; i++) {
        m->step[i] = -m->gradient[i];
        for (int64_t k = 0; k < i; k++)
            m->step[i] -= h[i * d + k] * m->step[k];
        m->step[i] /= h[i * d + i];
    }
    for (int64_t i = d - 1; i >= 0; i--) {
        for (int64_t k = i + 1; k < d; k++)
            m->step[i] -= h[k * d + i] * m->step[k];
        m->step[i] /= h[i * d + i];
    }
    return true;
}

/* Halves the step until the loss falls; false where it does not any more. */
static bool descend(null_model *m, long double *loss) {
    int64_t d = m->rows->directions;
    for (int k = 0; k < MOST_HALVINGS; k++) {
        for (int64_t q = 0; q < d; q++)
            m->gradient[q] = m->c[q] + m->step[q];
        long double there = loss_at(m, m->gradient);
        if (there < *loss) {
            memcpy(m->c, m->gradient, (size_t)d * sizeof *m->c);
            *loss = there;
            return true;
        }
        for (int64_t q = 0; q < d; q++)
            m->step[q] /= 2;
    }
    return false;
}

static bool response_varies(const ri_verify_rows *rows) {
    long double first = NAN;
    for (int64_t t = 0; t < rows->train; t++) {
        if (rows->root[t] == 0)
            continue;
        first = isnan(first) ? rows->response[t] : first;
        if (rows->response[t] != first)
            return true;
    }
    return !rows->record->settings.intercept;
}

static void close_null(null_model *m, long double loss) {
    ri_verify_rows *rows = m->rows;
    long double square = 0;
    loss_at(m, m->c);
    for (int64_t t = 0; t < rows->train; t++) {
        rows->y[t] =
            rows->root[t] * (rows->response[t] - ri_verify_mean(family_of(rows), m->eta[t]));
        square += rows->y[t] * rows->y[t];
    }
    bool varies = response_varies(rows);
    ri_verify_project(rows, rows->y);
    rows->null_loss = varies ? loss : 0;
    rows->null_residual = varies ? sqrtl(square / (long double)rows->train) : 0;
}

ri_status ri_verify_null_model(ri_verify_rows *rows, ri_error *err) {
    size_t d = (size_t)rows->directions, train = (size_t)rows->train;
    null_model m = {.rows = rows};
    long double *room = ri_calloc(3 * d + d * d + train + 1, sizeof *room);
    if (!room)
        return ri_fail_memory(err, "the null model", 16 * (d * d + train));
    m.c = room;
    m.step = room + d;
    m.gradient = room + 2 * d;
    m.hessian = room + 3 * d;
    m.eta = room + 3 * d + d * d;
    long double loss = loss_at(&m, m.c);
    for (int step = 0; step < MOST_STEPS && rows->directions > 0; step++) {
        loss_at(&m, m.c);
        differentiate(&m);
        if (!newton_step(&m) || !descend(&m, &loss))
            break;
    }
    close_null(&m, loss);
    free(room);
    return RI_OK;
}

void ri_verify_enter_domain(const ri_verify_rows *rows, long double *r) {
    bool bounded = family_of(rows) == RI_BINOMIAL;
    long double part = 0;
    for (int64_t t = 0; t < rows->train; t++) {
        if (rows->root[t] == 0)
            continue;
        long double mean = rows->response[t] - r[t] / rows->root[t];
        long double null = rows->response[t] - rows->y[t] / rows->root[t];
        if (mean < 0)
            part = fmaxl(part, mean / (mean - null));
        if (bounded && mean > 1)
            part = fmaxl(part, (mean - 1) / (mean - null));
    }
    for (int64_t t = 0; t < rows->train && part > 0; t++)
        r[t] = (1 - part) * r[t] + part * rows->y[t];
}

long double ri_verify_dual_loss(const ri_verify_rows *rows, const double *r, long double scale) {
    ri_family family = family_of(rows);
    long double sum = 0;
    for (int64_t t = 0; t < rows->train; t++) {
        long double root = rows->root[t], y = rows->response[t];
        if (root == 0)
            continue;
        long double mean = y - scale * r[t] / root;
        sum += root * root * (conjugate(family, y) - conjugate(family, mean));
    }
    return sum / (long double)rows->train;
}
