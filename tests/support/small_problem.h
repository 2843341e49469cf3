/* SPDX-License-Identifier: BSD-3-Clause
 * Small random problems with everything that makes a lasso difficult, in every storage type, and
 * their solution in memory. Include cmocka.h before. */
#ifndef RI_SUPPORT_SMALL_PROBLEM_H
#define RI_SUPPORT_SMALL_PROBLEM_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "cv/cv.h"

enum {                   /* oddities; they need p >= 12 */
       ODD_CONSTANT = 1, /* column 0 never varies, column 1 only within fold 0 */
       ODD_TWINS = 2,    /* columns 5 and 7 equal column 2 */
       ODD_MIRROR = 4,   /* column 6 is 2 - column 3 */
       ODD_TRIPLE = 8,   /* column 8 is column 4 + column 9 */
       ODD_FAR = 16,     /* means of 1e4 .. 1e8 with an sd of 1: floats only */
       ODD_FLAT = 32,    /* the response varies only within fold 0 */
       ODD_ALL = 15,
};
typedef enum small_weights { EVEN, UNEVEN, UNEVEN_AND_ZERO } small_weights;
typedef enum small_factors { ALL_ONE, DIFFERENT, SOME_FREE, TWIN_FREE } small_factors;

typedef struct small_design {
    int64_t n, p;
    int32_t folds;
    uint64_t seed;
    ri_storage storage;
    double missing;   /* share of X; in integers and floats alike */
    double missing_y; /* share of y */
    int oddities;
    small_weights weights;
    small_factors factors;
    bool no_intercept, raw, positive; /* raw: not standardised */
    ri_family family;
    bool separable; /* of family binomial: the first column alone tells the classes apart */
    double l1_ratio, tol;
    ri_solver solver;
    int64_t alphas;
    double eps;
    bool to_zero; /* the last alpha is 0 */
    int32_t blocks;
} small_design;

static inline small_design small_defaults(void) {
    return (small_design){.n = 40,
                          .p = 30,
                          .folds = 3,
                          .seed = 1,
                          .l1_ratio = 1,
                          .tol = 1e-9,
                          .alphas = 15,
                          .eps = 1e-2,
                          .blocks = 1};
}

/* Far more samples than features, down to a small alpha and a gap that second moments hardly show.
 */
static inline small_design small_tall(void) {
    small_design d = small_defaults();
    d.n = 240;
    d.p = 60;
    d.alphas = 40;
    d.eps = 1e-3;
    d.tol = 1e-12;
    return d;
}

/* Design number `c` of a series that mixes it all: storage, penalty, weights, missing values,
 * oddities, solver, blocks. */
static inline small_design small_mixed(int c, uint64_t seed) {
    const double l1_ratio[] = {1, 0.5, 1, 0.1, 0};
    small_design d = small_defaults();
    d.seed = seed + (uint64_t)c;
    d.storage = (ri_storage)(c % RI_DENSE_COUNT);
    d.l1_ratio = l1_ratio[c % 5];
    d.missing = c % 2 ? 0.05 : 0;
    d.weights = (small_weights)(c % 3);
    d.factors = (small_factors)(c % 4);
    d.oddities = c % 3 ? ODD_ALL : 0;
    d.solver = c % 4 == 3 ? RI_SOLVER_SHOOTING : c % 2 ? RI_SOLVER_NEWTON : RI_SOLVER_AUTO;
    d.tol = d.solver == RI_SOLVER_SHOOTING ? 1e-5 : 1e-9;
    d.positive = c % 5 == 2;
    d.blocks = 1 + c % 3;
    d.p = 45;
    return d;
}

typedef struct small_problem {
    small_design design;
    double *x; /* [p * n] values, NaN missing */
    void *stored;
    double *y, *weight, *factor, *alpha;
    int32_t *fold;
    ri_problem problem;
} small_problem;

static inline void *small_room(size_t count, size_t size) {
    void *room = calloc(count + 1, size);
    if (!room)
        abort();
    return room;
}

static inline double small_uniform(const small_design *d, uint32_t stream, int64_t i) {
    return ri_random_uniform(d->seed, 100 + stream, (uint64_t)i);
}

static inline double small_normal(const small_design *d, uint32_t stream, int64_t i) {
    return ri_random_normal(d->seed, 100 + stream, (uint64_t)i);
}

/* A value that the storage can hold, with room for sums of two and for 2 - value. */
static inline double small_value(const small_design *d, int64_t i, int64_t j, double normal) {
    bool parent = (d->oddities & ODD_TRIPLE) && (j == 4 || j == 9);
    double level = 1.2 * small_uniform(d, 1, j) - 0.6;
    switch (d->storage) {
    case RI_F32:
    case RI_F64:
        if (d->oddities & ODD_FAR)
            normal += pow(10, 4 + 4 * small_uniform(d, 2, j));
        return d->storage == RI_F32 ? (double)(float)normal : normal;
    case RI_I8:
        return fmax(-50, fmin(50, rint(10 * normal)));
    case RI_DOSAGE:
        return fmax(0, fmin(100, rint(50 + 20 * (normal + level)))) / 100.0;
    default:
        return parent ? normal > level : (double)(normal > level) + (double)(normal > level + 1);
    }
    (void)i;
}

static inline double small_kept(const small_design *d, double value) {
    if (d->storage == RI_F32)
        return (double)(float)value;
    return d->storage == RI_DOSAGE ? rint(100 * value) / 100.0 : value;
}

static inline void small_columns(small_problem *s) {
    const small_design *d = &s->design;
    for (int64_t i = 0; i < d->n; i++) {
        double last = 0;
        for (int64_t j = 0; j < d->p; j++) {
            double fresh = small_normal(d, 3, i * d->p + j);
            last = j ? 0.6 * last + 0.8 * fresh : fresh;
            s->x[j * d->n + i] = small_value(d, i, j, last);
            if (small_uniform(d, 4, i * d->p + j) < d->missing)
                s->x[j * d->n + i] = NAN;
        }
    }
    for (int64_t i = 0; i < d->n; i++) {
        double *row = s->x + i;
        if (d->oddities & ODD_CONSTANT) {
            row[0] = 1;
            row[d->n] = s->fold && s->fold[i] == 0 ? row[d->n] : 1;
        }
        if (d->oddities & ODD_TWINS)
            row[5 * d->n] = row[7 * d->n] = row[2 * d->n];
        if (d->oddities & ODD_MIRROR)
            row[6 * d->n] = small_kept(d, 2 - row[3 * d->n]);
        if (d->oddities & ODD_TRIPLE)
            row[8 * d->n] = small_kept(d, row[4 * d->n] + row[9 * d->n]);
        if (d->factors == TWIN_FREE)
            row[11 * d->n] = row[10 * d->n];
    }
}

static inline void small_store(small_problem *s) {
    const small_design *d = &s->design;
    size_t stride = ri_storage_bytes(d->storage, d->n);
    s->stored = small_room(stride * (size_t)d->p, 1);
    for (int64_t j = 0; j < d->p; j++) {
        unsigned char *column = (unsigned char *)s->stored + (size_t)j * stride;
        for (int64_t i = 0; i < d->n; i++) {
            double v = s->x[j * d->n + i];
            if (d->storage == RI_F64)
                memcpy(column + 8 * i, &v, 8);
            if (d->storage == RI_F32) {
                float narrow = (float)v;
                memcpy(column + 4 * i, &narrow, 4);
            }
            if (d->storage == RI_I8)
                column[i] = isnan(v) ? 128 : (unsigned char)(signed char)v;
            if (d->storage == RI_DOSAGE)
                column[i] = isnan(v) ? 255 : (unsigned char)rint(100 * v);
            if (d->storage == RI_PACKED2) {
                unsigned code = isnan(v) ? 1 : v == 2 ? 0 : v == 1 ? 2 : 3;
                column[i / 4] = (unsigned char)(column[i / 4] | code << (2 * (i % 4)));
            }
        }
    }
    s->problem.x = (ri_matrix){
        .storage = d->storage, .n = d->n, .p = d->p, .stride = stride, .values = s->stored};
}

static inline void small_response(small_problem *s) {
    const small_design *d = &s->design;
    for (int64_t i = 0; i < d->n; i++) {
        if (isnan(s->y[i]))
            continue;
        double sum = d->no_intercept ? 0 : 3;
        for (int64_t j = 0; j < 7 && j < d->p; j++) {
            double v = s->x[j * d->n + i], scale = d->storage == RI_I8 ? 0.1 : 1;
            double away = (d->oddities & ODD_FAR) ? s->x[j * d->n] : 0;
            sum += isnan(v) || isnan(away) ? 0 : (j % 2 ? -1.0 : 1.5) * scale * (v - away);
        }
        s->y[i] = sum + 0.7 * small_normal(d, 5, i);
        if ((d->oddities & ODD_FLAT) && s->fold && s->fold[i] != 0)
            s->y[i] = d->no_intercept ? 0 : 0.1;
    }
}

/* Classes and counts from the response of the gaussian family. */
static inline void small_family(small_problem *s) {
    const small_design *d = &s->design;
    for (int64_t i = 0; i < d->n; i++) {
        double first = s->x[i], noise = 1.5 * small_normal(d, 9, i);
        if (isnan(s->y[i]) || d->family == RI_GAUSSIAN)
            continue;
        if (d->family == RI_BINOMIAL)
            s->y[i] = d->separable ? first > 0 : s->y[i] + noise > (d->no_intercept ? 0 : 3);
        else
            s->y[i] = rint(exp(fmin(0.4 * s->y[i], 4)));
    }
}

/* Rows dealt in turn; those without a response left out. */
static inline void small_rows(small_problem *s) {
    const small_design *d = &s->design;
    for (int64_t i = 0, k = 0; i < d->n; i++) {
        bool lost = small_uniform(d, 6, i) < d->missing_y;
        s->y[i] = lost ? NAN : 0;
        if (s->fold)
            s->fold[i] = lost ? RI_NO_FOLD : (int32_t)(k++ % d->folds);
        if (s->weight) {
            s->weight[i] = 0.5 + 2 * small_uniform(d, 7, i);
            if (d->weights == UNEVEN_AND_ZERO && small_uniform(d, 8, i) < 0.15)
                s->weight[i] = 0;
        }
    }
}

static inline void small_make_factors(small_problem *s) {
    const small_design *d = &s->design;
    for (int64_t j = 0; s->factor && j < d->p; j++) {
        s->factor[j] = d->factors == DIFFERENT || j % 3 == 1 ? 0.5 + (double)(j % 4) : 1;
        if (d->factors >= SOME_FREE && (j == 1 || j == 6 || j == 10))
            s->factor[j] = 0;
        if (d->factors == TWIN_FREE && j == 11)
            s->factor[j] = 0;
    }
}

static inline small_problem *small_new(const small_design *design) {
    small_problem *s = small_room(1, sizeof *s);
    const small_design *d = &s->design;
    s->design = *design;
    size_t n = (size_t)d->n, p = (size_t)d->p;
    s->x = small_room(n * p, sizeof(double));
    s->y = small_room(n, sizeof(double));
    s->fold = d->folds ? small_room(n, sizeof(int32_t)) : NULL;
    s->weight = d->weights == EVEN ? NULL : small_room(n, sizeof(double));
    s->factor = d->factors == ALL_ONE ? NULL : small_room(p, sizeof(double));
    small_rows(s);
    small_columns(s);
    small_response(s);
    small_family(s);
    small_make_factors(s);
    small_store(s);
    s->problem.y = s->y;
    s->problem.weight = s->weight;
    s->problem.penalty_factor = s->factor;
    s->problem.folds = d->folds;
    s->problem.fold = s->fold;
    s->problem.settings = (ri_settings){.family = d->family,
                                        .metric = ri_metric_default(d->family),
                                        .tol = d->tol,
                                        .intercept = !d->no_intercept,
                                        .standardize = !d->raw,
                                        .positive = d->positive,
                                        .missing_mean = true,
                                        .solver = d->solver};
    s->problem.l1_ratios = 1;
    s->problem.l1_ratio = &s->design.l1_ratio;
    s->problem.alphas = d->alphas;
    s->problem.eps = d->eps;
    s->problem.blocks = d->blocks;
    return s;
}

static inline void small_free(small_problem *s) {
    free(s->x);
    free(s->stored);
    free(s->y);
    free(s->weight);
    free(s->factor);
    free(s->alpha);
    free(s->fold);
    free(s);
}

static inline const char *small_text(const small_design *d) {
    static char text[512];
    snprintf(text, sizeof text,
             "n %d p %d folds %d seed %d %s missing %g/%g odd %d weights %d factors %d%s%s%s "
             "%s%s l1_ratio %g tol %g solver %d alphas %d eps %g%s blocks %d",
             (int)d->n, (int)d->p, d->folds, (int)d->seed, ri_storage_name(d->storage), d->missing,
             d->missing_y, d->oddities, (int)d->weights, (int)d->factors,
             d->no_intercept ? " no intercept" : "", d->raw ? " raw" : "",
             d->positive ? " positive" : "", ri_loss_of(d->family)->name,
             d->separable ? " separable" : "", d->l1_ratio, d->tol, (int)d->solver, (int)d->alphas,
             d->eps, d->to_zero ? " to zero" : "", d->blocks);
    return text;
}

#endif
