/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/describe.h"

#include <stdio.h>
#include <string.h>

#include "base/memory.h"

ri_status ri_record_describe(ri_record *record, const ri_dataset *dataset,
                             const ri_covariates *covariates, ri_error *err) {
    RI_TRY(ri_dataset_fingerprint(dataset, &record->fingerprint, err));
    snprintf(record->dataset, sizeof record->dataset, "%s", dataset->path);
    snprintf(record->response, sizeof record->response, "%s",
             dataset->response ? dataset->response : "y");
    record->genotype = dataset->genotype;
    const struct {
        ri_names *to;
        const ri_names *from;
    } names[] = {{&record->sample, &dataset->sample},
                 {&record->feature, &dataset->feature},
                 {&record->chrom, &dataset->chrom},
                 {&record->a1, &dataset->a1},
                 {&record->a2, &dataset->a2},
                 {&record->covariates.name, &covariates->name},
                 {&record->covariates.source, &covariates->source},
                 {&record->covariates.level, &covariates->level},
                 {&record->covariates.reference, &covariates->reference}};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        RI_TRY(ri_names_copy(names[k].to, names[k].from, err));
    size_t p = (size_t)dataset->p, truths = (size_t)dataset->truth.count;
    if (dataset->pos && !(record->pos = ri_alloc(p, sizeof *record->pos)))
        return ri_fail_memory(err, "positions", 8 * p);
    if (dataset->pos)
        memcpy(record->pos, dataset->pos, p * sizeof *record->pos);
    if (truths == 0)
        return RI_OK;
    record->truth_feature = ri_alloc(truths, sizeof *record->truth_feature);
    record->truth_coefficient = ri_alloc(truths, sizeof *record->truth_coefficient);
    if (!record->truth_feature || !record->truth_coefficient)
        return ri_fail_memory(err, "the truth", 16 * truths);
    record->truths = dataset->truth.count;
    memcpy(record->truth_feature, dataset->truth.feature, truths * sizeof(int64_t));
    memcpy(record->truth_coefficient, dataset->truth.coefficient, truths * sizeof(double));
    return RI_OK;
}
