/* SPDX-License-Identifier: BSD-3-Clause
 * Counter-based random numbers (Philox4x32-10, Salmon et al., SC 2011): a draw is a function of
 * (seed, stream, counter) alone, so that any thread or rank may make it. */
#ifndef RI_BASE_RANDOM_H
#define RI_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* 64 random bits. `stream` separates uses of one seed. */
uint64_t ri_random_bits(uint64_t seed, uint32_t stream, uint64_t counter);

/* Uniform in (0, 1), 53 bits. */
double ri_random_uniform(uint64_t seed, uint32_t stream, uint64_t counter);

/* Standard normal (Box-Muller on two uniforms of the same counter). */
double ri_random_normal(uint64_t seed, uint32_t stream, uint64_t counter);

/* Two independent ones for little more than the cost of one; the first is ri_random_normal's. */
void ri_random_normal_pair(uint64_t seed, uint32_t stream, uint64_t counter, double pair[2]);

/* xxHash64 of a block of bytes: keys for samples, fingerprints of inputs. */
uint64_t ri_hash(const void *bytes, size_t length, uint64_t seed);

/* Streams in use; one per purpose. */
enum ri_random_stream {
    RI_STREAM_FOLD = 1,
    RI_STREAM_TWIN = 2,
    RI_STREAM_FEATURE = 3,
    RI_STREAM_TRUTH = 4,
    RI_STREAM_NOISE = 5,
    RI_STREAM_ALLELE = 6,
    RI_STREAM_MISSING = 7,
    RI_STREAM_REPEAT = 8,
    RI_STREAM_TEST = 9,
    RI_STREAM_REPLICATE = 12,
};

#endif
