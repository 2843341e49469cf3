/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of passes that processes make together: whoever makes a product, beside whatever others and
 * whenever it is asked for, it is that of a pass made alone, to the last bit, and so is one of
 * squares; X is read once for a process that others only help, and for several never more often
 * than each would alone; nobody waits for one who has left. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/random.h"
#include "design/joint.h"
#include "design/pass.h"

enum { N = 75, STRIDE = 80, P = 1100, MEMBERS = 3, MOST = 3, ROUNDS = 12 };

/* Of every member: rounds it makes, and residuals in each. */
typedef struct script {
    int rounds, vectors;
} script;

typedef struct report {
    double bytes;
    int wrong; /* products */
} report;

typedef struct example {
    ri_columns columns;
    double shift[P], value[N * P];
} example;

static example *make(void) {
    example *e = calloc(1, sizeof *e);
    assert_non_null(e);
    for (int64_t k = 0; k < N * P; k++)
        e->value[k] = ri_random_normal(11, 1, (uint64_t)k);
    for (int64_t j = 0; j < P; j++)
        e->shift[j] = 0.01 * (double)(j % 5);
    e->value[3 * N + 8] = NAN;
    e->columns = (ri_columns){
        .x = {.storage = RI_F64, .n = N, .p = P, .stride = N * sizeof(double), .values = e->value},
        .shift = e->shift};
    return e;
}

static void fill_vectors(double *vector, int member, int round, int count) {
    for (int64_t v = 0; v < count; v++)
        for (int64_t i = 0; i < STRIDE; i++)
            vector[v * STRIDE + i] = i < N
                                         ? ri_random_normal(12 + (uint64_t)member, (uint32_t)round,
                                                            (uint64_t)(v * N + i))
                                         : 0;
}

/* Products that differ from those made here, one residual at a time, and from their definition. */
static int count_wrong(const example *e, ri_joint_kind kind, const double *vector, int count,
                       const double *product) {
    static double alone[P];
    int wrong = 0;
    for (int v = 0; v < count; v++) {
        const ri_vectors one = {vector + (int64_t)v * STRIDE, STRIDE, 1};
        if (kind == RI_JOINT_SQUARES)
            ri_pass_multiply_squares(&e->columns, 0, P, &one, alone, P);
        else
            ri_pass_multiply(&e->columns, 0, P, &one, alone, P);
        for (int64_t j = 0; j < P; j++) {
            long double sum = 0;
            for (int64_t i = 0; i < N; i++) {
                long double d = (long double)e->value[j * N + i] - e->shift[j];
                if (!isnan(e->value[j * N + i]))
                    sum += (kind == RI_JOINT_SQUARES ? d * d : d) * vector[(int64_t)v * STRIDE + i];
            }
            wrong += memcmp(&product[v * P + j], &alone[j], sizeof *alone) != 0;
            wrong += !(fabs((double)sum - product[v * P + j]) < 1e-11);
        }
    }
    return wrong;
}

static void pause_a_little(int member, int round) {
    long ns = (long)(1e6 * fabs(ri_random_normal(13, (uint32_t)member, (uint64_t)round)));
    nanosleep(&(struct timespec){.tv_nsec = ns % 3000000}, NULL);
}

/* A process. */
static void be_member(const example *e, void *memory, int member, script part, report *out) {
    double vector[MOST * STRIDE];
    const double *product;
    ri_joint joint;
    ri_joint_join(&joint, memory, &e->columns, member, 1 + member % 2);
    for (int r = 0; r < part.rounds; r++) {
        pause_a_little(member, r);
        const ri_joint_kind kind = (member + r) % 3 == 0 ? RI_JOINT_SQUARES : RI_JOINT_VALUES;
        fill_vectors(vector, member, r, part.vectors);
        if (ri_joint_multiply(&joint, kind, vector, part.vectors, &product, &out->bytes)) {
            out->wrong += count_wrong(e, kind, vector, part.vectors, product);
            ri_joint_finish(&joint, &out->bytes);
        } else {
            out->wrong++;
        }
    }
    out->wrong += ri_joint_multiply(&joint, RI_JOINT_VALUES, vector, 1000, &product,
                                    &out->bytes); /* no room */
    ri_joint_leave(&joint, &out->bytes);
}

static void *share(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    return memory;
}

/* Runs the members; returns the passes over X of all. */
static double play(const script *part, int64_t room) {
    example *e = make();
    ri_error err;
    size_t bytes = ri_joint_bytes(&e->columns.x, room, MEMBERS);
    assert_true(bytes > 0);
    void *memory = share(bytes);
    report *all = share(MEMBERS * sizeof *all);
    assert_int_equal(ri_joint_open(memory, &e->columns.x, room, MEMBERS, &err), RI_OK);
    for (int m = 0; m < MEMBERS; m++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            be_member(e, memory, m, part[m], &all[m]);
            _exit(0);
        }
    }
    double passes = 0;
    for (int m = 0; m < MEMBERS; m++) {
        int status;
        assert_true(wait(&status) > 0);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    for (int m = 0; m < MEMBERS; m++) {
        assert_int_equal(all[m].wrong, 0);
        passes += all[m].bytes / (8.0 * N * P);
    }
    munmap(memory, bytes);
    munmap(all, MEMBERS * sizeof *all);
    free(e);
    return passes;
}

static void products_do_not_depend_on_who_makes_them(void **unused) {
    (void)unused;
    const script part[MEMBERS] = {{ROUNDS, 3}, {ROUNDS, 2}, {ROUNDS / 2, 1}};
    double passes = play(part, 6);
    assert_true(passes > ROUNDS - 1e-9);
    assert_true(passes < ROUNDS * 2.5 + 1e-9);
}

static void those_without_room_wait_for_it(void **unused) {
    (void)unused;
    const script part[MEMBERS] = {{ROUNDS, 3}, {ROUNDS, 3}, {ROUNDS, 2}};
    double passes = play(part, 3); /* one at a time */
    assert_true(fabs(passes - 3 * ROUNDS) < 1e-9);
}

static void help_reads_nothing_twice(void **unused) {
    (void)unused;
    const script part[MEMBERS] = {{0, 0}, {ROUNDS, 3}, {0, 0}};
    assert_true(fabs(play(part, 3) - ROUNDS) < 1e-9);
}

static void some_are_better_made_alone(void **unused) {
    (void)unused;
    ri_matrix x = {.storage = RI_F64, .n = 100, .p = 10000, .stride = 800};
    assert_true(ri_joint_bytes(&x, 10, 2) > 10 * 8 * 10000);
    assert_int_equal(ri_joint_bytes(&x, 10, 1), 0);
    assert_int_equal(ri_joint_bytes(&x, 0, 2), 0);
    assert_int_equal(ri_joint_bytes(&x, 1000, 2), 0); /* ten times X */
    x.p = 100;
    assert_int_equal(ri_joint_bytes(&x, 10, 2), 0);
    x.n = 20, x.p = 100000;
    assert_int_equal(ri_joint_bytes(&x, 10, 2), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_do_not_depend_on_who_makes_them),
        cmocka_unit_test(those_without_room_wait_for_it),
        cmocka_unit_test(help_reads_nothing_twice),
        cmocka_unit_test(some_are_better_made_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
