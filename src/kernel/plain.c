/* SPDX-License-Identifier: BSD-3-Clause
 * The kernels in plain C: the reference that the other tables must equal to the last bit. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "kernel/tables.h"

#define EACH_LANE for (int l = 0; l < 8; l++)

enum { PARTS = 1, PART_LANES = 8, ACCUMULATORS = 2 };
enum { FETCHES = 1, TURNS = 1, FETCH_LEVEL = 3, TILES_DECODE = 0, DOUBLE_ROWS = 512 };
/* Most columns beside 1, 2, ... residuals; EACH_TILE has every number up to that. */
enum { TILE_RESIDUALS = 1 };
static const int TILE_COLUMNS[TILE_RESIDUALS] = {2};
#define EACH_TILE(T) COLUMNS_2(T, 1)

typedef struct part {
    double lane[8];
} part;

static inline part part_set(double s) {
    part out;
    EACH_LANE out.lane[l] = s;
    return out;
}

static inline part part_load(const double *p) {
    part out;
    EACH_LANE out.lane[l] = p[l];
    return out;
}

static inline part part_load_some(const double *p, int64_t count, int from) {
    part out;
    EACH_LANE out.lane[l] = from + l < count ? p[from + l] : 0.0;
    return out;
}

static inline void part_store(double *p, part a) {
    EACH_LANE p[l] = a.lane[l];
}

static inline void part_store_some(double *p, part a, int64_t count, int from) {
    for (int l = 0; from + l < count; l++)
        p[from + l] = a.lane[l];
}

static inline part part_add(part a, part b) {
    EACH_LANE a.lane[l] += b.lane[l];
    return a;
}

static inline part part_mul(part a, part b) {
    EACH_LANE a.lane[l] *= b.lane[l];
    return a;
}

static inline part part_fma(part a, part b, part c) {
    EACH_LANE c.lane[l] = fma(a.lane[l], b.lane[l], c.lane[l]);
    return c;
}

static inline part part_fms(part a, part b, part c) {
    EACH_LANE c.lane[l] = fma(a.lane[l], b.lane[l], -c.lane[l]);
    return c;
}

static inline part part_sub(part a, part b) {
    EACH_LANE a.lane[l] -= b.lane[l];
    return a;
}

static inline part part_load_f32(const float *p) {
    part out;
    EACH_LANE out.lane[l] = (double)p[l];
    return out;
}

static inline void part_store_f32(float *p, part a) {
    EACH_LANE p[l] = (float)a.lane[l];
}

static inline part part_load_i8(const int8_t *p) {
    part out;
    EACH_LANE out.lane[l] = p[l];
    return out;
}

static inline part part_load_u8(const uint8_t *p) {
    part out;
    EACH_LANE out.lane[l] = p[l];
    return out;
}

/* a, and 0 in the lanes where v is NaN. */
static inline part part_clear_nan(part a, part v) {
    EACH_LANE a.lane[l] = v.lane[l] == v.lane[l] ? a.lane[l] : 0.0;
    return a;
}

/* a, and 0 in the lanes where v is `code`. */
static inline part part_clear_code(part a, part v, double code) {
    EACH_LANE a.lane[l] = v.lane[l] == code ? 0.0 : a.lane[l];
    return a;
}

/* Lane l is value[two bits of `codes` from bit 2 (from + l) on], table = part_table(value). */
static inline part part_table(const double value[4]) {
    part out;
    EACH_LANE out.lane[l] = value[l % 4];
    return out;
}

static inline part part_pick(part table, unsigned codes, int from) {
    part out;
    EACH_LANE out.lane[l] = table.lane[codes >> (2 * (from + l)) & 3];
    return out;
}

/* The codes of 32 rows; and the same of group g of 8 of these rows. */
typedef const uint8_t *codes;

static inline codes codes_load(const uint8_t *byte) {
    return byte;
}

static inline part part_pick_group(part table, codes all, int g, int from) {
    return part_pick(table, all[2 * g] | (unsigned)all[2 * g + 1] << 8, from);
}

/* The same of genotypes as they are. */
static inline part part_genotypes(codes all, int g, int from) {
    static const double value[4] = {2, 0, 1, 0};
    return part_pick_group(part_table(value), all, g, from);
}

static inline double reduce_parts(const part a[PARTS]) {
    const double *e = a->lane;
    return ((e[0] + e[4]) + (e[2] + e[6])) + ((e[1] + e[5]) + (e[3] + e[7]));
}

static inline void reduce_eight(const double *from, int64_t stride, double out[8]) {
    for (int k = 0; k < 8; k++) {
        part a = part_load(from + k * stride);
        out[k] = reduce_parts(&a);
    }
}

#include "kernel/body.h"

enum { DIGIT_PARTS = 1, DIGIT_VECTORS = 1 };

typedef struct bytes {
    uint8_t byte[64];
} bytes;

typedef int32_t sums;

static inline sums digit_zero(void) {
    return 0;
}

static inline bytes digit_load(const uint8_t *at) {
    bytes out;
    memcpy(out.byte, at, sizeof out.byte);
    return out;
}

static inline void digit_store(uint8_t *at, bytes x) {
    memcpy(at, x.byte, sizeof x.byte);
}

static inline bytes digit_genotypes(bytes x, int k) {
    static const uint8_t VALUE[4] = {2, 0, 1, 0};
    for (int i = 0; i < 64; i++)
        x.byte[i] = VALUE[x.byte[i] >> (2 * k) & 3];
    return x;
}

static inline sums digit_add(sums s, bytes g, bytes q) {
    for (int i = 0; i < 64; i++)
        s += g.byte[i] * (int8_t)q.byte[i];
    return s;
}

static inline int64_t digit_total(sums high, sums low) {
    return 256 * (int64_t)high + low;
}

#define DIGITS(name) name
#define DIGITS_TARGET
#include "kernel/digits.h"

const ri_kernel ri_kernel_plain = KERNEL_TABLE("plain", sign_products, digit_products);
