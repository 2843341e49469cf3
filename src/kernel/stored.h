/* SPDX-License-Identifier: BSD-3-Clause
 * Part of body.h: eight rows of a stored column as doubles in registers. `storage` is a constant
 * wherever this is inlined. */

/* A few columns and residuals at once: their sums, and what decodes them, fit in registers. */
enum { DOTS_COLUMNS = 4, DOTS_SUMS = 6, AXPY_COLUMNS = PARTS == 1 ? 8 : 4 };

/* Groups of 8 rows whose packed codes are loaded at once, and their rows. */
enum { CODED_GROUPS = 4, CODED_ROWS = 8 * CODED_GROUPS };

/* What turns stored values into doubles: the shift in all lanes, or for packed2 the four values. */
ALWAYS_INLINE part make_lens(ri_storage storage, double shift) {
    const double value[4] = {2.0 - shift, 0.0, 1.0 - shift, 0.0 - shift};
    return storage == RI_PACKED2 ? part_table(value) : part_set(shift);
}

/* Hundredths of v, rounded once: 0.01 as the sum of two doubles is exact enough for every byte. */
ALWAYS_INLINE part hundredths(part v) {
    const double high = 0.01, low = -0x1.eb851eb851eb8p-63;
    return part_fma(v, part_set(high), part_mul(v, part_set(low)));
}

/* Lanes from .. from + PART_LANES - 1 of the 8 rows from `row`, a multiple of 8, on. */
ALWAYS_INLINE part part_stored(ri_storage storage, const void *column, int64_t row, int from,
                               part lens) {
    part v = part_set(0.0);
    switch (storage) {
    case RI_F64:
        v = part_load((const double *)column + row + from);
        return part_clear_nan(part_sub(v, lens), v);
    case RI_F32:
        v = part_load_f32((const float *)column + row + from);
        return part_clear_nan(part_sub(v, lens), v);
    case RI_I8:
        v = part_load_i8((const int8_t *)column + row + from);
        return part_clear_code(part_sub(v, lens), v, INT8_MIN);
    case RI_DOSAGE:
        v = part_load_u8((const uint8_t *)column + row + from);
        return part_clear_code(part_sub(hundredths(v), lens), v, UINT8_MAX);
    case RI_PACKED2: {
        const uint8_t *byte = (const uint8_t *)column + row / 4;
        return part_pick(lens, byte[0] | (unsigned)byte[1] << 8, from);
    }
    case RI_CSC: /* csc.h */
    case RI_STORAGE_COUNT:
        break;
    }
    return v;
}

ALWAYS_INLINE v8 v8_stored(ri_storage storage, const void *column, int64_t row, part lens) {
    v8 out;
    EACH_PART out.of[h] = part_stored(storage, column, row, h * PART_LANES, lens);
    return out;
}

/* Codes of CODED_ROWS rows from `row`, a multiple of 4, on; and group g of them as doubles. */
ALWAYS_INLINE codes codes_at(const void *column, int64_t row) {
    return codes_load((const uint8_t *)column + row / 4);
}

ALWAYS_INLINE v8 v8_coded(codes all, int g, part lens) {
    v8 out;
    EACH_PART out.of[h] = part_pick_group(lens, all, g, h * PART_LANES);
    return out;
}

/* The same of packed columns that are not shifted: no column has a table of its own. */
ALWAYS_INLINE v8 v8_genotypes(codes all, int g) {
    v8 out;
    EACH_PART out.of[h] = part_genotypes(all, g, h * PART_LANES);
    return out;
}

/* Whether that is so, of all columns. */
ALWAYS_INLINE bool is_unshifted(ri_storage storage, const double *shift, int64_t columns) {
    bool all = storage == RI_PACKED2;
    for (int64_t k = 0; all && shift != NULL && k < columns; k++)
        all = shift[k] == 0;
    return all;
}

/* The last `count` < 8 rows of a column, from `row` on; the other lanes are 0. The rows are copied
 * and filled up with missing ones, so that nothing behind the column is read. */
ALWAYS_INLINE v8 v8_stored_some(ri_storage storage, const void *column, int64_t row, int64_t count,
                                part lens) {
    static const int MISSING[RI_STORAGE_COUNT] = {0xff, 0xff, 0x80, 0xff, 0x55};
    double copy[8];
    unsigned char *byte = (unsigned char *)copy;
    memset(byte, MISSING[storage], sizeof copy);
    memcpy(byte, (const unsigned char *)column + ri_storage_bytes(storage, row),
           ri_storage_bytes(storage, count));
    if (storage == RI_PACKED2) { /* codes past the end mean nothing */
        int64_t last = count - 1;
        unsigned past = 0xffu << (2 * (last % 4) + 2) & 0xffu;
        byte[last / 4] = (unsigned char)((byte[last / 4] & ~past) | (0x55u & past));
    }
    return v8_stored(storage, copy, 0, lens);
}

/* Rows [0, rows) of a column as doubles. */
ALWAYS_INLINE void unpack_rows(ri_storage storage, const void *column, double shift, int64_t rows,
                               double *out) {
    part lens = make_lens(storage, shift);
    int64_t i = 0;
    for (; is_unshifted(storage, &shift, 1) && i + CODED_ROWS <= rows; i += CODED_ROWS) {
        codes all = codes_at(column, i);
        UNROLL
        for (int g = 0; g < CODED_GROUPS; g++)
            v8_store(out + i + 8 * g, v8_genotypes(all, g));
    }
    for (; storage == RI_PACKED2 && i + CODED_ROWS <= rows; i += CODED_ROWS) {
        codes all = codes_at(column, i);
        UNROLL
        for (int g = 0; g < CODED_GROUPS; g++)
            v8_store(out + i + 8 * g, v8_coded(all, g, lens));
    }
    for (; i + 8 <= rows; i += 8)
        v8_store(out + i, v8_stored(storage, column, i, lens));
    if (i < rows)
        v8_store_some(out + i, v8_stored_some(storage, column, i, rows - i, lens), rows - i);
}

/* Adds 8 rows to the sums of a few columns and residuals. */
ALWAYS_INLINE void dots_group(ri_storage storage, const void *const *column, int columns,
                              const part *lens, const double *r, int64_t ldr, int residuals,
                              int64_t row, v8 *acc) {
    UNROLL
    for (int a = 0; a < columns; a++) {
        v8 x8 = v8_stored(storage, column[a], row, lens[a]);
        UNROLL
        for (int b = 0; b < residuals; b++)
            acc[a * residuals + b] = v8_fma(x8, v8_load(r + b * ldr + row), acc[a * residuals + b]);
    }
}

/* The same for CODED_ROWS packed rows. */
ALWAYS_INLINE void dots_coded(const void *const *column, int columns, bool unshifted,
                              const part *lens, const double *r, int64_t ldr, int residuals,
                              int64_t row, v8 *acc) {
    codes all[DOTS_COLUMNS];
    UNROLL
    for (int a = 0; a < columns; a++)
        all[a] = codes_at(column[a], row);
    UNROLL
    for (int g = 0; g < CODED_GROUPS; g++)
        UNROLL
    for (int a = 0; a < columns; a++) {
        v8 x8 = unshifted ? v8_genotypes(all[a], g) : v8_coded(all[a], g, lens[a]);
        UNROLL
        for (int b = 0; b < residuals; b++)
            acc[a * residuals + b] =
                v8_fma(x8, v8_load(r + b * ldr + row + 8 * g), acc[a * residuals + b]);
    }
}

/* Dots of a few columns and residuals, their numbers constants: all sums in registers, the columns
 * read once and never written. */
ALWAYS_INLINE void stored_dots(ri_storage storage, bool unshifted, const void *const *column,
                               const double *shift, int columns, const double *r, int64_t ldr,
                               int residuals, int64_t n, double *c, int64_t ldc) {
    const int64_t step = (int64_t)ri_storage_bytes(storage, 8), ahead = AHEAD_ALL / step * 8;
    const unsigned char *at = column[0];
    part lens[DOTS_COLUMNS];
    v8 acc[DOTS_SUMS];
    UNROLL
    for (int a = 0; a < columns; a++) {
        lens[a] = make_lens(storage, shift == NULL ? 0.0 : shift[a]);
        UNROLL
        for (int b = 0; b < residuals; b++)
            acc[a * residuals + b] = v8_set(0.0);
    }
    int64_t i = 0;
    if (columns == 1 && is_fetched_ahead(storage))
        for (; i + ahead <= n; i += 8, at += step) {
            fetch_ahead(at);
            dots_group(storage, column, columns, lens, r, ldr, residuals, i, acc);
        }
    for (; storage == RI_PACKED2 && i + CODED_ROWS <= n; i += CODED_ROWS)
        dots_coded(column, columns, unshifted, lens, r, ldr, residuals, i, acc);
    for (; i + 8 <= n; i += 8)
        dots_group(storage, column, columns, lens, r, ldr, residuals, i, acc);
    if (i < n)
        UNROLL
    for (int a = 0; a < columns; a++) {
        v8 x8 = v8_stored_some(storage, column[a], i, n - i, lens[a]);
        UNROLL
        for (int b = 0; b < residuals; b++)
            acc[a * residuals + b] =
                v8_fma(x8, v8_load_some(r + b * ldr + i, n - i), acc[a * residuals + b]);
    }
    UNROLL
    for (int b = 0; b < residuals; b++)
        UNROLL
    for (int a = 0; a < columns; a++)
        c[a + b * ldc] = v8_reduce(acc[a * residuals + b]);
}

/* All columns with a few residuals, their number a constant. */
ALWAYS_INLINE void either_few(ri_storage storage, bool unshifted, const void *const *column,
                              const double *shift, int64_t columns, const double *r, int64_t ldr,
                              int residuals, int64_t n, double *c, int64_t ldc) {
    const int most = DOTS_SUMS / residuals < DOTS_COLUMNS ? DOTS_SUMS / residuals : DOTS_COLUMNS;
    int64_t a = 0;
    for (; a + most <= columns; a += most)
        stored_dots(storage, unshifted, column + a, shift == NULL ? NULL : shift + a, most, r, ldr,
                    residuals, n, c + a, ldc);
    for (; a < columns; a++)
        stored_dots(storage, unshifted, column + a, shift == NULL ? NULL : shift + a, 1, r, ldr,
                    residuals, n, c + a, ldc);
}

ALWAYS_INLINE void stored_few(ri_storage storage, const void *const *column, const double *shift,
                              int64_t columns, const double *r, int64_t ldr, int residuals,
                              int64_t n, double *c, int64_t ldc) {
    if (is_unshifted(storage, shift, columns))
        either_few(storage, true, column, shift, columns, r, ldr, residuals, n, c, ldc);
    else
        either_few(storage, false, column, shift, columns, r, ldr, residuals, n, c, ldc);
}

/* CODED_ROWS rows of y from row i on, of packed columns. */
ALWAYS_INLINE void axpy_coded(const void *const *column, int count, bool unshifted,
                              const part *lens, const v8 *s8, int64_t i, double *y) {
    codes all[AXPY_COLUMNS];
    UNROLL
    for (int k = 0; k < count; k++)
        all[k] = codes_at(column[k], i);
    UNROLL
    for (int g = 0; g < CODED_GROUPS; g++) {
        v8 y8 = v8_load(y + i + 8 * g);
        UNROLL
        for (int k = 0; k < count; k++)
            y8 = v8_fma(s8[k], unshifted ? v8_genotypes(all[k], g) : v8_coded(all[k], g, lens[k]),
                        y8);
        v8_store(y + i + 8 * g, y8);
    }
}

/* y += sum_k s[k] column[k], `count` a constant, in one sweep of y. */
ALWAYS_INLINE void stored_axpy_group(ri_storage storage, bool unshifted, const void *const *column,
                                     const double *shift, const double *s, int count, double *y,
                                     int64_t n) {
    part lens[AXPY_COLUMNS];
    v8 s8[AXPY_COLUMNS];
    const void *at[AXPY_COLUMNS];
    UNROLL
    for (int k = 0; k < count; k++) {
        lens[k] = make_lens(storage, shift == NULL ? 0.0 : shift[k]);
        s8[k] = v8_set(s[k]);
        at[k] = column[k];
    }
    int64_t i = 0;
    for (; storage == RI_PACKED2 && i + CODED_ROWS <= n; i += CODED_ROWS)
        axpy_coded(at, count, unshifted, lens, s8, i, y);
    for (; i + 8 <= n; i += 8) {
        v8 y8 = v8_load(y + i);
        UNROLL
        for (int k = 0; k < count; k++)
            y8 = v8_fma(s8[k], v8_stored(storage, at[k], i, lens[k]), y8);
        v8_store(y + i, y8);
    }
    if (i < n) {
        v8 y8 = v8_load_some(y + i, n - i);
        UNROLL
        for (int k = 0; k < count; k++)
            y8 = v8_fma(s8[k], v8_stored_some(storage, at[k], i, n - i, lens[k]), y8);
        v8_store_some(y + i, y8, n - i);
    }
}

ALWAYS_INLINE void either_axpy(ri_storage storage, bool unshifted, const void *const *column,
                               const double *shift, const double *s, int64_t count, double *y,
                               int64_t n) {
    int64_t k = 0;
    for (; k + AXPY_COLUMNS <= count; k += AXPY_COLUMNS)
        stored_axpy_group(storage, unshifted, column + k, shift == NULL ? NULL : shift + k, s + k,
                          AXPY_COLUMNS, y, n);
    if (AXPY_COLUMNS > 4 && k + 4 <= count) {
        stored_axpy_group(storage, unshifted, column + k, shift == NULL ? NULL : shift + k, s + k,
                          4, y, n);
        k += 4;
    }
    for (; k < count; k++)
        stored_axpy_group(storage, unshifted, column + k, shift == NULL ? NULL : shift + k, s + k,
                          1, y, n);
}

ALWAYS_INLINE void stored_axpy(ri_storage storage, const void *const *column, const double *shift,
                               const double *s, int64_t count, double *y, int64_t n) {
    if (is_unshifted(storage, shift, count))
        either_axpy(storage, true, column, shift, s, count, y, n);
    else
        either_axpy(storage, false, column, shift, s, count, y, n);
}

/* Their squares. */
ALWAYS_INLINE void square_rows(ri_storage storage, const void *column, double shift, int64_t rows,
                               double *out) {
    int64_t i = 0;
    unpack_rows(storage, column, shift, rows, out);
    for (; i + 8 <= rows; i += 8)
        v8_store(out + i, v8_mul(v8_load(out + i), v8_load(out + i)));
    for (; i < rows; i++)
        out[i] *= out[i];
}

/* The entries of the table for one storage. More residuals than stored_few takes go through
 * product.h, which unpacks. */
#define DEFINE_STORED(name, storage)                                                               \
    static void unpack_##name(const void *column, double shift, int64_t rows, double *out) {       \
        unpack_rows(storage, column, shift, rows, out);                                            \
    }                                                                                              \
    static void stored_product_##name(const void *const *column, const double *shift,              \
                                      int64_t columns, const double *r, int64_t ldr,               \
                                      int64_t residuals, int64_t n, double *c, int64_t ldc) {      \
        const source x = {column, shift, storage, true,                                            \
                          storage == RI_F64 && TILES_DECODE ? NULL : unpack_##name};               \
        if (residuals == 1)                                                                        \
            stored_few(storage, column, shift, columns, r, ldr, 1, n, c, ldc);                     \
        else if (residuals == 2)                                                                   \
            stored_few(storage, column, shift, columns, r, ldr, 2, n, c, ldc);                     \
        else if (residuals == 3)                                                                   \
            stored_few(storage, column, shift, columns, r, ldr, 3, n, c, ldc);                     \
        else                                                                                       \
            multiply(&x, columns, r, ldr, residuals, n, c, ldc);                                   \
    }                                                                                              \
    static void square_##name(const void *column, double shift, int64_t rows, double *out) {       \
        square_rows(storage, column, shift, rows, out);                                            \
    }                                                                                              \
    static void stored_squares_##name(const void *const *column, const double *shift,              \
                                      int64_t columns, const double *r, int64_t ldr,               \
                                      int64_t residuals, int64_t n, double *c, int64_t ldc) {      \
        const source x = {column, shift, storage, true, square_##name};                            \
        multiply(&x, columns, r, ldr, residuals, n, c, ldc);                                       \
    }                                                                                              \
    static void stored_axpy_##name(const void *const *column, const double *shift,                 \
                                   const double *s, int64_t count, double *y, int64_t n) {         \
        stored_axpy(storage, column, shift, s, count, y, n);                                       \
    }

DEFINE_STORED(f64, RI_F64)
DEFINE_STORED(f32, RI_F32)
DEFINE_STORED(i8, RI_I8)
DEFINE_STORED(dosage, RI_DOSAGE)
DEFINE_STORED(packed2, RI_PACKED2)
