/* SPDX-License-Identifier: BSD-3-Clause
 * MPI around cross-validation: who does what, one copy of X a node, gathering. The only room that
 * includes <mpi.h>. Only the main thread calls MPI; nobody leaves a collective alone: the worst
 * status is agreed on first, then all ranks return together.
 *
 * A rank that is killed takes the job with it, by the launcher: mpirun ends the other ranks and
 * exits with 128 + signal (137 for SIGKILL); where another rank notices the lost connection first,
 * with RI_SYSTEM. Shared memory is not left behind in either case. */
#ifndef RI_CLUSTER_CLUSTER_H
#define RI_CLUSTER_CLUSTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "cv/cv.h"
#include "cv/problem.h"
#include "cv/record.h"
#include "data/dataset.h"
#include "data/matrix.h"

typedef struct ri_cluster ri_cluster;

/* Starts MPI where the program runs under a launcher, or as a single process without one.
 * `argc`/`argv` as given to main. Without a launcher MPI is not initialised at all: a single
 * process starts at once and needs nothing from the machine. RI_BAD_INPUT where a launcher started
 * several tasks that do not see each other. From here on a thread notes the memory in use. */
RI_MUST_USE ri_status ri_cluster_start(int *argc, char ***argv, ri_cluster **out, ri_error *err);
/* `tell` is called on a rank that loses another one, before all ranks end with RI_SYSTEM. */
void ri_cluster_on_loss(void (*tell)(void *context, const char *sentence), void *context);
/* Ends MPI, after all ranks have come here: do what only rank 0 does (files, messages) before.
 * Collective, but on a single process. Accepts NULL. */
void ri_cluster_stop(ri_cluster *cluster);

int ri_cluster_rank(const ri_cluster *cluster);
int ri_cluster_ranks(const ri_cluster *cluster);
int ri_cluster_ranks_on_node(const ri_cluster *cluster);
int ri_cluster_most(const ri_cluster *cluster, int value); /* of all ranks'. Collective. */
const char *ri_cluster_host(const ri_cluster *cluster);

/* Bytes that a run may still use on the node that has the least of them: of what the system has
 * free and what control groups and Slurm allow. Infinite where nothing is known. Collective. */
double ri_cluster_free_memory(const ri_cluster *cluster);

/* "Open MPI v4.1.4" */
const char *ri_cluster_mpi_version(void);

/* Collective: the worst status of all ranks (RI_SYSTEM, RI_INTERRUPTED, RI_BAD_INPUT,
 * RI_UNCERTIFIED, RI_OK), with the sentence of the lowest rank that has it. `err` may be NULL. */
ri_status ri_cluster_agree(ri_cluster *cluster, ri_status mine, ri_error *err);

/* Collective: rank 0's `length` bytes become those of all ranks. */
void ri_cluster_share(ri_cluster *cluster, void *bytes, size_t length);

/* Threads of this rank: `asked` (0: not given), else OMP_NUM_THREADS, else SLURM_CPUS_PER_TASK,
 * else the affinity mask (in even parts where ranks share cores). An explicit request wider than
 * the mask widens the mask to the cores that mpirun itself may use; under srun, whose binding is
 * the allocation, it is cut to the mask instead. `note` (size bytes, the same on all ranks, maybe
 * empty) receives a sentence for the user: mask widened, request cut, more threads than cores, or
 * cores that idle. Collective. */
RI_MUST_USE ri_status ri_cluster_threads(ri_cluster *cluster, int asked, int *threads, char *note,
                                         size_t size, ri_error *err);

/* Reads X once per node into memory shared by the node's ranks, each rank its own part. Before
 * allocation the backing store and the free memory are checked (for X and `extra_bytes` of every
 * rank, what the run will need beyond X); /dev/shm too small falls back to a
 * file in TMPDIR; not enough memory is RI_SYSTEM with the amount needed, said before reading.
 * Missing values where `allow_missing` is false, and Inf, are RI_BAD_INPUT. Collective. The matrix
 * lives until ri_cluster_stop or ri_cluster_release. */
RI_MUST_USE ri_status ri_cluster_read_x(ri_cluster *cluster, const ri_dataset *dataset,
                                        bool allow_missing, double extra_bytes, ri_matrix *x,
                                        int64_t *missing, ri_error *err);

/* In place of that, X stays in the file: every rank looks through its part of the node's columns
 * once, for what must not be in them, and gets a stream (data/stream.h) whose blocks take `bytes`
 * of memory shared by the node's ranks. The stream is the caller's to free, after the last run and
 * before ri_cluster_release. Collective. */
RI_MUST_USE ri_status ri_cluster_stream_x(ri_cluster *cluster, const ri_dataset *dataset,
                                          bool allow_missing, size_t bytes, ri_matrix *x,
                                          int64_t *missing, ri_error *err);

/* Nodes that the ranks are on. Collective. */
int ri_cluster_nodes(const ri_cluster *cluster);

/* From now on groups of `nodes` neighbouring nodes hold one copy of X together; 1: every node has
 * its own. RI_BAD_INPUT where that does not divide the number of nodes. Collective. */
RI_MUST_USE ri_status ri_cluster_shard(ri_cluster *cluster, int nodes, ri_error *err);

/* Features of X that a node holds then, at most. */
double ri_cluster_shard_features(const ri_cluster *cluster, const ri_dataset *dataset);

/* Reads the features of this node, as ri_cluster_read_x; the others come from other nodes
 * (data/shard.h). The stream of `x` is freed as one of ri_cluster_stream_x. Collective. */
RI_MUST_USE ri_status ri_cluster_shard_x(ri_cluster *cluster, const ri_dataset *dataset,
                                         bool allow_missing, double extra_bytes, ri_matrix *x,
                                         int64_t *missing, ri_error *err);

/* Rounds that the ranks of groups made so far, the most of any, and bytes that went between nodes
 * in them, to all ranks: columns, and lists of those that are wanted; residuals, with the rows of
 * their fits; gradients; means and deviations of features. */
typedef struct ri_shard_facts {
    double rounds, columns, residuals, gradients, moments;
} ri_shard_facts;

/* On rank 0. Collective. */
void ri_cluster_shard_facts(const ri_cluster *cluster, ri_shard_facts *out);

/* Unmaps X on this rank; the memory is free when the node's last rank has done so. */
void ri_cluster_release(ri_cluster *cluster);

/* The whole run: plan (node shares the reading), units dealt over ranks by predicted cost, results
 * gathered and assembled on rank 0 (`*out` is NULL elsewhere). Fills record->run's seconds, passes,
 * ranks, threads, memory, host, ledger and costs of units. The hook (may be NULL) is called on rank
 * 0 only, with sums over all ranks (theirs at most a second old; `nonzeros` is the largest), also
 * while rank 0 only waits; when it returns non-zero, or a rank fails, all ranks stop within a round
 * of their units and return the same status. RI_UNCERTIFIED from a unit is returned with a record.
 * Collective. */
RI_MUST_USE ri_status ri_cluster_run(ri_cluster *cluster, const ri_problem *problem, int threads,
                                     ri_progress_hook hook, void *context, ri_record **out,
                                     ri_error *err);

/* Looks closer at the minimum of each curve of `record` (rank 0; NULL elsewhere), the answer to
 * `problem`: runs settings.refine alphas around it and puts their points into the record (see
 * cv/refine.h). Otherwise as ri_cluster_run. Collective. */
RI_MUST_USE ri_status ri_cluster_refine(ri_cluster *cluster, const ri_problem *problem, int threads,
                                        ri_progress_hook hook, void *context, ri_record *record,
                                        ri_error *err);

enum { RI_ADAPTIVE_ALPHAS = 6 }; /* first ones, where none are given */

typedef struct ri_adaptive_run {
    const ri_problem *problem; /* one l1_ratio, 1; X in memory */
    bool ridge;                /* first fits; needs alphas */
    const double *alpha;       /* [alphas] of the first fits, decreasing; 0: chosen */
    int64_t alphas;
    double gamma;
    int threads;
    ri_progress_hook hook;
    void *context;
} ri_adaptive_run;

/* The adaptive lasso (cv/adaptive.h): as ri_cluster_run, with a path for each alpha of the first
 * fits that keeps a feature. Collective. */
RI_MUST_USE ri_status ri_cluster_adaptive(ri_cluster *cluster, const ri_adaptive_run *run,
                                          ri_record **out, ri_error *err);

/* Proportional set size in MB (1e6 bytes) summed over a node's ranks, at its peak so far, on the
 * node where that is largest; sampled four times a second, or less often where sampling would cost
 * 1 % of the time. NaN where the kernel does not tell (Linux before 4.14). Collective. */
double ri_cluster_peak_mb(ri_cluster *cluster);

#endif
