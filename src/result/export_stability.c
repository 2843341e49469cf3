/* SPDX-License-Identifier: BSD-3-Clause
 * Tables of stability selection: a line for each feature that some half-sample picks in the region,
 * and their frequencies along alpha. */
#include <stdlib.h>

#include "base/output.h"
#include "result/result.h"
#include "result/stability_order.h"
#include "result/view.h"

static bool put_name(FILE *file, const ri_names *names, int64_t index) {
    char *name = ri_text_clean(ri_names_get(names, index));
    if (name)
        fputs(name, file);
    free(name);
    return name != NULL;
}

static void put_number(FILE *file, double value) {
    char text[RI_NUMBER_TEXT];
    fprintf(file, "\t%s", ri_format_number(value, text));
}

static bool put_feature(const ri_record *record, const ri_stable *at, int64_t rank, FILE *file) {
    bool good = put_name(file, &record->feature, at->feature);
    put_number(file, at->within);
    put_number(file, at->most);
    put_number(file, record->path[0].alpha[at->alpha]);
    fprintf(file, "\t%d\t%lld", ri_stability_holds(&record->stability, at->feature),
            (long long)rank);
    if (record->chrom.count > 0) {
        fputc('\t', file);
        good = good && put_name(file, &record->chrom, at->feature);
    }
    if (record->pos)
        fprintf(file, "\t%lld", (long long)record->pos[at->feature]);
    fputc('\n', file);
    return good;
}

ri_status ri_export_stability(const ri_record *record, const char *path, ri_error *err) {
    ri_output out;
    ri_stable *order = NULL;
    int64_t count = 0;
    bool good = true;
    RI_TRY(ri_stability_order(record, &order, &count, err));
    ri_status status = ri_output_open(path, &out, err);
    if (status != RI_OK)
        goto done;
    fprintf(out.file, "feature\tfrequency\tfrequency_at_one_alpha\talpha\tstable\trank%s%s\n",
            record->chrom.count ? "\tchrom" : "", record->pos ? "\tpos" : "");
    for (int64_t i = 0; i < count && good; i++)
        good = put_feature(record, &order[i], i + 1, out.file);
    if (!good)
        status = ri_fail_memory(err, "the table of stable features", 64);
    ri_status closed = ri_output_close(&out, good, err);
    status = status == RI_OK ? closed : status;
done:
    free(order);
    return status;
}

ri_status ri_export_stability_path(const ri_record *record, const char *path, ri_error *err) {
    const ri_stability *s = &record->stability;
    char text[RI_NUMBER_TEXT];
    ri_output out;
    ri_stable *order = NULL;
    int64_t count = 0;
    bool good = true;
    RI_TRY(ri_stability_order(record, &order, &count, err));
    ri_status status = ri_output_open(path, &out, err);
    if (status != RI_OK)
        goto done;
    fputs("alpha\tin_region", out.file);
    for (int64_t i = 0; i < count && good; i++) {
        fputc('\t', out.file);
        good = put_name(out.file, &record->feature, order[i].feature);
    }
    fputc('\n', out.file);
    for (int64_t a = 0; a < s->alphas; a++) {
        fprintf(out.file, "%s\t%d", ri_format_number(record->path[0].alpha[a], text),
                a < s->region);
        for (int64_t i = 0; i < count; i++)
            put_number(out.file, ri_stability_at(s, a, order[i].feature));
        fputc('\n', out.file);
    }
    if (!good)
        status = ri_fail_memory(err, "the table of frequencies", 64);
    ri_status closed = ri_output_close(&out, good, err);
    status = status == RI_OK ? closed : status;
done:
    free(order);
    return status;
}
