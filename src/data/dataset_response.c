/* SPDX-License-Identifier: BSD-3-Clause
 * Another response of a dataset that is open. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/dataset_file.h"
#include "data/hdf5_common.h"
#include "data/levels.h"

static ri_status read_response(const ri_dataset *dataset, const char *name, double **y,
                               ri_names *level, ri_error *err) {
    const ri_dataset_file *file = dataset->file;
    int64_t rows = file->rows;
    size_t room = strlen(name) + sizeof "/y/";
    char *path = malloc(room);
    if (!path)
        return ri_fail_memory(err, "a name", room);
    snprintf(path, room, "/y/%s", name);
    ri_hdf5_quiet before = ri_hdf5_silence();
    ri_status status = ri_levels_read(&file->source, path, &rows, y, level, err);
    ri_hdf5_restore(before);
    free(path);
    for (int64_t i = 0; status == RI_OK && file->row && i < dataset->n; i++)
        (*y)[i] = (*y)[file->row[i]];
    for (int64_t i = 0; status == RI_OK && i < dataset->n; i++)
        if (isinf((*y)[i]))
            status = ri_fail(err, RI_BAD_INPUT,
                             "%s:/y/%s: the response of sample '%.100s' is infinite; remove or "
                             "correct it",
                             dataset->path, name, ri_names_get(&dataset->sample, i));
    return status;
}

ri_status ri_dataset_take_response(ri_dataset *dataset, const char *name, ri_error *err) {
    char *link = ri_hdf5_link_name(name);
    double *y = NULL;
    ri_names level = {0};
    bool known = false;
    if (!link)
        return ri_fail_memory(err, "a name", strlen(name));
    for (int64_t k = 0; k < dataset->response_names.count; k++)
        known |= strcmp(ri_names_get(&dataset->response_names, k), link) == 0;
    ri_status status =
        known && dataset->file->backing == &ri_backing_hdf5
            ? read_response(dataset, link, &y, &level, err)
            : ri_dataset_unknown_name(dataset, "response", name, &dataset->response_names, err);
    if (status == RI_OK) {
        free(dataset->y);
        free(dataset->response);
        ri_names_free(&dataset->level);
        dataset->y = y;
        dataset->level = level;
        dataset->response = link;
        return RI_OK;
    }
    free(y);
    free(link);
    ri_names_free(&level);
    return status;
}
