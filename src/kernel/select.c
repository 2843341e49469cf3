/* SPDX-License-Identifier: BSD-3-Clause
 * Which table runs: the best that the processor has, or the one that RIATA_SIMD names. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/tables.h"

static const char *const VARIABLE = "RIATA_SIMD";

int ri_kernel_all(const ri_kernel *table[3]) {
    int count = 0;
    table[count++] = &ri_kernel_plain;
#if defined(__x86_64__)
    int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (avx2 && ri_kernel_avx2() != NULL)
        table[count++] = ri_kernel_avx2();
    if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
        ri_kernel_avx512() != NULL)
        table[count++] = ri_kernel_avx512();
#endif
    return count;
}

static const ri_kernel *find_table(const char *name) {
    const ri_kernel *table[3];
    int count = ri_kernel_all(table);
    for (int k = 0; k < count; k++)
        if (strcmp(table[k]->name, name) == 0)
            return table[k];
    return NULL;
}

static const ri_kernel *choose_table(void) {
    const char *forced = getenv(VARIABLE);
    const ri_kernel *named = forced != NULL ? find_table(forced) : NULL;
    if (named != NULL)
        return named;
    const ri_kernel *table[3];
    return table[ri_kernel_all(table) - 1];
}

const ri_kernel *ri_kernel_get(void) {
    /* Threads that meet here first all compute and store the same pointer. */
    static _Atomic(const ri_kernel *) chosen;
    const ri_kernel *kernel = atomic_load_explicit(&chosen, memory_order_acquire);
    if (kernel == NULL) {
        kernel = choose_table();
        atomic_store_explicit(&chosen, kernel, memory_order_release);
    }
    return kernel;
}

ri_status ri_kernel_check(ri_error *err) {
    const char *forced = getenv(VARIABLE);
    if (forced == NULL || *forced == '\0' || find_table(forced) != NULL)
        return RI_OK;
    if (strcmp(forced, "avx2") == 0 || strcmp(forced, "avx512") == 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s=%s: this processor or build does not have it; unset %s to use the best "
                       "available, which is %s",
                       VARIABLE, forced, VARIABLE, ri_kernel_get()->name);
    return ri_fail(err, RI_BAD_INPUT,
                   "%s=%s: unknown instruction set; use plain, avx2 or avx512, or unset it",
                   VARIABLE, forced);
}
