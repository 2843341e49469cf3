/* SPDX-License-Identifier: BSD-3-Clause
 * Memory of a run beyond X, in bytes, from shape and options. */
#ifndef RI_CV_MEMORY_H
#define RI_CV_MEMORY_H

#include "cv/problem.h"

typedef struct ri_memory {
    double shared;   /* of a node: facts of the features */
    double a_rank;   /* of a rank: program, results, columns that its fits work on */
    double a_thread; /* of a thread */
    double a_fit;    /* of a fit in hand, at most */
} ri_memory;

ri_memory ri_memory_of(const ri_problem *problem);

/* Fits that each of the node's ranks may have in hand when X and all of this may take `memory` of
 * the node; 0 where not even one. `*needed` is what one would take. */
int64_t ri_memory_fits(const ri_problem *problem, double x_bytes, int ranks_per_node, int threads,
                       double memory, double *needed);

#endif
