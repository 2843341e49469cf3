/* SPDX-License-Identifier: BSD-3-Clause
 * riata-bench-stream [--mb X] [--blocks B] [--threads T] [--storage S] [--layout L] [--cache C]
 *                    [--folder DIR] [--tsv FILE]:
 * time of a pass over an X that stays in its file, beside what bounds it in the same run:
 *
 *   read        the bytes of X as stored, one after the other by read() of 4 MB, no more
 *   arithmetic  the same pass with X in memory
 *   inflate     of compressed chunks, all of them by the same number of threads, no more
 *   pass        the streamed pass
 *   ratio       pass / the longer of read and arithmetic + inflate
 *
 * All are seconds on the clock, of T threads but for read, which is one thread's. Arithmetic and
 * inflate are those of a file in the cache, and added: the same cores do both. Nothing is granted
 * for what reading takes of them beside.
 *
 * Medians of five rounds, in each of which every time is taken once; in three states of the
 * system's cache: it has the file (hot), it has not and the pass is the first, which may leave it
 * there (cold), and it has lost what the pass before left there (lost), as of files larger than it.
 * The pass is one of 11 fits with 2 residuals each; its blocks have B MB together. X is 2048
 * samples wide, in plain layout and in shuffled and deflated chunks of 4 MB, of X MB (2-bit
 * genotypes: a quarter of that). S (f64, f32, i8, packed2), L (plain, deflate) and C (hot, cold,
 * lost) ask for those rows alone. */
#include <fcntl.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/random.h"
#include "data/dataset.h"
#include "design/pass.h"

enum {
    N = 2048,
    VIEWS = 11,
    RESIDUALS = 2,
    ROUNDS = 5,
    PIECE = 4 << 20, /* of a plain read, and a chunk */
    PATTERNS = 4,    /* different chunks, used in turn */
};

enum { READ, ARITHMETIC, INFLATE, PASS, TIMES };
enum { HOT, COLD, LOST, STATES };

static const char *const layout_names[] = {"plain", "deflate"};
static const char *const cache_names[STATES] = {"hot", "cold", "lost"};

typedef struct extent { /* bytes of the file */
    off_t at;
    size_t bytes;
} extent;

typedef struct bench {
    char path[4096];
    ri_storage storage;
    bool deflated;
    int64_t p;
    int threads;
    extent *list; /* [extents] where X is */
    int64_t extents;
    char *piece; /* [PIECE] */
    char *blocks;
    size_t blocks_bytes;
    char *x; /* all of X */
    ri_dataset *dataset;
    ri_columns columns;
    double *shift;
    uint8_t *none; /* [p] */
    ri_view view[VIEWS];
    double *residual; /* [VIEWS * RESIDUALS * N] */
    float *gradient;  /* [VIEWS * p] */
} bench;

static void stop(const char *what, const char *why) {
    fprintf(stderr, "riata-bench-stream: %s%s%s\n", what, *why ? ": " : "", why);
    exit(EXIT_FAILURE);
}

static void check(ri_status status, const ri_error *err) {
    if (status != RI_OK)
        stop(err->text, "");
}

static void *get(size_t count, size_t size) {
    void *block = ri_calloc(count, size);
    if (block == NULL)
        stop("not enough memory", "");
    return block;
}

/* --- the file -------------------------------------------------------------------------------- */

/* Normal values, or genotypes; the last bits of a column of 2-bit ones are all used. */
static void fill(const bench *b, char *chunk, uint64_t pattern) {
    size_t size = b->storage == RI_F64 ? 8 : b->storage == RI_F32 ? 4 : 1;
    for (size_t k = 0; k < PIECE / size; k++) {
        uint64_t at = pattern * PIECE + k, bits = ri_random_bits(7, 1, at);
        if (b->storage == RI_F64)
            ((double *)(void *)chunk)[k] = ri_random_normal(7, 1, at);
        else if (b->storage == RI_F32)
            ((float *)(void *)chunk)[k] = (float)ri_random_normal(7, 1, at);
        else if (b->storage == RI_I8)
            chunk[k] = (char)((bits & 1) + (bits >> 1 & 1));
        else /* a pair of bits is 00, 10 or 11 */
            chunk[k] = (char)((bits & 0xAAu) | (bits & (bits >> 1) & 0x55u));
    }
}

static void put_number(hid_t object, const char *name, int64_t value) {
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t made = H5Acreate2(object, name, H5T_STD_I64LE, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(made, H5T_NATIVE_INT64, &value);
    H5Aclose(made);
    H5Sclose(space);
}

static void put_packed(hid_t object) {
    hid_t space = H5Screate(H5S_SCALAR), type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, sizeof "packed2");
    hid_t made = H5Acreate2(object, "encoding", type, space, H5P_DEFAULT, H5P_DEFAULT);
    H5Awrite(made, type, "packed2");
    H5Aclose(made);
    H5Tclose(type);
    H5Sclose(space);
    put_number(object, "n_samples", N);
}

/* Chunk `at` of the file as chunk `from` of it, without deflating the same again. */
static bool copy_chunk(hid_t set, const hsize_t from[2], const hsize_t at[2], char *room) {
    hsize_t bytes;
    uint32_t filters;
    return H5Dget_chunk_storage_size(set, from, &bytes) >= 0 && bytes <= 2 * PIECE &&
           H5Dread_chunk(set, H5P_DEFAULT, from, &filters, room) >= 0 &&
           H5Dwrite_chunk(set, H5P_DEFAULT, filters, at, bytes, room) >= 0;
}

/* In pieces of 4 MB whatever the layout, so that all hold the same. */
static void write_pieces(const bench *b, hid_t set, hid_t type, hsize_t columns, hsize_t row) {
    char *room = get(PATTERNS, PIECE);
    const hsize_t count[2] = {columns, row};
    hid_t memory = H5Screate_simple(2, count, NULL), file = H5Dget_space(set);
    for (hsize_t k = 0; k < PATTERNS; k++)
        fill(b, room + k * PIECE, k);
    for (hsize_t k = 0; k * columns < (hsize_t)b->p; k++) {
        const hsize_t at[2] = {k * columns, 0}, from[2] = {k % PATTERNS * columns, 0};
        H5Sselect_hyperslab(file, H5S_SELECT_SET, at, NULL, count, NULL);
        bool good = b->deflated && k >= PATTERNS ? copy_chunk(set, from, at, room)
                                                 : H5Dwrite(set, type, memory, file, H5P_DEFAULT,
                                                            room + k % PATTERNS * PIECE) >= 0;
        if (!good)
            stop(b->path, "cannot be written");
    }
    H5Sclose(memory);
    H5Sclose(file);
    free(room);
}

static void write_file(const bench *b) {
    const hid_t types[RI_STORAGE_COUNT] = {[RI_F64] = H5T_NATIVE_DOUBLE,
                                           [RI_F32] = H5T_NATIVE_FLOAT,
                                           [RI_I8] = H5T_NATIVE_INT8,
                                           [RI_PACKED2] = H5T_NATIVE_UINT8};
    const hid_t type = types[b->storage];
    const hsize_t row = ri_storage_bytes(b->storage, N) / H5Tget_size(type);
    const hsize_t dims[2] = {(hsize_t)b->p, row};
    const hsize_t chunk[2] = {PIECE / ri_storage_bytes(b->storage, N), row};
    hid_t file = H5Fcreate(b->path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t space = H5Screate_simple(2, dims, NULL), list = H5Pcreate(H5P_DATASET_CREATE);
    if (b->deflated) {
        H5Pset_chunk(list, 2, chunk);
        H5Pset_shuffle(list);
        H5Pset_deflate(list, 1);
    }
    hid_t set = H5Dcreate2(file, "X", type, space, H5P_DEFAULT, list, H5P_DEFAULT);
    if (set < 0)
        stop(b->path, "cannot be written");
    put_number(file, "riata_format", 1);
    if (b->storage == RI_PACKED2)
        put_packed(set);
    write_pieces(b, set, type, chunk[0], row);
    H5Dclose(set);
    H5Pclose(list);
    H5Sclose(space);
    if (H5Fclose(file) < 0)
        stop(b->path, "cannot be written");
}

/* Where X is in the file; the chunks in the order of their features. */
static void find_extents(bench *b) {
    hid_t file = H5Fopen(b->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t set = H5Dopen2(file, "X", H5P_DEFAULT), space = H5Dget_space(set);
    hsize_t chunks = 1, bytes = H5Dget_storage_size(set);
    if (b->deflated && H5Dget_num_chunks(set, space, &chunks) < 0)
        stop(b->path, "cannot be read");
    b->list = get(chunks, sizeof *b->list);
    b->extents = (int64_t)chunks;
    b->list[0] = (extent){(off_t)H5Dget_offset(set), bytes};
    for (hsize_t k = 0; b->deflated && k < chunks; k++) {
        hsize_t corner[2];
        unsigned skipped;
        haddr_t at;
        if (H5Dget_chunk_info(set, space, k, corner, &skipped, &at, &bytes) < 0)
            stop(b->path, "cannot be read");
        b->list[k] = (extent){(off_t)at, bytes};
    }
    H5Sclose(space);
    H5Dclose(set);
    H5Fclose(file);
}

/* Out of the system's cache, or into it. */
static void set_cache(const bench *b, bool hot) {
    int file = open(b->path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fsync(file) != 0 || (!hot && posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)))
        stop(b->path, "cannot be taken out of the cache");
    while (hot && read(file, b->piece, PIECE) > 0)
        ;
    close(file);
}

/* --- the times ------------------------------------------------------------------------------- */

static void read_plainly(const bench *b) {
    int file = open(b->path, O_RDONLY | O_CLOEXEC);
    for (int64_t k = 0; k < b->extents; k++) {
        if (lseek(file, b->list[k].at, SEEK_SET) < 0)
            stop(b->path, "cannot be read");
        for (size_t left = b->list[k].bytes; left > 0;) {
            ssize_t got = read(file, b->piece, left < PIECE ? left : PIECE);
            if (got <= 0)
                stop(b->path, "cannot be read");
            left -= (size_t)got;
        }
    }
    close(file);
}

static void inflate_all(const bench *b) {
    const size_t stride = ri_storage_bytes(b->storage, N);
    const int64_t columns = (int64_t)(b->blocks_bytes / stride);
    ri_error err;
    for (int64_t j = 0; j < b->p; j += columns)
        check(ri_dataset_fetch(b->dataset, j, columns < b->p - j ? columns : b->p - j, b->blocks,
                               stride, &err),
              &err);
}

static void run_pass(bench *b, bool first) {
    ri_request request[VIEWS];
    ri_error err;
    double bytes = 0;
    for (int v = 0; v < VIEWS; v++) {
        request[v] = (ri_request){.view = &b->view[v],
                                  .count = first ? 1 : RESIDUALS,
                                  .residual = b->residual + (size_t)v * RESIDUALS * N,
                                  .gradient = b->gradient + v * b->p};
        for (int t = 0; t < RESIDUALS; t++)
            request[v].answer[t].floor = 1e3; /* nothing is kept */
    }
    check(first ? ri_pass_first(&b->columns, b->view, request, VIEWS, b->threads, &bytes, &err)
                : ri_pass_run(&b->columns, request, VIEWS, b->threads, &bytes, &err),
          &err);
    for (int v = 0; v < VIEWS; v++)
        for (int t = 0; t < request[v].count; t++)
            free(request[v].answer[t].entry);
}

static double time_of(bench *b, int what, int state, ri_stream *stream) {
    stream->fill = (ri_fill){0};
    if (state == LOST)
        ri_fill_lose(&stream->fill);
    stream->left = false;
    set_cache(b, state == HOT || what == INFLATE);
    b->columns.x.stream = what == PASS ? stream : NULL;
    double started = ri_seconds();
    if (what == READ)
        read_plainly(b);
    else if (what == INFLATE)
        inflate_all(b);
    else
        run_pass(b, false);
    return ri_seconds() - started;
}

static int compare_doubles(const void *a, const void *b) {
    const double *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static void measure(bench *b, int state, ri_stream *stream, double median[TIMES]) {
    double taken[TIMES][ROUNDS];
    for (int round = 0; round < ROUNDS; round++)
        for (int what = 0; what < TIMES; what++)
            taken[what][round] =
                what == INFLATE && !b->deflated ? 0 : time_of(b, what, state, stream);
    for (int what = 0; what < TIMES; what++) {
        qsort(taken[what], ROUNDS, sizeof(double), compare_doubles);
        median[what] = taken[what][ROUNDS / 2];
    }
}

static void report(const bench *b, int state, const double s[TIMES], FILE *out) {
    double sum = s[ARITHMETIC] + s[INFLATE], bound = s[READ] > sum ? s[READ] : sum, stored = 0;
    for (int64_t k = 0; k < b->extents; k++)
        stored += (double)b->list[k].bytes;
    fprintf(out, "%s\t%s\t%s\t%.0f\t%.0f\t%.4f\t%.4f\t%.4f\t%.4f\t%.2f\n",
            ri_storage_name(b->storage), layout_names[b->deflated], cache_names[state],
            (double)b->p * (double)ri_storage_bytes(b->storage, N) / 1e6, stored / 1e6, s[READ],
            s[ARITHMETIC], s[INFLATE], s[PASS], s[PASS] / bound);
    fflush(out);
}

/* --- a case ---------------------------------------------------------------------------------- */

static void open_design(bench *b) {
    ri_error err;
    b->shift = get((size_t)b->p, sizeof *b->shift);
    b->none = get((size_t)b->p, 1);
    b->residual = get((size_t)VIEWS * RESIDUALS * N, sizeof *b->residual);
    b->gradient = get((size_t)(VIEWS * b->p), sizeof *b->gradient);
    const size_t stride = ri_storage_bytes(b->storage, N);
    b->columns = (ri_columns){
        .x = {.storage = b->storage, .n = N, .p = b->p, .stride = stride, .values = b->x},
        .shift = b->shift,
        .missing = b->none,
        .integer = b->none,
        .centered = true,
        .standardized = true};
    for (int v = 0; v < VIEWS; v++) {
        uint8_t role[N];
        for (int i = 0; i < N; i++) {
            role[i] = i % VIEWS == v ? 2 : 1;
            for (int t = 0; t < RESIDUALS; t++)
                b->residual[(v * RESIDUALS + t) * N + i] =
                    role[i] == 1 ? ri_random_normal(7, 2, (uint64_t)(t * N + i)) : 0;
        }
        check(ri_view_new(&b->columns, role, NULL, &b->view[v], &err), &err);
    }
    run_pass(b, true);
}

static bool is_asked(const char *asked, const char *name) {
    return !asked || strcmp(asked, name) == 0;
}

static void run_case(bench *b, const char *cache, FILE *out) {
    const size_t stride = ri_storage_bytes(b->storage, N);
    const ri_open_options options = {.response_optional = true};
    ri_stream *stream;
    ri_error err;
    double times[TIMES];
    write_file(b);
    find_extents(b);
    check(ri_dataset_open(b->path, &options, &b->dataset, &err), &err);
    b->dataset->readers = b->threads;
    b->x = get((size_t)b->p, stride);
    check(ri_dataset_fetch(b->dataset, 0, b->p, b->x, stride, &err), &err);
    check(ri_stream_new(b->dataset, b->blocks, b->blocks_bytes, &stream, &err), &err);
    open_design(b);
    for (int state = 0; state < STATES; state++) {
        if (!is_asked(cache, cache_names[state]))
            continue;
        measure(b, state, stream, times);
        report(b, state, times, out);
    }
    for (int v = 0; v < VIEWS; v++)
        ri_view_free(&b->view[v]);
    ri_stream_free(stream);
    ri_dataset_close(b->dataset);
    free(b->shift);
    free(b->none);
    free(b->residual);
    free(b->gradient);
    free(b->x);
    free(b->list);
    unlink(b->path);
}

typedef struct settings {
    long mb, blocks, threads;
    const char *folder, *tsv;
    const char *storage, *layout, *cache; /* NULL: all of them */
} settings;

static settings read_options(int argc, char **argv) {
    settings set = {.mb = 256, .blocks = 64, .threads = 2, .folder = "."};
    for (int k = 1; k < argc; k += 2) {
        const char *value = k + 1 < argc ? argv[k + 1] : "";
        if (strcmp(argv[k], "--mb") == 0 && *value)
            set.mb = strtol(value, NULL, 10);
        else if (strcmp(argv[k], "--blocks") == 0 && *value)
            set.blocks = strtol(value, NULL, 10);
        else if (strcmp(argv[k], "--threads") == 0 && *value)
            set.threads = strtol(value, NULL, 10);
        else if (strcmp(argv[k], "--folder") == 0 && *value)
            set.folder = value;
        else if (strcmp(argv[k], "--storage") == 0 && *value)
            set.storage = value;
        else if (strcmp(argv[k], "--layout") == 0 && *value)
            set.layout = value;
        else if (strcmp(argv[k], "--cache") == 0 && *value)
            set.cache = value;
        else if (strcmp(argv[k], "--tsv") == 0 && *value)
            set.tsv = value;
        else
            stop("usage", "[--mb X] [--blocks B] [--threads T] [--storage S] [--layout L] "
                          "[--cache C] [--folder DIR] [--tsv FILE]");
    }
    if (set.mb < 64 || set.mb > 1 << 20 || set.blocks < 1 || set.blocks > 1 << 20 ||
        set.threads < 1 || set.threads > 1024)
        stop("--mb is 64 or more, --blocks and --threads 1 or more", "");
    return set;
}

int main(int argc, char **argv) {
    static const ri_storage storages[] = {RI_F64, RI_F32, RI_I8, RI_PACKED2};
    const settings set = read_options(argc, argv);
    FILE *out = set.tsv ? fopen(set.tsv, "w") : stdout;
    if (out == NULL)
        stop(set.tsv, "cannot be written");
    bench b = {.threads = (int)set.threads,
               .piece = get(1, PIECE),
               .blocks_bytes = (size_t)set.blocks << 20};
    b.blocks = get(1, b.blocks_bytes);
    snprintf(b.path, sizeof b.path, "%s/riata-bench-stream.%ld.h5", set.folder, (long)getpid());
    fprintf(out, "storage\tlayout\tcache\tmb\tstored_mb\tread_s\tarithmetic_s\tinflate_s\t"
                 "pass_s\tratio\n");
    for (size_t s = 0; s < sizeof storages / sizeof *storages; s++)
        for (int deflated = 0; deflated < 2; deflated++) {
            b.storage = storages[s];
            if (!is_asked(set.storage, ri_storage_name(b.storage)) ||
                !is_asked(set.layout, layout_names[deflated]))
                continue;
            b.deflated = deflated;
            int64_t columns = (int64_t)(PIECE / ri_storage_bytes(b.storage, N));
            b.p = ((int64_t)set.mb << 20) / PIECE * columns / (b.storage == RI_PACKED2 ? 4 : 1);
            b.p = b.p / columns * columns;
            run_case(&b, set.cache, out);
        }
    free(b.piece);
    free(b.blocks);
    return out == stdout || fclose(out) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
