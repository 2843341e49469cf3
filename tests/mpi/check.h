/* SPDX-License-Identifier: BSD-3-Clause
 * Checks for programs that run on several ranks: a failed check is printed with its rank and
 * counted, and the program goes on, so that no rank leaves the others alone in a collective. */
#ifndef RI_TEST_CHECK_H
#define RI_TEST_CHECK_H

#include <stdio.h>
#include <stdlib.h>

#include "cluster/cluster.h"

typedef struct checks {
    int rank;
    int failed;
} checks;

#define CHECK(checks, condition)                                                                   \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (checks)->failed++;                                                                    \
            fprintf(stderr, "%s:%d: rank %d: not true: %s\n", __FILE__, __LINE__, (checks)->rank,  \
                    #condition);                                                                   \
        }                                                                                          \
    } while (0)

/* Prints both numbers where they differ. */
#define CHECK_EQUAL(checks, found, expected)                                                       \
    do {                                                                                           \
        double check_found_ = (double)(found), check_expected_ = (double)(expected);               \
        if (check_found_ != check_expected_) {                                                     \
            (checks)->failed++;                                                                    \
            fprintf(stderr, "%s:%d: rank %d: %s is %.17g, not %.17g\n", __FILE__, __LINE__,        \
                    (checks)->rank, #found, check_found_, check_expected_);                        \
        }                                                                                          \
    } while (0)

/* Starts MPI for the checks; without it there is nothing to check, and the program ends. */
static inline ri_cluster *checks_start(checks *all, int *argc, char ***argv) {
    ri_cluster *cluster;
    ri_error err;
    if (ri_cluster_start(argc, argv, &cluster, &err) != RI_OK) {
        fprintf(stderr, "%s\n", err.text);
        exit(EXIT_FAILURE);
    }
    *all = (checks){.rank = ri_cluster_rank(cluster)};
    return cluster;
}

/* Stops MPI. Gives the exit status of the program. */
static inline int checks_stop(const checks *all, ri_cluster *cluster) {
    ri_cluster_stop(cluster);
    return all->failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
