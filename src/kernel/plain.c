/* SPDX-License-Identifier: BSD-3-Clause
 * The kernels in plain C: the reference that the other tables must equal to the last bit. */
#include <math.h>
#include <string.h>

#include "kernel/tables.h"

/* One residual at a time: the compiler keeps few lanes of fma() calls in registers. */
enum { TILE_COLUMNS = 2, TILE_RESIDUALS = 1 };

typedef struct v8 {
    double lane[8];
} v8;

#define EACH_LANE for (int l = 0; l < 8; l++)

static inline v8 v8_set(double s) {
    v8 out;
    EACH_LANE out.lane[l] = s;
    return out;
}

static inline v8 v8_load(const double *p) {
    v8 out;
    EACH_LANE out.lane[l] = p[l];
    return out;
}

static inline v8 v8_load_part(const double *p, int64_t count) {
    v8 out;
    EACH_LANE out.lane[l] = l < count ? p[l] : 0.0;
    return out;
}

static inline void v8_store(double *p, v8 a) {
    EACH_LANE p[l] = a.lane[l];
}

static inline void v8_store_part(double *p, v8 a, int64_t count) {
    for (int l = 0; l < count; l++)
        p[l] = a.lane[l];
}

static inline v8 v8_add(v8 a, v8 b) {
    EACH_LANE a.lane[l] += b.lane[l];
    return a;
}

static inline v8 v8_mul(v8 a, v8 b) {
    EACH_LANE a.lane[l] *= b.lane[l];
    return a;
}

/* a b + c */
static inline v8 v8_fma(v8 a, v8 b, v8 c) {
    EACH_LANE c.lane[l] = fma(a.lane[l], b.lane[l], c.lane[l]);
    return c;
}

/* a b - c */
static inline v8 v8_fms(v8 a, v8 b, v8 c) {
    EACH_LANE c.lane[l] = fma(a.lane[l], b.lane[l], -c.lane[l]);
    return c;
}

static inline double v8_reduce(v8 a) {
    const double *e = a.lane;
    return ((e[0] + e[4]) + (e[2] + e[6])) + ((e[1] + e[5]) + (e[3] + e[7]));
}

/* Lane l is value[two bits of `codes` from bit 2 l on]. */
static inline v8 v8_pick(const double value[4], unsigned codes) {
    v8 out;
    EACH_LANE out.lane[l] = value[codes >> (2 * l) & 3];
    return out;
}

#include "kernel/body.h"

const ri_kernel ri_kernel_plain = KERNEL_TABLE("plain");
