/* SPDX-License-Identifier: BSD-3-Clause
 * All files of a result under one prefix. The HDF5 file comes first: everything else can be drawn
 * from it again. */
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "result/result.h"

static bool has_covariates(const ri_record *record) {
    return record->covariates.count > 0;
}

static bool has_alleles(const ri_record *record) {
    return record->genotype && record->a1.count > 0 && record->a2.count > 0;
}

static bool has_stability(const ri_record *record) {
    return record->stability.pairs > 0;
}

static bool has_proxies(const ri_record *record) {
    const ri_proxies *x = &record->proxies;
    return x->threshold > 0 && x->start[x->count] > 0;
}

static const struct {
    const char *ending;
    ri_status (*write)(const ri_record *record, const char *path, ri_error *err);
    bool (*wanted)(const ri_record *record); /* NULL: always */
} TABLE[] = {
    {".json", ri_export_json, NULL},
    {".curve.tsv", ri_export_curve, NULL},
    {".features.tsv", ri_export_features, NULL},
    {".covariates.tsv", ri_export_covariates, has_covariates},
    {".proxies.tsv", ri_export_proxies, has_proxies},
    {".score.tsv", ri_export_score, has_alleles},
    {".afreq", ri_export_frequencies, has_alleles},
    {".stability.tsv", ri_export_stability, has_stability},
    {".stability_path.tsv", ri_export_stability_path, has_stability},
};

ri_status ri_export_tables(const ri_record *record, const char *prefix, char *written,
                           ri_error *err) {
    size_t room = strlen(prefix) + 32, used = 0;
    char *path = malloc(room);
    ri_status status = RI_OK;
    if (!path)
        return ri_fail_memory(err, "a file name", room);
    for (size_t k = 0; k < sizeof TABLE / sizeof *TABLE; k++) {
        snprintf(path, room, "%s%s", prefix, TABLE[k].ending);
        if (TABLE[k].wanted && !TABLE[k].wanted(record)) {
            remove(path); /* one that is left there belongs to another result */
            continue;
        }
        RI_GO(ri_output_prepare(path, err));
        RI_GO(TABLE[k].write(record, path, err));
        if (written)
            used += (size_t)snprintf(written + used, RI_WRITTEN_TEXT - used, "%s%s",
                                     used ? " " : "", TABLE[k].ending);
    }
done:
    free(path);
    return status;
}

ri_status ri_result_write_all(const ri_record *record, const char *prefix, char *written,
                              int *drawn, ri_error *err) {
    size_t room = strlen(prefix) + 32;
    char *path = malloc(room);
    ri_status status = RI_OK;
    *drawn = 0;
    if (!path)
        return ri_fail_memory(err, "a file name", room);
    snprintf(path, room, "%s.h5", prefix);
    RI_GO(ri_output_prepare(path, err));
    RI_GO(ri_result_write(record, path, err));
    RI_GO(ri_export_tables(record, prefix, written, err));
    status = ri_export_pictures(record, prefix, drawn, err);
done:
    free(path);
    return status;
}
