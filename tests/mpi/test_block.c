/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of memory that the ranks of a node share, of any size: it is zeroed; what one rank writes,
 * all see; and it begins where a large page can. */
#include <stdint.h>
#include <string.h>

#include "check.h"
#include "cluster/group.h"

enum { LARGE_PAGE = 2 << 20 };

static void check_block(checks *c, ri_cluster *cluster, size_t bytes) {
    void *address;
    ri_error err;
    size_t nonzero = 0, wrong = 0;
    CHECK_EQUAL(c, ri_block_new(cluster, bytes, "a test", &address, &err), RI_OK);
    unsigned char *memory = address;
    for (size_t i = 0; i < bytes; i++)
        nonzero += memory[i] != 0;
    CHECK_EQUAL(c, nonzero, 0);
    CHECK(c, cluster->node_ranks == 1 || (uintptr_t)address % LARGE_PAGE == 0);
    ri_group_meet(cluster->node, NULL, NULL);
    for (size_t i = (size_t)cluster->node_rank; i < bytes; i += (size_t)cluster->node_ranks)
        memory[i] = (unsigned char)(i % 251);
    ri_group_meet(cluster->node, NULL, NULL);
    for (size_t i = 0; i < bytes; i++)
        wrong += memory[i] != i % 251;
    CHECK_EQUAL(c, wrong, 0);
    ri_group_meet(cluster->node, NULL, NULL);
    ri_cluster_release(cluster);
}

int main(int argc, char **argv) {
    checks c;
    ri_cluster *cluster = checks_start(&c, &argc, &argv);
    const size_t bytes[] = {
        1, 4095, 4097, LARGE_PAGE - 1, LARGE_PAGE, 2 * LARGE_PAGE + 4096, 11 * LARGE_PAGE + 5001};
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
        check_block(&c, cluster, bytes[i]);
    return checks_stop(&c, cluster);
}
