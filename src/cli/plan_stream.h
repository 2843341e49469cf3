/* SPDX-License-Identifier: BSD-3-Clause
 * A planned run whose X stays in its file (cli/load.h): what --memory to give it, how often it
 * reads X, and how long that takes. */
#ifndef RI_CLI_PLAN_STREAM_H
#define RI_CLI_PLAN_STREAM_H

#include <stdbool.h>

#include "cli/calibration.h"
#include "cv/cost.h"
#include "cv/memory.h"
#include "data/dataset.h"

typedef struct ri_plan_stream {
    double memory;        /* bytes of a node that --memory is to allow */
    double needed;        /* the least that would do */
    double taken;         /* of `memory`, as expected */
    double blocks;        /* of those, for blocks: cached columns may be used where they are */
    double passes;        /* reads of the file, as expected */
    double inflations;    /* of all of X, in passes and for columns that fits take up; or 0 */
    double inflating;     /* seconds of them, on this machine */
    double reading;       /* seconds of them; 0 where the speed of reading is not known */
    double copying;       /* seconds of them from the system's cache */
    bool cached;          /* all but the first are: a node has memory for the file as well */
    double passing, rest; /* seconds of the arithmetic of passes, and of all else, on the machine of
                             the cost model; reading goes on beside the first
                             and inflating */
} ri_plan_stream;

/* False where not even one fit can be in hand within `memory`; `out->needed` says what that takes.
 * The speed of reading that was measured is not shared among nodes. */
bool ri_plan_stream_judge(const ri_problem *problem, const ri_dataset *dataset, const ri_team *team,
                          double memory, const ri_calibration *measured, ri_plan_stream *out);

#endif
