/* SPDX-License-Identifier: BSD-3-Clause
 * The yardsticks: what one core can do at most, and OpenBLAS. */
#include <dlfcn.h>
#include <string.h>
#include <time.h>

#include "bench.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum { CHAINS = 12, PEAK_ROUNDS = 10000, CHUNK = 1 << 16 };
static const double SECONDS_EACH = 0.002, SECONDS_ALL = 0.6;

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Short timings on the wall clock: the best has seen no other process. Long enough in all for
 * the scheduler to have left some alone. */
double best_rate(work *run, void *context) {
    double best = 0, end = seconds() + SECONDS_ALL;
    while (seconds() < end) {
        double begin = seconds(), spent = 0;
        int64_t elements = 0;
        for (; spent < SECONDS_EACH; spent = seconds() - begin)
            elements += run(context);
        if ((double)elements / spent > best)
            best = (double)elements / spent;
    }
    return best;
}

#if defined(__x86_64__)
/* An "element" is a fused multiply-add of a whole register. */
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

double measure_peak(const char *table) {
    double sink = 0, peak = 0;
#if defined(__x86_64__)
    if (strcmp(table, "avx2") == 0)
        peak = 8e-9 * best_rate(chain_avx2, &sink);
    else if (strcmp(table, "avx512") == 0)
        peak = 16e-9 * best_rate(chain_avx512, &sink);
#endif
    return sink != sink ? 0 : peak;
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

double measure_read(const double *x, int64_t count, int streams) {
    reading r = {(const uint64_t *)(const void *)x, count, 0, streams, 0};
    double rate = 8e-9 * best_rate(read_piece, &r);
    return r.sink == 1 ? 0 : rate; /* uses the sum */
}

/* A function by its name in a library: object and function pointers convert by their bits. */
static void find(void *library, const char *name, void *function, size_t size) {
    void *symbol = dlsym(library, name);
    memcpy(function, &symbol, size);
}

dgemm *find_dgemm(const char **core) {
    dgemm *found = NULL;
    char *(*get_name)(void) = NULL;
    void (*set_threads)(int) = NULL;
    void *library = dlopen("libopenblas.so.0", RTLD_NOW);
    *core = "";
    if (library == NULL)
        return NULL;
    find(library, "cblas_dgemm", &found, sizeof found);
    find(library, "openblas_get_corename", &get_name, sizeof get_name);
    find(library, "openblas_set_num_threads", &set_threads, sizeof set_threads);
    if (get_name != NULL)
        *core = get_name();
    if (set_threads != NULL)
        set_threads(1);
    return found;
}
