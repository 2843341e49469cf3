/* SPDX-License-Identifier: BSD-3-Clause
 * Inside of an open dataset: what holds X, and the steps in which an HDF5 file is opened. */
#ifndef RI_DATA_DATASET_FILE_H
#define RI_DATA_DATASET_FILE_H

#include "data/bed.h"
#include "data/dataset.h"
#include "data/raw.h"
#include "data/source.h"
#include "data/spool.h"

typedef struct ri_dataset_file ri_dataset_file;

/* How X and group labels are read: one table for each kind of file. */
typedef struct ri_backing {
    /* Columns [from, from + count) of the file, all its rows, in dataset->storage, `stride` bytes
     * apart. */
    ri_status (*read)(const ri_dataset *dataset, int64_t from, int64_t count, void *out,
                      size_t stride, ri_error *err);
    /* Appends the labels of all rows; RI_BAD_INPUT where there is no such group column. */
    ri_status (*group)(const ri_dataset *dataset, const char *name, ri_names *label, ri_error *err);
    /* Appends the texts of all rows of a covariate of covariate_names, "" where missing; numbers in
     * a form that reads back to the same double. NULL: this kind of file has none. */
    ri_status (*covariate)(const ri_dataset *dataset, const char *name, ri_names *text,
                           ri_error *err);
    void (*close)(ri_dataset_file *file);
    /* Whether several threads may read at a time from now on. NULL: no. */
    bool (*parallel)(const ri_dataset *dataset);
    /* Whether columns lie in the file as they are in memory, and may be read so. NULL: they do
     * not. */
    bool (*plain)(const ri_dataset *dataset);
    /* Where they do: ri_dataset_find. NULL: columns are copied all the same. */
    bool (*find)(const ri_dataset *dataset, int64_t from, int64_t count, int *file, uint64_t *at);
    /* ri_dataset_extent, and what is fetched from one: all rows of `part`. NULL: all is read. */
    bool (*extent)(const ri_dataset *dataset, int64_t from, int64_t count, int *file,
                   ri_extent *out);
    ri_status (*read_held)(const ri_dataset *dataset, const ri_piece *part, const ri_extent *held,
                           void *out, size_t stride, ri_error *err);
    /* Where several threads may read: whether the system has this column in its cache. */
    bool (*cached)(const ri_dataset *dataset, int64_t feature);
    /* The same: has the system read these columns into its cache. */
    void (*ahead)(const ri_dataset *dataset, int64_t from, int64_t count);
    /* As read, but rows [row, row + rows) alone, row a multiple of 8. NULL: whole columns only. */
    ri_status (*read_rows)(const ri_dataset *dataset, const ri_piece *part, void *out,
                           size_t stride, ri_error *err);
} ri_backing;

/* Numbers as such texts. */
ri_status ri_dataset_number_texts(const double *value, int64_t count, ri_names *text,
                                  ri_error *err);

/* ri_dataset_fetch_rows from whole columns, one after the other. */
ri_status ri_dataset_pick_rows(const ri_dataset *dataset, const ri_piece *part, void *out,
                               size_t stride, ri_error *err);

extern const ri_backing ri_backing_hdf5, ri_backing_bed;

/* X opened once more, for another way to its bytes (route.h). */
typedef struct ri_route {
    hid_t file, x; /* negative: X is read from where it was opened first */
    hid_t transfer;
} ri_route;

static const ri_route ri_route_none = {.file = -1, .x = -1, .transfer = H5P_DEFAULT};

struct ri_dataset_file {
    const ri_backing *backing;
    int64_t rows; /* samples of the file */
    /* What the dataset shows of the file, rising; NULL: all (narrow.h). */
    int32_t *row;    /* [n] */
    int32_t *column; /* [p] */

    /* HDF5 */
    ri_source source;
    ri_source_set x;     /* opened with a chunk cache that suits reading by features; of a sparse
                            dataset, its values */
    ri_source_set entry; /* of a sparse dataset: the sample of each value */
    int64_t *start;      /* the same: [p of the file + 1] first entry of each feature */
    hid_t memory;        /* type of an element in memory, one of HDF5's own */
    ri_raw raw;          /* x read without HDF5, where that can be */
    ri_route route;

    /* PLINK 1 */
    ri_bed bed;
    ri_names family; /* labels of group column FID */
    ri_names sex;    /* texts of covariate RI_SEX, where any sample has one */

    /* VCF */
    ri_spool spool;
};

/* An empty dataset of file `path`; its file is closed by `backing`. */
RI_MUST_USE ri_status ri_dataset_new(const char *path, const ri_backing *backing, ri_dataset **out,
                                     ri_error *err);

/* Opens X and decides storage, genotype and compression from its type and attributes. */
RI_MUST_USE ri_status ri_dataset_open_x(ri_dataset *dataset, ri_error *err);

/* Sets n, p and samples_first: from riata's attributes, the option, or the length of the response
 * (`length` < 0: there is none). */
RI_MUST_USE ri_status ri_dataset_orient(ri_dataset *dataset, ri_layout layout, int64_t length,
                                        ri_error *err);

/* Names, weights, folds, group names and truth of riata's own layout; names made up where there
 * are none, and for foreign files. */
RI_MUST_USE ri_status ri_dataset_load_annotations(ri_dataset *dataset, ri_error *err);

/* "FILE:/X: feature 17 ('rs123'), sample 5 ('s5') <what>"; RI_BAD_INPUT. */
ri_status ri_dataset_fail_element(const ri_dataset *dataset, int64_t feature, int64_t sample,
                                  const char *what, ri_error *err);

/* RI_BAD_INPUT: columns [from, from + count) of X cannot be read. */
ri_status ri_dataset_fail_columns(const ri_dataset *dataset, int64_t from, int64_t count,
                                  ri_error *err);

/* RI_BAD_INPUT with "FILE: has no WHAT 'NAME'; it has ..." and up to ten of the known names. */
ri_status ri_dataset_unknown_name(const ri_dataset *dataset, const char *what, const char *name,
                                  const ri_names *known, ri_error *err);

#endif
