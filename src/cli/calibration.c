/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/calibration.h"

#include <fcntl.h>
#include <jansson.h>
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/output.h"
#include "base/random.h"
#include "cv/cost.h"
#include "cv/cv.h"

/* The small problem: wide enough to walk by passes over X. */
enum { SAMPLES = 400, FEATURES = 8000, FOLDS = 3, ALPHAS = 100, TRUE = 30 };
/* Its seconds over those of the cost model, on the machine that the model's constants are from. */
static const double REFERENCE = 0.73;
static const double MOST_READING = 3, MOST_READ = 2e9; /* seconds and bytes of a dataset */
static const double MOST_INFLATING = 1;                /* seconds */
static const size_t MEMORY = (size_t)256 << 20;

static bool locate(char *path, size_t size) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && cache[0] == '/')
        snprintf(path, size, "%s/riata/calibration.json", cache);
    else if (home && home[0])
        snprintf(path, size, "%s/.cache/riata/calibration.json", home);
    else
        return false;
    return true;
}

static void copy_text(const json_t *from, const char *key, char *to, size_t size) {
    const char *text = json_string_value(json_object_get(from, key));
    snprintf(to, size, "%s", text ? text : "");
}

bool ri_calibration_load(ri_calibration *out) {
    char path[4096];
    *out = (ri_calibration){.slowness = 1};
    json_t *root = locate(path, sizeof path) ? json_load_file(path, 0, NULL) : NULL;
    if (!root)
        return false;
    ri_calibration found = {
        .limits.gflops = json_number_value(json_object_get(root, "gflops")),
        .limits.gbytes = json_number_value(json_object_get(root, "gbytes")),
        .read_gbytes = json_number_value(json_object_get(root, "read_gbytes")),
        .inflate_gbytes = json_number_value(json_object_get(root, "inflate_gbytes")),
        .cores = (int)json_integer_value(json_object_get(root, "cores")),
        .slowness = json_number_value(json_object_get(root, "slowness")),
    };
    copy_text(root, "host", found.host, sizeof found.host);
    copy_text(root, "simd", found.simd, sizeof found.simd);
    copy_text(root, "measured", found.measured, sizeof found.measured);
    json_decref(root);
    if (!(found.slowness > 0) || isinf(found.slowness) || found.cores < 1)
        return false;
    *out = found;
    return true;
}

/* Random features, and a response of which a few make most. */
static void fill(double *x, double *y, int32_t *fold) {
    for (int64_t e = 0; e < (int64_t)SAMPLES * FEATURES; e++)
        x[e] = ri_random_uniform(1, 1, (uint64_t)e) - 0.5;
    for (int64_t i = 0; i < SAMPLES; i++) {
        y[i] = ri_random_uniform(1, 2, (uint64_t)i) - 0.5;
        for (int64_t j = 0; j < TRUE; j++)
            y[i] += x[j * SAMPLES + i];
        fold[i] = (int32_t)(i % FOLDS);
    }
}

/* Seconds that the problem's fits take the processor: other work on the machine does not count. */
static ri_status time_units(const ri_problem *problem, double *seconds, ri_error *err) {
    const ri_unit *unit;
    ri_plan *plan = NULL;
    ri_unit_result *result = NULL;
    ri_status status = ri_plan_new(problem, NULL, 1, &plan, err);
    *seconds = 0;
    if (status != RI_OK)
        return status;
    int64_t units = ri_plan_units(plan, &unit);
    result = ri_calloc((size_t)units, sizeof *result);
    clock_t started = clock();
    status = result ? ri_units_run(plan, unit, units, 1, NULL, NULL, result, err)
                    : ri_fail_memory(err, "a small problem", (size_t)units * sizeof *result);
    *seconds = (double)(clock() - started) / CLOCKS_PER_SEC;
    for (int64_t u = 0; status == RI_OK && u < units; u++)
        ri_unit_result_free(&result[u]);
    free(result);
    ri_plan_free(plan);
    return status;
}

/* The least of three runs: the one that other work on the machine disturbed least. */
static ri_status measure_slowness(double *x, double *slowness, ri_error *err) {
    const double lasso = 1;
    double y[SAMPLES], best = INFINITY;
    int32_t fold[SAMPLES];
    ri_problem problem = {.x = {.storage = RI_F64,
                                .n = SAMPLES,
                                .p = FEATURES,
                                .stride = SAMPLES * sizeof *x,
                                .values = x},
                          .y = y,
                          .folds = FOLDS,
                          .fold = fold,
                          .settings = {.tol = 1e-6, .intercept = true, .standardize = true},
                          .l1_ratios = 1,
                          .l1_ratio = &lasso,
                          .alphas = ALPHAS,
                          .blocks = 1};
    fill(x, y, fold);
    for (int k = 0; k < 3; k++) {
        double seconds;
        RI_TRY(time_units(&problem, &seconds, err));
        best = fmin(best, seconds);
    }
    const ri_team alone = {.ranks = 1, .ranks_on_node = 1, .threads = 1};
    ri_cost cost = ri_cost_of(&problem);
    *slowness = best / ri_cost_seconds(&problem, &cost, &alone) / REFERENCE;
    return RI_OK;
}

static ri_status store(const ri_calibration *c, const char *path, ri_error *err) {
    ri_output out;
    json_t *root =
        json_pack("{s:f,s:f,s:f,s:f,s:i,s:f,s:s,s:s,s:s}", "gflops", c->limits.gflops, "gbytes",
                  c->limits.gbytes, "read_gbytes", c->read_gbytes, "inflate_gbytes",
                  c->inflate_gbytes, "cores", c->cores, "slowness", c->slowness, "host", c->host,
                  "simd", c->simd, "measured", c->measured);
    if (!root)
        return ri_fail_memory(err, "the calibration", 1024);
    ri_status status = ri_output_prepare(path, err);
    if (status == RI_OK)
        status = ri_output_open(path, &out, err);
    if (status == RI_OK) {
        json_dumpf(root, out.file, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
        fputc('\n', out.file);
        status = ri_output_close(&out, 1, err);
    }
    json_decref(root);
    return status;
}

/* 1e9 bytes a second of reading a file in large consecutive pieces, as passes do, from where it is
 * stored; its pages are given up first. 0 where that cannot be told. */
static double read_speed(const char *path) {
    enum { PIECE = 8 << 20 };
    int file = open(path, O_RDONLY | O_CLOEXEC);
    char *piece = ri_alloc(PIECE, 1);
    double bytes = 0, started = ri_seconds(), seconds = 0;
    if (file >= 0 && piece) {
        posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
        for (ssize_t got;
             seconds < MOST_READING && bytes < MOST_READ && (got = read(file, piece, PIECE)) > 0;) {
            bytes += (double)got;
            seconds = ri_seconds() - started;
        }
    }
    if (file >= 0)
        close(file);
    free(piece);
    return seconds > 0 ? bytes / seconds / 1e9 : 0;
}

ri_status ri_calibration_inflate(const ri_dataset *dataset, ri_calibration *c, ri_error *err) {
    const size_t stride = ri_storage_bytes(dataset->storage, dataset->n);
    const int64_t p = dataset->p, chunk = dataset->chunk_features < p ? dataset->chunk_features : p;
    char path[4096], *columns = ri_alloc((size_t)chunk, stride);
    double seconds = 0, started = ri_seconds();
    int64_t j = 0;
    if (!columns)
        return ri_fail_memory(err, "a chunk of X", (unsigned long long)chunk * stride);
    ri_status status = RI_OK;
    for (; status == RI_OK && j < p && seconds < MOST_INFLATING; j += chunk) {
        status = ri_dataset_fetch(dataset, j, chunk < p - j ? chunk : p - j, columns, stride, err);
        seconds = ri_seconds() - started;
    }
    free(columns);
    if (ri_dataset_inflated(dataset) > 0)
        c->inflate_gbytes = (double)(j < p ? j : p) * (double)stride / seconds / 1e9;
    return status == RI_OK && locate(path, sizeof path) ? store(c, path, err) : status;
}

ri_status ri_calibration_make(const char *host, const char *dataset, ri_calibration *out,
                              char *path, size_t size, ri_error *err) {
    time_t now = time(NULL);
    struct tm utc;
    *out = (ri_calibration){.cores = omp_get_num_procs(), .slowness = 1};
    if (!locate(path, size))
        return ri_fail(err, RI_BAD_INPUT,
                       "--calibrate: neither XDG_CACHE_HOME nor HOME says where to store it");
    double *memory = ri_alloc(MEMORY, 1);
    if (!memory)
        return ri_fail_memory(err, "measuring this machine", MEMORY);
    memset(memory, 1, MEMORY);
    out->limits = ri_limits_measure(memory, MEMORY, out->cores);
    ri_status status = measure_slowness(memory, &out->slowness, err);
    free(memory);
    RI_TRY(status);
    out->read_gbytes = dataset ? read_speed(dataset) : 0;
    snprintf(out->host, sizeof out->host, "%s", host);
    snprintf(out->simd, sizeof out->simd, "%s", ri_kernel_get()->name);
    strftime(out->measured, sizeof out->measured, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    return store(out, path, err);
}
