/* SPDX-License-Identifier: BSD-3-Clause */
#include "design/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "kernel/kernel.h"

/* A variance below this part of the second moment has lost too many digits to cancellation. */
static const double CANCELLATION = 1e-4;

__extension__ typedef __int128 wide;

static void fill_rows(ri_view *view, const uint8_t *role, const double *weight, int64_t n) {
    int64_t train = 0, held = view->train;
    for (int64_t i = 0; i < n; i++) {
        view->weight[i] = 0;
        if (role[i] == 1) {
            view->row[train++] = (int32_t)i;
            view->weight[i] = weight ? weight[i] : 1.0;
            view->weighted |= view->weight[i] != 1.0;
        } else if (role[i] == 2) {
            view->row[held++] = (int32_t)i;
        }
    }
}

static bool make_arrays(ri_view *view, int64_t n, int64_t p) {
    view->row = ri_alloc((size_t)(view->train + view->held), sizeof *view->row);
    view->weight = ri_alloc((size_t)n, sizeof *view->weight);
    view->root = ri_alloc((size_t)view->train, sizeof *view->root);
    view->mean = ri_calloc((size_t)p, sizeof *view->mean);
    view->scale = ri_calloc((size_t)p, sizeof *view->scale);
    if (view->row && view->weight && view->root && view->mean && view->scale)
        return true;
    ri_view_free(view);
    return false;
}

ri_status ri_view_of_rows(const ri_columns *columns, const ri_view *like, ri_view *out,
                          ri_error *err) {
    int64_t n = columns->x.n, p = columns->x.p;
    *out = (ri_view){
        .columns = columns, .train = like->train, .held = like->held, .weighted = like->weighted};
    if (!make_arrays(out, n, p))
        return ri_fail_memory(err, "the moments of a fold", 16ULL * (unsigned long long)p);
    memcpy(out->row, like->row, (size_t)(like->train + like->held) * sizeof *out->row);
    memcpy(out->weight, like->weight, (size_t)n * sizeof *out->weight);
    memcpy(out->root, like->root, (size_t)like->train * sizeof *out->root);
    return RI_OK;
}

ri_status ri_view_new(const ri_columns *columns, const uint8_t *role, const double *weight,
                      ri_view *out, ri_error *err) {
    int64_t n = columns->x.n, p = columns->x.p;
    *out = (ri_view){.columns = columns};
    for (int64_t i = 0; i < n; i++) {
        out->train += role[i] == 1;
        out->held += role[i] == 2;
    }
    if (!make_arrays(out, n, p))
        return ri_fail_memory(err, "the moments of a fold", 16ULL * (unsigned long long)p);
    fill_rows(out, role, weight, n);
    double sum = 0;
    for (int64_t t = 0; t < out->train; t++)
        sum += out->weight[out->row[t]];
    if (!(sum > 0)) {
        ri_view_free(out);
        return ri_fail(err, RI_BAD_INPUT,
                       "the weights of the training rows of a fold sum to 0; remove the samples of "
                       "weight 0 or use fewer folds");
    }
    double to_count = out->weighted ? (double)out->train / sum : 1.0;
    for (int64_t t = 0; t < out->train; t++) {
        double *w = &out->weight[out->row[t]];
        *w *= to_count;
        out->root[t] = sqrt(*w);
    }
    return RI_OK;
}

void ri_view_free(ri_view *view) {
    free(view->row);
    free(view->weight);
    free(view->root);
    free(view->mean);
    free(view->scale);
    free(view->stretch);
    *view = (ri_view){0};
}

/* Decodes the whole column and reports its missing rows. */
static int64_t decode_column(const ri_view *view, int64_t j, double shift, double *d,
                             int32_t *missing) {
    const ri_columns *columns = view->columns;
    ri_matrix_decode(&columns->x, j, shift, d);
    return columns->missing[j] ? ri_matrix_missing(&columns->x, j, missing) : 0;
}

/* Weighted variance about the mean in two passes over observed training rows of positive weight. */
static double exact_variance(const ri_view *view, int64_t j, double *scratch, double *mean) {
    int64_t n = view->columns->x.n;
    int32_t *missing = (int32_t *)(void *)(scratch + n);
    double *d = scratch;
    int64_t count = decode_column(view, j, view->columns->shift[j], d, missing);
    for (int64_t k = 0; k < count; k++)
        d[missing[k]] = NAN;
    double sum = 0, weight = 0, first = NAN;
    bool constant = true;
    for (int64_t t = 0; t < view->train; t++) {
        int32_t i = view->row[t];
        double w = view->weight[i];
        if (isnan(d[i]) || w == 0)
            continue;
        if (isnan(first))
            first = d[i];
        constant &= d[i] == first;
        sum += w * (d[i] - first);
        weight += w;
    }
    *mean = weight > 0 ? first + sum / weight : 0;
    if (constant)
        return 0;
    double squares = 0;
    for (int64_t t = 0; t < view->train; t++) {
        int32_t i = view->row[t];
        if (isnan(d[i]) || view->weight[i] == 0)
            continue;
        squares += view->weight[i] * (d[i] - *mean) * (d[i] - *mean);
    }
    return squares / (double)view->train;
}

double ri_view_variance(const ri_view *view, int64_t j, double s, double q, double missing_weight,
                        double *mean, double *scratch, double *bytes) {
    double total = (double)view->train, observed = total - missing_weight;
    *mean = observed > 0 ? s / observed : 0;
    double variance = (q - s * *mean) / total;
    if (variance > CANCELLATION * (q / total))
        return variance;
    *bytes += ri_view_column_bytes(view);
    return exact_variance(view, j, scratch, mean);
}

void ri_view_moments(ri_view *view, int64_t j, double s, double q, double missing_weight,
                     double *scratch, double *bytes) {
    double mean;
    double variance = ri_view_variance(view, j, s, q, missing_weight, &mean, scratch, bytes);
    view->mean[j] = mean;
    const ri_columns *columns = view->columns;
    if (variance > 0)
        view->scale[j] = columns->standardized ? 1.0 / sqrt(variance) : 1.0;
    else
        view->scale[j] = columns->centered || columns->standardized ? 0.0 : 1.0;
    if (view->stretch)
        view->scale[j] *= view->stretch[j];
}

/* Decodes column j, missing values at the training mean; returns what it is centred by. */
static double decode_filled(const ri_view *view, int64_t j, double *scratch) {
    int32_t *missing = (int32_t *)(void *)(scratch + view->columns->x.n);
    int64_t count = decode_column(view, j, view->columns->shift[j], scratch, missing);
    for (int64_t k = 0; k < count; k++)
        scratch[missing[k]] = view->mean[j];
    return view->columns->centered ? view->mean[j] : 0;
}

static void standardise_held(const ri_view *view, int64_t j, const double *d, double center,
                             double *z_held) {
    const int32_t *row = view->row + view->train;
    double scale = view->scale[j];
    for (int64_t t = 0; t < view->held; t++)
        z_held[t] = (d[row[t]] - center) * scale;
}

void ri_view_gather_held(const ri_view *view, int64_t j, double *z_held, double *scratch) {
    double center = decode_filled(view, j, scratch);
    standardise_held(view, j, scratch, center, z_held);
}

void ri_view_gather(const ri_view *view, int64_t j, double *z_train, double *z_held,
                    double *scratch) {
    const double *d = scratch;
    double center = decode_filled(view, j, scratch), scale = view->scale[j];
    const int32_t *row = view->row;
    if (view->weighted)
        for (int64_t t = 0; t < view->train; t++)
            z_train[t] = (d[row[t]] - center) * scale * view->root[t];
    else
        for (int64_t t = 0; t < view->train; t++)
            z_train[t] = (d[row[t]] - center) * scale;
    standardise_held(view, j, d, center, z_held);
}

/* Rows of X as ri_view_rows has them, decoded, missing ones filled. */
static void decode_some(const ri_view *view, int64_t j, const ri_view_rows *some,
                        const void *stored, double *d) {
    const ri_matrix *x = &view->columns->x;
    const ri_storage storage = ri_matrix_storage(x, j);
    const bool whole = !stored && storage == RI_CSC; /* cannot be entered in the middle */
    const void *column = stored ? stored : ri_matrix_column(x, j);
    int32_t *missing = (int32_t *)(void *)(d + x->n);
    if (!stored && !whole)
        column = (const char *)column + ri_storage_bytes(storage, some->begin);
    ri_kernel_get()->decode[storage](column, whole ? some->begin : 0, some->rows,
                                     view->columns->shift[j], d);
    if (!view->columns->missing[j])
        return;
    int64_t count = ri_missing_rows(storage, column, whole ? x->n : some->rows, missing);
    for (int64_t k = 0; k < count; k++) {
        int64_t i = missing[k] - (whole ? some->begin : 0);
        if (i >= 0 && i < some->rows)
            d[i] = view->mean[j];
    }
}

void ri_view_gather_rows(const ri_view *view, int64_t j, const ri_view_rows *some,
                         const void *stored, double *z, double *scratch) {
    const int32_t *row = view->row;
    double center = view->columns->centered ? view->mean[j] : 0, scale = view->scale[j];
    decode_some(view, j, some, stored, scratch);
    for (int64_t t = some->from; t < some->to; t++) {
        double value = (scratch[row[t] - some->begin] - center) * scale;
        z[t - some->from] = view->weighted ? value * view->root[t] : value;
    }
}

/* Same values up to one constant (any, when centred; none otherwise) and the sign. Both columns
 * have the same missing rows, marked NaN. */
static bool same_up_to_shift(const ri_view *view, const double *a, const double *b, double sign,
                             bool shift) {
    double reference_a = NAN, reference_b = NAN;
    for (int64_t t = 0; t < view->train; t++) {
        int32_t i = view->row[t];
        if (isnan(a[i]))
            continue;
        if (isnan(reference_a)) {
            reference_a = shift ? a[i] : 0;
            reference_b = shift ? b[i] : 0;
        }
        if (a[i] - reference_a != sign * (b[i] - reference_b))
            return false;
    }
    return true;
}

/* Whole numbers with missing values in different rows: compares the filled columns as fractions. */
static bool same_as_fractions(const ri_view *view, const double *a, const double *b, double sign,
                              bool centered) {
    wide sum_a = 0, sum_b = 0, count_a = 0, count_b = 0;
    for (int64_t t = 0; t < view->train; t++) {
        int32_t i = view->row[t];
        if (!isnan(a[i])) {
            sum_a += (wide)a[i];
            count_a++;
        }
        if (!isnan(b[i])) {
            sum_b += (wide)b[i];
            count_b++;
        }
    }
    wide fill_a = centered ? 0 : sum_a, fill_b = centered ? 0 : sum_b;
    wide center_a = centered ? sum_a : 0, center_b = centered ? sum_b : 0;
    for (int64_t t = 0; t < view->train; t++) {
        int32_t i = view->row[t];
        wide value_a = isnan(a[i]) ? fill_a : count_a * (wide)a[i] - center_a;
        wide value_b = isnan(b[i]) ? fill_b : count_b * (wide)b[i] - center_b;
        if (value_a * count_b != (sign > 0 ? value_b : -value_b) * count_a)
            return false;
    }
    return true;
}

bool ri_view_equal(const ri_view *view, int64_t a, int64_t b, bool mirror, double *scratch) {
    const ri_columns *columns = view->columns;
    int64_t n = columns->x.n;
    double *value[2] = {scratch, scratch + n};
    int64_t column[2] = {a, b};
    int32_t *missing = (int32_t *)(void *)(scratch + 2 * n);
    for (int c = 0; c < 2; c++) {
        int64_t count = decode_column(view, column[c], 0, value[c], missing);
        for (int64_t k = 0; k < count; k++)
            value[c][missing[k]] = NAN;
    }
    bool whole = columns->integer[a] && columns->integer[b], same_pattern = true;
    for (int64_t t = 0; t < view->train; t++)
        same_pattern &= isnan(value[0][view->row[t]]) == isnan(value[1][view->row[t]]);
    for (double sign = 1; sign >= (mirror ? -1 : 1); sign -= 2) {
        bool equal = false;
        if (same_pattern)
            equal = same_up_to_shift(view, value[0], value[1], sign, whole && columns->centered);
        else if (whole && !view->weighted)
            equal = same_as_fractions(view, value[0], value[1], sign, columns->centered);
        if (equal)
            return true;
    }
    return false;
}
