/* SPDX-License-Identifier: BSD-3-Clause
 * Datasets in a file of the scratch folder against what they must hold. Include cmocka.h before. */
#ifndef RI_SUPPORT_CHECK_NUMBERS_H
#define RI_SUPPORT_CHECK_NUMBERS_H

#include <math.h>

#include "support/read_back.h"
#include "support/scratch.h"

/* Equal numbers in file order; NaN equals NaN. */
static inline void check_numbers(const char *file, const char *path, const double *expected,
                                 int64_t count) {
    int64_t found;
    double *values = read_back(scratch_file(file).text, path, &found);
    assert_int_equal(found, count);
    for (int64_t i = 0; i < count; i++)
        if (!(values[i] == expected[i] || (isnan(values[i]) && isnan(expected[i]))))
            fail_msg("%s[%d] is %g, not %g", path, (int)i, values[i], expected[i]);
    free(values);
}

static inline void check_name(const char *file, const char *path, int64_t index,
                              const char *expected) {
    char *name = read_back_name(scratch_file(file).text, path, index);
    assert_string_equal(name, expected);
    free(name);
}

#endif
