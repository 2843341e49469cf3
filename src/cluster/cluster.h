/* SPDX-License-Identifier: BSD-3-Clause
 * MPI around cross-validation: who does what, one copy of X a node, gathering. The only room that
 * includes <mpi.h>. Only the main thread calls MPI; nobody leaves a collective alone: the worst
 * status is agreed on first, then all ranks return together. */
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
 * `argc`/`argv` as given to main. */
RI_MUST_USE ri_status ri_cluster_start(int *argc, char ***argv, ri_cluster **out, ri_error *err);
/* Ends MPI. Accepts NULL. */
void ri_cluster_stop(ri_cluster *cluster);

int ri_cluster_rank(const ri_cluster *cluster);
int ri_cluster_ranks(const ri_cluster *cluster);
int ri_cluster_ranks_on_node(const ri_cluster *cluster);

/* "Open MPI v4.1.4" */
const char *ri_cluster_mpi_version(void);

/* Collective: the worst status of all ranks, with the sentence of the lowest rank that has it. */
ri_status ri_cluster_agree(ri_cluster *cluster, ri_status mine, ri_error *err);

/* Threads of this rank: `asked` (> 0), else OMP_NUM_THREADS, else SLURM_CPUS_PER_TASK, else the
 * affinity mask. An explicit request wider than the mask widens the mask within the job's cpuset
 * (never past what Slurm bound). `note` (size bytes, maybe empty) receives a sentence for the user:
 * widened mask, or more ranks x threads than cores on the node. Collective. */
RI_MUST_USE ri_status ri_cluster_threads(ri_cluster *cluster, int asked, int *threads, char *note,
                                         size_t size, ri_error *err);

/* Reads X once per node into memory shared by the node's ranks, each rank its own part. Before
 * allocation the backing store and the free memory are checked; /dev/shm too small falls back to a
 * file in TMPDIR; not enough memory is RI_SYSTEM with the amount needed, said before reading.
 * Missing values where `allow_missing` is false, and Inf, are RI_BAD_INPUT. Collective. The matrix
 * lives until ri_cluster_stop or ri_cluster_release. */
RI_MUST_USE ri_status ri_cluster_read_x(ri_cluster *cluster, const ri_dataset *dataset,
                                        bool allow_missing, double extra_bytes, ri_matrix *x,
                                        int64_t *missing, ri_error *err);
void ri_cluster_release(ri_cluster *cluster);

/* The whole run: plan (node shares the reading), units dealt over ranks by predicted cost, results
 * gathered and assembled on rank 0 (`*out` is NULL elsewhere). Fills record->run's seconds, passes,
 * ranks, threads, memory. Progress hook is called on rank 0 with sums over its own units and
 * `points_total` of the whole run. Collective. */
RI_MUST_USE ri_status ri_cluster_run(ri_cluster *cluster, const ri_problem *problem, int threads,
                                     ri_progress_hook hook, void *context, ri_record **out,
                                     ri_error *err);

/* Proportional set size in MB summed over this node's ranks, at its peak so far. Collective. */
double ri_cluster_peak_mb(ri_cluster *cluster);

#endif
