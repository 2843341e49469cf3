/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: sparse columns. What is not stored is 0 and adds nothing to a sum, whose order is
 * that of a dense column: with shift 0 the results are those of the same numbers stored dense, to
 * the last bit, at the cost of the entries alone. Another shift costs all rows. */

enum {
    CSC_COLUMNS = 64,  /* whose sums are held at once: 32 kB */
    CSC_ROWS = 256,    /* of residuals side by side: 16 kB */
    CSC_RESIDUALS = 8, /* one v8 */
    CSC_FEW = 3,       /* residuals that are cheaper one by one */
};

/* Entry k less the shift, 0 where missing; `type` is a constant wherever this is inlined. */
ALWAYS_INLINE double csc_value(ri_storage type, const void *value, int64_t k, double shift) {
    if (type == RI_I8) {
        int8_t v = ((const int8_t *)value)[k];
        return v == INT8_MIN ? 0.0 : (double)v - shift;
    }
    double v = type == RI_F32 ? (double)((const float *)value)[k] : ((const double *)value)[k];
    return v == v ? v - shift : 0.0;
}

/* The first entry at row `from` or behind. */
static int64_t csc_find(const ri_csc_column *x, int64_t from) {
    int64_t low = 0, high = x->entries;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (x->row[middle] < from)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

ALWAYS_INLINE int64_t csc_decode(ri_storage type, const ri_csc_column *x, int64_t from,
                                 int64_t count, double shift, double *out) {
    int64_t missing = 0;
    for (int64_t i = 0; i < count; i++)
        out[i] = 0.0 - shift;
    for (int64_t k = csc_find(x, from); k < x->entries && x->row[k] < from + count; k++) {
        out[x->row[k] - from] = csc_value(type, x->value, k, shift);
        missing += type == RI_I8 ? ((const int8_t *)x->value)[k] == INT8_MIN
                   : type == RI_F32
                       ? ((const float *)x->value)[k] != ((const float *)x->value)[k]
                       : ((const double *)x->value)[k] != ((const double *)x->value)[k];
    }
    return missing;
}

static int64_t decode_csc(const void *column, int64_t from, int64_t count, double shift,
                          double *out) {
    const ri_csc_column *x = column;
    if (x->type == RI_I8)
        return csc_decode(RI_I8, x, from, count, shift, out);
    if (x->type == RI_F32)
        return csc_decode(RI_F32, x, from, count, shift, out);
    return csc_decode(RI_F64, x, from, count, shift, out);
}

/* --- products ----------------------------------------------------------------------------------
 */

ALWAYS_INLINE double csc_reduce(const double e[8]) {
    return ((e[0] + e[4]) + (e[2] + e[6])) + ((e[1] + e[5]) + (e[3] + e[7]));
}

ALWAYS_INLINE double csc_dot(ri_storage type, const ri_csc_column *x, double shift, const double *r,
                             int64_t n) {
    double lane[8] = {0};
    if (shift == 0.0) {
        for (int64_t k = 0; k < x->entries; k++) {
            int32_t i = x->row[k];
            lane[i & 7] = fma(csc_value(type, x->value, k, 0.0), r[i], lane[i & 7]);
        }
        return csc_reduce(lane);
    }
    for (int64_t i = 0, k = 0; i < n; i++) {
        bool stored = k < x->entries && x->row[k] == i;
        double v = stored ? csc_value(type, x->value, k++, shift) : 0.0 - shift;
        lane[i & 7] = fma(v, r[i], lane[i & 7]);
    }
    return csc_reduce(lane);
}

static double dot_csc(const ri_csc_column *x, double shift, const double *r, int64_t n) {
    if (x->type == RI_I8)
        return csc_dot(RI_I8, x, shift, r, n);
    if (x->type == RI_F32)
        return csc_dot(RI_F32, x, shift, r, n);
    return csc_dot(RI_F64, x, shift, r, n);
}

/* Adds the entries below row `end`, from entry k on, to the 8 lanes of each residual; `side` has
 * the residuals of row `begin` and on side by side. Returns the next entry. */
ALWAYS_INLINE int64_t csc_add(ri_storage type, const ri_csc_column *x, int64_t k, int64_t begin,
                              int64_t end, const double *side, v8 lane[8]) {
    for (; k < x->entries && x->row[k] < end; k++) {
        int32_t i = x->row[k];
        v8 value = v8_set(csc_value(type, x->value, k, 0.0));
        lane[i & 7] = v8_fma(value, v8_load(side + CSC_RESIDUALS * (i - begin)), lane[i & 7]);
    }
    return k;
}

static int64_t add_csc(const ri_csc_column *x, int64_t k, int64_t begin, int64_t end,
                       const double *side, v8 lane[8]) {
    if (x->type == RI_I8)
        return csc_add(RI_I8, x, k, begin, end, side, lane);
    if (x->type == RI_F32)
        return csc_add(RI_F32, x, k, begin, end, side, lane);
    return csc_add(RI_F64, x, k, begin, end, side, lane);
}

/* Up to CSC_COLUMNS columns with up to CSC_RESIDUALS residuals, without shifts. */
static void csc_block(const void *const *column, int64_t columns, const double *r, int64_t ldr,
                      int64_t residuals, int64_t n, double *c, int64_t ldc) {
    v8 lane[CSC_COLUMNS][8];
    double side[CSC_ROWS * CSC_RESIDUALS];
    int64_t at[CSC_COLUMNS] = {0};
    for (int64_t a = 0; a < columns; a++)
        for (int l = 0; l < 8; l++)
            lane[a][l] = v8_set(0.0);
    memset(side, 0, sizeof side);
    for (int64_t begin = 0; begin < n; begin += CSC_ROWS) {
        int64_t end = begin + CSC_ROWS < n ? begin + CSC_ROWS : n;
        for (int64_t b = 0; b < residuals; b++)
            for (int64_t i = begin; i < end; i++)
                side[CSC_RESIDUALS * (i - begin) + b] = r[b * ldr + i];
        for (int64_t a = 0; a < columns; a++)
            at[a] = add_csc(column[a], at[a], begin, end, side, lane[a]);
    }
    for (int64_t a = 0; a < columns; a++) {
        const v8 *e = lane[a];
        double sum[CSC_RESIDUALS];
        v8_store(sum, v8_add(v8_add(v8_add(e[0], e[4]), v8_add(e[2], e[6])),
                             v8_add(v8_add(e[1], e[5]), v8_add(e[3], e[7]))));
        for (int64_t b = 0; b < residuals; b++)
            c[a + b * ldc] = sum[b];
    }
}

static bool csc_shifted(const double *shift, int64_t columns) {
    for (int64_t a = 0; shift && a < columns; a++)
        if (shift[a] != 0.0)
            return true;
    return false;
}

static void stored_product_csc(const void *const *column, const double *shift, int64_t columns,
                               const double *r, int64_t ldr, int64_t residuals, int64_t n,
                               double *c, int64_t ldc) {
    int64_t b = 0;
    if (!csc_shifted(shift, columns))
        for (; residuals - b > CSC_FEW; b += CSC_RESIDUALS) {
            int64_t some = residuals - b < CSC_RESIDUALS ? residuals - b : CSC_RESIDUALS;
            for (int64_t a = 0; a < columns; a += CSC_COLUMNS)
                csc_block(column + a, columns - a < CSC_COLUMNS ? columns - a : CSC_COLUMNS,
                          r + b * ldr, ldr, some, n, c + a + b * ldc, ldc);
        }
    for (; b < residuals; b++)
        for (int64_t a = 0; a < columns; a++)
            c[a + b * ldc] = dot_csc(column[a], shift ? shift[a] : 0.0, r + b * ldr, n);
}

/* --- sums of columns ---------------------------------------------------------------------------
 */

ALWAYS_INLINE void csc_axpy(ri_storage type, const ri_csc_column *x, double shift, double s,
                            double *y, int64_t n) {
    if (shift == 0.0) {
        for (int64_t k = 0; k < x->entries; k++)
            y[x->row[k]] = fma(s, csc_value(type, x->value, k, 0.0), y[x->row[k]]);
        return;
    }
    for (int64_t i = 0, k = 0; i < n; i++) {
        bool stored = k < x->entries && x->row[k] == i;
        y[i] = fma(s, stored ? csc_value(type, x->value, k++, shift) : 0.0 - shift, y[i]);
    }
}

static void stored_axpy_csc(const void *const *column, const double *shift, const double *s,
                            int64_t count, double *y, int64_t n) {
    for (int64_t k = 0; k < count; k++) {
        const ri_csc_column *x = column[k];
        double less = shift ? shift[k] : 0.0;
        if (x->type == RI_I8)
            csc_axpy(RI_I8, x, less, s[k], y, n);
        else if (x->type == RI_F32)
            csc_axpy(RI_F32, x, less, s[k], y, n);
        else
            csc_axpy(RI_F64, x, less, s[k], y, n);
    }
}
