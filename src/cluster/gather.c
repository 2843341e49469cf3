/* SPDX-License-Identifier: BSD-3-Clause */
#include "cluster/gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* One message: counts in MPI are int, and rank 0 must be able to receive (and drop) what it has no
 * memory for. */
#define PIECE ((size_t)16 << 20)
enum { NOTHING = -1 }; /* length of a unit that its rank could not pack */

static void send_bytes(const ri_cluster *cluster, const void *bytes, size_t length, int tag) {
    MPI_Request request;
    MPI_Isend(bytes, (int)length, MPI_BYTE, 0, tag, cluster->world, &request);
    ri_group_wait(&request, NULL, NULL);
}

static ri_status send_unit(const ri_cluster *cluster, const ri_unit_result *result, ri_error *err) {
    void *bytes = NULL;
    size_t length = 0;
    ri_status status = ri_unit_pack(result, &bytes, &length, err);
    int64_t announced = status == RI_OK ? (int64_t)length : NOTHING;
    send_bytes(cluster, &announced, sizeof announced, RI_TAG_LENGTH);
    for (size_t at = 0; status == RI_OK && at < length; at += PIECE)
        send_bytes(cluster, (char *)bytes + at, length - at < PIECE ? length - at : PIECE,
                   RI_TAG_UNIT);
    if (status == RI_OK)
        free(bytes);
    return status;
}

static void receive_bytes(const ri_watch *watch, int from, void *bytes, size_t length, int tag) {
    MPI_Request request;
    MPI_Irecv(bytes, (int)length, MPI_BYTE, from, tag, watch->cluster->world, &request);
    ri_group_wait(&request, NULL, NULL);
}

/* `spare` (PIECE bytes) takes what there is no memory for. */
static ri_status receive_unit(ri_watch *watch, int from, void *spare, ri_unit_result *result,
                              ri_error *err) {
    int64_t announced = NOTHING;
    receive_bytes(watch, from, &announced, sizeof announced, RI_TAG_LENGTH);
    if (announced == NOTHING)
        return RI_OK; /* its rank says why */
    size_t length = (size_t)announced;
    char *bytes = ri_alloc(length, 1);
    for (size_t at = 0; at < length; at += PIECE)
        receive_bytes(watch, from, bytes ? bytes + at : spare,
                      length - at < PIECE ? length - at : PIECE, RI_TAG_UNIT);
    if (!bytes)
        return ri_fail_memory(err, "results of other ranks", length);
    ri_status status = ri_unit_unpack(bytes, length, result, err);
    free(bytes);
    return status;
}

ri_status ri_units_gather(const ri_cluster *cluster, const int32_t *owner, int64_t units,
                          ri_unit_result *mine, ri_unit_result *all, ri_watch *watch,
                          ri_error *err) {
    ri_status worst = RI_OK;
    int64_t own = 0;
    char *spare = cluster->rank == 0 ? ri_alloc(PIECE, 1) : NULL;
    ri_status status = RI_OK;
    if (cluster->rank == 0 && !spare)
        status = ri_fail_memory(err, "results of other ranks", PIECE);
    RI_TRY(ri_group_agree(cluster->world, status, err));
    for (int64_t u = 0; u < units; u++) {
        ri_error failure;
        if (owner[u] != cluster->rank && cluster->rank != 0)
            continue;
        if (owner[u] != cluster->rank) {
            status = receive_unit(watch, owner[u], spare, &all[u], &failure);
        } else if (cluster->rank == 0) {
            all[u] = mine[own];
            memset(&mine[own++], 0, sizeof *mine);
        } else {
            status = send_unit(cluster, &mine[own], &failure);
            ri_unit_result_free(&mine[own]);
            memset(&mine[own++], 0, sizeof *mine);
        }
        if (status != RI_OK && worst == RI_OK) {
            worst = status;
            if (err)
                *err = failure;
        }
        status = RI_OK;
        ri_watch_idle(watch);
    }
    free(spare);
    if (worst == RI_OK && watch->interrupted)
        worst = ri_fail(err, RI_INTERRUPTED, "interrupted");
    return worst;
}
