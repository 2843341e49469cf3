/* SPDX-License-Identifier: BSD-3-Clause
 * Yardsticks: what this machine can do at most. Measured, best of many short timings, so that other
 * work on the machine matters little. */
#ifndef RI_KERNEL_LIMITS_H
#define RI_KERNEL_LIMITS_H

#include <stddef.h>

/* Of all threads together; 0: not known. */
typedef struct ri_limits {
    double gflops; /* 1e9 operations a second of fused multiply-adds between registers */
    double gbytes; /* 1e9 bytes a second of reading memory, each thread in four streams */
} ri_limits;

/* Takes about a second. `memory` holds `bytes` of anything, far more than the caches. */
ri_limits ri_limits_measure(const void *memory, size_t bytes, int threads);

/* The same of one thread: in the instructions of a table ("avx2", "avx512"; 0 for others), and
 * reading as that many streams. */
double ri_limit_gflops(const char *table);
double ri_limit_gbytes(const void *memory, size_t bytes, int streams);

#endif
