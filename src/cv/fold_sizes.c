/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/fold_sizes.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

ri_fold_sizes ri_fold_sizes_of(const int32_t *fold, int64_t n, int32_t folds, int32_t repeats) {
    ri_fold_sizes sizes = {.folds = folds / repeats};
    int64_t *count = ri_calloc((size_t)folds, sizeof *count), most = 0;
    if (!count)
        return sizes;
    for (int64_t i = 0; i < n * repeats; i++)
        if (fold[i] >= 0) {
            count[fold[i]]++;
            sizes.rows++;
        }
    sizes.rows /= repeats;
    sizes.held = sizes.rows;
    for (int32_t k = 0; k < folds; k++) {
        sizes.held = count[k] < sizes.held ? count[k] : sizes.held;
        most = count[k] > most ? count[k] : most;
    }
    sizes.train = sizes.rows - most;
    free(count);
    return sizes;
}

bool ri_fold_sizes_warn(const ri_fold_sizes *sizes, char *text, size_t size) {
    text[0] = '\0';
    if (sizes->rows == 0)
        return false;
    if (sizes->train < RI_FEW_TRAIN) {
        snprintf(text, size,
                 "a fold leaves only %lld samples to train on: models of so few are hardly those "
                 "of all %lld, and their errors say little about them%s",
                 (long long)sizes->train, (long long)sizes->rows,
                 sizes->folds < sizes->rows ? "; more folds, or --folds loo, leave more" : "");
        return true;
    }
    if (sizes->held < RI_FEW_HELD && sizes->folds < sizes->rows) {
        long long enough = (long long)(sizes->rows / RI_FEW_HELD);
        snprintf(text, size,
                 "a fold holds out only %lld sample%s: the error of a fold is uncertain then, and "
                 "with it the standard error and the choice 1se; %lld folds or fewer hold out at "
                 "least %d",
                 (long long)sizes->held, sizes->held == 1 ? "" : "s", enough < 2 ? 2 : enough,
                 RI_FEW_HELD);
        return true;
    }
    return false;
}
