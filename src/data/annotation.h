/* SPDX-License-Identifier: BSD-3-Clause
 * One column of facts about the samples, numbers or text, from the obs of an AnnData file or from a
 * table beside X. */
#ifndef RI_DATA_ANNOTATION_H
#define RI_DATA_ANNOTATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "data/source.h"

typedef struct ri_annotation {
    char place[256]; /* "file, column 'NAME'" for messages */
    double *value;   /* [n] NaN missing; NULL where it is text */
    ri_names label;  /* n texts, "" missing, where it is no numbers */
} ri_annotation;

void ri_annotation_free(ri_annotation *annotation);

/* The names of samples ("/obs") or features ("/var") of an AnnData file, appended to `out`. */
RI_MUST_USE ri_status ri_h5ad_index(const ri_source *source, const char *group, ri_names *out,
                                    ri_error *err);

/* Column `name` of obs: numbers, truth values, text, categories (their labels, or their numbers
 * where the categories are numbers) and arrays with a mask. */
RI_MUST_USE ri_status ri_obs_column(const ri_source *source, const char *name, int64_t n,
                                    ri_annotation *out, ri_error *err);

/* A table with a header line and one sample a line, matched by sample ID. */
typedef struct ri_sheet ri_sheet;

/* `id_column` NULL: the first column. Repeated IDs are refused, and a table without any of the
 * samples. Counts: samples with a line, and lines without a sample. */
RI_MUST_USE ri_status ri_sheet_open(const char *path, const char *id_column, const ri_names *sample,
                                    ri_sheet **out, int64_t *matched, int64_t *unused,
                                    ri_error *err);
void ri_sheet_close(ri_sheet *sheet); /* accepts NULL */

/* Column `name`, asked for by `option`, in the order of the samples; missing where a sample has no
 * line. Numbers where every cell is one or missing, else text. */
RI_MUST_USE ri_status ri_sheet_column(const ri_sheet *sheet, const char *option, const char *name,
                                      ri_annotation *out, ri_error *err);

#endif
