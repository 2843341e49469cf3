/* SPDX-License-Identifier: BSD-3-Clause
 * The chosen model of genotypes in the forms that plink2 --score reads: a weight for each counted
 * allele, and the training frequencies that stand for missing calls (--read-freq). */
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "result/result.h"
#include "result/view.h"

static void put_names(FILE *file, const char *const *name, int count) {
    for (int k = 0; k < count; k++)
        fprintf(file, "%s%s", k ? "\t" : "", name[k]);
}

static void put_weight(const ri_record *record, const ri_effect *effect, FILE *file) {
    char number[RI_NUMBER_TEXT];
    const char *name[] = {ri_names_get(&record->feature, effect->feature),
                          ri_names_get(&record->a1, effect->feature)};
    put_names(file, name, 2);
    fprintf(file, "\t%s\n", ri_format_number(effect->coefficient, number));
}

static void put_frequency(const ri_record *record, const ri_effect *effect, FILE *file) {
    char number[RI_NUMBER_TEXT];
    int64_t j = effect->feature;
    const char *name[] = {record->chrom.count > 0 ? ri_names_get(&record->chrom, j) : ".",
                          ri_names_get(&record->feature, j), ri_names_get(&record->a2, j),
                          ri_names_get(&record->a1, j)};
    put_names(file, name, 4);
    fprintf(file, "\t%s\t%lld\n", ri_format_number(record->feature_mean[j] / 2, number),
            2 * (long long)record->n);
}

static ri_status put_effects(const ri_record *record, const char *path, const char *header,
                             void (*put)(const ri_record *, const ri_effect *, FILE *),
                             ri_error *err) {
    ri_output out;
    ri_effect *effect = NULL;
    int64_t count;
    RI_TRY(ri_path_effects(record, ri_record_selected(record), record->index_selected, &effect,
                           &count, err));
    ri_status status = ri_output_open(path, &out, err);
    if (status == RI_OK) {
        fprintf(out.file, "%s\n", header);
        for (int64_t i = 0; i < count; i++)
            put(record, &effect[i], out.file);
        status = ri_output_close(&out, 1, err);
    }
    free(effect);
    return status;
}

ri_status ri_export_score(const ri_record *record, const char *path, ri_error *err) {
    return put_effects(record, path, "ID\tA1\tBETA", put_weight, err);
}

ri_status ri_export_frequencies(const ri_record *record, const char *path, ri_error *err) {
    return put_effects(record, path, "#CHROM\tID\tREF\tALT\tALT_FREQS\tOBS_CT", put_frequency, err);
}
