/* SPDX-License-Identifier: BSD-3-Clause
 * Inside of `riata plan`, shared by its files: what was asked, and layouts of nodes, ranks and
 * threads with what they are expected to take. */
#ifndef RI_CLI_PLANNING_H
#define RI_CLI_PLANNING_H

#include "cli/calibration.h"
#include "cli/plan_stream.h"
#include "cli/setup.h"
#include "cv/cost.h"
#include "cv/memory.h"

/* What may be used, and of what. */
typedef struct ri_bounds {
    int nodes, cores; /* most nodes; cores of a node */
    double memory;    /* bytes of a node, */
    bool asked;       /* by --memory */
    double node;      /* bytes that a node has, whatever was asked */
    double seconds;   /* infinite: no limit */
} ri_bounds;

typedef struct ri_plan_layout {
    int nodes, ranks, threads; /* ranks of a node, threads of a rank */
    int shard;                 /* nodes that hold X together */
    double seconds, memory;    /* bytes of a node, X included where it is held in memory */
    double reads;              /* of X by the rank with most units, as expected */
    bool streamed;             /* X stays in its file, and this tells how: */
    ri_plan_stream stream;
} ri_plan_layout;

typedef struct ri_planning {
    ri_setup setup;
    ri_calibration calibration;
    bool calibrated;
    ri_bounds bounds;
    ri_cost cost;
    ri_fit_extent extent[RI_MEMORY_CASES]; /* of the problem of the setup, which points here */
    double x_bytes, responses;
    int shard;   /* given, or 0: as many nodes as memory asks for */
    bool splits; /* X may be split over nodes */
} ri_planning;

/* --- plan_layout.c --- */

/* A wider layout must be so much faster for each doubling of its cores to be worth it. */
extern const double ri_layout_worthwhile;

/* What a job asks for of time beyond what is expected. */
extern const double ri_layout_time_spare;

/* Ranks and threads of a layout whose X is split over `shard` nodes. */
ri_team ri_layout_team(const ri_plan_layout *at, int shard);

/* X in memory: so many nodes, ranks of a node and threads of a rank; or the best within the bounds,
 * of as many threads as given (0: any). */
ri_plan_layout ri_layout_judge(const ri_planning *p, int nodes, int ranks, int threads);
ri_plan_layout ri_layout_advise(const ri_planning *p, int threads_given);

/* X left in its file: one rank a node, since all of them read the file. */
ri_plan_layout ri_layout_judge_streamed(const ri_planning *p, int nodes, int ranks, int threads);
ri_plan_layout ri_layout_advise_streamed(const ri_planning *p, int threads_given);

/* Memory of a node with which one rank a node could do it, to within a hundredth. */
double ri_layout_least_memory(const ri_planning *p, int threads, bool held, bool streams);

/* Where want of memory makes a layout read X 40 times and more: the --memory that makes it fewer,
 * and how many; else 0. */
double ri_layout_enough_memory(const ri_planning *p, const ri_plan_layout *at, double *reads);

/* --- plan_print.c --- */

/* The problem, one core, the advice and its reasons. `asked`: to leave X in its file. */
void ri_planning_print(const ri_planning *p, const ri_plan_layout *one, const ri_plan_layout *best,
                       bool asked);

#endif
