/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: an answer is a function of data and options alone. The bytes of every unit are the same for
 * any number of threads, for units run together or one by one, and for every instruction set; a
 * column in other units has another coefficient and changes nothing else; features in another order
 * give the same answer in that order; and how a number is stored does not matter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/kernel.h"
#include "support/small_run.h"

static const char *program; /* set once by main: runs itself with another instruction set */

enum { DESIGNS = 6 };

/* Bytes of all units of a run, one after another; what the run cost is left out. */
static unsigned char *all_bytes(small_run *run, size_t *length) {
    unsigned char *all = NULL;
    *length = 0;
    for (int64_t u = 0; u < run->units; u++) {
        void *bytes;
        size_t count;
        run->unit[u].bytes_read = run->unit[u].seconds = 0;
        assert_int_equal(ri_unit_pack(&run->unit[u], &bytes, &count, NULL), RI_OK);
        all = realloc(all, *length + count);
        assert_non_null(all);
        memcpy(all + *length, bytes, count);
        *length += count;
        free(bytes);
    }
    return all;
}

static unsigned char *bytes_of(const small_design *d, int threads, bool one_by_one,
                               size_t *length) {
    static const double several[] = {1, 0.5, 0};
    small_problem *s = small_new(d);
    if (d->seed % 2 &&
        d->solver != RI_SOLVER_SHOOTING) { /* paths that share folds, and so reads and moments */
        s->problem.l1_ratio = several;
        s->problem.l1_ratios = 3;
    }
    small_run run = small_solve(s, threads, one_by_one);
    unsigned char *bytes = all_bytes(&run, length);
    small_run_free(&run);
    small_free(s);
    return bytes;
}

static void test_threads_and_company(void **state) {
    (void)state;
    for (int c = 0; c < DESIGNS; c++) {
        small_design d = small_mixed(c, 3000);
        size_t length, other_length;
        unsigned char *bytes = bytes_of(&d, 1, false, &length);
        for (int way = 0; way < 3; way++) {
            const int threads = way == 1 ? 3 : 2; /* which share other windows */
            unsigned char *other = bytes_of(&d, threads, way > 1, &other_length);
            if (length != other_length || memcmp(bytes, other, length) != 0)
                fail_msg("%s: other bytes with %d threads%s", small_text(&d), threads,
                         way > 1 ? ", units one by one" : "");
            free(other);
        }
        free(bytes);
    }
}

static uint64_t digest_designs(void) {
    uint64_t digest = 0;
    for (int c = 0; c < DESIGNS; c++) {
        small_design d = small_mixed(c, 3000);
        size_t length;
        unsigned char *bytes = bytes_of(&d, 1, false, &length);
        digest = ri_hash(bytes, length, digest);
        free(bytes);
    }
    return digest;
}

static void test_instruction_sets(void **state) {
    (void)state;
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    char here[32];
    snprintf(here, sizeof here, "%016llx", (unsigned long long)digest_designs());
    for (int t = 0; t < tables; t++) {
        char command[4096], there[32] = "";
        snprintf(command, sizeof command, "RIATA_SIMD=%s '%s' digest", table[t]->name, program);
        FILE *child = popen(command, "r");
        assert_non_null(child);
        assert_int_equal(fscanf(child, "%31s", there), 1);
        assert_int_equal(pclose(child), 0);
        if (strcmp(here, there) != 0)
            fail_msg("%s gives %s, %s gives %s", ri_kernel_get()->name, here, table[t]->name,
                     there);
    }
}

/* A power of two scales without rounding: everything else stays to the last bit. */
static void test_scaled_column(void **state) {
    (void)state;
    enum { COLUMN = 2 };
    for (int c = 0; c < 4; c++) {
        small_design d = small_defaults();
        d.seed = 3100 + (uint64_t)c;
        d.l1_ratio = c % 2 ? 0.5 : 1;
        d.weights = c / 2 ? UNEVEN : EVEN;
        small_problem *s = small_new(&d);
        small_run before = small_solve(s, 1, false);
        double *stored = s->stored;
        for (int64_t i = 0; i < d.n; i++)
            stored[COLUMN * d.n + i] *= 1024;
        small_run after = small_solve(s, 1, false);
        bool used = false;
        for (int32_t k = 0; k <= d.folds; k++) {
            const ri_fit *a = &before.record->path[0].fit[k], *b = &after.record->path[0].fit[k];
            assert_int_equal(a->start[d.alphas], b->start[d.alphas]);
            for (int64_t e = 0; e < a->start[d.alphas]; e++) {
                double factor = a->feature[e] == COLUMN ? 1024 : 1;
                used |= a->feature[e] == COLUMN;
                assert_int_equal(a->feature[e], b->feature[e]);
                assert_true(a->coefficient[e] == factor * b->coefficient[e]);
            }
            for (int64_t i = 0; i < d.alphas; i++)
                assert_true(a->objective[i] == b->objective[i] && a->gap[i] == b->gap[i]);
        }
        assert_true(used);
        small_run_free(&before);
        small_run_free(&after);
        small_free(s);
    }
}

static int64_t place_of(int64_t j, int64_t p) {
    return (7 * j + 3) % p;
}

static void check_permuted(const small_design *d, const ri_fit *a, const ri_fit *b) {
    for (int64_t i = 0; i < d->alphas; i++) {
        if (fabs(a->objective[i] - b->objective[i]) > 2 * d->tol * a->null_loss)
            fail_msg("%s: objective %.17g, permuted %.17g", small_text(d), a->objective[i],
                     b->objective[i]);
        for (int64_t j = 0; j < d->p; j++) {
            double here = small_coefficient(a, i, j);
            double there = small_coefficient(b, i, place_of(j, d->p));
            if (fabs(here - there) > 1e-6)
                fail_msg("%s: fold %d alpha %d feature %d: %g, permuted %g", small_text(d), a->fold,
                         (int)i, (int)j, here, there);
        }
    }
}

static void test_permuted_features(void **state) {
    (void)state;
    for (int c = 0; c < 6; c++) {
        small_design d = small_defaults();
        d.seed = 3200 + (uint64_t)c;
        d.p = c % 2 ? 60 : 20;
        d.l1_ratio = c % 3 ? 1 : 0.3;
        d.factors = c % 3 ? ALL_ONE : DIFFERENT;
        d.tol = 1e-11;
        d.positive = c == 5;
        small_problem *s = small_new(&d), *q = small_new(&d);
        for (int64_t j = 0; j < d.p; j++) {
            int64_t to = place_of(j, d.p);
            memcpy((double *)q->stored + to * d.n, (double *)s->stored + j * d.n,
                   (size_t)d.n * sizeof(double));
            if (s->factor)
                q->factor[to] = s->factor[j];
        }
        small_run one = small_solve(s, 1, false), other = small_solve(q, 1, false);
        for (int32_t k = 0; k <= d.folds; k++)
            check_permuted(&d, &one.record->path[0].fit[k], &other.record->path[0].fit[k]);
        small_run_free(&one);
        small_run_free(&other);
        small_free(s);
        small_free(q);
    }
}

/* The same numbers as bytes, as genotypes of two bits, as floats and as doubles. */
static void test_storages(void **state) {
    (void)state;
    const ri_storage storage[] = {RI_PACKED2, RI_I8, RI_F32, RI_F64};
    small_design d = small_defaults();
    d.storage = RI_PACKED2;
    d.missing = 0.08;
    double objective[4] = {0};
    for (int c = 0; c < 4; c++) {
        small_problem *s = small_new(&d);
        free(s->stored);
        s->design.storage = storage[c];
        small_store(s);
        small_run run = small_solve(s, 1, false);
        const ri_fit *fit = &run.record->path[0].fit[0];
        for (int64_t a = 0; a < d.alphas; a++)
            objective[c] += fit->objective[a];
        if (fabs(objective[c] - objective[0]) > 1e-12 * objective[0])
            fail_msg("%s: objectives sum to %.17g, not %.17g", ri_storage_name(storage[c]),
                     objective[c], objective[0]);
        small_run_free(&run);
        small_free(s);
    }
}

int main(int argc, char **argv) {
    program = argv[0];
    if (!getenv(
            "OMP_WAIT_POLICY")) { /* threads that spin between tiny tasks cost more than these */
        setenv("OMP_WAIT_POLICY", "passive", 1);
        execv("/proc/self/exe", argv);
    }
    if (argc > 1) {
        printf("%016llx\n", (unsigned long long)digest_designs());
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads_and_company),
        cmocka_unit_test(test_instruction_sets),
        cmocka_unit_test(test_scaled_column),
        cmocka_unit_test(test_permuted_features),
        cmocka_unit_test(test_storages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
