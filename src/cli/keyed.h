/* SPDX-License-Identifier: BSD-3-Clause
 * Side files of one number per sample or feature: --weights, --fold-file, --penalty-factors. */
#ifndef RI_CLI_KEYED_H
#define RI_CLI_KEYED_H

#include <stdint.h>

#include "base/status.h"
#include "base/text.h"

typedef struct ri_keyed {
    const char *option; /* "--weights", for messages */
    const char *path;
    const char *key, *value; /* names of the two columns, in any place: "sample", "weight" */
    int64_t unknown;         /* out: lines whose name is not among `names` */
    char first_unknown[64];  /* out */
} ri_keyed;

/* `number[i]` (as many as `names`) becomes the value of names[i], NaN where the file has no line
 * for it. Negative and non-finite values, names that come twice, and a file in which no name is
 * known are RI_BAD_INPUT. */
RI_MUST_USE ri_status ri_keyed_read(ri_keyed *keyed, const ri_names *names, double *number,
                                    ri_error *err);

#endif
