/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/random.h"

#include <math.h>

#include <Random123/philox.h>
#include <xxhash.h>

static philox4x32_ctr_t draw(uint64_t seed, uint32_t stream, uint64_t counter) {
    philox4x32_ctr_t at = {{(uint32_t)counter, (uint32_t)(counter >> 32), stream, 0}};
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    return philox4x32(at, key);
}

static uint64_t join(uint32_t low, uint32_t high) {
    return (uint64_t)high << 32 | low;
}

static double unit(uint64_t bits) {
    return ((double)(bits >> 11) + 0.5) * 0x1p-53;
}

uint64_t ri_random_bits(uint64_t seed, uint32_t stream, uint64_t counter) {
    philox4x32_ctr_t r = draw(seed, stream, counter);
    return join(r.v[0], r.v[1]);
}

double ri_random_uniform(uint64_t seed, uint32_t stream, uint64_t counter) {
    return unit(ri_random_bits(seed, stream, counter));
}

void ri_random_normal_pair(uint64_t seed, uint32_t stream, uint64_t counter, double pair[2]) {
    philox4x32_ctr_t r = draw(seed, stream, counter);
    double radius = sqrt(-2.0 * log(unit(join(r.v[0], r.v[1]))));
    double angle = 6.283185307179586476925286766559 * unit(join(r.v[2], r.v[3]));
    pair[0] = radius * cos(angle);
    pair[1] = radius * sin(angle);
}

double ri_random_normal(uint64_t seed, uint32_t stream, uint64_t counter) {
    double pair[2];
    ri_random_normal_pair(seed, stream, counter, pair);
    return pair[0];
}

uint64_t ri_hash(const void *bytes, size_t length, uint64_t seed) {
    return XXH64(bytes, length, seed);
}
