/* SPDX-License-Identifier: BSD-3-Clause
 * AnnData and 10x files as feeds. Formats: anndata's "On-disk format", Cell Ranger's
 * "Feature-Barcode Matrices" (HDF5, version 3 and later). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/annotation.h"
#include "data/feed_hdf5.h"
#include "data/hdf5_common.h"

enum { PATH_TEXT = 512 };

static bool is_group(const ri_source *source, const char *path) {
    hid_t object = H5Oopen(source->file, path, H5P_DEFAULT);
    bool group = object >= 0 && H5Iget_type(object) == H5I_GROUP;
    if (object >= 0)
        H5Oclose(object);
    return group;
}

/* Text attribute of an object, or NULL; caller frees. */
static ri_status read_attribute(const ri_source *source, const char *path, const char *name,
                                char **text, ri_error *err) {
    *text = NULL;
    hid_t object = H5Oopen(source->file, path, H5P_DEFAULT);
    if (object < 0)
        return RI_OK;
    ri_status status = ri_source_text(source, object, path, name, text, err);
    H5Oclose(object);
    return status;
}

ri_status ri_h5ad_index(const ri_source *source, const char *group, ri_names *out, ri_error *err) {
    char path[PATH_TEXT];
    char *name = NULL;
    if (!is_group(source, group))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: %s is no group: not an AnnData file, or one of a version before 0.7; "
                       "write it again with a newer anndata",
                       source->name, group);
    snprintf(path, sizeof path, "%s/_index", group);
    if (!ri_source_has(source, path)) {
        RI_TRY(read_attribute(source, group, "_index", &name, err));
        snprintf(path, sizeof path, "%s/%s", group, name ? name : "index");
        free(name);
    }
    return ri_source_names(source, path, -1, "names", out, err);
}

/* The two numbers that an attribute `shape` of the matrix, or a dataset of it, gives. */
static ri_status check_shape(const ri_feed *feed, const char *matrix, const int64_t shape[2],
                             ri_error *err) {
    const ri_source *source = ri_feed_hdf5_source(feed);
    int64_t stored[2];
    hid_t object = H5Oopen(source->file, matrix, H5P_DEFAULT);
    hid_t attribute = -1, space = -1;
    if (object >= 0 && H5Aexists(object, "shape") > 0)
        attribute = H5Aopen(object, "shape", H5P_DEFAULT);
    if (attribute >= 0)
        space = H5Aget_space(attribute);
    bool known = space >= 0 && H5Sget_simple_extent_npoints(space) == 2 &&
                 H5Aread(attribute, H5T_NATIVE_INT64, stored) >= 0;
    if (space >= 0)
        H5Sclose(space);
    if (attribute >= 0)
        H5Aclose(attribute);
    if (object >= 0)
        H5Oclose(object);
    if (!known || (stored[0] == shape[0] && stored[1] == shape[1]))
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT,
                   "%s: its shape is said to be %lld x %lld, but obs and var name %lld samples and "
                   "%lld features",
                   feed->place, (long long)stored[0], (long long)stored[1], (long long)shape[0],
                   (long long)shape[1]);
}

/* Whether a sparse X is compressed by features: as long as one of the two is the length of indptr,
 * it says so itself; where both are, the encoding does. */
static ri_status find_direction(const ri_feed *feed, const char *matrix, bool *by_features,
                                ri_error *err) {
    const ri_source *source = ri_feed_hdf5_source(feed);
    char path[PATH_TEXT];
    char *encoding = NULL;
    ri_source_set set;
    snprintf(path, sizeof path, "%s/indptr", matrix);
    RI_TRY(ri_source_dataset(source, path, &set, err));
    int64_t lines = (int64_t)set.dims[0] - 1;
    ri_source_set_close(&set);
    *by_features = lines == feed->p;
    if (feed->n != feed->p)
        return RI_OK;
    RI_TRY(read_attribute(source, matrix, "encoding-type", &encoding, err));
    if (!encoding)
        RI_TRY(read_attribute(source, matrix, "h5sparse_format", &encoding, err));
    *by_features = encoding && strncmp(encoding, "csc", 3) == 0;
    bool known = *by_features || (encoding && strncmp(encoding, "csr", 3) == 0);
    free(encoding);
    if (!known)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: is square, and no attribute encoding-type says csr_matrix or "
                       "csc_matrix",
                       feed->place);
    return RI_OK;
}

static ri_status open_h5ad(ri_feed *feed, const char *matrix, ri_error *err) {
    ri_source *source = ri_feed_hdf5_source(feed);
    RI_TRY(ri_h5ad_index(source, "/obs", &feed->sample, err));
    RI_TRY(ri_h5ad_index(source, "/var", &feed->feature, err));
    feed->n = feed->sample.count;
    feed->p = feed->feature.count;
    if (!ri_source_has(source, matrix)) {
        char text[600];
        return ri_fail(err, RI_BAD_INPUT, "%s: is not in the file; it has %s", feed->place,
                       ri_source_describe(source, text, sizeof text));
    }
    if (!is_group(source, matrix))
        return ri_feed_hdf5_dense(feed, matrix, err);
    bool by_features;
    RI_TRY(check_shape(feed, matrix, (int64_t[2]){feed->n, feed->p}, err));
    RI_TRY(find_direction(feed, matrix, &by_features, err));
    return ri_feed_hdf5_sparse(feed, matrix, by_features, err);
}

ri_status ri_feed_h5ad(const char *path, const ri_matrix_options *options, ri_feed *out,
                       ri_error *err) {
    char matrix[PATH_TEXT] = "/X";
    if (options->layer &&
        snprintf(matrix, sizeof matrix, "/layers/%s", options->layer) >= (int)sizeof matrix)
        return ri_fail(err, RI_BAD_INPUT, "%s: --layer: the name is too long", path);
    RI_TRY(ri_feed_hdf5_open(path, matrix, out, err));
    return open_h5ad(out, matrix, err);
}

ri_status ri_feed_10x(const char *path, const ri_matrix_options *options, ri_feed *out,
                      ri_error *err) {
    RI_TRY(ri_feed_hdf5_open(path, "/matrix", out, err));
    ri_source *source = ri_feed_hdf5_source(out);
    char text[600];
    if (!ri_source_has(source, "/matrix/barcodes") || !ri_source_has(source, "/matrix/features/id"))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: is no feature-barcode matrix of Cell Ranger 3 or later (/matrix with "
                       "barcodes and features); it has %s",
                       path, ri_source_describe(source, text, sizeof text));
    RI_TRY(ri_source_names(source, "/matrix/barcodes", -1, "barcodes", &out->sample, err));
    RI_TRY(ri_source_names(source,
                           options->gene_names ? "/matrix/features/name" : "/matrix/features/id",
                           -1, "features", &out->feature, err));
    out->n = out->sample.count;
    out->p = out->feature.count;
    int64_t count = 2, *shape = NULL;
    RI_TRY(ri_source_integers(source, "/matrix/shape", &count, "numbers", &shape, err));
    bool agrees = shape[0] == out->p && shape[1] == out->n;
    long long stored[2] = {shape[0], shape[1]};
    free(shape);
    if (!agrees)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: its shape is %lld features x %lld barcodes, but it names %lld and "
                       "%lld",
                       out->place, stored[0], stored[1], (long long)out->p, (long long)out->n);
    out->features_first = true;
    return ri_feed_hdf5_sparse(out, "/matrix", false, err);
}
