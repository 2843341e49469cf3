/* SPDX-License-Identifier: BSD-3-Clause
 * Opening a dataset: file, X, response, orientation, names, in this order; each step believes only
 * what the steps before have checked. */
#include "data/dataset.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/dataset_file.h"
#include "data/hdf5_common.h"
#include "data/levels.h"

enum { LISTED = 10 /* names in a message */ };

ri_status ri_dataset_unknown_name(const ri_dataset *dataset, const char *what, const char *name,
                                  const ri_names *known, ri_error *err) {
    char text[600] = "none";
    size_t used = 0;
    for (int64_t i = 0; i < known->count && i < LISTED && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.50s", i ? ", " : "",
                                 ri_names_get(known, i));
    return ri_fail(err, RI_BAD_INPUT, "%s: has no %s '%.100s'; it has %s%s", dataset->path, what,
                   name, text, known->count > LISTED ? ", ..." : "");
}

/* `path` from the root of the file, as messages show it. */
static char *absolute_path(const char *path) {
    size_t room = strlen(path) + 2;
    char *text = malloc(room);
    if (text)
        snprintf(text, room, "%s%s", path[0] == '/' ? "" : "/", path);
    return text;
}

static ri_status read_format(ri_dataset *dataset, const char *x_path, ri_error *err) {
    const ri_source *source = &dataset->file->source;
    int64_t format = 0;
    RI_TRY(ri_source_integer(source, source->file, "/", "riata_format", &format,
                             &dataset->own_layout, err));
    if (dataset->own_layout && format != 1)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: has riata_format %lld; this version of riata reads format 1",
                       dataset->path, (long long)format);
    char text[600];
    if (!dataset->own_layout && !x_path)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: was not written by riata; name X and the response with --x and --y; it "
                       "has %s",
                       dataset->path, ri_source_describe(source, text, sizeof text));
    dataset->x_path = absolute_path(x_path ? x_path : "/X");
    return dataset->x_path ? RI_OK : ri_fail_memory(err, "a name", strlen(x_path));
}

static bool is_known(const ri_names *names, const char *name) {
    for (int64_t i = 0; i < names->count; i++)
        if (strcmp(ri_names_get(names, i), name) == 0)
            return true;
    return false;
}

/* The response to read from /y: the one asked for, the default of the file, or the first. */
static ri_status choose_response(const ri_dataset *dataset, const char *asked, char **name,
                                 ri_error *err) {
    const ri_source *source = &dataset->file->source;
    if (asked) {
        *name = ri_hdf5_link_name(asked);
    } else {
        RI_TRY(ri_source_text(source, source->file, "/", "default_response", name, err));
        if (!*name)
            *name = strdup(ri_names_get(&dataset->response_names, 0));
    }
    if (!*name)
        return ri_fail_memory(err, "a name", 64);
    if (!is_known(&dataset->response_names, *name))
        return ri_dataset_unknown_name(dataset, "response", asked ? asked : *name,
                                       &dataset->response_names, err);
    return RI_OK;
}

/* Finds the path of the response and its name; both NULL where there is none and none is needed. */
static ri_status find_response(ri_dataset *dataset, const ri_open_options *options, char **path,
                               ri_error *err) {
    if (dataset->own_layout)
        RI_TRY(ri_source_members(&dataset->file->source, "/y", &dataset->response_names, err));
    if (options->y_path) {
        *path = absolute_path(options->y_path);
        dataset->response = absolute_path(options->y_path);
        return *path && dataset->response ? RI_OK : ri_fail_memory(err, "a name", 64);
    }
    if (dataset->response_names.count == 0) {
        if (options->response_optional)
            return RI_OK;
        char text[600];
        return ri_fail(err, RI_BAD_INPUT, "%s: has no response%s; it has %s", dataset->path,
                       dataset->own_layout ? " in /y; import one, or name a dataset with --y"
                                           : " that riata knows; name a dataset with --y",
                       ri_source_describe(&dataset->file->source, text, sizeof text));
    }
    RI_TRY(choose_response(dataset, options->response, &dataset->response, err));
    size_t room = strlen(dataset->response) + sizeof "/y/";
    *path = malloc(room);
    if (!*path)
        return ri_fail_memory(err, "a name", room);
    snprintf(*path, room, "/y/%s", dataset->response);
    return RI_OK;
}

/* Reads the response; `*length` is -1 where there is none. */
static ri_status read_response(ri_dataset *dataset, const ri_open_options *options, int64_t *length,
                               ri_error *err) {
    char *path = NULL;
    ri_status status;
    *length = -1;
    RI_GO(find_response(dataset, options, &path, err));
    if (!path)
        goto done;
    RI_GO(ri_levels_read(&dataset->file->source, path, length, &dataset->y, &dataset->level, err));
    for (int64_t i = 0; i < *length; i++)
        if (isinf(dataset->y[i])) {
            status = ri_fail(err, RI_BAD_INPUT,
                             "%s:%s: the response of sample %lld is infinite; remove or correct it",
                             dataset->path, path, (long long)i + 1);
            goto done;
        }
done:
    free(path);
    return status;
}

void ri_dataset_skip_exit_cleanup(void) {
    H5dont_atexit();
}

static ri_status open_steps(ri_dataset *dataset, const ri_open_options *options, ri_error *err) {
    int64_t length;
    RI_TRY(ri_source_open(dataset->path, &dataset->file->source, err));
    RI_TRY(read_format(dataset, options->x_path, err));
    RI_TRY(ri_dataset_open_x(dataset, err));
    RI_TRY(read_response(dataset, options, &length, err));
    RI_TRY(ri_dataset_orient(dataset, options->layout, length, err));
    return ri_dataset_load_annotations(dataset, err);
}

ri_status ri_dataset_new(const char *path, const ri_backing *backing, ri_dataset **out,
                         ri_error *err) {
    *out = NULL;
    ri_dataset *dataset = calloc(1, sizeof *dataset);
    if (!dataset)
        return ri_fail_memory(err, "a dataset", sizeof *dataset);
    dataset->path = strdup(path);
    dataset->file = calloc(1, sizeof *dataset->file);
    if (dataset->file)
        *dataset->file = (ri_dataset_file){.backing = backing,
                                           .source = {.file = -1},
                                           .x = {.id = -1},
                                           .entry = {.id = -1},
                                           .route = ri_route_none};
    if (!dataset->path || !dataset->file) {
        ri_dataset_close(dataset);
        return ri_fail_memory(err, "a file name", strlen(path));
    }
    *out = dataset;
    return RI_OK;
}

ri_status ri_dataset_open(const char *path, const ri_open_options *options, ri_dataset **out,
                          ri_error *err) {
    ri_dataset *dataset;
    *out = NULL;
    RI_TRY(ri_dataset_new(path, &ri_backing_hdf5, &dataset, err));
    ri_hdf5_quiet before = ri_hdf5_silence();
    ri_status status = open_steps(dataset, options ? options : &(ri_open_options){0}, err);
    H5garbage_collect(); /* names took buffers that HDF5 would keep */
    ri_hdf5_restore(before);
    if (status == RI_OK)
        *out = dataset;
    else
        ri_dataset_close(dataset);
    return status;
}

void ri_dataset_close(ri_dataset *dataset) {
    if (!dataset)
        return;
    if (dataset->file) {
        dataset->file->backing->close(dataset->file);
        free(dataset->file->row);
        free(dataset->file->column);
    }
    ri_names *names[] = {&dataset->sample,      &dataset->feature,
                         &dataset->chrom,       &dataset->a1,
                         &dataset->a2,          &dataset->response_names,
                         &dataset->group_names, &dataset->covariate_names,
                         &dataset->level};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        ri_names_free(names[k]);
    free(dataset->file);
    free(dataset->pos);
    free(dataset->response);
    free(dataset->y);
    free(dataset->weight);
    free(dataset->fold);
    free(dataset->truth.feature);
    free(dataset->truth.coefficient);
    free(dataset->x_path);
    free(dataset->path);
    free(dataset);
}
