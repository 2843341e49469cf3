/* SPDX-License-Identifier: BSD-3-Clause */
#include "cluster/shard_send.h"

#include <stdlib.h>

#include "base/memory.h"

#define PIECE ((size_t)1 << 30) /* counts in MPI are int */

bool ri_bytes_reserve(ri_bytes *bytes, size_t length) {
    if (!ri_renew(&bytes->at, &bytes->room, length + 1, 1))
        return false;
    bytes->length = length;
    return true;
}

void ri_bytes_free_all(ri_bytes *bytes, int count) {
    for (int r = 0; bytes && r < count; r++)
        ri_bytes_free(&bytes[r]);
    free(bytes);
}

ri_status ri_shards_no_memory(size_t bytes, ri_error *err) {
    return ri_fail_memory(err, "what the nodes of a group send each other", bytes);
}

double ri_shards_transfer(ri_shards *s, ri_bytes *to, ri_bytes *from) {
    double travelled = 0;
    for (int step = 1; step < s->ranks; step++) {
        int next = (s->rank + step) % s->ranks, last = (s->rank - step + s->ranks) % s->ranks;
        ri_bytes *out = &to[next], *in = &from[last];
        for (size_t at = 0; at < out->length || at < in->length; at += PIECE) {
            MPI_Request request[2] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};
            size_t most = in->length > at ? in->length - at : 0;
            if (most > 0)
                MPI_Irecv(in->at + at, (int)(most < PIECE ? most : PIECE), MPI_BYTE, last,
                          RI_TAG_SHARD, s->group, &request[0]);
            most = out->length > at ? out->length - at : 0;
            if (most > 0)
                MPI_Isend(out->at + at, (int)(most < PIECE ? most : PIECE), MPI_BYTE, next,
                          RI_TAG_SHARD, s->group, &request[1]);
            ri_group_wait(&request[0], NULL, NULL);
            ri_group_wait(&request[1], NULL, NULL);
        }
        if (s->node_of[last] != s->node)
            travelled += (double)in->length;
    }
    return travelled;
}

double ri_shards_share(ri_shards *s, void *bytes, size_t length, int root) {
    const bool ours = s->node_of[root] == s->node, first = s->mate == 0;
    if (ours)
        ri_group_share(s->cluster->node, bytes, length, s->mate_of[root]);
    if (first)
        ri_group_share(s->roots, bytes, length, s->node_of[root]);
    if (!ours)
        ri_group_share(s->cluster->node, bytes, length, 0);
    return !ours && first ? (double)length : 0;
}
