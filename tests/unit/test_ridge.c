/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: a ridge has the coefficients of its closed form (Z'MZ / n + alpha F) b = Z'My / n, solved
 * here in long double; least squares meets its normal equations, and where it is not unique has
 * the smallest sum f b^2 of all that do; every recorded gap is that of the definition; no byte
 * depends on threads, on what is in hand together or on the blocks of alphas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cv/plan.h"
#include "support/check_run.h"

/* Z of a fit less its part in the span of intercept and unpenalised columns, divided by sqrt(f):
 * the columns that are penalised and vary. */
typedef struct problem {
    exact_fit *fit;
    int64_t n, count;
    int64_t *feature;
    long double *z; /* [count * n] */
    long double *factor;
} problem;

static problem take(const small_problem *s, int32_t fold) {
    problem q = {.fit = exact_new(s, fold)};
    q.n = q.fit->n;
    q.feature = small_room((size_t)q.fit->p, sizeof *q.feature);
    q.factor = small_room((size_t)q.fit->p, sizeof *q.factor);
    q.z = small_room((size_t)(q.fit->p * q.n), sizeof *q.z);
    for (int64_t j = 0; j < q.fit->p; j++) {
        long double f = s->factor ? s->factor[j] : 1;
        if (f == 0 || q.fit->scale[j] == 0)
            continue;
        long double *z = q.z + q.count * q.n;
        memcpy(z, q.fit->z + j * q.n, (size_t)q.n * sizeof *z);
        exact_project(q.fit, z);
        for (int64_t t = 0; t < q.n; t++)
            z[t] /= sqrtl(f);
        q.factor[q.count] = f;
        q.feature[q.count++] = j;
    }
    return q;
}

static void drop(problem *q) {
    exact_free(q->fit);
    free(q->feature);
    free(q->factor);
    free(q->z);
}

/* x <- A^-1 x by elimination with pivots on the diagonal, A positive definite. */
static void solve_exactly(long double *a, long double *x, int64_t size) {
    for (int64_t k = 0; k < size; k++)
        for (int64_t i = k + 1; i < size; i++) {
            long double ratio = a[i + k * size] / a[k + k * size];
            for (int64_t j = k; j < size; j++)
                a[i + j * size] -= ratio * a[k + j * size];
            x[i] -= ratio * x[k];
        }
    for (int64_t k = size - 1; k >= 0; k--) {
        for (int64_t j = k + 1; j < size; j++)
            x[k] -= a[k + j * size] * x[j];
        x[k] /= a[k + k * size];
    }
}

/* sqrt(f) b on the standardised scale, in closed form. */
static long double *closed_form(const problem *q, double alpha) {
    int64_t size = q->count;
    long double *a = small_room((size_t)(size * size), sizeof *a);
    long double *x = small_room((size_t)size, sizeof *x);
    for (int64_t i = 0; i < size; i++) {
        x[i] = exact_dot(q->z + i * q->n, q->fit->null, q->n) / (long double)q->n;
        for (int64_t j = 0; j < size; j++)
            a[i + j * size] = exact_dot(q->z + i * q->n, q->z + j * q->n, q->n) / (long double)q->n;
        a[i + i * size] += alpha;
    }
    solve_exactly(a, x, size);
    free(a);
    return x;
}

/* sqrt(f) b as recorded. */
static long double *recorded(const problem *q, const ri_fit *fit, int64_t a) {
    double *b = dense_coefficients(fit, a, q->fit->p);
    long double *out = small_room((size_t)q->count, sizeof *out);
    for (int64_t k = 0; k < q->count; k++)
        out[k] = b[q->feature[k]] / q->fit->scale[q->feature[k]] * sqrtl(q->factor[k]);
    free(b);
    return out;
}

static long double distance(const long double *a, const long double *b, int64_t count) {
    long double off = 0;
    for (int64_t k = 0; k < count; k++)
        off += (a[k] - b[k]) * (a[k] - b[k]);
    return sqrtl(off);
}

static const ri_storage STORAGE[] = {RI_F64, RI_F32, RI_I8, RI_DOSAGE, RI_PACKED2};

/* Case c of a variety: either side larger, all storage types, weights, factors, missing values. */
static small_design design_of(int c) {
    small_design d = small_defaults();
    d.seed = 500 + (uint64_t)c;
    d.storage = STORAGE[c % 5];
    d.n = c % 2 ? 33 : 60;
    d.p = c % 3 == 0 ? 71 : c % 3 == 1 ? 20 : 40;
    d.weights = (small_weights)(c / 2 % 3);
    d.factors = (small_factors)(c / 3 % 3);
    d.missing = c % 4 == 1 ? 0.08 : 0;
    d.missing_y = c % 5 == 2 ? 0.1 : 0;
    d.oddities = c % 2 ? ODD_TWINS | ODD_CONSTANT : 0;
    d.no_intercept = c % 7 == 3;
    d.raw = c % 6 == 5;
    d.l1_ratio = 0;
    d.alphas = 9;
    d.eps = 1e-5;
    d.tol = 1e-11;
    return d;
}

static void test_ridge_has_its_closed_form(void **state) {
    (void)state;
    for (int c = 0; c < 20; c++) {
        small_design d = design_of(c);
        small_problem *s = small_new(&d);
        small_run run = small_solve(s, 2, false);
        assert_true(run.plan->ridge);
        assert_int_equal(check_record(s, run.record), 0);
        for (int32_t k = 0; k <= run.record->folds; k++) {
            const ri_fit *fit = &run.record->path[0].fit[k];
            problem q = take(s, fit->fold);
            for (int64_t a = 0; a < d.alphas; a += 4) {
                long double *exact = closed_form(&q, run.record->path[0].alpha[a]);
                long double *own = recorded(&q, fit, a);
                long double size = sqrtl(exact_square(exact, q.count));
                if (!(distance(exact, own, q.count) <= 1e-9L * size))
                    fail_msg("%s: fold %d alpha %d: off by %Lg of %Lg", small_text(&d), fit->fold,
                             (int)a, distance(exact, own, q.count), size);
                free(exact);
                free(own);
            }
            drop(&q);
        }
        small_run_free(&run);
        small_free(s);
    }
}

/* Rows of an orthonormal basis of the rows of Z, by Gram and Schmidt; returns their number. */
static int64_t row_space(const problem *q, long double *basis) {
    int64_t rank = 0, size = q->count;
    long double largest = 0;
    for (int64_t t = 0; t < q->n; t++) {
        long double *v = basis + rank * size;
        for (int64_t k = 0; k < size; k++)
            v[k] = q->z[k * q->n + t];
        largest = fmaxl(largest, exact_square(v, size));
        for (int times = 0; times < 2; times++)
            for (int64_t i = 0; i < rank; i++) {
                long double dot = exact_dot(basis + i * size, v, size);
                for (int64_t k = 0; k < size; k++)
                    v[k] -= dot * basis[i * size + k];
            }
        long double length = sqrtl(exact_square(v, size));
        if (!(length > 1e-9L * sqrtl(largest)))
            continue;
        for (int64_t k = 0; k < size; k++)
            v[k] /= length;
        rank++;
    }
    return rank;
}

/* Largest normal equation, and how far b is from the span of the rows of Z. */
static void check_least_squares(const problem *q, const ri_fit *fit, int64_t a, const char *text) {
    long double *b = recorded(q, fit, a), *r = small_room((size_t)q->n, sizeof *r), worst = 0;
    long double *basis = small_room((size_t)((q->n + 1) * q->count), sizeof *basis);
    memcpy(r, q->fit->null, (size_t)q->n * sizeof *r);
    for (int64_t k = 0; k < q->count; k++)
        for (int64_t t = 0; t < q->n; t++)
            r[t] -= b[k] * q->z[k * q->n + t];
    for (int64_t k = 0; k < q->count; k++)
        worst = fmaxl(worst, fabsl(exact_dot(q->z + k * q->n, r, q->n)) / (long double)q->n);
    int64_t rank = row_space(q, basis);
    long double *inside = small_room((size_t)q->count, sizeof *inside);
    for (int64_t i = 0; i < rank; i++) {
        long double dot = exact_dot(basis + i * q->count, b, q->count);
        for (int64_t k = 0; k < q->count; k++)
            inside[k] += dot * basis[i * q->count + k];
    }
    long double off = distance(inside, b, q->count), size = sqrtl(exact_square(b, q->count));
    long double unit = sqrtl(2 * q->fit->null_loss);
    if (!(worst <= 1e-10L * unit) || !(off <= 1e-8L * size) || fit->dependent != q->count - rank)
        fail_msg("%s: fold %d: normal equations %Lg, out of the row space %Lg of %Lg, rank %d, "
                 "dependent %d of %d",
                 text, fit->fold, worst / unit, off, size, (int)rank, (int)fit->dependent,
                 (int)q->count);
    free(b);
    free(r);
    free(basis);
    free(inside);
}

static void test_least_squares_is_the_smallest(void **state) {
    (void)state;
    for (int c = 0; c < 20; c++) {
        small_design d = design_of(c);
        double zero[] = {0};
        d.raw = false;
        d.l1_ratio = c % 3 ? 1 : 0; /* at 0 it does not matter */
        d.alphas = 1;
        d.oddities |= c % 4 == 2 && d.storage != RI_F32 ? ODD_TRIPLE : 0; /* f32 rounds the sum */
        small_problem *s = small_new(&d);
        s->problem.alpha_list = zero;
        small_run run = small_solve(s, 2, false);
        assert_int_equal(check_record(s, run.record), 0);
        for (int32_t k = 0; k <= run.record->folds; k++) {
            problem q = take(s, run.record->path[0].fit[k].fold);
            check_least_squares(&q, &run.record->path[0].fit[k], 0, small_text(&d));
            drop(&q);
        }
        small_run_free(&run);
        small_free(s);
    }
}

/* A path of any l1_ratio may end at 0: least squares at its end, and the rest as ever. */
static void test_paths_end_in_least_squares(void **state) {
    (void)state;
    for (int c = 0; c < 6; c++) {
        small_design d = design_of(c);
        d.l1_ratio = c % 3 / 2.0;
        d.to_zero = true;
        d.raw = false;
        d.eps = 1e-2;
        small_problem *s = small_new(&d);
        small_run run = small_solve(s, 1, false);
        assert_int_equal(check_record(s, run.record), 0);
        for (int32_t k = 0; k <= run.record->folds; k++) {
            problem q = take(s, run.record->path[0].fit[k].fold);
            check_least_squares(&q, &run.record->path[0].fit[k], d.alphas - 1, small_text(&d));
            drop(&q);
        }
        small_run_free(&run);
        small_free(s);
    }
}

static bool same_numbers(const double *a, const double *b, int64_t count) {
    return memcmp(a, b, (size_t)count * sizeof *a) == 0;
}

static void compare(const ri_record *one, const ri_record *two) {
    for (int32_t k = 0; k <= one->folds; k++) {
        const ri_fit *f = &one->path[0].fit[k], *g = &two->path[0].fit[k];
        int64_t alphas = one->path[0].alphas, entries = f->start[alphas];
        assert_int_equal(entries, g->start[alphas]);
        assert_true(same_numbers(f->coefficient, g->coefficient, entries));
        assert_true(same_numbers(f->gap, g->gap, alphas));
        assert_true(same_numbers(f->objective, g->objective, alphas));
        assert_true(same_numbers(f->intercept, g->intercept, alphas));
    }
    assert_true(same_numbers(one->path[0].prediction, two->path[0].prediction,
                             one->n_all * one->path[0].alphas));
}

static void test_company_leaves_no_trace(void **state) {
    (void)state;
    for (int c = 0; c < 8; c++) {
        small_design d = design_of(c);
        d.n = c % 2 ? 150 : 40;
        d.p = c % 2 ? 90 : 600; /* several blocks of columns */
        small_problem *s = small_new(&d);
        small_run one = small_solve(s, 1, true), two = small_solve(s, 3, false);
        compare(one.record, two.record);
        s->problem.blocks = 4;
        s->problem.fits_in_hand = 2;
        small_run three = small_solve(s, 2, false);
        compare(one.record, three.record);
        small_run_free(&one);
        small_run_free(&two);
        small_run_free(&three);
        small_free(s);
    }
}

/* What ridge does not take on goes the general way, to the same answer. */
static void test_agrees_with_the_general_way(void **state) {
    (void)state;
    for (int c = 0; c < 10; c++) {
        small_design d = design_of(c);
        d.eps = 1e-2;
        small_problem *s = small_new(&d);
        small_run own = small_solve(s, 1, false);
        s->problem.settings.solver = RI_SOLVER_NEWTON;
        small_run general = small_solve(s, 1, false);
        assert_false(general.plan->ridge);
        for (int64_t i = 0; i < d.n * d.alphas; i++) {
            double a = own.record->path[0].prediction[i], b = general.record->path[0].prediction[i];
            assert_true(fabs(a - b) <= 2e-4 * own.record->y_sd);
        }
        small_run_free(&own);
        small_run_free(&general);
        small_free(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ridge_has_its_closed_form),
        cmocka_unit_test(test_least_squares_is_the_smallest),
        cmocka_unit_test(test_paths_end_in_least_squares),
        cmocka_unit_test(test_company_leaves_no_trace),
        cmocka_unit_test(test_agrees_with_the_general_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
