/* SPDX-License-Identifier: BSD-3-Clause
 * What this machine was measured to do, kept in riata/calibration.json of the user's cache folder
 * (XDG_CACHE_HOME, else ~/.cache). */
#ifndef RI_CLI_CALIBRATION_H
#define RI_CLI_CALIBRATION_H

#include <stdbool.h>

#include "base/status.h"
#include "data/dataset.h"
#include "kernel/limits.h"

typedef struct ri_calibration {
    ri_limits limits; /* of all cores */
    int cores;
    double read_gbytes;    /* 1e9 bytes a second of reading the dataset given then; 0: none was */
    double inflate_gbytes; /* the same of X, inflated by a thread; 0: its chunks are not deflated */
    double slowness;       /* of a small cross-validation, over the machine of the cost model */
    char host[256], simd[16], measured[32];
} ri_calibration;

/* The stored one; all zero, slowness 1 and false where there is none that can be read. */
bool ri_calibration_load(ri_calibration *out);

/* Measures this machine (a few seconds), and how fast `dataset` (may be NULL) is read past the
 * system's cache, and stores it; `path` (of `size` bytes) is where. */
RI_MUST_USE ri_status ri_calibration_make(const char *host, const char *dataset,
                                          ri_calibration *out, char *path, size_t size,
                                          ri_error *err);

/* Measures, in a second, how fast a thread inflates X, and stores it with what was measured before.
 * To be called once that is there. */
RI_MUST_USE ri_status ri_calibration_inflate(const ri_dataset *dataset, ri_calibration *c,
                                             ri_error *err);

#endif
