/* SPDX-License-Identifier: BSD-3-Clause
 * A second run, over alphas around the minimum of the first one's curves. */
#include <stdlib.h>

#include "base/memory.h"
#include "cluster/cluster.h"
#include "cluster/facts.h"
#include "cv/refine.h"

ri_status ri_cluster_refine(ri_cluster *cluster, const ri_problem *problem, int threads,
                            ri_progress_hook hook, void *context, ri_record *record,
                            ri_error *err) {
    int64_t points = problem->settings.refine;
    size_t alphas = (size_t)(points * problem->l1_ratios);
    double *alpha = ri_calloc(alphas, sizeof *alpha);
    ri_record *finer = NULL;
    ri_status status =
        alpha ? RI_OK : ri_fail_memory(err, "the finer grid", alphas * sizeof *alpha);
    RI_GO(ri_cluster_agree(cluster, status, err));
    for (int64_t r = 0; record && r < record->paths; r++)
        ri_refine_grid(&record->path[r], points, alpha + r * points);
    ri_cluster_share(cluster, alpha, alphas * sizeof *alpha);
    ri_problem around = *problem;
    around.alphas = points;
    around.alpha_list = alpha;
    around.list_of_each = true;
    around.settings.early_stop = false;
    around.blocks = problem->blocks < points ? problem->blocks : (int32_t)points;
    status = ri_cluster_run(cluster, &around, threads, hook, context, &finer, err);
    if (status != RI_OK && status != RI_UNCERTIFIED)
        goto done;
    ri_status merged = RI_OK;
    if (finer) {
        merged = ri_record_merge(record, finer, err);
        ri_run_facts_add(&record->run, &finer->run);
    }
    merged = ri_cluster_agree(cluster, merged, err);
    status = merged == RI_OK ? status : merged;
done:
    ri_record_free(finer);
    free(alpha);
    return status;
}
