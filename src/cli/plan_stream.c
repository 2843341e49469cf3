/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/plan_stream.h"

#include <math.h>

#include "cli/load.h"
#include "cv/plan.h"
#include "kernel/kernel.h"

/* For what must not be in X. */
enum { LOOKS = 1 };

bool ri_plan_stream_judge(const ri_problem *problem, const ri_dataset *dataset, const ri_team *team,
                          double memory, double speed, ri_plan_stream *out) {
    ri_problem bounded = *problem;
    ri_team streamed = *team;
    ri_cost cost = ri_cost_of(problem);
    double x_bytes = (double)dataset->p * (double)ri_storage_bytes(dataset->storage, dataset->n);
    double blocks = (double)ri_load_stream_bytes(dataset, x_bytes, team->ranks_on_node, memory);
    *out = (ri_plan_stream){.memory = memory};
    streamed.streamed = true;
    blocks += team->ranks_on_node *
              (ri_moments_buffer(problem) + team->threads * ri_stream_thread_bytes(dataset));
    if (!ri_memory_bound(&bounded, blocks, &streamed, memory, &out->needed))
        return false;
    out->taken = fmin(memory, blocks + ri_memory_estimate(&bounded, &streamed));
    out->passes = LOOKS + ri_memory_reads(&bounded, team);
    out->reading = speed > 0 ? out->passes * (double)dataset->file_bytes / speed : 0;
    out->passing = ri_cost_passing(problem, &cost, &streamed);
    out->rest = ri_cost_seconds(problem, &cost, &streamed) - out->passing;
    return true;
}
