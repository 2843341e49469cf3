/* SPDX-License-Identifier: BSD-3-Clause */
#include "kernel/limits.h"

#include <stdint.h>
#include <string.h>

#include <omp.h>

#include "base/clock.h"
#include "kernel/kernel.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { CHAINS = 12, PEAK_ROUNDS = 10000, CHUNK = 1 << 16, STREAMS = 4 };
static const double SECONDS_EACH = 0.002, SECONDS_ALL = 0.6;

/* Does a piece of work; returns its size in units of its own. */
typedef int64_t work(void *context);

static double best_rate(work *run, void *context) {
    double best = 0, end = ri_seconds() + SECONDS_ALL;
    while (ri_seconds() < end) {
        double begin = ri_seconds(), spent = 0;
        int64_t size = 0;
        for (; spent < SECONDS_EACH; spent = ri_seconds() - begin)
            size += run(context);
        if ((double)size / spent > best)
            best = (double)size / spent;
    }
    return best;
}

#if defined(__x86_64__)
/* The unit is a fused multiply-add of a whole register. */
__attribute__((target("avx2,fma"))) static int64_t chain_avx2(void *sink) {
    __m256d acc[CHAINS], s = _mm256_set1_pd(0.999), t = _mm256_set1_pd(0.001);
    for (int k = 0; k < CHAINS; k++)
        acc[k] = _mm256_set1_pd(k);
    for (int i = 0; i < PEAK_ROUNDS; i++)
        for (int k = 0; k < CHAINS; k++)
            acc[k] = _mm256_fmadd_pd(acc[k], s, t);
    for (int k = 0; k < CHAINS; k++)
        *(double *)sink += _mm256_cvtsd_f64(acc[k]);
    return (int64_t)PEAK_ROUNDS * CHAINS;
}

__attribute__((target("avx512f"))) static int64_t chain_avx512(void *sink) {
    __m512d acc[CHAINS], s = _mm512_set1_pd(0.999), t = _mm512_set1_pd(0.001);
    for (int k = 0; k < CHAINS; k++)
        acc[k] = _mm512_set1_pd(k);
    for (int i = 0; i < PEAK_ROUNDS; i++)
        for (int k = 0; k < CHAINS; k++)
            acc[k] = _mm512_fmadd_pd(acc[k], s, t);
    for (int k = 0; k < CHAINS; k++)
        *(double *)sink += _mm512_cvtsd_f64(acc[k]);
    return (int64_t)PEAK_ROUNDS * CHAINS;
}
#endif

double ri_limit_gflops(const char *table) {
    double sink = 0, peak = 0;
#if defined(__x86_64__)
    if (strcmp(table, "avx2") == 0)
        peak = 8e-9 * best_rate(chain_avx2, &sink);
    else if (strcmp(table, "avx512") == 0)
        peak = 16e-9 * best_rate(chain_avx512, &sink);
#endif
    return sink != sink ? 0 : peak; /* uses the result */
}

typedef struct reading {
    const uint64_t *word;
    int64_t count, at;
    int streams;
    uint64_t sink;
} reading;

/* Adds up the next piece of memory, as one stream or several side by side. */
static int64_t read_piece(void *context) {
    reading *r = context;
    int64_t length = CHUNK / r->streams;
    uint64_t sum[8] = {0};
    if (r->at + CHUNK > r->count)
        r->at = 0;
    for (int64_t i = 0; i < length; i += 8)
        for (int s = 0; s < r->streams; s++) {
            const uint64_t *line = r->word + r->at + s * length + i;
            for (int l = 0; l < 8; l++)
                sum[l] += line[l];
        }
    for (int l = 0; l < 8; l++)
        r->sink += sum[l];
    r->at += CHUNK;
    return CHUNK;
}

double ri_limit_gbytes(const void *memory, size_t bytes, int streams) {
    reading r = {.word = memory, .count = (int64_t)(bytes / 8), .streams = streams};
    if (r.count < CHUNK)
        return 0;
    double rate = 8e-9 * best_rate(read_piece, &r);
    return r.sink == 1 ? 0 : rate; /* uses the sum */
}

ri_limits ri_limits_measure(const void *memory, size_t bytes, int threads) {
    double gflops = 0, gbytes = 0;
    const char *table = ri_kernel_get()->name;
    size_t part = bytes / (size_t)threads / 64 * 64;
#pragma omp parallel num_threads(threads) reduction(+ : gflops, gbytes)
    {
        const char *own = (const char *)memory + (size_t)omp_get_thread_num() * part;
        gflops += ri_limit_gflops(table);
#pragma omp barrier
        gbytes += ri_limit_gbytes(own, part, STREAMS);
    }
    return (ri_limits){.gflops = gflops, .gbytes = gbytes};
}
