/* SPDX-License-Identifier: BSD-3-Clause
 * A pass over X of which every rank of a group does its own part of the features for all ranks:
 * what is asked and what is answered, as bytes to be sent. An asker gets its answers from all
 * parts; they are those of design/pass.h, to the last bit. The gradient of a request's last
 * residual stays with the parts, for the next request of the same fit: an answer has but the
 * entries that reach their floor. */
#ifndef RI_DESIGN_PART_H
#define RI_DESIGN_PART_H

#include <stdint.h>

#include "base/status.h"
#include "design/pass.h"

typedef struct ri_bytes {
    char *at; /* owned where `room` is above 0 */
    size_t length, room;
} ri_bytes; /* all zero is empty */

typedef struct ri_part_views { /* of an asker, since its last first pass */
    ri_view *view;
    int64_t count;
    float *null; /* [count * columns of the part] gradients of the first pass */
    float *
        *gradient; /* [fits] [columns of the part] of its last residual; NULL: the first pass's */
    size_t fits;
} ri_part_views;

typedef struct ri_part {
    ri_columns columns; /* of features [from, to) alone, all in memory */
    int64_t from, to;
    int askers;
    ri_part_views *of;   /* [askers] */
    const ri_view *mine; /* what this rank's own last first pass was for */
} ri_part;

/* `all` has arrays for all features, borrowed; `values` are those of feature `from`. */
RI_MUST_USE ri_status ri_part_open(ri_part *part, const ri_columns *all, const ri_shard *shard,
                                   int64_t from, int64_t to, int askers, ri_error *err);
void ri_part_free(ri_part *part);

/* What this rank asks of all parts: a first pass for `first` [count], or, with NULL, a pass for
 * views of its last first pass. Appended to `out`. */
RI_MUST_USE ri_status ri_part_ask(ri_part *part, const ri_view *first, const ri_request *request,
                                  int64_t count, ri_bytes *out, ri_error *err);

/* Does this part of the passes of all askers in one read of its columns (two where some are first
 * passes): `asked` and `answer` are [askers], empty where nothing is asked. */
RI_MUST_USE ri_status ri_part_answer(ri_part *part, const ri_bytes *asked, int threads,
                                     double *bytes, ri_bytes *answer, ri_error *err);

/* Takes the answer of the part of features [from, to); before the first of them answers are empty.
 */
RI_MUST_USE ri_status ri_part_take(const ri_bytes *answer, int64_t from, int64_t to, ri_view *first,
                                   ri_request *request, int64_t count, ri_error *err);

/* All parts have been taken. */
void ri_part_settle(ri_request *request, int64_t count);

void ri_bytes_free(ri_bytes *bytes);

#endif
