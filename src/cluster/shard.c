/* SPDX-License-Identifier: BSD-3-Clause */
#include "cluster/shard.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { COLUMNS = 64 };

/* --- who is where ---------------------------------------------------------------------------- */

static int compare_ranks(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

/* Numbers the nodes by their lowest ranks; returns how many there are. */
static int number_nodes(const ri_cluster *cluster, int *leader, int *node) {
    int mine = cluster->rank, nodes = 0;
    MPI_Request request;
    ri_group_share(cluster->node, &mine, sizeof mine, 0);
    MPI_Iallgather(&mine, 1, MPI_INT, leader, 1, MPI_INT, cluster->world, &request);
    ri_group_wait(&request, NULL, NULL);
    qsort(leader, (size_t)cluster->ranks, sizeof *leader, compare_ranks);
    for (int r = 0; r < cluster->ranks; r++) {
        if (r > 0 && leader[r] == leader[r - 1])
            continue;
        if (leader[r] == mine)
            *node = nodes;
        nodes++;
    }
    return nodes;
}

int ri_cluster_nodes(const ri_cluster *cluster) {
    if (cluster->world == MPI_COMM_NULL)
        return 1;
    double first = cluster->node_rank == 0;
    ri_group_reduce(cluster->world, &first, 1, MPI_SUM);
    return (int)first;
}

static ri_status refuse(int nodes, int asked, ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT,
                   "--shard %d: this run has %d node%s; the number of nodes that hold one copy of "
                   "X together must divide it",
                   asked, nodes, nodes == 1 ? "" : "s");
}

static ri_status make_group(ri_cluster *cluster, int nodes, ri_error *err) {
    int node = 0, *leader = ri_alloc((size_t)cluster->ranks, sizeof *leader);
    ri_shards *s = ri_calloc(1, sizeof *s);
    ri_status status = leader && s ? RI_OK : ri_fail_memory(err, "the groups of nodes", sizeof *s);
    RI_GO(ri_cluster_agree(cluster, status, err));
    int all = number_nodes(cluster, leader, &node);
    if (all % nodes != 0) {
        status = refuse(all, nodes, err);
        goto done;
    }
    MPI_Comm_split(cluster->world, node / nodes, cluster->rank, &s->group);
    MPI_Comm_split(cluster->world, cluster->node_rank == 0 ? node / nodes : MPI_UNDEFINED, node,
                   &s->roots);
    MPI_Comm_rank(s->group, &s->rank);
    MPI_Comm_size(s->group, &s->ranks);
    s->cluster = cluster;
    s->node = node % nodes;
    s->mate = cluster->node_rank;
    s->mates = cluster->node_ranks;
    s->face.nodes = nodes;
    cluster->shards = s;
    s->first = ri_alloc((size_t)nodes + 1, sizeof *s->first);
    s->from = ri_alloc((size_t)s->ranks, sizeof *s->from);
    s->to = ri_alloc((size_t)s->ranks, sizeof *s->to);
    s->node_of = ri_alloc((size_t)s->ranks, sizeof *s->node_of);
    s->mate_of = ri_alloc((size_t)s->ranks, sizeof *s->mate_of);
    s->head = ri_calloc((size_t)s->ranks, sizeof *s->head);
    if (!s->first || !s->from || !s->to || !s->node_of || !s->mate_of || !s->head)
        status = ri_fail_memory(err, "the groups of nodes", 32 * (size_t)s->ranks);
    status = ri_cluster_agree(cluster, status, err);
    s = NULL;
done:
    free(leader);
    free(s);
    return status;
}

ri_status ri_cluster_shard(ri_cluster *cluster, int nodes, ri_error *err) {
    if (nodes <= 1 || cluster->shards)
        return RI_OK;
    if (cluster->world == MPI_COMM_NULL)
        return refuse(1, nodes, err);
    return make_group(cluster, nodes, err);
}

void ri_shards_free(ri_shards *s) {
    if (!s)
        return;
    ri_part_free(&s->part);
    if (s->roots != MPI_COMM_NULL)
        MPI_Comm_free(&s->roots);
    MPI_Comm_free(&s->group);
    free(s->first);
    free(s->from);
    free(s->to);
    free(s->node_of);
    free(s->mate_of);
    free(s->head);
    free(s);
}

/* --- X --------------------------------------------------------------------------------------- */

/* Whole chunks of the file to a node: none is decompressed twice. */
static int64_t shard_align(const ri_dataset *dataset, int nodes) {
    int64_t chunk = dataset->chunk_features;
    return chunk > 0 && chunk <= dataset->p / nodes ? chunk : COLUMNS;
}

double ri_cluster_shard_features(const ri_cluster *cluster, const ri_dataset *dataset) {
    int64_t from, to, nodes = cluster->shards ? cluster->shards->face.nodes : 1;
    if (nodes == 1)
        return (double)dataset->p;
    ri_part_of(dataset->p, shard_align(dataset, (int)nodes), 0, nodes, &from, &to);
    return (double)(to - from);
}

static void share_out(ri_shards *s, const ri_dataset *dataset) {
    int64_t own[4], align = shard_align(dataset, s->face.nodes);
    for (int k = 0; k < s->face.nodes; k++)
        ri_part_of(dataset->p, align, k, s->face.nodes, &s->first[k], &s->first[k + 1]);
    s->face.from = s->first[s->node];
    s->face.to = s->first[s->node + 1];
    ri_part_of(s->face.to - s->face.from, COLUMNS, s->cluster->node_rank, s->cluster->node_ranks,
               &own[0], &own[1]);
    own[0] += s->face.from;
    own[1] += s->face.from;
    own[2] = s->node;
    own[3] = s->mate;
    for (int r = 0; r < s->ranks; r++) {
        int64_t its[4] = {own[0], own[1], own[2], own[3]};
        ri_group_share(s->group, its, sizeof its, r);
        s->from[r] = its[0];
        s->to[r] = its[1];
        s->node_of[r] = (int)its[2];
        s->mate_of[r] = (int)its[3];
    }
}

/* Takes part in rounds until its own want has been served, which the first one does. */
static ri_status fetch(void *context, const int64_t *feature, int64_t count, void *const *out,
                       ri_error *err) {
    bool all_leave;
    double bytes = 0;
    ri_want want = {.feature = feature, .columns = count, .out = out};
    ri_status status = ri_shards_round(context, &want, &bytes, &all_leave, err);
    ((ri_shards *)context)->served += bytes;
    return status;
}

static ri_status pass(void *context, struct ri_view *first, struct ri_request *request,
                      int64_t count, double *bytes, ri_error *err) {
    bool all_leave;
    ri_want want = {.first = first, .request = request, .requests = count};
    return count > 0 ? ri_shards_round(context, &want, bytes, &all_leave, err) : RI_OK;
}

ri_status ri_cluster_shard_x(ri_cluster *cluster, const ri_dataset *dataset, bool allow_missing,
                             double extra_bytes, ri_matrix *x, int64_t *missing, ri_error *err) {
    ri_shards *s = cluster->shards;
    ri_status status;
    ri_stream *stream = NULL;
    void *blocks = NULL;
    share_out(s, dataset);
    const ri_some_features own = {s->face.from, s->face.to, allow_missing};
    RI_TRY(ri_read_features(cluster, dataset, &own, extra_bytes, x, missing, err));
    double seen = cluster->node_rank == 0 ? (double)*missing : 0;
    ri_group_reduce(s->group, &seen, 1, MPI_SUM);
    *missing = (int64_t)seen;
    s->face.values = x->values;
    s->face.stride = x->stride;
    s->face.context = s;
    s->face.fetch = fetch;
    s->face.pass = pass;
    s->column = ri_storage_bytes(dataset->storage, dataset->n);
    size_t bytes = ri_stream_least_bytes(dataset, 24 << 20);
    status = ri_block_private(cluster, bytes, "blocks of X", &blocks, err);
    if (status == RI_OK)
        status = ri_stream_new(dataset, blocks, bytes, &stream, err);
    status = ri_cluster_agree(cluster, status, err);
    if (status != RI_OK) {
        ri_stream_free(stream);
        return status;
    }
    ri_stream_hold(stream, &s->face);
    s->stream = stream;
    *x = (ri_matrix){.storage = dataset->storage,
                     .n = dataset->n,
                     .p = dataset->p,
                     .stride = s->column,
                     .stream = stream};
    return RI_OK;
}

/* --- the plan -------------------------------------------------------------------------------- */

bool ri_shards_exchange(ri_shards *s, bool good, void *const *array, const size_t *size, int arrays,
                        int64_t columns) {
    if (ri_group_agree(s->group, good ? RI_OK : RI_SYSTEM, NULL) != RI_OK)
        return false;
    for (int a = 0; a < arrays; a++)
        for (int k = 0; k < s->face.nodes; k++) {
            int64_t last = k + 1 < s->face.nodes ? s->first[k + 1] : columns;
            ri_group_share(s->roots, (char *)array[a] + (size_t)s->first[k] * size[a],
                           (size_t)(last - s->first[k]) * size[a], k);
        }
    return true;
}

ri_status ri_shards_join(ri_shards *s, const ri_columns *columns, ri_watch *watch, int threads,
                         ri_error *err) {
    s->watch = watch;
    s->threads = threads;
    s->served = s->waited = 0;
    ri_status status =
        ri_part_open(&s->part, columns, &s->face, s->from[s->rank], s->to[s->rank], s->ranks, err);
    status = ri_group_agree(s->group, status, err);
    s->face.together = status == RI_OK;
    return status;
}

void ri_shards_leave(ri_shards *s) {
    const ri_want nothing = {.leaves = true};
    ri_error unsaid;
    bool all_leave = !s->face.together;
    while (!all_leave) /* whoever wanted something and failed has the sentence */
        (void)!ri_shards_round(s, &nothing, &s->served, &all_leave, &unsaid);
    s->face.together = false;
    ri_part_free(&s->part);
}

void ri_cluster_shard_facts(const ri_cluster *cluster, ri_shard_facts *out) {
    const ri_shards *s = cluster->shards;
    double rounds = s ? s->rounds : 0, bytes[RI_SHARD_KINDS] = {0};
    for (int k = 0; s && k < RI_SHARD_KINDS; k++)
        bytes[k] = s->travelled[k];
    ri_group_reduce(cluster->world, &rounds, 1, MPI_MAX);
    ri_group_reduce(cluster->world, bytes, RI_SHARD_KINDS, MPI_SUM);
    *out = (ri_shard_facts){.rounds = rounds,
                            .columns = bytes[RI_SHARD_COLUMNS],
                            .residuals = bytes[RI_SHARD_RESIDUALS],
                            .gradients = bytes[RI_SHARD_GRADIENTS],
                            .moments = bytes[RI_SHARD_MOMENTS]};
}
