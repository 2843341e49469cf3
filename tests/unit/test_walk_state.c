/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of the checkpoint's heart: a run that is stopped after every window, and goes on in another
 * process's place, with other threads and other units in hand, ends with the bytes of one that was
 * left alone; a unit file that is cut short or altered anywhere is noticed, and its unit starts
 * anew; and a checkpoint of another problem is refused by the name of what differs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cv/checkpoint.h"
#include "cv/checkpoint_settings.h"
#include "cv/turns.h"
#include "support/scratch.h"
#include "support/small_run.h"

/* What the run cost is no part of a result. */
static unsigned char *pack(ri_unit_result *result, size_t *length) {
    void *bytes;
    result->bytes_read = result->seconds = 0;
    assert_int_equal(ri_unit_pack(result, &bytes, length, NULL), RI_OK);
    return bytes;
}

static void expect_same(ri_unit_result *one, ri_unit_result *other, const small_design *d) {
    size_t length, other_length;
    unsigned char *bytes = pack(one, &length), *other_bytes = pack(other, &other_length);
    if (length != other_length || memcmp(bytes, other_bytes, length) != 0)
        fail_msg("%s: fold %d block %d differs after resuming", small_text(d), one->unit.fold,
                 one->unit.block);
    free(bytes);
    free(other_bytes);
}

/* Stops the run as soon as it has come further than ever before; or once, when a first unit is
 * done. */
typedef struct watch {
    bool once;
    int64_t best, units;
    int calls;
} watch;

static int stop_when_further(void *context, const ri_progress *progress) {
    watch *w = context;
    w->calls++;
    if (progress->points_done <= w->best || (w->once && progress->units_done == 0))
        return 0;
    w->best = w->once ? INT64_MAX : progress->points_done;
    w->units = progress->units_done;
    return 1;
}

/* A hold on the checkpoint of `s` in the scratch folder; folder and lines outlive it. */
static ri_checkpoint hold(const small_problem *s, const char *folder, bool resume) {
    ri_names lines = {0};
    ri_checkpoint c = {.folder = folder, .every = 0, .resume = resume};
    assert_int_equal(ri_checkpoint_describe(&s->problem, "cv", 7, &lines, NULL), RI_OK);
    c.identity = ri_checkpoint_identity(&lines);
    if (resume)
        assert_int_equal(ri_checkpoint_compare(folder, &lines, NULL), RI_OK);
    else
        assert_int_equal(ri_checkpoint_create(folder, &lines, "a test", NULL), RI_OK);
    ri_names_free(&lines);
    ri_checkpoint_start(&c);
    return c;
}

/* One attempt at all units, in `parts` calls; true once it came through. */
static bool attempt(small_problem *s, int threads, int64_t parts, ri_checkpoint *c, watch *w,
                    ri_unit_result *result) {
    ri_plan *plan;
    const ri_unit *unit;
    ri_error err = {0};
    ri_status status;
    s->problem.checkpoint = c;
    assert_int_equal(ri_plan_new(&s->problem, NULL, threads, &plan, &err), RI_OK);
    ri_checkpoint_next_stage(c);
    assert_int_equal(ri_checkpoint_take_plan(c, plan, &err), RI_OK);
    int64_t units = ri_plan_units(plan, &unit), done = 0;
    for (int64_t k = 0; k < parts; k++) {
        int64_t to = (k + 1) * units / parts;
        watch own = *w;
        status = ri_units_run(plan, unit + done, to - done, threads, w ? stop_when_further : NULL,
                              parts == 1 ? w : &own, result + done, &err);
        if (status == RI_INTERRUPTED)
            break;
        if (status != RI_OK)
            fail_msg("%s: %s", small_text(&s->design), err.text);
        done = to;
    }
    for (int64_t u = 0; done < units && u < done; u++)
        ri_unit_result_free(&result[u]);
    assert_int_equal(c->unsaved, 0);
    ri_plan_free(plan);
    s->problem.checkpoint = NULL;
    return done == units;
}

static small_design some_design(int c) {
    small_design d = small_mixed(c, 500);
    d.n = c % 3 == 1 ? 120 : 40;
    return d;
}

/* Some have classes in place of numbers. */
static small_problem *some_problem(const small_design *d, int c) {
    small_problem *s = small_new(d);
    if (c % 5 != 3 || d->weights == UNEVEN_AND_ZERO)
        return s;
    double mean = 0;
    for (int64_t i = 0; i < d->n; i++)
        mean += isnan(s->y[i]) ? 0 : s->y[i] / (double)d->n;
    for (int64_t i = 0; i < d->n; i++)
        s->y[i] = isnan(s->y[i]) ? s->y[i] : s->y[i] > mean;
    s->problem.settings.family = RI_BINOMIAL;
    s->problem.settings.metric = RI_DEVIANCE;
    return s;
}

static void stopping_leaves_no_trace(void **unused) {
    (void)unused;
    int64_t stops = 0;
    for (int k = 0; k < 12; k++) {
        small_design d = some_design(k);
        small_problem *s = some_problem(&d, k);
        if (k % 4 == 2) {
            s->problem.settings.early_stop = d.blocks == 1;
            s->problem.settings.patience = 3;
        }
        small_run whole = small_solve(s, 2, false);
        ri_unit_result *result = small_room((size_t)whole.units, sizeof *result);
        scratch_path folder = scratch_file("state");
        watch w = {0};
        int64_t tries = 0;
        for (bool done = false; !done; tries++) {
            assert_true(tries < 2000);
            ri_checkpoint c = hold(s, folder.text, tries > 0);
            done = attempt(s, 1 + (int)(tries % 3), 1, &c, &w, result);
        }
        stops += tries - 1;
        assert_true(tries > 1 || d.solver == RI_SOLVER_AUTO); /* moments go down in one */
        for (int64_t u = 0; u < whole.units; u++) {
            /* what early stopping leaves out may have been computed here and not there */
            if (!s->problem.settings.early_stop)
                expect_same(&whole.unit[u], &result[u], &d);
            ri_unit_result_free(&result[u]);
        }
        free(result);
        ri_checkpoint_remove(folder.text);
        assert_false(scratch_exists("state"));
        small_run_free(&whole);
        small_free(s);
    }
    print_message("%d stops\n", (int)stops);
    assert_true(stops > 60);
}

/* Fits of many folds take turns at the end of the grid: the first of them are done while the others
 * wait with small factors. */
static void a_turn_that_was_broken_off_goes_on(void **unused) {
    (void)unused;
    small_design d = small_defaults();
    d.n = 345;
    d.p = 690;
    d.folds = 345;
    d.alphas = 9;
    d.eps = 4e-3;
    small_problem *s = small_new(&d);
    s->problem.settings.solver = RI_SOLVER_NEWTON;
    small_run whole = small_solve(s, 2, false);
    assert_true(ri_turns_pay(&s->problem, whole.units));
    ri_unit_result *result = small_room((size_t)whole.units, sizeof *result);
    scratch_path folder = scratch_file("turns");
    watch w = {.once = true};
    ri_checkpoint c = hold(s, folder.text, false);
    assert_false(attempt(s, 1, 1, &c, &w, result));
    assert_true(w.units > 0 && w.units < whole.units / 2);
    c = hold(s, folder.text, true);
    assert_true(attempt(s, 2, 1, &c, &w, result));
    for (int64_t u = 0; u < whole.units; u++) {
        expect_same(&whole.unit[u], &result[u], &d);
        ri_unit_result_free(&result[u]);
    }
    free(result);
    ri_checkpoint_remove(folder.text);
    small_run_free(&whole);
    small_free(s);
}

/* Ranks that split the units otherwise, and early stopping: the record is the same. */
static void records_are_equal_after_other_splits(void **unused) {
    (void)unused;
    for (int k = 0; k < 4; k++) {
        small_design d = some_design(k);
        d.blocks = 1;
        small_problem *s = small_new(&d);
        s->problem.settings.early_stop = k % 2 == 0;
        s->problem.settings.patience = 3;
        small_run whole = small_solve(s, 2, false);
        ri_unit_result *result = small_room((size_t)whole.units, sizeof *result);
        scratch_path folder = scratch_file("state");
        watch w = {0};
        bool done = false;
        for (int64_t tries = 0; !done; tries++) {
            ri_checkpoint c = hold(s, folder.text, tries > 0);
            w.best = tries > 6 ? INT64_MAX : w.best;
            done = attempt(s, 2, 1 + tries % 3, &c, &w, result);
        }
        ri_record *record;
        assert_int_equal(ri_assemble(whole.plan, result, &record, NULL), RI_OK);
        const ri_path *one = &whole.record->path[0], *other = &record->path[0];
        assert_int_equal(one->alphas, other->alphas);
        assert_memory_equal(one->mean, other->mean, (size_t)one->alphas * sizeof(double));
        for (int64_t f = 0; f <= d.folds; f++) {
            int64_t entries = one->fit[f].start[one->alphas];
            assert_int_equal(entries, other->fit[f].start[one->alphas]);
            assert_memory_equal(one->fit[f].coefficient, other->fit[f].coefficient,
                                (size_t)entries * sizeof(double));
        }
        ri_record_free(record);
        for (int64_t u = 0; u < whole.units; u++)
            ri_unit_result_free(&result[u]);
        free(result);
        ri_checkpoint_remove(folder.text);
        small_run_free(&whole);
        small_free(s);
    }
}

/* A checkpoint of a run that was stopped after a few windows; the largest unit file is `name`. */
static small_problem *stopped_run(const char *folder, bool finished) {
    small_design d = small_defaults();
    d.solver = RI_SOLVER_NEWTON;
    d.n = 24;
    d.p = 12;
    d.folds = 2;
    d.alphas = 8;
    small_problem *s = small_new(&d);
    ri_unit_result result[3];
    watch w = {.best = finished ? INT64_MAX : 5};
    ri_checkpoint c = hold(s, folder, false);
    assert_int_equal(attempt(s, 1, 1, &c, &w, result), finished);
    for (int u = 0; finished && u < 3; u++)
        ri_unit_result_free(&result[u]);
    return s;
}

static int64_t whole_files(const char *folder, int64_t *damaged) {
    ri_checkpoint_view view;
    ri_error err;
    if (ri_checkpoint_look(folder, &view, &err) != RI_OK)
        fail_msg("%s", err.text);
    int64_t whole = view.notes;
    *damaged = view.damaged.count;
    ri_checkpoint_view_free(&view);
    return whole;
}

static void damage_is_noticed_everywhere(void **unused) {
    (void)unused;
    for (int finished = 0; finished < 2; finished++) {
        scratch_path folder = scratch_file("state");
        small_problem *s = stopped_run(folder.text, finished);
        char name[SCRATCH_PATH + 16];
        snprintf(name, sizeof name, "%s/unit-0-000000", folder.text);
        size_t length;
        char *bytes = scratch_read(name, &length);
        int64_t damaged;
        assert_int_equal(whole_files(folder.text, &damaged), 3);
        assert_int_equal(damaged, 0);
        for (size_t k = 0; k <= 2 * length; k++) {
            size_t at = k / 2,
                   kept = k % 2 ? length : at; /* cut at every length; flip every byte */
            if (at == length && k % 2 == 0)
                kept = length + 1; /* one byte more */
            char *other = small_room(length, 2);
            memcpy(other, bytes, length);
            if (k % 2)
                other[at] = (char)(other[at] ^ (1 << (at % 8)));
            scratch_write("state/unit-0-000000", other, kept);
            free(other);
            if (whole_files(folder.text, &damaged) != 2 || damaged != 1)
                fail_msg("%s at byte %zu of %zu went unnoticed", k % 2 ? "a flip" : "a cut", at,
                         length);
        }
        /* the damaged unit starts anew, and the answer is what it should be */
        ri_unit_result result[3];
        small_run whole = small_solve(s, 1, false);
        watch w = {.best = INT64_MAX};
        ri_checkpoint c = hold(s, folder.text, true);
        assert_true(attempt(s, 1, 1, &c, &w, result));
        for (int u = 0; u < 3; u++) {
            expect_same(&whole.unit[u], &result[u], &s->design);
            ri_unit_result_free(&result[u]);
        }
        free(bytes);
        small_run_free(&whole);
        ri_checkpoint_remove(folder.text);
        small_free(s);
    }
}

/* The checkpoint is of another problem than `p`; the line that differs is named. */
static void check_refused(const ri_problem *p, const char *folder, const char *line) {
    ri_names lines = {0};
    ri_error err = {0};
    char quoted[64];
    assert_int_equal(ri_checkpoint_describe(p, "cv", 7, &lines, &err), RI_OK);
    if (ri_checkpoint_compare(folder, &lines, &err) != RI_BAD_INPUT)
        fail_msg("a run with another %s goes on", line);
    snprintf(quoted, sizeof quoted, "'%s'", line);
    if (!strstr(err.text, quoted))
        fail_msg("'%s' does not name %s", err.text, quoted);
    ri_names_free(&lines);
}

static void other_problems_are_refused_by_name(void **unused) {
    (void)unused;
    scratch_path folder = scratch_file("state");
    small_problem *s = stopped_run(folder.text, false);
    double y0 = s->y[0];
    ri_checkpoint same = hold(s, folder.text, true); /* this one is taken */
    assert_int_not_equal(same.identity, 0);
    const struct {
        const char *name;
        int what;
    } change[] = {{"response", 1}, {"--l1-ratio", 2}, {"alphas", 3},
                  {"--eps", 4},    {"folds", 5},      {"folds of the samples", 7}};
    for (size_t k = 0; k < sizeof change / sizeof *change; k++) {
        ri_problem p = s->problem;
        double ratio = 0.25;
        int32_t fold[64];
        memcpy(fold, p.fold, (size_t)p.x.n * sizeof *fold);
        int what = change[k].what;
        s->y[0] = what == 1 ? y0 + 1e-9 : y0;
        fold[1] = what == 7 ? 1 - fold[1] : fold[1];
        p.fold = fold;
        p.l1_ratio = what == 2 ? &ratio : p.l1_ratio;
        p.alphas += what == 3;
        p.eps *= what == 4 ? 0.5 : 1;
        p.folds += what == 5;
        check_refused(&p, folder.text, change[k].name);
    }
    ri_checkpoint_remove(folder.text);
    small_free(s);
}

#define CHANGE_FAMILY(value) (value) = RI_BINOMIAL
#define CHANGE_METRIC(value) (value) = RI_AUC
#define CHANGE_SOLVER(value) (value) = RI_SOLVER_AUTO
#define CHANGE_SELECT(value) (value) = RI_SELECT_EBIC
#define CHANGE_FLAG(value) (value) = !(value)
#define CHANGE_NUMBER(value) (value) += 0.125
#define CHANGE_COUNT(value) (value)++
#define CHANGE_SEED(value) (value)++
#define CHANGE_HASH(value) (value)++
#define CHANGE_FOLDS(value) (value) = 2
#define CHANGE_TEXT(value) snprintf(value, sizeof(value), "other")

/* Every field of the settings, one by one. */
static void other_settings_are_refused_by_name(void **unused) {
    (void)unused;
    scratch_path folder = scratch_file("state");
    small_problem *s = stopped_run(folder.text, false);
    size_t rows = (size_t)s->problem.x.n;
    int32_t *fold = small_room(2 * rows, sizeof *fold);
    memcpy(fold, s->problem.fold, rows * sizeof *fold);
    memcpy(fold + rows, s->problem.fold, rows * sizeof *fold);
    s->problem.fold = fold;
    int fields = 0;
#define REFUSED(kind, field, name)                                                                 \
    {                                                                                              \
        ri_problem p = s->problem;                                                                 \
        CHANGE_##kind(p.settings.field);                                                           \
        check_refused(&p, folder.text, name);                                                      \
        fields++;                                                                                  \
    }
    RI_SETTINGS_LINES(REFUSED)
#undef REFUSED
    assert_true(fields >= 19);
    free(fold);
    ri_checkpoint_remove(folder.text);
    small_free(s);
}

/* A value of X that no option and no edge column shows. */
static void other_values_are_refused(void **unused) {
    (void)unused;
    scratch_path folder = scratch_file("state");
    small_problem *s = stopped_run(folder.text, false);
    ri_checkpoint c = hold(s, folder.text, true);
    ((double *)s->stored)[5 * s->design.n + 3] += 1e-6;
    ri_plan *plan;
    ri_error err = {0};
    assert_int_equal(ri_plan_new(&s->problem, NULL, 1, &plan, &err), RI_OK);
    assert_int_equal(ri_checkpoint_take_plan(&c, plan, &err), RI_BAD_INPUT);
    assert_non_null(strstr(err.text, "'values of X' differs"));
    ri_plan_free(plan);
    ri_checkpoint_remove(folder.text);
    small_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stopping_leaves_no_trace),
        cmocka_unit_test(a_turn_that_was_broken_off_goes_on),
        cmocka_unit_test(records_are_equal_after_other_splits),
        cmocka_unit_test(damage_is_noticed_everywhere),
        cmocka_unit_test(other_problems_are_refused_by_name),
        cmocka_unit_test(other_settings_are_refused_by_name),
        cmocka_unit_test(other_values_are_refused),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
