/* SPDX-License-Identifier: BSD-3-Clause
 * Law: ri_cluster_agree gives every rank the worst status of all, with the sentence of the lowest
 * rank that has it, for every assignment of two statuses to the ranks; and leaves `err` alone where
 * all is well. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "cluster/cluster.h"

static const ri_status worst_first[] = {RI_SYSTEM, RI_INTERRUPTED, RI_BAD_INPUT, RI_UNCERTIFIED,
                                        RI_OK};

/* Ranks whose bit is set in `who` have the status `worse`, the others `better`. */
static void check_pair(ri_cluster *cluster, checks *all, ri_status worse, ri_status better,
                       unsigned who) {
    int rank = ri_cluster_rank(cluster), ranks = ri_cluster_ranks(cluster);
    int lowest = 0; /* where nobody is worse, all have `better` */
    ri_status mine = (who >> rank & 1) ? worse : better, expected = better;
    ri_error err = {.text = "untouched"};
    char sentence[64] = "untouched";
    for (int r = ranks - 1; r >= 0; r--)
        if (who >> r & 1) {
            expected = worse;
            lowest = r;
        }
    if (expected != RI_OK)
        snprintf(sentence, sizeof sentence, "rank %d has %d", lowest, (int)expected);
    if (mine != RI_OK)
        (void)ri_fail(&err, mine, "rank %d has %d", rank, (int)mine);
    CHECK_EQUAL(all, ri_cluster_agree(cluster, mine, &err), expected);
    CHECK(all, strcmp(err.text, sentence) == 0);
    CHECK(all, expected == RI_OK || err.status == expected);
    CHECK_EQUAL(all, ri_cluster_agree(cluster, mine, NULL), expected);
}

int main(int argc, char **argv) {
    checks all;
    ri_cluster *cluster = checks_start(&all, &argc, &argv);
    int ranks = ri_cluster_ranks(cluster);
    CHECK(&all, argc < 2 || ranks == atoi(argv[1]));
    CHECK_EQUAL(&all, ri_cluster_ranks_on_node(cluster), ranks);
    CHECK(&all, *ri_cluster_host(cluster));
    CHECK(&all, strncmp(ri_cluster_mpi_version(), "Open MPI v", 10) == 0 ||
                    strncmp(ri_cluster_mpi_version(), "MPI ", 4) == 0);
    for (int w = 0; w < 4; w++)
        for (int b = w + 1; b < 5; b++)
            for (unsigned who = 0; who < 1u << ranks; who++)
                check_pair(cluster, &all, worst_first[w], worst_first[b], who);
    ri_cluster_stop(NULL);
    return checks_stop(&all, cluster);
}
