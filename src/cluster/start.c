/* SPDX-License-Identifier: BSD-3-Clause
 * Starting and ending MPI, who we are, and agreeing on the worst status. */
#include "cluster/cluster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "cluster/group.h"
#include "cluster/shard.h"

/* A launcher tells its processes who they are through the environment: Open MPI's mpirun, PMIx
 * (srun --mpi=pmix, prterun) and PMI (MPICH and its kin). */
static bool launched(void) {
    return getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMIX_RANK") || getenv("PMI_RANK");
}

static long environment_number(const char *name) {
    const char *text = getenv(name);
    return text ? strtol(text, NULL, 10) : 0;
}

/* Open MPI's defaults that only bring warnings here: copying between processes through ptrace
 * rights (containers lack them; our messages are small), and fork (a plot is drawn by a child).
 * What the user has set stays. */
static void quieten(void) {
    setenv("OMPI_MCA_btl_vader_single_copy_mechanism", "none", 0);
    setenv("OMPI_MCA_btl_base_warn_component_unused", "0", 0);
    setenv("OMPI_MCA_mpi_warn_on_fork", "0", 0);
}

/* Who is to tell of it; MPI hands nothing of ours to its handlers. */
static struct {
    void (*tell)(void *context, const char *sentence);
    void *context;
} on_loss;

void ri_cluster_on_loss(void (*tell)(void *context, const char *sentence), void *context) {
    on_loss.tell = tell;
    on_loss.context = context;
}

/* A failed MPI call means that a rank or its connection is lost: nobody can go on. */
static void lost_rank(MPI_Comm *comm, int *code, ...) {
    char reason[MPI_MAX_ERROR_STRING] = "", host[MPI_MAX_PROCESSOR_NAME] = "";
    char sentence[MPI_MAX_ERROR_STRING + MPI_MAX_PROCESSOR_NAME + 100];
    int length, rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Get_processor_name(host, &length);
    MPI_Error_string(*code, reason, &length);
    snprintf(sentence, sizeof sentence,
             "rank %d on %s: another rank, or the connection to it, is lost (%s)", rank, host,
             reason);
    if (on_loss.tell)
        on_loss.tell(on_loss.context, sentence);
    MPI_Abort(*comm, RI_SYSTEM);
}

/* srun without a PMI that this MPI speaks starts N processes that each believe to be alone and
 * would all write the same files. */
static ri_status check_world(int ranks, ri_error *err) {
    long expected = environment_number("OMPI_COMM_WORLD_SIZE");
    if (expected <= 0 && getenv("SLURM_STEP_ID") && !getenv("PMIX_RANK"))
        expected = environment_number("SLURM_STEP_NUM_TASKS");
    if (expected <= 1 || ranks == expected)
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT,
                   "%ld tasks were started, but MPI sees %d of them: start them with mpirun or "
                   "'srun --mpi=pmix' (independent runs in one step: unset SLURM_STEP_NUM_TASKS)",
                   expected, ranks);
}

static void start_mpi(ri_cluster *cluster, int *argc, char ***argv) {
    int provided;
    MPI_Errhandler handler;
    quieten();
    MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &provided);
    cluster->mpi = true;
    MPI_Comm_dup(MPI_COMM_WORLD, &cluster->world);
    MPI_Comm_create_errhandler(lost_rank, &handler);
    MPI_Comm_set_errhandler(cluster->world, handler);
    MPI_Errhandler_free(&handler); /* lives on in the communicators */
    MPI_Comm_rank(cluster->world, &cluster->rank);
    MPI_Comm_size(cluster->world, &cluster->ranks);
    MPI_Comm_split_type(cluster->world, MPI_COMM_TYPE_SHARED, cluster->rank, MPI_INFO_NULL,
                        &cluster->node);
    MPI_Comm_rank(cluster->node, &cluster->node_rank);
    MPI_Comm_size(cluster->node, &cluster->node_ranks);
}

ri_status ri_cluster_start(int *argc, char ***argv, ri_cluster **out, ri_error *err) {
    ri_status status;
    *out = NULL;
    ri_cluster *cluster = ri_calloc(1, sizeof *cluster);
    if (!cluster)
        return ri_fail_memory(err, "the group of ranks", sizeof *cluster);
    cluster->world = cluster->node = MPI_COMM_NULL;
    cluster->ranks = cluster->node_ranks = 1;
    if (launched())
        start_mpi(cluster, argc, argv);
    if (gethostname(cluster->host, sizeof cluster->host - 1) != 0)
        snprintf(cluster->host, sizeof cluster->host, "unknown");
    RI_GO(ri_cluster_agree(cluster, check_world(cluster->ranks, err), err));
    RI_GO(ri_cluster_agree(cluster, ri_sampler_start(&cluster->sampler, err), err));
    *out = cluster;
    return RI_OK;
done:
    ri_cluster_stop(cluster);
    return status;
}

void ri_cluster_stop(ri_cluster *cluster) {
    if (!cluster)
        return;
    ri_sampler_stop(cluster->sampler);
    ri_blocks_release(cluster, NULL);
    if (cluster->mpi) {
        /* mpirun ends all processes when one returns non-zero: nobody leaves before all are done */
        ri_group_meet(cluster->world, NULL, NULL);
        ri_shards_free(cluster->shards);
        MPI_Comm_free(&cluster->node);
        MPI_Comm_free(&cluster->world);
        MPI_Finalize();
    }
    free(cluster);
}

int ri_cluster_rank(const ri_cluster *cluster) {
    return cluster->rank;
}

int ri_cluster_ranks(const ri_cluster *cluster) {
    return cluster->ranks;
}

int ri_cluster_ranks_on_node(const ri_cluster *cluster) {
    return cluster->node_ranks;
}

int ri_cluster_most(const ri_cluster *cluster, int value) {
    double most = value;
    ri_group_reduce(cluster->world, &most, 1, MPI_MAX);
    return (int)most;
}

double ri_cluster_free_memory(const ri_cluster *cluster) {
    double bytes = ri_memory_available();
    ri_group_reduce(cluster->world, &bytes, 1, MPI_MIN);
    return bytes;
}

const char *ri_cluster_host(const ri_cluster *cluster) {
    return cluster->host;
}

#define TEXT_OF(macro) TEXT_OF_VALUE(macro)
#define TEXT_OF_VALUE(value) #value
const char *ri_cluster_mpi_version(void) {
#ifdef OPEN_MPI
    return "Open MPI v" TEXT_OF(OMPI_MAJOR_VERSION) "." TEXT_OF(OMPI_MINOR_VERSION) "." TEXT_OF(
        OMPI_RELEASE_VERSION);
#else
    return "MPI " TEXT_OF(MPI_VERSION) "." TEXT_OF(MPI_SUBVERSION);
#endif
}

/* Worst last. */
static const ri_status by_severity[] = {RI_OK, RI_UNCERTIFIED, RI_BAD_INPUT, RI_INTERRUPTED,
                                        RI_SYSTEM};
enum { SEVERITIES = sizeof by_severity / sizeof *by_severity };

static int severity(ri_status status) {
    for (int s = 0; s < SEVERITIES; s++)
        if (by_severity[s] == status)
            return s;
    return SEVERITIES - 1;
}

ri_status ri_group_agree(MPI_Comm comm, ri_status mine, ri_error *err) {
    if (comm == MPI_COMM_NULL)
        return mine;
    struct {
        int severity, rank;
    } worst = {.severity = severity(mine)};
    MPI_Request request;
    MPI_Comm_rank(comm, &worst.rank);
    MPI_Iallreduce(MPI_IN_PLACE, &worst, 1, MPI_2INT, MPI_MAXLOC, comm, &request);
    ri_group_wait(&request, NULL, NULL);
    if (worst.severity == 0)
        return RI_OK;
    ri_error said = {.status = mine};
    if (err && mine != RI_OK)
        memcpy(said.text, err->text, sizeof said.text);
    ri_group_share(comm, &said, sizeof said, worst.rank);
    if (err) {
        *err = said;
        err->status = by_severity[worst.severity];
    }
    return by_severity[worst.severity];
}

void ri_cluster_share(ri_cluster *cluster, void *bytes, size_t length) {
    ri_group_share(cluster->world, bytes, length, 0);
}

ri_status ri_cluster_agree(ri_cluster *cluster, ri_status mine, ri_error *err) {
    return ri_group_agree(cluster->world, mine, err);
}
