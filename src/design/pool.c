/* SPDX-License-Identifier: BSD-3-Clause */
#include "design/pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Columns of so many bytes take pages of their own, wherever they lie. */
enum { LONG = 2048 };

size_t ri_pool_copy_bytes(const ri_matrix *x, bool streamed) {
    size_t bytes = ri_storage_bytes(x->storage, x->n);
    return streamed || bytes < LONG ? (bytes + 63) / 64 * 64 : 0;
}

ri_status ri_pool_open(ri_pool *pool, const ri_columns *columns, ri_error *err) {
    const ri_matrix *x = &columns->x;
    size_t p = (size_t)x->p;
    *pool = (ri_pool){.columns = columns};
    pool->stride = ri_pool_copy_bytes(x, x->stream != NULL);
    pool->of = ri_alloc(p, sizeof *pool->of);
    pool->wanted = ri_calloc(p, 1);
    if (!pool->of || !pool->wanted) {
        ri_pool_free(pool);
        return ri_fail_memory(err, "the list of columns in use", 5ULL * p);
    }
    for (size_t j = 0; j < p; j++)
        pool->of[j] = -1;
    return RI_OK;
}

/* The column in a slot is not there any more. */
static void forget(ri_pool *pool, const ri_pool_slot *slot) {
    const ri_matrix *x = &pool->columns->x;
    if (slot->feature < 0)
        return;
    pool->of[slot->feature] = -1;
    if (x->stream && slot->feature < ri_matrix_features(x))
        ri_stream_hide(x->stream, slot->feature);
}

static void free_parts(ri_pool_slot *slot) {
    free(slot->row);
    free(slot->packed);
}

void ri_pool_free(ri_pool *pool) {
    for (int64_t s = 0; s < pool->slots; s++) {
        forget(pool, &pool->slot[s]);
        free_parts(&pool->slot[s]);
    }
    for (int64_t k = 0; k < pool->blocks; k++)
        free(pool->block[k]);
    free(pool->of);
    free(pool->wanted);
    free(pool->slot);
    free(pool->block);
    *pool = (ri_pool){0};
}

static ri_status add_block(ri_pool *pool, ri_error *err) {
    size_t slots = (size_t)pool->slots + RI_POOL_BLOCK, blocks = (size_t)pool->blocks + 1;
    unsigned char *fresh = NULL;
    if (!ri_grow(&pool->slot, &pool->slot_room, slots, sizeof *pool->slot) ||
        !ri_grow(&pool->block, &pool->block_room, blocks, sizeof *pool->block) ||
        (pool->stride > 0 && !(fresh = ri_alloc(RI_POOL_BLOCK, pool->stride))))
        return ri_fail_memory(err, "the columns in use", RI_POOL_BLOCK * pool->stride);
    pool->block[pool->blocks++] = fresh;
    for (int k = 0; k < RI_POOL_BLOCK; k++)
        pool->slot[pool->slots++] = (ri_pool_slot){.feature = -1};
    return RI_OK;
}

static bool in_use(const ri_pool *pool, int64_t s) {
    return pool->slot[s].feature >= 0 && pool->wanted[pool->slot[s].feature];
}

/* A slot for column j: the next at or after `*from` that nobody uses. */
static ri_status take_slot(ri_pool *pool, int64_t j, int64_t *from, ri_error *err) {
    while (*from < pool->slots && in_use(pool, *from))
        (*from)++;
    if (*from == pool->slots)
        RI_TRY(add_block(pool, err));
    ri_pool_slot *slot = &pool->slot[*from];
    forget(pool, slot);
    free_parts(slot);
    *slot = (ri_pool_slot){.feature = j};
    pool->of[j] = (int32_t)*from;
    return RI_OK;
}

static void *place_of(const ri_pool *pool, int64_t j) {
    int32_t s = pool->of[j];
    return pool->block[s / RI_POOL_BLOCK] + (size_t)(s % RI_POOL_BLOCK) * pool->stride;
}

/* Packs genotypes of another dense storage, through `value` [n]. Rows that no fit knows may hold
 * anything. */
static bool pack_column(ri_pool *pool, int64_t j, double *value) {
    const ri_matrix *x = &pool->columns->x;
    const ri_storage storage = ri_matrix_storage(x, j);
    ri_pool_slot *slot = &pool->slot[pool->of[j]];
    bool dense = storage != RI_PACKED2 && storage != RI_CSC;
    if (!pool->packs || !dense || pool->columns->integer[j] != RI_GENOTYPES)
        return true;
    slot->packed = ri_calloc(ri_storage_bytes(RI_PACKED2, x->n), 1);
    if (!slot->packed)
        return false;
    ri_kernel_get()->decode[storage](slot->column, 0, x->n, 0, value);
    for (int32_t k = 0; k < slot->missing; k++)
        value[slot->row[k]] = -1;
    for (int64_t i = 0; i < x->n; i++) {
        unsigned code = value[i] == 2 ? 0 : value[i] == 1 ? 2 : value[i] == 0 ? 3 : 1;
        slot->packed[i / 4] = (uint8_t)(slot->packed[i / 4] | code << (2 * (i % 4)));
    }
    return true;
}

/* Copies column j into its slot, unless it stays or a stream has read it to there, and lists its
 * missing rows through `row` [n]. */
static bool copy_column(ri_pool *pool, int64_t j, int32_t *row) {
    const ri_matrix *x = &pool->columns->x;
    ri_pool_slot *slot = &pool->slot[pool->of[j]];
    slot->column = ri_matrix_column(x, j);
    if (j < ri_matrix_features(x) && !x->stream && pool->stride > 0)
        slot->column = memcpy(place_of(pool, j), slot->column, ri_storage_bytes(x->storage, x->n));
    int64_t missing = pool->columns->missing[j] ? ri_matrix_missing(x, j, row) : 0;
    if (missing == 0)
        return true;
    slot->row = ri_alloc((size_t)missing, sizeof *row);
    if (!slot->row)
        return false;
    memcpy(slot->row, row, (size_t)missing * sizeof *row);
    slot->missing = (int32_t)missing;
    return true;
}

/* Reads features of a streamed X into their slots. */
static ri_status read_columns(ri_pool *pool, const int64_t *fresh, int64_t count, double *bytes,
                              ri_error *err) {
    const ri_matrix *x = &pool->columns->x;
    while (count > 0 && fresh[count - 1] >= ri_matrix_features(x))
        count--; /* extra columns are in memory */
    void **place = ri_alloc((size_t)count, sizeof *place);
    if (!place)
        return ri_fail_memory(err, "the list of columns in use", 8ULL * (size_t)count);
    for (int64_t k = 0; k < count; k++)
        place[k] = place_of(pool, fresh[k]);
    ri_status status = ri_stream_read(x->stream, fresh, count, place, bytes, err);
    for (int64_t k = 0; k < count && status == RI_OK; k++)
        x->stream->column[fresh[k]] = place[k];
    free(place);
    return status;
}

static ri_status copy_columns(ri_pool *pool, const int64_t *fresh, int64_t count, int threads,
                              ri_error *err) {
    const size_t n = (size_t)pool->columns->x.n;
    bool failed = false;
#pragma omp parallel num_threads(threads)
    {
        int32_t *row = ri_alloc(n, sizeof *row);
        double *value = pool->packs ? ri_alloc(n, sizeof *value) : NULL;
        bool mine = row && (value || !pool->packs);
#pragma omp for schedule(static)
        for (int64_t k = 0; k < count; k++)
            mine = mine && copy_column(pool, fresh[k], row) && pack_column(pool, fresh[k], value);
        free(row);
        free(value);
        if (!mine) {
#pragma omp atomic write
            failed = true;
        }
    }
    return failed ? ri_fail_memory(err, "copies of columns", 12ULL * n) : RI_OK;
}

ri_status ri_pool_hold(ri_pool *pool, int threads, double *bytes, ri_error *err) {
    const ri_matrix *x = &pool->columns->x;
    int64_t count = 0, from = 0, *fresh = NULL;
    size_t room = 0;
    ri_status status = RI_OK;
    for (int64_t j = 0; j < x->p && status == RI_OK; j++) {
        if (!pool->wanted[j] || pool->of[j] >= 0)
            continue;
        if (!ri_grow(&fresh, &room, (size_t)count + 1, sizeof *fresh))
            status = ri_fail_memory(err, "the list of columns in use", 8ULL * (size_t)count);
        else if ((status = take_slot(pool, j, &from, err)) == RI_OK)
            fresh[count++] = j;
    }
    if (status == RI_OK && count > 0 && x->stream)
        status = read_columns(pool, fresh, count, bytes, err);
    else
        *bytes += (double)count * ri_matrix_column_bytes(x);
    if (status == RI_OK && count > 0)
        status = copy_columns(pool, fresh, count, threads, err);
    free(fresh);
    memset(pool->wanted, 0, (size_t)x->p);
    return status;
}

ri_status ri_pool_hold_list(ri_pool *pool, const int64_t *feature, int64_t count, int threads,
                            double *bytes, ri_error *err) {
    for (int64_t k = 0; k < count; k++)
        pool->wanted[feature[k]] = 1;
    return ri_pool_hold(pool, threads, bytes, err);
}

ri_status ri_pool_hold_unpenalized(ri_pool *pool, double *bytes, ri_error *err) {
    const ri_columns *columns = pool->columns;
    bool any = false;
    if (!columns->x.stream || !columns->penalty_factor)
        return RI_OK;
    for (int64_t j = 0; j < columns->x.p; j++) {
        pool->wanted[j] = columns->penalty_factor[j] == 0;
        any |= pool->wanted[j];
    }
    return any ? ri_pool_hold(pool, 1, bytes, err) : RI_OK;
}
