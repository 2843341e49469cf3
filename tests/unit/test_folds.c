/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of the folds: every sample with a response is held out exactly once; the schemes are what
 * their names say; a sample's random fold depends on its name and the seed, not on its row. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cv/problem.h"

enum { N = 53, K = 5 };

static void responses(double *y) {
    for (int i = 0; i < N; i++)
        y[i] = i % 7 == 3 ? (double)NAN : (double)i;
}

static void make(const char *scheme, const double *y, const ri_names *names, const int32_t *group,
                 int64_t groups, uint64_t seed, int32_t *fold) {
    ri_error err;
    assert_int_equal(ri_folds_make(scheme, K, seed, N, y, names, group, groups, fold, &err), RI_OK);
}

static void check_balance(const double *y, const int32_t *fold) {
    int size[K] = {0}, kept = 0;
    for (int i = 0; i < N; i++) {
        if (isnan(y[i])) {
            assert_int_equal(fold[i], RI_NO_FOLD);
            continue;
        }
        assert_in_range(fold[i], 0, K - 1);
        size[fold[i]]++;
        kept++;
    }
    for (int k = 0; k < K; k++)
        assert_in_range(size[k], kept / K, kept / K + 1);
}

static void modulo_counts_kept_rows(void **unused) {
    (void)unused;
    double y[N];
    int32_t fold[N], kept = 0;
    responses(y);
    make("modulo", y, NULL, NULL, 0, 1, fold);
    check_balance(y, fold);
    for (int i = 0; i < N; i++)
        if (!isnan(y[i]))
            assert_int_equal(fold[i], kept++ % K);
}

static void contiguous_never_goes_back(void **unused) {
    (void)unused;
    double y[N];
    int32_t fold[N], last = 0;
    responses(y);
    make("contiguous", y, NULL, NULL, 0, 1, fold);
    check_balance(y, fold);
    for (int i = 0; i < N; i++)
        if (!isnan(y[i])) {
            assert_true(fold[i] >= last);
            last = fold[i];
        }
}

static void random_folds_follow_the_names(void **unused) {
    (void)unused;
    double y[N];
    int32_t fold[N], turned[N], other[N];
    ri_names names = {0}, reversed = {0};
    ri_error err;
    for (int i = 0; i < N; i++) {
        char text[16];
        y[i] = i;
        int length = snprintf(text, sizeof text, "s%d", i);
        assert_int_equal(ri_names_add(&names, text, (size_t)length, &err), RI_OK);
        length = snprintf(text, sizeof text, "s%d", N - 1 - i);
        assert_int_equal(ri_names_add(&reversed, text, (size_t)length, &err), RI_OK);
    }
    make("random", y, &names, NULL, 0, 11, fold);
    make("random", y, &reversed, NULL, 0, 11, turned);
    make("random", y, &names, NULL, 0, 12, other);
    check_balance(y, fold);
    int differ = 0;
    for (int i = 0; i < N; i++) {
        assert_int_equal(fold[i], turned[N - 1 - i]);
        differ += fold[i] != other[i];
    }
    assert_true(differ > N / 3);
    ri_names_free(&names);
    ri_names_free(&reversed);
}

static void groups_stay_together(void **unused) {
    (void)unused;
    double y[N];
    int32_t fold[N], group[N], home[11];
    responses(y);
    for (int i = 0; i < N; i++)
        group[i] = (i * i) % 11;
    make("grouped", y, NULL, group, 11, 5, fold);
    memset(home, -1, sizeof home);
    for (int i = 0; i < N; i++) {
        if (isnan(y[i]))
            continue;
        if (home[group[i]] < 0)
            home[group[i]] = fold[i];
        assert_int_equal(fold[i], home[group[i]]);
    }
}

static void impossible_folds_are_refused(void **unused) {
    (void)unused;
    double y[N];
    int32_t fold[N], group[N] = {0};
    ri_error err;
    responses(y);
    assert_int_equal(ri_folds_make("modulo", 1, 1, N, y, NULL, NULL, 0, fold, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "--folds 1"));
    assert_int_equal(ri_folds_make("modulo", 50, 1, N, y, NULL, NULL, 0, fold, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "45 samples"));
    assert_int_equal(ri_folds_make("grouped", 2, 1, N, y, NULL, group, 1, fold, &err),
                     RI_BAD_INPUT);
    assert_int_equal(ri_folds_make("sorted", 2, 1, N, y, NULL, NULL, 0, fold, &err), RI_BAD_INPUT);
}

/* Each fold has its share, to one sample, of every class, and of every tenth of many values. */
static void strata_are_shared_evenly(void **unused) {
    (void)unused;
    double y[N];
    int32_t fold[N];
    for (int many = 0; many < 2; many++) {
        int in_stratum[10] = {0}, held[10][K] = {{0}}, strata = many ? 10 : 3, kept = 0;
        for (int i = 0; i < N; i++) {
            y[i] = i % 7 == 3 ? (double)NAN
                   : many     ? (double)(i * i)
                              : (double)(i % 4 == 0 ? 2 : i % 2);
            kept += !isnan(y[i]);
        }
        make("stratified", y, NULL, NULL, 0, 4, fold);
        check_balance(y, fold);
        for (int i = 0; i < N; i++) {
            int below = 0, s = 0;
            if (isnan(y[i]))
                continue;
            for (int j = 0; j < N; j++)
                below += y[j] < y[i];
            while (many && s + 1 < strata && below >= (s + 1) * kept / strata)
                s++;
            s = many ? s : (int)y[i];
            in_stratum[s]++;
            held[s][fold[i]]++;
        }
        for (int s = 0; s < strata; s++)
            for (int k = 0; k < K; k++)
                assert_in_range(held[s][k], in_stratum[s] / K, in_stratum[s] / K + 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strata_are_shared_evenly),
        cmocka_unit_test(modulo_counts_kept_rows),
        cmocka_unit_test(contiguous_never_goes_back),
        cmocka_unit_test(random_folds_follow_the_names),
        cmocka_unit_test(groups_stay_together),
        cmocka_unit_test(impossible_folds_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
