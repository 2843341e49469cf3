/* SPDX-License-Identifier: BSD-3-Clause
 * Blocks of rows of X are decoded one after the other, those of a group together, into panels of 8
 * interleaved columns; tiles of the lower triangle then take them a few chunks at a time, as fit in
 * the last cache for all tiles. A chunk's product is complete before it is added. Of a streamed X
 * the rows of a block are read right before they are decoded. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <omp.h>

#include "base/failure.h"
#include "base/memory.h"
#include "design/gram_tiles.h"
#include "kernel/kernel.h"

enum {
    RUN_ROWS = 768, /* that all tiles take before the next ones */
    STAYING = 3,    /* panels */
};

/* Chunks of one block, of one group or (-1) of all, in `panels` for all columns. */
typedef struct batch {
    int64_t first, next;       /* chunks */
    int64_t from, rows;        /* in ri_gram.row */
    int64_t begin, block_rows; /* the block in X */
    double *panels;
    int64_t together; /* panels that are filled from one read of a streamed X, else 1 */
} batch;

/* What a thread fills panels with. */
typedef struct room {
    double *decoded; /* [8 * block_rows] */
    char *stored;    /* [8 * together] columns of block_rows each, where X is streamed */
} room;

/* The first batch of at most `most` rows from chunk `first` on; false where there is none. */
static bool find_batch(const ri_gram *gram, int32_t group, int64_t first, int64_t most,
                       batch *out) {
    const ri_gram_chunk *c = gram->chunk;
    while (first < gram->chunks && group >= 0 && c[first].group != group)
        first++;
    if (first == gram->chunks)
        return false;
    out->first = out->next = first;
    out->from = c[first].from;
    out->rows = 0;
    for (; out->next < gram->chunks; out->next++) {
        const ri_gram_chunk *at = &c[out->next];
        if (at->block != c[first].block || (group >= 0 && at->group != group) ||
            (out->rows > 0 && out->rows + at->rows > most))
            break;
        out->rows += at->rows;
    }
    out->begin = c[first].block * gram->block_rows;
    int64_t left = gram->columns->x.n - out->begin;
    out->block_rows = left < gram->block_rows ? left : gram->block_rows;
    return true;
}

static size_t stored_stride(const ri_gram *gram) {
    return ri_storage_bytes(gram->columns->x.storage, gram->block_rows);
}

/* Decodes the rows of a block of column j. `stored`: those rows of features from `first` on, where
 * X is streamed. */
static void decode_rows(const ri_gram *gram, int64_t j, const batch *b, const char *stored,
                        int64_t first, double *d) {
    const ri_matrix *x = &gram->columns->x;
    const bool read = x->stream && j < ri_matrix_features(x);
    if (j >= x->p) {
        memset(d, 0, (size_t)b->block_rows * sizeof *d);
        return;
    }
    const void *column = read ? stored + (size_t)(j - first) * stored_stride(gram)
                              : (const char *)ri_matrix_column(x, j);
    ri_kernel_get()->decode[ri_matrix_storage(x, j)](column, read ? 0 : b->begin, b->block_rows,
                                                     gram->columns->shift[j], d);
}

/* Decodes 8 columns of a batch into their panel. */
static void fill_panel(const ri_gram *gram, int64_t panel, const batch *b, int64_t first,
                       const room *s) {
    const int32_t *row = gram->row + b->from;
    double *out = b->panels + panel * 8 * b->rows, *decoded = s->decoded;
    for (int64_t a = 0; a < 8; a++)
        decode_rows(gram, 8 * panel + a, b, s->stored, first, decoded + a * b->block_rows);
    for (int64_t t = 0; t < b->rows; t++) {
        const double *d = decoded + (row[t] - b->begin);
        double root = gram->weight ? sqrt(gram->weight[row[t]]) : 1;
        for (int64_t a = 0; a < 8; a++)
            out[8 * t + a] = d[a * b->block_rows] * root;
    }
}

/* Panels of a tile that have columns. */
static int64_t panels_of(const ri_gram *gram, int64_t tile) {
    int64_t left = (gram->columns->x.p + 7) / 8 - tile * RI_GRAM_PANELS;
    return left < RI_GRAM_PANELS ? left : RI_GRAM_PANELS;
}

/* Adds the product of a chunk of a batch to tile (i, j), micro-blocks of 8 x 8 above the diagonal
 * and behind the last columns left as they are. A few panels of the first side stay in L1 while
 * those of the second go by. */
static void add_chunk(const ri_gram *gram, const batch *have, const ri_gram_chunk *at, int64_t i,
                      int64_t j, double *to) {
    const ri_kernel *kernel = ri_kernel_get();
    const int64_t stride = 8 * have->rows, rows = panels_of(gram, i), columns = panels_of(gram, j);
    const double *panels = have->panels + 8 * (at->from - have->from);
    for (int64_t from = 0; from < rows; from += STAYING) {
        int64_t last = from + STAYING < rows ? from + STAYING : rows;
        for (int64_t b = 0; b < (i == j ? last : columns); b++) {
            int64_t a = i == j && b > from ? b : from;
            kernel->outer(panels + (i * RI_GRAM_PANELS + a) * stride, stride, last - a,
                          panels + (j * RI_GRAM_PANELS + b) * stride, at->rows,
                          to + 64 * (a + RI_GRAM_PANELS * b));
        }
    }
}

/* Adds chunks [first, last) of a batch to one tile of the moments of their groups, which lie
 * `apart` of each other; 0: of all together. */
static void add_chunks(const ri_gram *gram, const batch *b, int64_t first, int64_t last,
                       int64_t tile, double *to, size_t apart) {
    int64_t i = (int64_t)((sqrt(8 * (double)tile + 1) - 1) / 2);
    i += (i + 1) * (i + 2) / 2 <= tile;
    i -= i * (i + 1) / 2 > tile;
    for (int64_t c = first; c < last; c++) {
        const ri_gram_chunk *at = &gram->chunk[c];
        add_chunk(gram, b, at, i, tile - i * (i + 1) / 2,
                  to + apart * (size_t)at->group + tile * RI_GRAM_TILE_SIZE);
    }
}

/* The chunk after the last one that all tiles take together with `first`. */
static int64_t end_run(const ri_gram *gram, const batch *b, int64_t first) {
    int64_t end = first, rows = 0;
    while (end < b->next && rows < RUN_ROWS)
        rows += gram->chunk[end++].rows;
    return end;
}

/* Panels [panel, panel + together) of a batch, of a streamed X with one read. */
static ri_status fill_panels(const ri_gram *gram, int64_t panel, const batch *b, const room *s,
                             ri_error *err) {
    const ri_matrix *x = &gram->columns->x;
    int64_t last = panel + b->together, first = 8 * panel;
    int64_t count = (8 * last < ri_matrix_features(x) ? 8 * last : ri_matrix_features(x)) - first;
    const ri_piece part = {first, count, b->begin, b->block_rows};
    last = last < gram->tiles * RI_GRAM_PANELS ? last : gram->tiles * RI_GRAM_PANELS;
    if (x->stream && count > 0)
        RI_TRY(ri_stream_rows(x->stream, &part, s->stored, stored_stride(gram), err));
    for (int64_t q = panel; q < last; q++)
        fill_panel(gram, q, b, first, s);
    return RI_OK;
}

/* The main thread tells how far it is: behind a tile of the run of chunks [first, next). */
static void tell(const ri_gram *gram, int32_t group, int64_t first, int64_t next, int64_t tile) {
    const ri_gram_work *work = &gram->work;
    const ri_gram_chunk *last = &gram->chunk[next - 1], *all = &gram->chunk[gram->chunks - 1];
    double begun = (double)gram->chunk[first].from, rows = (double)(last->from + last->rows);
    double part = begun + (rows - begun) * (double)(tile + 1) / (double)gram->total_tiles;
    if (work->poll &&
        work->poll(work->context, group < 0 ? part / (double)(all->from + all->rows) : -1))
        atomic_store(gram->stopped, true);
}

static ri_status add_batch(const ri_gram *gram, int32_t group, const batch *b, const room *rooms,
                           double *to, size_t apart, ri_error *err) {
    ri_failure failure = RI_NO_FAILURE;
    const bool first = omp_get_thread_num() == 0; /* of walks that may surround this */
    const int threads = group < 0 ? gram->work.threads : 1;
#pragma omp parallel num_threads(threads)
    {
#pragma omp for schedule(dynamic, 1)
        for (int64_t q = 0; q < gram->tiles * RI_GRAM_PANELS; q += b->together) {
            ri_error own = {0};
            if (atomic_load(gram->stopped))
                continue;
            ri_status mine = fill_panels(gram, q, b, &rooms[omp_get_thread_num()], &own);
            ri_failure_note(&failure, q, mine, &own);
        }
        for (int64_t c = b->first; c < b->next && failure.status == RI_OK;
             c = end_run(gram, b, c)) {
            int64_t end = end_run(gram, b, c);
#pragma omp for schedule(monotonic : dynamic, 1)
            for (int64_t tile = 0; tile < gram->total_tiles; tile++) {
                if (atomic_load(gram->stopped))
                    continue;
                add_chunks(gram, b, c, end, tile, to, apart);
                if (first && omp_get_thread_num() == 0)
                    tell(gram, group, c, end, tile);
            }
        }
    }
    RI_TRY(ri_failure_tell(&failure, err));
    return atomic_load(gram->stopped) ? ri_fail(err, RI_INTERRUPTED, "interrupted") : RI_OK;
}

/* Chunks of the file that are inflated are wanted for all of their features at once. */
static int64_t panels_together(const ri_matrix *x) {
    const ri_dataset *dataset = x->stream ? x->stream->dataset : NULL;
    int64_t features = dataset && dataset->compressed ? dataset->chunk_features : 1;
    return features > RI_GRAM_TILE ? RI_GRAM_PANELS : (features + 7) / 8;
}

static void free_rooms(room *s, int threads) {
    for (int t = 0; s && t < threads; t++) {
        free(s[t].decoded);
        free(s[t].stored);
    }
    free(s);
}

static room *make_rooms(const ri_gram *gram, int64_t together, int threads) {
    room *s = ri_calloc((size_t)threads, sizeof *s);
    bool good = s, streamed = gram->columns->x.stream;
    for (int t = 0; good && t < threads; t++) {
        s[t].decoded = ri_alloc(8 * (size_t)gram->block_rows, sizeof *s[t].decoded);
        s[t].stored = streamed ? ri_alloc(8 * (size_t)together, stored_stride(gram)) : NULL;
        good = s[t].decoded && (s[t].stored || !streamed);
    }
    if (good)
        return s;
    free_rooms(s, threads);
    return NULL;
}

ri_status ri_gram_form(const ri_gram *gram, int32_t group, double *to, size_t apart, double *bytes,
                       ri_error *err) {
    const ri_matrix *x = &gram->columns->x;
    const int threads = group < 0 ? gram->work.threads : 1;
    int64_t rows = 0, most = gram->block_rows;
    for (int64_t c = 0; c < gram->chunks; c++)
        rows += group < 0 || gram->chunk[c].group == group ? gram->chunk[c].rows : 0;
    if (group >= 0) /* beside other fits: no more memory than ri_gram_fit_bytes says */
        most = (int64_t)fmin((double)most, ri_gram_buffer_rows(rows, x->p, 0));
    most = most < rows ? most : rows;
    size_t values = (size_t)(gram->tiles * RI_GRAM_TILE * most);
    batch b = {.panels = ri_alloc(values, sizeof *b.panels), .together = panels_together(x)};
    room *rooms = make_rooms(gram, b.together, threads);
    ri_status status =
        b.panels && rooms ? RI_OK : ri_fail_memory(err, "the rows of a Gram matrix", 8ULL * values);
    for (int64_t first = 0; status == RI_OK && find_batch(gram, group, first, most, &b);
         first = b.next) {
        status = add_batch(gram, group, &b, rooms, to, apart, err);
        *bytes += ri_matrix_bytes(x) * (double)b.block_rows / (double)x->n;
    }
    free(b.panels);
    free_rooms(rooms, threads);
    return status;
}
