/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: as many test samples as were asked for, to rounding; the same for any order of rows; a
 * share of every class where that is asked for; whole groups; only samples with a response; other
 * seeds, other samples. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cv/split.h"

enum { N = 200 };

typedef struct sheet {
    ri_names name;
    double y[N];
    int32_t group[N];
} sheet;

/* Row i holds sample (i + turn) mod N; every tenth has no response. */
static void fill(sheet *s, int turn) {
    *s = (sheet){0};
    for (int i = 0; i < N; i++) {
        char text[16];
        int k = (i + turn) % N;
        int length = snprintf(text, sizeof text, "s%d", k);
        assert_int_equal(ri_names_add(&s->name, text, (size_t)length, NULL), RI_OK);
        s->y[i] = k % 10 == 9 ? (double)NAN : k % 4 == 0;
        s->group[i] = k / 8;
    }
}

static int64_t draw(const sheet *s, ri_split_rule rule, uint8_t *test) {
    int64_t count = 0;
    ri_error err;
    rule.sample = &s->name;
    assert_int_equal(ri_split_draw(&rule, N, s->y, test, &err), RI_OK);
    for (int i = 0; i < N; i++) {
        assert_true(test[i] == 0 || !isnan(s->y[i]));
        count += test[i];
    }
    return count;
}

static void test_share_and_order(void **state) {
    (void)state;
    sheet a, b;
    uint8_t one[N], two[N], other[N];
    fill(&a, 0);
    fill(&b, 37);
    for (int c = 0; c < 6; c++) {
        ri_split_rule rule = {
            .fraction = 0.05 + 0.15 * c, .seed = 3 + (uint64_t)c, .stratified = c % 2 != 0};
        int64_t count = draw(&a, rule, one);
        assert_int_equal(count, (int64_t)floor(rule.fraction * 180 + 0.5));
        assert_int_equal(draw(&b, rule, two), count);
        for (int i = 0; i < N; i++)
            assert_int_equal(one[(i + 37) % N], two[i]);
        rule.seed += 100;
        draw(&a, rule, other);
        assert_int_not_equal(memcmp(one, other, N), 0);
    }
    ri_names_free(&a.name);
    ri_names_free(&b.name);
}

static void test_every_class_has_its_share(void **state) {
    (void)state;
    sheet s;
    uint8_t test[N];
    fill(&s, 0);
    for (uint64_t seed = 0; seed < 10; seed++) {
        double with = 0, all = 0, kept = 0;
        double tests = (double)draw(
            &s, (ri_split_rule){.fraction = 0.3, .seed = seed, .stratified = true}, test);
        for (int i = 0; i < N; i++) {
            kept += !isnan(s.y[i]);
            all += s.y[i] == 1;
            with += test[i] && s.y[i] == 1;
        }
        assert_true(fabs(with - tests * all / kept) <= 1);
    }
    ri_names_free(&s.name);
}

static void test_groups_stay_whole(void **state) {
    (void)state;
    sheet s;
    uint8_t test[N];
    fill(&s, 0);
    ri_split_rule rule = {.fraction = 0.25, .group = s.group, .groups = N / 8};
    for (rule.seed = 0; rule.seed < 10; rule.seed++) {
        int side[N / 8];
        memset(side, -1, sizeof side);
        int64_t count = draw(&s, rule, test);
        assert_true(llabs(count - 45) <= 4); /* half a group */
        for (int i = 0; i < N; i++) {
            int *own = &side[s.group[i]];
            if (isnan(s.y[i]))
                continue;
            assert_true(*own == -1 || *own == test[i]);
            *own = test[i];
        }
    }
    ri_names_free(&s.name);
}

static void test_refused(void **state) {
    (void)state;
    sheet s;
    uint8_t test[N];
    ri_error err;
    fill(&s, 0);
    ri_split_rule rule = {.fraction = 0.001, .sample = &s.name};
    assert_int_equal(ri_split_draw(&rule, N, s.y, test, &err), RI_BAD_INPUT);
    rule.fraction = 0.999;
    assert_int_equal(ri_split_draw(&rule, N, s.y, test, &err), RI_BAD_INPUT);
    memset(s.group, 0, sizeof s.group);
    rule = (ri_split_rule){.fraction = 0.2, .sample = &s.name, .group = s.group, .groups = 1};
    assert_int_equal(ri_split_draw(&rule, N, s.y, test, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "groups are too large"));
    ri_names_free(&s.name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_share_and_order),
        cmocka_unit_test(test_every_class_has_its_share),
        cmocka_unit_test(test_groups_stay_whole),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
