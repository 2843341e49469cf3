/* SPDX-License-Identifier: BSD-3-Clause
 * Responses that are text: the names of classes. In memory they are numbers as any response is, 0,
 * 1, ... for the different texts in alphabetical (byte) order, which are kept beside them. */
#ifndef RI_DATA_LEVELS_H
#define RI_DATA_LEVELS_H

#include <stdint.h>

#include "base/status.h"
#include "base/text.h"
#include "data/dataset.h"

struct ri_source;

enum { RI_MOST_LEVELS = 20 }; /* more different texts are no classes */

/* `y` [text->count] becomes the number of each text, NaN where it is missing (NA, nan, empty);
 * `level` (empty on entry) receives the different ones. RI_BAD_INPUT, naming `place`, where there
 * are more than RI_MOST_LEVELS. */
RI_MUST_USE ri_status ri_levels_find(const char *place, const ri_names *text, double *y,
                                     ri_names *level, ri_error *err);

/* A response in an HDF5 file: numbers, or texts. `count` as in ri_source_doubles. */
RI_MUST_USE ri_status ri_levels_read(const struct ri_source *source, const char *path,
                                     int64_t *count, double **y, ri_names *level, ri_error *err);

/* The opposite: the text of every number, "" where it is missing, appended to `text`. */
RI_MUST_USE ri_status ri_levels_text(const double *y, int64_t n, const ri_names *level,
                                     ri_names *text, ri_error *err);

/* The two classes of the responses y [n] (a dataset's, NaN for rows that do not count): `classes`
 * (empty on entry) receives the negative one, then the positive. `positive` NULL: of numbers the
 * larger is positive, of texts the later. RI_BAD_INPUT where there are not two. */
RI_MUST_USE ri_status ri_classes_find(const ri_dataset *dataset, const double *y,
                                      const char *positive, ri_names *classes, ri_error *err);

/* y [n], a dataset's, becomes 0 and 1 by such classes. RI_BAD_INPUT where another occurs. */
RI_MUST_USE ri_status ri_classes_code(const ri_dataset *dataset, const ri_names *classes, double *y,
                                      ri_error *err);

/* Text of the first response of a dataset that is none of the classes, into `text`. */
void ri_classes_foreign(const ri_dataset *dataset, const ri_names *classes, char *text,
                        size_t room);

/* The text of a response: its level, or the number. */
const char *ri_class_label(const ri_dataset *dataset, double y, char number[RI_NUMBER_TEXT]);

#endif
