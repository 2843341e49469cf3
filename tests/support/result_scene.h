/* SPDX-License-Identifier: BSD-3-Clause
 * Two result files in a folder of their own, and records to write to them. Include cmocka.h before.
 */
#ifndef RI_SUPPORT_RESULT_SCENE_H
#define RI_SUPPORT_RESULT_SCENE_H

#include <hdf5.h>
#include <unistd.h>

#include "result/result.h"
#include "support/sample_record.h"

typedef struct scene {
    char *directory;
    char file[4200], other[4200];
} scene;

static inline int set_up(void **state) {
    scene *s = calloc(1, sizeof *s);
    s->directory = sample_directory();
    snprintf(s->file, sizeof s->file, "%s/a.h5", s->directory);
    snprintf(s->other, sizeof s->other, "%s/b.h5", s->directory);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    *state = s;
    return 0;
}

/* Also a law: only the two files themselves are ever left. */
static inline int tear_down(void **state) {
    scene *s = *state;
    unlink(s->file);
    unlink(s->other);
    int left = rmdir(s->directory);
    free(s->directory);
    free(s);
    return left;
}

static const sample_shape full = {.folds = 5,
                                  .paths = 2,
                                  .alphas = 30,
                                  .n_all = 60,
                                  .missing = 3,
                                  .p = 25,
                                  .strong = 4,
                                  .genotype = true,
                                  .truth = true,
                                  .proxies = true,
                                  .weights = true};
/* Enough samples that predictions and names pass the limit of contiguous storage. */
static const sample_shape large = {
    .folds = 3, .paths = 1, .alphas = 12, .n_all = 40000, .p = 9000, .strong = 4};
static const sample_shape bare = {.folds = 0, .paths = 1, .alphas = 1, .n_all = 1, .p = 1};
static const sample_shape empty = {
    .folds = 2, .paths = 1, .alphas = 4, .n_all = 6, .p = 3, .zero = true};

static inline void write_record(const ri_record *record, const char *file) {
    ri_error err = {0};
    if (ri_result_write(record, file, &err) != RI_OK)
        fail_msg("%s", err.text);
}

#endif
