/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/stop.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

ri_status ri_stop_new(int64_t paths, int64_t folds, int64_t alphas, int64_t patience, ri_stop **out,
                      ri_error *err) {
    size_t points = (size_t)(paths * folds * alphas);
    *out = NULL;
    ri_stop *stop = ri_calloc(1, sizeof *stop);
    double *error = ri_alloc(points, sizeof *error);
    int64_t *needed = ri_alloc((size_t)paths, sizeof *needed);
    if (!stop || !error || !needed) {
        free(stop);
        free(error);
        free(needed);
        return ri_fail_memory(err, "the folds' errors", 8 * points);
    }
    for (size_t i = 0; i < points; i++)
        error[i] = -1;
    for (int64_t r = 0; r < paths; r++)
        needed[r] = alphas;
    *stop = (ri_stop){.paths = paths,
                      .folds = folds,
                      .alphas = alphas,
                      .patience = patience,
                      .repeats = 1,
                      .error = error,
                      .needed = needed};
    *out = stop;
    return RI_OK;
}

void ri_stop_free(ri_stop *stop) {
    if (!stop)
        return;
    free(stop->error);
    free(stop->needed);
    free(stop);
}

static double *error_at(const ri_stop *stop, int64_t path, int64_t fold, int64_t alpha) {
    return stop->error + (path * stop->folds + fold) * stop->alphas + alpha;
}

void ri_stop_post(ri_stop *stop, int64_t path, int64_t fold, int64_t alpha, double mse) {
    double *at = error_at(stop, path, fold, alpha);
    stop->news |= *at < 0;
    *at = mse;
}

bool ri_stop_merge(ri_stop *stop, const double *error) {
    bool any = false;
    for (int64_t i = 0; i < stop->paths * stop->folds * stop->alphas; i++)
        if (stop->error[i] < 0 && !(error[i] < 0)) {
            stop->error[i] = error[i];
            any = true;
        }
    return any;
}

void ri_curve_point(const double *error, int64_t stride, int64_t folds, int64_t repeats,
                    double *mean, double *se) {
    double sum = 0, squares = 0;
    int64_t used = 0;
    for (int64_t k = 0; k < folds; k++) {
        double e = error[k * stride];
        sum += isnan(e) ? 0 : e;
        used += !isnan(e);
    }
    *mean = sum / (double)used;
    for (int64_t k = 0; k < folds; k++) {
        double d = error[k * stride] - *mean;
        squares += isnan(d) ? 0 : d * d;
    }
    double once = (double)used / (double)repeats; /* folds that are independent, about */
    *se = used > 1 ? sqrt(squares / (double)(used - 1)) / sqrt(once) : NAN;
}

/* Whether the folds' errors at alpha `a` are clearly above those at `lowest`. */
static bool clearly_above(const ri_stop *stop, const double *error, int64_t a, int64_t lowest,
                          double *difference) {
    double mean, se;
    for (int64_t k = 0; k < stop->folds; k++)
        difference[k] = error[k * stop->alphas + a] - error[k * stop->alphas + lowest];
    ri_curve_point(difference, 1, stop->folds, stop->repeats, &mean, &se);
    return mean > RI_STOP_ERRORS * se;
}

bool ri_stop_rule(const ri_stop *stop, const double *error, int64_t alphas, double *work,
                  int64_t *needed) {
    double *mean = work, *difference = work + alphas, se;
    *needed = alphas;
    for (int64_t a = 0, lowest = 0; a < alphas; a++) {
        ri_curve_point(error + a, stop->alphas, stop->folds, stop->repeats, &mean[a], &se);
        if (mean[a] < mean[lowest] || isnan(mean[lowest]))
            lowest = a;
        if (a - lowest >= stop->patience && clearly_above(stop, error, a, lowest, difference)) {
            *needed = a + 1;
            return true;
        }
    }
    return false;
}

/* Alphas whose errors are known of every fold. */
static int64_t known_alphas(const ri_stop *stop, int64_t path) {
    for (int64_t a = 0; a < stop->alphas; a++)
        for (int64_t k = 0; k < stop->folds; k++)
            if (*error_at(stop, path, k, a) < 0)
                return a;
    return stop->alphas;
}

void ri_stop_look(ri_stop *stop) {
    double *work = ri_alloc((size_t)(stop->alphas + stop->folds), sizeof *work);
    if (!work) /* all are needed */
        return;
    for (int64_t r = 0; r < stop->paths; r++) {
        int64_t known = known_alphas(stop, r), needed;
        if (ri_stop_rule(stop, error_at(stop, r, 0, 0), known, work, &needed) &&
            needed < stop->needed[r])
            stop->needed[r] = needed;
    }
    free(work);
}
