/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: the ranks of a node read X once in a pass that they make together, and each of them sees
 * all of it, also where some make fewer passes than others; what is wrong with a column ends the
 * look at X, and a damaged one the pass, with the same sentence on all ranks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cluster/cluster.h"
#include "cluster/group.h"
#include "fakes.h"

enum { ROWS = 100, COLUMNS = 1511, BYTES = 3 * 130 * ROWS * 8 };
static const scenario sound = {
    .missing_column = NOT_ANY, .infinite_column = NOT_ANY, .damaged_column = NOT_ANY};

typedef struct seen {
    const ri_matrix *x;
    int64_t next, wrong;
} seen;

static ri_status look(void *context, int64_t from, int64_t to, ri_error *err) {
    seen *s = context;
    (void)err;
    s->wrong += from != s->next;
    for (int64_t j = from; j < to; j++) {
        const double *column = ri_matrix_column(s->x, j);
        for (int64_t i = 0; i < s->x->n; i++)
            s->wrong += column[i] != fake_value(i, j);
    }
    s->next = to;
    return RI_OK;
}

static void check_passes(ri_cluster *cluster, checks *all) {
    ri_dataset dataset = {.path = "fake.h5", .n = ROWS, .p = COLUMNS, .storage = RI_F64};
    ri_matrix x;
    int64_t missing = -1;
    ri_error err = {.text = ""};
    CHECK_EQUAL(all, ri_cluster_stream_x(cluster, &dataset, false, BYTES, &x, &missing, &err),
                RI_OK);
    CHECK_EQUAL(all, missing, 0);
    for (int run = 0; run < 2; run++) {
        double bytes = 0, most = cluster->node_ranks;
        (void)ri_cluster_agree(cluster, RI_OK, NULL);
        ri_stream_join(x.stream, cluster->node_ranks, cluster->node_rank == 0);
        (void)ri_cluster_agree(cluster, RI_OK, NULL);
        for (int pass = 0; pass <= cluster->node_rank; pass++) {
            seen s = {.x = &x};
            CHECK_EQUAL(all, ri_stream_scan(x.stream, 0, COLUMNS, look, &s, &bytes, &err), RI_OK);
            CHECK_EQUAL(all, s.next, COLUMNS);
            CHECK_EQUAL(all, s.wrong, 0);
        }
        ri_stream_leave(x.stream);
        ri_group_reduce(cluster->node, &bytes, 1, MPI_SUM);
        CHECK_EQUAL(all, bytes, most * ROWS * 8.0 * COLUMNS); /* the last rank makes them all */
    }
    ri_stream_free(x.stream);
    (void)ri_cluster_agree(cluster, RI_OK, NULL);
    ri_cluster_release(cluster);
}

static void check_damage(ri_cluster *cluster, checks *all) {
    ri_dataset dataset = {.path = "fake.h5", .n = ROWS, .p = COLUMNS, .storage = RI_F64};
    scenario now = sound;
    ri_matrix x;
    int64_t missing;
    double bytes = 0;
    ri_error err = {.text = ""};
    fakes_play(&now);
    CHECK_EQUAL(all, ri_cluster_stream_x(cluster, &dataset, false, BYTES, &x, &missing, &err),
                RI_OK);
    now.damaged_column = 777;
    ri_stream_join(x.stream, cluster->node_ranks, cluster->node_rank == 0);
    (void)ri_cluster_agree(cluster, RI_OK, NULL);
    seen s = {.x = &x};
    CHECK_EQUAL(all, ri_stream_scan(x.stream, 0, COLUMNS, look, &s, &bytes, &err), RI_BAD_INPUT);
    CHECK(all, strcmp(err.text, "column 777 is damaged") == 0);
    CHECK(all, s.next <= 777);
    ri_stream_leave(x.stream);
    ri_stream_free(x.stream);
    (void)ri_cluster_agree(cluster, RI_OK, NULL);
    ri_cluster_release(cluster);
}

static void check_refused(ri_cluster *cluster, checks *all) {
    ri_dataset dataset = {.path = "fake.h5", .n = ROWS, .p = COLUMNS, .storage = RI_F64};
    scenario now = sound;
    fakes_play(&now);
    for (int64_t column = 0; column < COLUMNS; column += 302)
        for (int kind = 0; kind < 3; kind++) {
            char sentence[64];
            ri_matrix x;
            int64_t missing;
            ri_error err = {.text = ""};
            now = sound;
            *(int64_t *[]){&now.missing_column, &now.infinite_column, &now.damaged_column}[kind] =
                column;
            snprintf(sentence, sizeof sentence, "column %lld %s", (long long)column,
                     (const char *[]){"has NaN", "has Inf", "is damaged"}[kind]);
            CHECK_EQUAL(all,
                        ri_cluster_stream_x(cluster, &dataset, false, BYTES, &x, &missing, &err),
                        RI_BAD_INPUT);
            CHECK(all, strcmp(err.text, sentence) == 0);
            CHECK(all, x.stream == NULL);
        }
    now = sound;
    now.missing_column = 500;
    ri_matrix x;
    int64_t missing;
    ri_error err;
    CHECK_EQUAL(all, ri_cluster_stream_x(cluster, &dataset, true, BYTES, &x, &missing, &err),
                RI_OK);
    CHECK_EQUAL(all, missing, COLUMNS - 500);
    ri_stream_free(x.stream);
    (void)ri_cluster_agree(cluster, RI_OK, NULL);
    ri_cluster_release(cluster);
}

int main(int argc, char **argv) {
    checks all;
    ri_cluster *cluster = checks_start(&all, &argc, &argv);
    fakes_play(&sound);
    check_passes(cluster, &all);
    check_damage(cluster, &all);
    check_refused(cluster, &all);
    return checks_stop(&all, cluster);
}
