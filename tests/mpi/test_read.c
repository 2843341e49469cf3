/* SPDX-License-Identifier: BSD-3-Clause
 * Law: after ri_cluster_read_x every rank sees all of X, whatever part it read, and one copy of it
 * is in memory on the node; every rank gets the same error, that of the first bad column in file
 * order where missing values are refused, for any number of ranks; what cannot fit is refused
 * before a byte is read. With an argument "KIND" the memory must lie in a file whose name contains
 * it (for the fallbacks). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cluster/cluster.h"
#include "fakes.h"

enum { ROWS = 1000, COLUMNS = 1511, ODD_ROWS = 13 };
static const scenario sound = {
    .missing_column = NOT_ANY, .infinite_column = NOT_ANY, .damaged_column = NOT_ANY};

static void check_values(checks *all, const ri_dataset *dataset, const ri_matrix *x) {
    int64_t wrong = 0;
    CHECK(all, x->n == dataset->n && x->p == dataset->p && x->storage == dataset->storage);
    CHECK(all, (x->stride - (size_t)x->n * sizeof(double)) * 50 < x->stride);
    for (int64_t j = 0; j < x->p; j++) {
        const double *column = ri_matrix_column(x, j);
        for (int64_t i = 0; i < x->n; i++)
            wrong += column[i] != fake_value(i, j);
    }
    CHECK_EQUAL(all, wrong, 0);
}

/* The mapping that holds `address`, as the kernel names it. */
static void check_backing(checks *all, const void *address, const char *expected) {
    char line[4096];
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps && fgets(line, sizeof line, maps)) {
        unsigned long long from, to, here = (unsigned long long)(uintptr_t)address;
        if (sscanf(line, "%llx-%llx", &from, &to) == 2 && here >= from && here < to) {
            found = 1;
            CHECK(all, strstr(line, expected) != NULL);
            if (!strstr(line, expected))
                fprintf(stderr, "%s", line);
        }
    }
    if (maps)
        fclose(maps);
    CHECK(all, found);
}

static void check_sound(ri_cluster *cluster, checks *all, int64_t n, int64_t p, const char *kind) {
    ri_dataset dataset = {.path = "fake.h5", .n = n, .p = p, .storage = RI_F64};
    ri_matrix x;
    int64_t missing = -1;
    ri_error err = {.text = ""};
    CHECK_EQUAL(all, ri_cluster_read_x(cluster, &dataset, false, 0, &x, &missing, &err), RI_OK);
    if (!x.values) {
        fprintf(stderr, "%s\n", err.text);
        return;
    }
    CHECK_EQUAL(all, missing, 0);
    check_values(all, &dataset, &x);
    if (kind)
        check_backing(all, x.values, kind);
    (void)ri_cluster_agree(cluster, RI_OK, NULL); /* nobody unmaps what another still checks */
    ri_cluster_release(cluster);
}

static void check_refused(ri_cluster *cluster, checks *all, ri_dataset *dataset, double extra,
                          ri_status expected, const char *sentence) {
    ri_matrix x = {.n = 1};
    int64_t missing;
    ri_error err = {.text = ""};
    ri_status status = ri_cluster_read_x(cluster, dataset, false, extra, &x, &missing, &err);
    CHECK_EQUAL(all, status, expected);
    CHECK(all, x.values == NULL);
    CHECK(all, strstr(err.text, sentence) != NULL);
    if (!strstr(err.text, sentence))
        fprintf(stderr, "%s\n", err.text);
}

static void check_errors(ri_cluster *cluster, checks *all) {
    ri_dataset dataset = {.path = "fake.h5", .n = ROWS, .p = COLUMNS, .storage = RI_F64};
    scenario now = sound;
    fakes_play(&now);
    for (int64_t column = 0; column < COLUMNS; column += 151) {
        char sentence[64];
        now = sound;
        now.missing_column = column;
        snprintf(sentence, sizeof sentence, "column %lld has NaN", (long long)column);
        check_refused(cluster, all, &dataset, 0, RI_BAD_INPUT, sentence);
        now = sound;
        now.infinite_column = column;
        snprintf(sentence, sizeof sentence, "column %lld has Inf", (long long)column);
        check_refused(cluster, all, &dataset, 0, RI_BAD_INPUT, sentence);
    }
    now = sound;
    check_refused(cluster, all, &dataset, 1e18, RI_SYSTEM, "not enough memory");
    dataset.p = INT64_MAX / 8;
    check_refused(cluster, all, &dataset, 0, RI_SYSTEM, "X is larger than any memory");
}

static void check_allowed(ri_cluster *cluster, checks *all) {
    ri_dataset dataset = {
        .path = "fake.h5", .n = ROWS, .p = COLUMNS, .storage = RI_F64, .chunk_features = 100};
    scenario now = sound;
    ri_matrix x;
    int64_t missing = 0;
    ri_error err;
    now.missing_column = 500;
    fakes_play(&now);
    CHECK_EQUAL(all, ri_cluster_read_x(cluster, &dataset, true, 0, &x, &missing, &err), RI_OK);
    CHECK_EQUAL(all, missing, COLUMNS - 500);
    (void)ri_cluster_agree(cluster, RI_OK, NULL);
    ri_cluster_release(cluster);
}

/* 80 MB (after 12 before), touched by all ranks: counted once, and still there after it is freed.
 */
static void check_peak(ri_cluster *cluster, checks *all) {
    double before = ri_cluster_peak_mb(cluster);
    check_sound(cluster, all, ROWS, 10000, NULL);
    ri_dataset dataset = {.path = "fake.h5", .n = ROWS, .p = 10000, .storage = RI_F64};
    ri_matrix x;
    ri_error err;
    CHECK_EQUAL(all, ri_cluster_read_x(cluster, &dataset, false, 0, &x, NULL, &err), RI_OK);
    if (x.values)
        check_values(all, &dataset, &x);
    double with = ri_cluster_peak_mb(cluster);
    ri_cluster_release(cluster);
    double after = ri_cluster_peak_mb(cluster);
    CHECK(all, isnan(before) || with - before > 60);
#ifndef __SANITIZE_THREAD__ /* it keeps several bytes for every byte */
    CHECK(all, isnan(before) || with - before < 120);
#endif
    CHECK(all, isnan(before) || after >= with);
}

int main(int argc, char **argv) {
    checks all;
    ri_cluster *cluster = checks_start(&all, &argc, &argv);
    fakes_play(&sound);
    if (argc > 1) {
        check_sound(cluster, &all, ROWS, 10000, argv[1]);
    } else {
        check_sound(cluster, &all, ROWS, COLUMNS, NULL);
        check_sound(cluster, &all, ODD_ROWS, COLUMNS, NULL);
        check_sound(cluster, &all, ROWS, 1, NULL);
        check_errors(cluster, &all);
        check_allowed(cluster, &all);
        fakes_play(&sound);
        check_peak(cluster, &all);
    }
    return checks_stop(&all, cluster);
}
