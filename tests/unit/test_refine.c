/* SPDX-License-Identifier: BSD-3-Clause
 * A finer grid lies between the neighbours of the minimum, and putting its points into a record
 * leaves every point of the first run as it was, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cv/refine.h"
#include "support/small_run.h"

enum { FINER = 7 };

/* The points added are those asked for, strictly between the neighbours, decreasing, none twice. */
static void check_grid(const double *alpha, int64_t alphas, int64_t index_min, int64_t points) {
    double added[FINER];
    ri_path path = {.alpha = (double *)(uintptr_t)alpha, .alphas = alphas, .index_min = index_min};
    ri_refine_grid(&path, points, added);
    double high = index_min > 0 ? alpha[index_min - 1] : alpha[index_min];
    double low = index_min + 1 < alphas ? alpha[index_min + 1] : alpha[index_min];
    for (int64_t i = 0; i < points; i++) {
        assert_true(added[i] > 0 && added[i] < high);
        assert_true(alphas == 1 || added[i] > low);
        assert_true(i == 0 || added[i] < added[i - 1]);
        for (int64_t a = 0; a < alphas; a++)
            assert_true(added[i] != alpha[a]);
    }
}

static void finer_alphas_lie_between_the_neighbours(void **state) {
    (void)state;
    const double alpha[] = {1, 0.5, 0.2, 0.1}, to_zero[] = {1, 0.5, 0};
    for (int64_t points = 2; points <= FINER; points++) {
        for (int64_t at = 0; at < 4; at++)
            check_grid(alpha, 4, at, points);
        for (int64_t at = 0; at < 3; at++)
            check_grid(to_zero, 3, at, points);
        check_grid(alpha, 1, 0, points);
    }
}

static void check_equal(const void *a, const void *b, size_t bytes) {
    if (bytes > 0)
        assert_memory_equal(a, b, bytes);
}

/* Point `a` of `fit` is point `from` of `source`. */
static void check_fit_point(const ri_fit *fit, int64_t a, const ri_fit *source, int64_t from,
                            int64_t covariates) {
    int64_t entries = source->start[from + 1] - source->start[from];
    assert_int_equal(fit->start[a + 1] - fit->start[a], entries);
    check_equal(fit->feature + fit->start[a], source->feature + source->start[from],
                (size_t)entries * sizeof(int64_t));
    check_equal(fit->coefficient + fit->start[a], source->coefficient + source->start[from],
                (size_t)entries * sizeof(double));
    check_equal(&fit->intercept[a], &source->intercept[from], sizeof(double));
    check_equal(&fit->objective[a], &source->objective[from], sizeof(double));
    check_equal(&fit->gap[a], &source->gap[from], sizeof(double));
    check_equal(&fit->rounds[a], &source->rounds[from], sizeof(int32_t));
    check_equal(&fit->certified[a], &source->certified[from], 1);
    check_equal(&fit->mse[a], &source->mse[from], sizeof(double));
    check_equal(&fit->mae[a], &source->mae[from], sizeof(double));
    if (covariates > 0)
        check_equal(fit->covariate + a * covariates, source->covariate + from * covariates,
                    (size_t)covariates * sizeof(double));
}

static void check_point(const ri_record *record, int64_t a, const ri_record *source, int64_t from) {
    const ri_path *path = &record->path[0], *of = &source->path[0];
    assert_true(path->alpha[a] == of->alpha[from]);
    check_equal(&path->mean[a], &of->mean[from], sizeof(double));
    check_equal(&path->mean_weighted[a], &of->mean_weighted[from], sizeof(double));
    check_equal(&path->se[a], &of->se[from], sizeof(double));
    check_equal(&path->mae_mean[a], &of->mae_mean[from], sizeof(double));
    check_equal(&path->mae_se[a], &of->mae_se[from], sizeof(double));
    check_equal(path->prediction + a * record->n_all, of->prediction + from * record->n_all,
                (size_t)record->n_all * sizeof(double));
    for (int32_t k = 0; k <= record->folds; k++)
        check_fit_point(&path->fit[k], a, &of->fit[k], from, record->covariates.count);
}

static void points_of_both_runs_stay_as_they_are(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        small_design d = small_defaults();
        d.seed = seed;
        d.missing = 0.02;
        d.missing_y = 0.1;
        d.folds = 4;
        small_problem *s = small_new(&d);
        small_run coarse = small_solve(s, 1, false), merged = small_solve(s, 1, false);
        double alpha[FINER];
        ri_refine_grid(&coarse.record->path[0], FINER, alpha);
        s->problem.alphas = FINER;
        s->problem.alpha_list = alpha;
        s->problem.list_of_each = true;
        small_run finer = small_solve(s, 2, false);
        ri_error err = {0};
        assert_int_equal(ri_record_merge(merged.record, finer.record, &err), RI_OK);
        const ri_path *path = &merged.record->path[0];
        assert_int_equal(path->alphas, d.alphas + FINER);
        int64_t i = 0, k = 0, least = 0;
        for (int64_t a = 0; a < path->alphas; a++) {
            assert_true(a == 0 || path->alpha[a] < path->alpha[a - 1]);
            least = path->mean[a] < path->mean[least] ? a : least;
            if (i < d.alphas && path->alpha[a] == coarse.record->path[0].alpha[i])
                check_point(merged.record, a, coarse.record, i++);
            else
                check_point(merged.record, a, finer.record, k++);
        }
        assert_int_equal(i, d.alphas);
        assert_int_equal(k, FINER);
        assert_int_equal(path->index_min, least);
        assert_int_equal(merged.record->index_selected, least);
        small_run_free(&coarse);
        small_run_free(&merged);
        small_run_free(&finer);
        small_free(s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finer_alphas_lie_between_the_neighbours),
        cmocka_unit_test(points_of_both_runs_stay_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
