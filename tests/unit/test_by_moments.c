/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of the walk by second moments: it gives the coefficients, errors and choice of the walk by
 * passes over X, with and without weights, penalty factors, unpenalised columns, twins, positivity
 * and an intercept; where rounding may hide the gap asked for, passes take over. Its predictions
 * are those of its coefficients, with one read of X for all folds, and its progress is seen. And it
 * is chosen on the shapes where it was measured to be faster. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cv/plan.h"
#include "support/small_problem.h"
#include "support/small_run.h"

static double coefficient_at(const ri_fit *fit, int64_t a, int64_t feature) {
    for (int64_t k = fit->start[a]; k < fit->start[a + 1]; k++)
        if (fit->feature[k] == feature)
            return fit->coefficient[k];
    return 0;
}

/* Largest difference of coefficients, relative to the largest coefficient. */
static double difference(const ri_fit *left, const ri_fit *right, int64_t alphas, int64_t p) {
    double most = 0, largest = 0;
    for (int64_t a = 0; a < alphas; a++)
        for (int64_t j = 0; j < p; j++) {
            double x = coefficient_at(left, a, j), y = coefficient_at(right, a, j);
            most = fmax(most, fabs(x - y));
            largest = fmax(largest, fabs(x));
        }
    return largest > 0 ? most / largest : most;
}

static void compare(small_design design) {
    design.solver = RI_SOLVER_AUTO;
    small_problem *s = small_new(&design);
    small_run run = small_solve(s, 2, false);
    design.solver = RI_SOLVER_NEWTON;
    small_problem *other = small_new(&design);
    small_run passes = small_solve(other, 1, false);
    assert_true(ri_plan_by_moments(run.plan));
    assert_false(ri_plan_by_moments(passes.plan));
    for (int64_t u = 0; u < run.units; u++) {
        const ri_fit *fit = &run.unit[u].fit, *same = &passes.unit[u].fit;
        double far = difference(fit, same, design.alphas, design.p);
        if (far > 1e-8)
            fail_msg("%s: fit %d differs by %g", small_text(&design), (int)u, far);
        for (int64_t a = 0; a < design.alphas; a++)
            assert_true(fit->certified[a] && same->certified[a]);
        for (int64_t i = 0; i < run.unit[u].held_out * design.alphas; i++)
            assert_true(fabs(run.unit[u].prediction[i] - passes.unit[u].prediction[i]) <=
                        1e-8 * sqrt(2 * fit->null_loss));
    }
    small_run_free(&run);
    small_run_free(&passes);
    small_free(s);
    small_free(other);
}

static void moments_and_passes_agree(void **unused) {
    (void)unused;
    small_design d = small_defaults();
    d.n = 300;
    d.p = 40;
    d.alphas = 30;
    d.eps = 1e-3;
    compare(d);
    d.weights = UNEVEN_AND_ZERO;
    d.factors = DIFFERENT;
    d.storage = RI_F32;
    compare(d);
    d.factors = SOME_FREE;
    d.l1_ratio = 0.5;
    compare(d);
    d.weights = EVEN;
    d.no_intercept = true;
    d.storage = RI_I8;
    compare(d);
    d = small_defaults();
    d.n = 300;
    d.p = 24;
    d.oddities = ODD_CONSTANT | ODD_TWINS | ODD_MIRROR;
    compare(d);
    d.positive = true;
    d.missing_y = 0.2;
    compare(d);
}

/* Nothing in double precision can show a gap of 1e-15 by moments. */
static void passes_take_over_where_rounding_hides_the_gap(void **unused) {
    (void)unused;
    small_design d = small_defaults();
    d.n = 200;
    d.p = 20;
    d.tol = 1e-15;
    small_problem *s = small_new(&d);
    small_run run = small_solve(s, 1, false);
    assert_true(ri_plan_by_moments(run.plan));
    int certified = 0;
    for (int64_t a = 0; a < d.alphas; a++)
        certified += run.unit[0].fit.certified[a];
    assert_true(certified > 0); /* by the residual itself */
    small_run_free(&run);
    small_free(s);
}

/* The relative gap of the lasso at an alpha of a fit, from the values themselves, where features
 * are standardised and rows have one weight. */
static double gap_of(const small_problem *s, const ri_unit_result *unit, int64_t a, double alpha) {
    const int64_t n = s->design.n, p = s->design.p;
    const ri_fit *fit = &unit->fit;
    long double *r = small_room((size_t)n, sizeof *r), y_mean = 0, yy = 0, rr = 0, ry = 0;
    long double size = 0, steepest = 0;
    int64_t train = 0, at = fit->start[a];
    bool *held = small_room((size_t)n, sizeof *held);
    for (int64_t i = 0; i < unit->held_out; i++)
        held[unit->row[i]] = true;
    for (int64_t i = 0; i < n; i++)
        if (!held[i]) {
            y_mean += s->problem.y[i];
            train++;
        }
    y_mean /= train;
    for (int64_t i = 0; i < n; i++)
        r[i] = held[i] ? 0 : s->problem.y[i] - y_mean;
    for (int turn = 0; turn < 2; turn++, at = fit->start[a]) /* residual, then gradients */
        for (int64_t j = 0; j < p; j++) {
            long double mean = 0, square = 0, g = 0, b = 0;
            const double *x = s->x + j * n;
            for (int64_t i = 0; i < n; i++)
                mean += held[i] ? 0 : (long double)x[i] / train;
            for (int64_t i = 0; i < n; i++)
                square += held[i] ? 0 : (x[i] - mean) * (x[i] - mean) / train;
            while (at < fit->start[a + 1] && fit->feature[at] < j)
                at++;
            if (at < fit->start[a + 1] && fit->feature[at] == j)
                b = fit->coefficient[at];
            size += turn == 0 ? fabsl(b) * sqrtl(square) : 0;
            for (int64_t i = 0; i < n; i++) {
                r[i] -= held[i] || turn == 1 ? 0 : (x[i] - mean) * b;
                g += held[i] ? 0 : (x[i] - mean) * r[i] / (train * sqrtl(square));
            }
            steepest = turn == 1 ? fmaxl(steepest, fabsl(g)) : 0;
        }
    for (int64_t i = 0; i < n; i++) {
        long double y = held[i] ? 0 : s->problem.y[i] - y_mean;
        yy += y * y / train;
        rr += r[i] * r[i] / train;
        ry += r[i] * y / train;
    }
    long double scale = fminl(ry / rr, alpha / steepest);
    free(r);
    free(held);
    return (double)((0.5L * rr + alpha * size - scale * ry + 0.5L * scale * scale * rr) /
                    (0.5L * yy));
}

/* Bounds of rounding promise no gap of 1e-12 by moments: their solutions get it from X, whose reads
 * are a few for each window of all fits, not for each alpha. */
static void what_moments_cannot_promise_x_confirms(void **unused) {
    (void)unused;
    small_design d = small_tall();
    small_problem *s = small_new(&d);
    small_run run = small_solve(s, 2, false), alone = small_solve(s, 1, true);
    assert_true(ri_plan_by_moments(run.plan));
    double bytes = 0;
    for (int64_t u = 0; u < run.units; u++) {
        const ri_fit *fit = &run.unit[u].fit, *same = &alone.unit[u].fit;
        bytes += run.unit[u].bytes_read;
        for (int64_t a = 0; a < d.alphas; a++) {
            double gap = gap_of(s, &run.unit[u], a, run.record->path[0].alpha[a]);
            if (!fit->certified[a] || fabs(gap) > 1.1e-12)
                fail_msg("fit %d, alpha %d: gap %g, recorded %g", (int)u, (int)a, gap, fit->gap[a]);
            assert_true(fit->gap[a] == same->gap[a] && fit->objective[a] == same->objective[a]);
        }
    }
    assert_true(bytes > 4 * ri_matrix_bytes(&s->problem.x)); /* it did take X */
    if (bytes > 18 * ri_matrix_bytes(&s->problem.x))
        fail_msg("%g reads of X", bytes / ri_matrix_bytes(&s->problem.x));
    small_run_free(&run);
    small_run_free(&alone);
    small_free(s);
}

/* Intercept and products of the held-out rows, from the values themselves. */
static void check_predictions(const small_problem *s, const ri_unit_result *unit) {
    const ri_fit *fit = &unit->fit;
    for (int64_t a = 0; a < s->design.alphas; a++)
        for (int64_t i = 0; i < unit->held_out; i++) {
            long double sum = fit->intercept[a], size = fabsl(sum);
            for (int64_t k = fit->start[a]; k < fit->start[a + 1]; k++) {
                double x = s->x[fit->feature[k] * s->design.n + unit->row[i]];
                sum += (long double)fit->coefficient[k] * x;
                size += fabsl((long double)fit->coefficient[k] * x);
            }
            assert_true(fabsl(unit->prediction[a * unit->held_out + i] - sum) <= 1e-12L * size);
        }
}

/* Rows of several blocks and no whole panel; to the last bit, whoever shares the read. */
static void predictions_are_those_of_the_coefficients(void **unused) {
    (void)unused;
    for (int storage = 0; storage < RI_DENSE_COUNT; storage++) {
        small_design d = small_defaults();
        d.n = 1203;
        d.p = 21;
        d.folds = 5;
        d.alphas = 19;
        d.storage = (ri_storage)storage;
        d.weights = storage % 2 ? UNEVEN_AND_ZERO : EVEN;
        d.no_intercept = storage == RI_I8;
        small_problem *s = small_new(&d);
        small_run together = small_solve(s, 3, false), alone = small_solve(s, 1, true);
        assert_true(ri_plan_by_moments(together.plan));
        for (int64_t u = 0; u < together.units; u++) {
            const ri_unit_result *unit = &together.unit[u];
            check_predictions(s, unit);
            assert_int_equal(unit->held_out, alone.unit[u].held_out);
            for (int64_t i = 0; i < unit->held_out * d.alphas; i++)
                assert_true(unit->prediction[i] == alone.unit[u].prediction[i]);
        }
        small_run_free(&together);
        small_run_free(&alone);
        small_free(s);
    }
}

/* One for the second moments, one for those of columns, one for predictions. */
static void all_folds_share_three_reads(void **unused) {
    (void)unused;
    small_design d = small_defaults();
    d.n = 400;
    d.folds = 10;
    small_problem *s = small_new(&d);
    small_run run = small_solve(s, 2, false);
    assert_true(ri_plan_by_moments(run.plan));
    double bytes = 0;
    for (int64_t u = 0; u < run.units; u++)
        bytes += run.unit[u].bytes_read;
    assert_true(bytes > 2 * ri_matrix_bytes(&s->problem.x));
    assert_true(bytes <= 3.001 * ri_matrix_bytes(&s->problem.x));
    small_run_free(&run);
    small_free(s);
}

typedef struct seen {
    int64_t changes;
    ri_progress last;
} seen;

static int look(void *context, const ri_progress *now) {
    seen *all = context;
    assert_true(now->points_done >= all->last.points_done && now->bytes_read > 0);
    assert_true(now->units_done >= all->last.units_done);
    assert_true(now->work_done >= all->last.work_done);
    all->changes += now->points_done > all->last.points_done;
    all->last = *now;
    return 0;
}

/* Every alpha of a walk of the main thread's is seen to be done, and work done grows to its total.
 */
static void progress_is_seen_while_walks_go_on(void **unused) {
    (void)unused;
    small_design d = small_defaults();
    d.n = 300;
    d.alphas = 40;
    small_problem *s = small_new(&d);
    for (int threads = 1; threads <= 3; threads += 2) {
        ri_plan *plan;
        const ri_unit *unit;
        ri_error err;
        seen all = {0};
        assert_int_equal(ri_plan_new(&s->problem, NULL, threads, &plan, &err), RI_OK);
        assert_true(ri_plan_by_moments(plan));
        int64_t units = ri_plan_units(plan, &unit);
        ri_unit_result *result = small_room((size_t)units, sizeof *result);
        assert_int_equal(ri_units_run(plan, unit, units, threads, look, &all, result, &err), RI_OK);
        assert_true(all.last.points_done == units * d.alphas && all.last.units_done == units);
        assert_true(fabs(all.last.work_done - all.last.work_total) <= 1e-9 * all.last.work_total);
        if (threads == 1)
            assert_true(all.changes >= units * d.alphas - units);
        for (int64_t u = 0; u < units; u++)
            ri_unit_result_free(&result[u]);
        free(result);
        ri_plan_free(plan);
    }
    small_free(s);
}

static int stop_early(void *context, const ri_progress *now) {
    double *read = context;
    *read = now->bytes_read;
    assert_int_equal(now->points_done, 0);
    return now->bytes_read > 0;
}

/* Before any fit has begun: after a part of the one read of X that second moments take. */
static void moments_can_be_interrupted(void **unused) {
    (void)unused;
    small_design d = small_defaults();
    d.n = 3000;
    d.p = 150;
    small_problem *s = small_new(&d);
    ri_plan *plan;
    const ri_unit *unit;
    ri_error err;
    double read = 0;
    assert_int_equal(ri_plan_new(&s->problem, NULL, 1, &plan, &err), RI_OK);
    assert_true(ri_plan_by_moments(plan));
    int64_t units = ri_plan_units(plan, &unit);
    ri_unit_result *result = small_room((size_t)units, sizeof *result);
    assert_int_equal(ri_units_run(plan, unit, units, 1, stop_early, &read, result, &err),
                     RI_INTERRUPTED);
    assert_true(read > 0 && read < 0.5 * ri_matrix_bytes(&s->problem.x));
    free(result);
    ri_plan_free(plan);
    small_free(s);
}

static void route_is_the_faster_one(void **unused) {
    (void)unused;
    static const struct {
        ri_route_shape shape;
        bool moments;
    } measured[] = {
        {{442, 64, 11, 100, 1e-3, 0}, true},       {{442, 64, 11, 100, 1e-2, 0}, true},
        {{500, 500, 11, 100, 1e-3, 0}, true},      {{500, 500, 11, 100, 1e-2, 0}, true},
        {{20000, 1000, 11, 100, 1e-3, 0}, true},   {{3000, 3000, 11, 100, 1e-3, 0}, true},
        {{5000, 5000, 11, 100, 1e-3, 0}, true},    {{3000, 3000, 1, 100, 1e-3, 0}, true},
        {{1000, 5000, 11, 100, 1e-3, 0}, false},   {{1000, 5000, 11, 100, 1e-2, 0}, false},
        {{500, 50000, 11, 100, 1e-2, 0}, false},   {{2000, 50000, 11, 100, 1e-2, 0}, false},
        {{1000000, 20000, 1, 1, 0.9, 0}, false},   {{8000, 5000, 11, 100, 1e-1, 0.3}, false},
        {{16000, 5000, 11, 100, 0.1, 0.3}, false}, {{5000, 5000, 11, 100, 1e-3, 0.3}, true},
        {{20000, 1000, 11, 100, 1e-3, 0.3}, true}, {{4000, 1000, 11, 100, 1e-2, 0.3}, true},
        {{1500, 1500, 11, 100, 1e-2, 0.3}, true},  {{4000, 2000, 11, 100, 0.1, 0.4}, false},
    };
    for (size_t k = 0; k < sizeof measured / sizeof measured[0]; k++)
        if (ri_moments_pay(&measured[k].shape) != measured[k].moments)
            fail_msg("n %d p %d", (int)measured[k].shape.n, (int)measured[k].shape.p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moments_and_passes_agree),
        cmocka_unit_test(passes_take_over_where_rounding_hides_the_gap),
        cmocka_unit_test(what_moments_cannot_promise_x_confirms),
        cmocka_unit_test(predictions_are_those_of_the_coefficients),
        cmocka_unit_test(all_folds_share_three_reads),
        cmocka_unit_test(progress_is_seen_while_walks_go_on),
        cmocka_unit_test(moments_can_be_interrupted),
        cmocka_unit_test(route_is_the_faster_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
