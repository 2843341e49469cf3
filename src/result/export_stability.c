/* SPDX-License-Identifier: BSD-3-Clause
 * Tables of stability selection: a line for each feature that some half-sample picks in the region,
 * and their frequencies along alpha. */
#include <stdlib.h>

#include "base/output.h"
#include "result/export.h"
#include "result/result.h"
#include "result/stability_order.h"
#include "result/view.h"

static bool put_feature(const ri_record *record, const ri_stable *at, int64_t rank, FILE *file) {
    bool good = ri_export_name(file, &record->feature, at->feature);
    ri_export_number(file, at->within);
    ri_export_number(file, at->most);
    ri_export_number(file, record->path[0].alpha[at->alpha]);
    fprintf(file, "\t%d\t%lld", ri_stability_holds(&record->stability, at->feature),
            (long long)rank);
    if (record->chrom.count > 0) {
        fputc('\t', file);
        good = good && ri_export_name(file, &record->chrom, at->feature);
    }
    if (record->pos)
        fprintf(file, "\t%lld", (long long)record->pos[at->feature]);
    fputc('\n', file);
    return good;
}

/* The rows of a table of `count` features; false without memory. */
typedef bool fill_table(const ri_record *record, const ri_stable *order, int64_t count, FILE *file);

static ri_status write_table(const ri_record *record, const char *path, fill_table *fill,
                             ri_error *err) {
    ri_output out;
    ri_stable *order = NULL;
    int64_t count = 0;
    RI_TRY(ri_stability_order(record, &order, &count, err));
    ri_status status = ri_output_open(path, &out, err);
    if (status == RI_OK) {
        bool good = fill(record, order, count, out.file);
        if (!good)
            status = ri_fail_memory(err, "a table of stable features", 64);
        ri_status closed = ri_output_close(&out, good, err);
        status = status == RI_OK ? closed : status;
    }
    free(order);
    return status;
}

static bool put_features(const ri_record *record, const ri_stable *order, int64_t count,
                         FILE *file) {
    bool good = true;
    fprintf(file, "feature\tfrequency\tfrequency_at_one_alpha\talpha\tstable\trank%s%s\n",
            record->chrom.count ? "\tchrom" : "", record->pos ? "\tpos" : "");
    for (int64_t i = 0; i < count && good; i++)
        good = put_feature(record, &order[i], i + 1, file);
    return good;
}

static bool put_frequencies(const ri_record *record, const ri_stable *order, int64_t count,
                            FILE *file) {
    const ri_stability *s = &record->stability;
    char text[RI_NUMBER_TEXT];
    bool good = true;
    fputs("alpha\tin_region", file);
    for (int64_t i = 0; i < count && good; i++) {
        fputc('\t', file);
        good = ri_export_name(file, &record->feature, order[i].feature);
    }
    fputc('\n', file);
    for (int64_t a = 0; a < s->alphas && good; a++) {
        fprintf(file, "%s\t%d", ri_format_number(record->path[0].alpha[a], text), a < s->region);
        for (int64_t i = 0; i < count; i++)
            ri_export_number(file, ri_stability_at(s, a, order[i].feature));
        fputc('\n', file);
    }
    return good;
}

ri_status ri_export_stability(const ri_record *record, const char *path, ri_error *err) {
    return write_table(record, path, put_features, err);
}

ri_status ri_export_stability_path(const ri_record *record, const char *path, ri_error *err) {
    return write_table(record, path, put_frequencies, err);
}
