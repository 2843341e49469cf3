/* SPDX-License-Identifier: BSD-3-Clause
 * Memory of a run beyond X, in bytes, from shape and options: the one model behind the check before
 * X is read, the size of batches, --memory and `riata plan`. */
#ifndef RI_CV_MEMORY_H
#define RI_CV_MEMORY_H

#include <stdbool.h>

#include "cv/fit_extent.h"
#include "cv/problem.h"

typedef struct ri_memory {
    double program; /* of a node: program and libraries, what its ranks have in common */
    double shared;  /* of a node: facts of the features */
    double a_rank;  /* of a rank: its own part of the libraries, results, moments */
    double columns; /* of a rank: the columns in use, where all are held together; */
    double a_column, least_columns; /* of one of them; of those of one fit */
    double a_thread;                /* of a thread */
    double done;                    /* of a rank: what its fits leave, those of all batches */
    double a_fit;                   /* of a fit in hand beside that, with all of */
    double factor;                  /* its factor at the end of the grid */
} ri_memory;

/* Ranks and threads of a run. */
typedef struct ri_team {
    int ranks, ranks_on_node; /* in all; on the node where most are */
    int threads;              /* of a rank */
    int shard;                /* nodes that hold X together; 0 or 1: every node has all of it */
    bool streamed;            /* X is left in its file */
} ri_team;

/* Features in the model at the end of the grid, as expected. */
double ri_memory_support(const ri_problem *problem);

ri_memory ri_memory_of(const ri_problem *problem, const ri_team *team, ri_memory_case which);

/* Units that a rank has in hand together when it has `count` of them and is not told otherwise; no
 * answer depends on it. */
int64_t ri_memory_batch(const ri_problem *problem, int64_t count, int threads);

/* True where the ranks of a node are expected to make passes over X together (design/joint.h). */
bool ri_memory_together(const ri_problem *problem, const ri_team *team);

/* The fullest node of a run, beyond X. */
double ri_memory_estimate(const ri_problem *problem, const ri_team *team);

/* How often the rank with most units reads X, as expected: by the plan, and by each batch of units
 * (cv/passes.h) and for the columns that fits work on. */
double ri_memory_reads(const ri_problem *problem, const ri_team *team);

/* Sets problem->fits_in_hand and columns_in_hand so that X and all of this take at most `memory` of
 * a node: as many fits as can be, then as many columns. False where not even one fit can be;
 * `*needed` is what that would take. */
bool ri_memory_bound(ri_problem *problem, double x_bytes, const ri_team *team, double memory,
                     double *needed);

#endif
