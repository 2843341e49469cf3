/* SPDX-License-Identifier: BSD-3-Clause
 * Rows that the folds hold out and leave to train on, and what to say where they are few. */
#ifndef RI_CV_FOLD_SIZES_H
#define RI_CV_FOLD_SIZES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RI_FEW_HELD = 5,   /* fewer held-out rows say little about a fold's error */
    RI_FEW_TRAIN = 20, /* fewer training rows say little about a model */
};

typedef struct ri_fold_sizes {
    int32_t folds; /* K */
    int64_t rows;  /* in some fold */
    int64_t held;  /* by the smallest fold */
    int64_t train; /* left by the largest fold */
} ri_fold_sizes;

/* `fold` [repeats * n], those of repeat r being r K .. r K + K - 1, or negative: in none. `folds`
 * counts those of all repeats. All zero without memory. */
ri_fold_sizes ri_fold_sizes_of(const int32_t *fold, int64_t n, int32_t folds, int32_t repeats);

/* Writes why the folds are too small, and what to do, to `text`; false, and "", where they are
 * not. Leave-one-out is asked for knowingly: only its training rows count. */
bool ri_fold_sizes_warn(const ri_fold_sizes *sizes, char *text, size_t size);

#endif
