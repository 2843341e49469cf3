/* SPDX-License-Identifier: BSD-3-Clause */
#include "design/coarse.h"

#include <math.h>

#include "kernel/kernel.h"

/* Of either sign: 16 bits less what the lower byte may carry; a multiple of 256. */
static const double MOST = 32000;

/* Of the angle to a vector at which a threshold is so high that the higher bytes tell. */
static const double LEAST_COSINE = 0.5;

/* Sums of doubled numbers of so many rows are exact as doubles. */
static const int64_t MOST_ROWS = (int64_t)1 << 36;

bool ri_coarse_apply(const ri_columns *columns) {
    return columns->x.storage == RI_PACKED2 && columns->centered && columns->standardized &&
           columns->x.n <= MOST_ROWS;
}

static double find_unit(const ri_view *view, const double *v) {
    double most = 0;
    for (int64_t t = 0; t < view->train; t++)
        most = fmax(most, fabs(v[view->row[t]]));
    return most / MOST;
}

static void write_digits(int64_t number, int8_t *at) {
    int64_t high = (number + 128 + 65536) / 256 - 256;
    at[0] = (int8_t)high;
    at[64] = (int8_t)(number - 256 * high);
}

bool ri_coarse_high(const ri_view *view, const double *v, double floor) {
    double all = 0;
    for (int64_t t = 0; t < view->train; t++) {
        const int32_t i = view->row[t];
        all += view->weight[i] > 0 ? v[i] * v[i] / view->weight[i] : 0;
    }
    return floor >= LEAST_COSINE * sqrt(all / (double)view->train);
}

ri_coarse ri_coarse_round(const ri_view *view, const double *v, bool high, double *rounded,
                          int8_t *digit) {
    ri_coarse out = {.unit = find_unit(view, v)};
    const double step = high ? 256 : 1, unit = step * out.unit;
    const double per_unit = unit > 0 && isfinite(1 / unit) ? 1 / unit : 0;
    double off = 0, all = 0;
    for (int64_t i = 0; rounded && i < view->columns->x.n; i++)
        rounded[i] = 0;
    for (int64_t t = 0; t < view->train; t++) {
        const int32_t i = view->row[t];
        const double number = fmax(fmin(step * rint(v[i] * per_unit), MOST), -MOST);
        const double at = out.unit * number, e = v[i] - at;
        if (rounded)
            rounded[i] = at;
        if (digit)
            write_digits((int64_t)number, digit + ri_digit_place(i));
        if (view->weight[i] > 0) {
            off += e * e / view->weight[i];
            all += v[i] * v[i] / view->weight[i];
        }
    }
    const double rows = (double)view->train;
    out.off = sqrt(off / rows) * (1 + 1e-9) + 1e-11 * sqrt(all / rows);
    return out;
}
