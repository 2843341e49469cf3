/* SPDX-License-Identifier: BSD-3-Clause
 * Vectors of normal numbers. Include cmocka.h before. */
#ifndef RI_SUPPORT_NORMALS_H
#define RI_SUPPORT_NORMALS_H

#include "base/memory.h"
#include "base/random.h"

/* `count` of them, the same for the same seed and stream; to be freed. */
static inline double *draw_normals(size_t count, uint64_t seed, uint32_t stream) {
    double *v = ri_alloc(count, sizeof *v);
    assert_non_null(v);
    for (size_t i = 0; i < count; i++)
        v[i] = ri_random_normal(seed, stream, i);
    return v;
}

#endif
