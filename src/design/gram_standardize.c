/* SPDX-License-Identifier: BSD-3-Clause
 * The Gram matrix of a fit's standardised columns, from second moments. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "design/gram_tiles.h"
#include "design/pass.h"
#include "kernel/kernel.h"

static const double AMPLIFICATION = 1e3; /* of rounding, above which a column is multiplied anew */
static const double UNIT_ROUNDOFF = 1.2e-16;

/* What turns second moments into a fit's Gram matrix. */
typedef struct standard {
    const double *total, *held; /* held: NULL where nothing is held out */
    double factor, per_row;     /* f / n, 1 where centred else 0 */
    const double *mean, *scale;
} standard;

static double entry(const standard *s, int64_t i, int64_t j) {
    int64_t at = i >= j ? ri_gram_place(i, j) : ri_gram_place(j, i);
    double moment = s->held ? s->total[at] - s->held[at] : s->total[at];
    return s->scale[i] * s->scale[j] *
           (s->factor * moment - s->per_row * (s->mean[i] * s->mean[j]));
}

/* Consecutive features in one group of 8, as far as they are listed. */
typedef struct run {
    int64_t first, count; /* in the list */
    int64_t group, lane;  /* of the first feature */
    double mean[8], scale[8];
} run;

/* The run that begins at feature[first]. */
static run find_run(const standard *s, const int64_t *feature, int64_t count, int64_t first) {
    run out = {.first = first, .group = feature[first] / 8, .lane = feature[first] % 8};
    for (int64_t k = first; k < count && feature[k] / 8 == out.group; k++) {
        if (feature[k] != feature[first] + k - first)
            break;
        out.mean[out.lane + out.count] = s->mean[feature[k]];
        out.scale[out.lane + out.count] = s->scale[feature[k]];
        out.count++;
    }
    return out;
}

/* A micro-block at once: each element as `entry` makes it, to the last bit. */
static void fill_block(const standard *s, const run *a, const run *b, double *g, int64_t stride) {
    const int64_t at = ri_gram_place(8 * a->group, 8 * b->group);
    const double *total = s->total + at, *held = s->held ? s->held + at : NULL;
    double value[8][8];
    for (int j = 0; j < 8; j++)
        for (int i = 0; i < 8; i++) {
            double moment = held ? total[i + 8 * j] - held[i + 8 * j] : total[i + 8 * j];
            value[j][i] = a->scale[i] * b->scale[j] *
                          (s->factor * moment - s->per_row * (a->mean[i] * b->mean[j]));
        }
    for (int64_t j = 0; j < b->count; j++)
        for (int64_t i = 0; i < a->count; i++)
            g[a->first + i + (b->first + j) * stride] = value[b->lane + j][a->lane + i];
    for (int64_t i = 0; i < a->count; i++)
        for (int64_t j = 0; j < b->count; j++)
            g[b->first + j + (a->first + i) * stride] = value[b->lane + j][a->lane + i];
}

/* Tile by tile, so that both halves are written near where the last ones were. `room` [count]. */
static void fill_matrix(const standard *s, const int64_t *feature, int64_t count, run *room,
                        double *g, int64_t stride) {
    int64_t runs = 0;
    for (int64_t k = 0; k < count; k += room[runs++].count)
        room[runs] = find_run(s, feature, count, k);
    for (int64_t right = 0; right < runs; right += RI_GRAM_PANELS)
        for (int64_t left = right; left < runs; left += RI_GRAM_PANELS)
            for (int64_t b = right; b < runs && b < right + RI_GRAM_PANELS; b++)
                for (int64_t a = left > b ? left : b; a < runs && a < left + RI_GRAM_PANELS; a++)
                    fill_block(s, &room[a], &room[b], g, stride);
}

/* Rows and columns of g of the poor features, multiplied from the standardised columns. */
static ri_status multiply_poor(const ri_view *view, const int64_t *feature, int64_t count,
                               const int64_t *poor, int64_t poors, double *g, int64_t stride,
                               double *bytes, ri_error *err) {
    int64_t n = view->columns->x.n, length = (view->train + 7) / 8 * 8;
    const double *pointer[RI_GRAM_TILE];
    double *z = ri_calloc((size_t)(poors + RI_GRAM_TILE) * (size_t)length, sizeof *z);
    double *held = ri_alloc((size_t)view->held, sizeof *held);
    double *scratch = ri_alloc(ri_scratch_doubles(n), sizeof *scratch);
    double *product = ri_alloc((size_t)poors * RI_GRAM_TILE, sizeof *product);
    bool good = z && held && scratch && product;
    for (int64_t k = 0; good && k < poors; k++)
        ri_view_gather(view, feature[poor[k]], z + (RI_GRAM_TILE + k) * length, held, scratch);
    for (int64_t from = 0; good && from < count; from += RI_GRAM_TILE) {
        int64_t width = count - from < RI_GRAM_TILE ? count - from : RI_GRAM_TILE;
        for (int64_t a = 0; a < width; a++) {
            ri_view_gather(view, feature[from + a], z + a * length, held, scratch);
            pointer[a] = z + a * length;
        }
        ri_kernel_get()->product(pointer, width, z + RI_GRAM_TILE * length, length, poors,
                                 view->train, product, RI_GRAM_TILE);
        for (int64_t k = 0; k < poors; k++)
            for (int64_t a = 0; a < width; a++)
                g[from + a + poor[k] * stride] = g[poor[k] + (from + a) * stride] =
                    product[a + k * RI_GRAM_TILE] / (double)view->train;
    }
    *bytes += (double)(count + poors) * ri_view_column_bytes(view);
    free(z);
    free(held);
    free(scratch);
    free(product);
    return good ? RI_OK
                : ri_fail_memory(err, "columns that cancel", 8ULL * (size_t)(poors * length));
}

/* Lists features where the moments cancel. */
static int64_t find_poor(const ri_gram *gram, const standard *s, const int64_t *feature,
                         int64_t count, int64_t *poor, ri_gram_error *error) {
    double most = 1, mean = 0, n = (double)gram->columns->x.n;
    int64_t poors = 0;
    for (int64_t k = 0; k < count; k++) {
        int64_t j = feature[k];
        double total = s->factor * s->total[ri_gram_place(j, j)], own = fmax(entry(s, j, j), 0);
        double scale = s->scale[j] * s->scale[j];
        if (!(total * scale <= AMPLIFICATION * own)) {
            poor[poors++] = k;
            continue;
        }
        most = fmax(most, total * scale / own);
        mean = fmax(mean, fabs(s->mean[j]) * sqrt(s->per_row * scale / own));
    }
    double tile = RI_GRAM_CHUNK_ROWS + 8 + (double)gram->chunks;
    double lane = n / 8 + 16; /* additions of a sum over a column, one after another */
    error->matrix = UNIT_ROUNDOFF *
                    (2 * (tile + 4) * most + 2 * lane * mean * sqrt(most) + (poors > 0 ? lane : 0));
    error->column = UNIT_ROUNDOFF * lane * (1 + mean);
    return poors;
}

ri_status ri_gram_standardize(const ri_gram *gram, const ri_view *view, int32_t group,
                              const int64_t *feature, int64_t count, double *g, int64_t stride,
                              ri_gram_error *error, double *bytes, ri_error *err) {
    size_t size = (size_t)gram->total_tiles * RI_GRAM_TILE_SIZE;
    double sum = 0, *formed = NULL;
    for (int64_t t = 0; t < view->train; t++)
        sum += gram->weight ? gram->weight[view->row[t]] : 1;
    standard s = {.total = gram->total,
                  .factor = 1 / sum,
                  .per_row = view->columns->centered ? 1 : 0,
                  .mean = view->mean,
                  .scale = view->scale};
    ri_status status = RI_OK;
    int64_t *poor = ri_alloc((size_t)count, sizeof *poor);
    run *room = ri_alloc((size_t)count, sizeof *room);
    if (!poor || !room)
        status = ri_fail_memory(err, "the features of a fit", 176ULL * (size_t)count);
    else if (group >= 0 && gram->kept) {
        s.held = gram->kept + size * (size_t)group;
    } else if (group >= 0) {
        s.held = formed = ri_calloc(size, sizeof *formed);
        status = formed ? ri_gram_form(gram, group, formed, 0, bytes, err)
                        : ri_fail_memory(err, "the Gram matrix of a fold", 8ULL * size);
    }
    if (status == RI_OK) {
        int64_t poors = find_poor(gram, &s, feature, count, poor, error);
        fill_matrix(&s, feature, count, room, g, stride);
        if (poors > 0)
            status = multiply_poor(view, feature, count, poor, poors, g, stride, bytes, err);
    }
    free(formed);
    free(poor);
    free(room);
    return status;
}
