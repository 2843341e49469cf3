/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/plan_stream.h"

#include <math.h>

#include "cli/load.h"
#include "cv/passes.h"
#include "cv/plan.h"
#include "kernel/kernel.h"

/* Bytes a second that a read copies from the system's cache: 6.6e9 were measured. */
static const double CACHE = 6e9;

/* For what must not be in X. */
enum { LOOKS = 1 };

/* Bytes of X a second that a thread inflates, where that was not measured: bytes that are packed
 * close take longest. */
static double inflating_speed(ri_storage storage, const ri_calibration *measured) {
    const double close = 0.27e9, bytes = 0.5e9, floats = 1.1e9;
    if (measured->inflate_gbytes > 0)
        return 1e9 * measured->inflate_gbytes;
    return (storage == RI_PACKED2                      ? close
            : storage == RI_I8 || storage == RI_DOSAGE ? bytes
                                                       : floats) /
           measured->slowness;
}

/* Times that X is inflated for the columns that fits take up, of a window of alphas after the
 * other: once more for each, where they lie in all of its chunks. */
static double column_inflations(const ri_problem *problem, const ri_dataset *dataset,
                                const ri_team *team, double windows) {
    ri_memory m = ri_memory_of(problem, team, RI_MEMORY_EXPECTED);
    double chunks = ceil((double)dataset->p / (double)dataset->chunk_features);
    double columns = m.columns / m.a_column;
    return windows > 0 ? windows * (1 - exp(-columns / windows / chunks)) : 0;
}

bool ri_plan_stream_judge(const ri_problem *problem, const ri_dataset *dataset, const ri_team *team,
                          double memory, const ri_calibration *measured, ri_plan_stream *out) {
    ri_problem bounded = *problem;
    ri_team streamed = *team;
    ri_cost cost = ri_cost_of(problem);
    double x_bytes = (double)dataset->p * (double)ri_storage_bytes(dataset->storage, dataset->n);
    double blocks = (double)ri_load_stream_bytes(dataset, x_bytes, team->ranks_on_node, memory);
    *out = (ri_plan_stream){.memory = memory, .blocks = blocks};
    streamed.streamed = true;
    blocks += team->ranks_on_node *
              (ri_moments_buffer(problem) + team->threads * ri_stream_thread_bytes(dataset));
    if (!ri_memory_bound(&bounded, blocks, &streamed, memory, &out->needed))
        return false;
    out->taken = fmin(memory, blocks + ri_memory_estimate(&bounded, &streamed));
    out->passes = LOOKS + ri_memory_reads(&bounded, &streamed);
    if (dataset->compressed && dataset->chunk_features > 0)
        out->inflations =
            out->passes + column_inflations(&bounded, dataset, &streamed,
                                            out->passes - LOOKS - RI_PLAN_READS - RI_BATCH_READS);
    out->inflating =
        out->inflations * x_bytes / team->threads / inflating_speed(dataset->storage, measured);
    double speed = 1e9 * measured->read_gbytes;
    out->reading = speed > 0 ? out->passes * (double)dataset->file_bytes / speed : 0;
    out->copying = out->passes * (double)dataset->file_bytes / CACHE;
    out->passing = ri_cost_passing(&bounded, &cost, &streamed);
    out->rest = ri_cost_seconds(&bounded, &cost, &streamed) - out->passing;
    return true;
}
