/* SPDX-License-Identifier: BSD-3-Clause
 * All files of a result under one prefix. The HDF5 file comes first: everything else can be drawn
 * from it again. */
#include <stdlib.h>
#include <string.h>

#include "base/output.h"
#include "result/result.h"

typedef ri_status (*exporter)(const ri_record *record, const char *path, ri_error *err);

ri_status ri_result_write_all(const ri_record *record, const char *prefix, int *drawn,
                              ri_error *err) {
    static const struct {
        const char *ending;
        exporter write;
    } file[] = {
        {".h5", ri_result_write},
        {".json", ri_export_json},
        {".curve.tsv", ri_export_curve},
        {".features.tsv", ri_export_features},
        {".covariates.tsv", ri_export_covariates},
    };
    size_t room = strlen(prefix) + 32;
    char *path = malloc(room);
    ri_status status = RI_OK;
    *drawn = 0;
    if (!path)
        return ri_fail_memory(err, "a file name", room);
    for (size_t f = 0; f < sizeof file / sizeof *file; f++) {
        if (file[f].write == ri_export_covariates && record->covariates.count == 0)
            continue;
        snprintf(path, room, "%s%s", prefix, file[f].ending);
        RI_GO(ri_output_prepare(path, err));
        RI_GO(file[f].write(record, path, err));
    }
    status = ri_export_pictures(record, prefix, drawn, err);
done:
    free(path);
    return status;
}
