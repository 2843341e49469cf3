/* SPDX-License-Identifier: BSD-3-Clause
 * How rates are taken, and the OpenBLAS beside which they are shown. */
#include <dlfcn.h>
#include <string.h>
#include <time.h>

#include "bench.h"

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
