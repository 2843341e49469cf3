/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of a pass whose threads read and inflate, each, what they use next: every feature of the
 * file is shown once with the values that were written, whatever its layout and the number of
 * threads, in the system's cache or not; of several damaged chunks the first is named; a file that
 * became or becomes shorter ends the pass; what the system has in memory is shown there; a file
 * that the system's cache has lost since the pass before is read past it; and no room is left
 * behind. */
#define _GNU_SOURCE 1 /* O_DIRECT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cached.h"
#include "base/mapped.h"
#include "data/dataset_file.h"
#include "data/direct.h"
#include "support/foreign_file.h"

enum { N = 45, P = 170, MOST = 5, ROOM = 8 << 20 /* of a thread, for windows */ };

static scratch_path make_file(foreign_set set, bool samples_first) {
    set.stored = H5T_IEEE_F64LE;
    return foreign_dataset("direct.h5", N, P, samples_first, set);
}

typedef struct scene {
    ri_dataset *dataset;
    ri_stream *stream;
    void *memory;
    size_t bytes; /* of memory */
    int threads;
    int times[P]; /* each feature was shown */
    int windows;  /* features shown where the system has the file, not copied */
    bool cut;     /* the file, by whoever is shown features first */
} scene;

static scene open_room(scratch_path path, int threads, size_t bytes) {
    ri_open_options options = {.x_path = "/data/X", .y_path = "/data/y"};
    scene s = {.threads = threads, .bytes = bytes};
    ri_error err = {0};
    if (ri_dataset_open(path.text, &options, &s.dataset, &err) != RI_OK)
        fail_msg("%s", err.text);
    s.dataset->readers = threads;
    s.memory = malloc(bytes);
    assert_non_null(s.memory);
    assert_int_equal(ri_stream_new(s.dataset, s.memory, bytes, &s.stream, &err), RI_OK);
    return s;
}

static scene open_scene(scratch_path path, int threads) {
    return open_room(path, threads, 3 * 48 * N * sizeof(double));
}

static void close_scene(scene *s) {
    assert_null(s->dataset->file->raw.spare);
    ri_stream_free(s->stream);
    ri_dataset_close(s->dataset);
    free(s->memory);
}

static void look(void *context, int64_t from, int64_t to, int thread) {
    scene *s = context;
    assert_true(to > from && to - from <= MOST && thread >= 0 && thread < s->threads);
    for (int64_t j = from; j < to; j++) {
        for (int64_t i = 0; i < N; i++)
            assert_true(ri_element(RI_F64, s->stream->column[j], i) == foreign_value(i, j, P));
        s->times[j]++;
        const size_t off = (size_t)((const char *)s->stream->column[j] - (char *)s->memory);
        if (off >= s->bytes)
#pragma omp atomic
            s->windows++;
    }
}

static ri_status scan(scene *s, ri_error *err) {
    double bytes = 0;
    assert_true(ri_direct_possible(s->stream, s->threads));
    ri_status status = ri_direct_scan(s->stream, MOST, s->threads, look, s, &bytes, err);
    for (int64_t j = 0; j < P; j++)
        assert_null(s->stream->column[j]);
    return status;
}

/* As far as the file system lets one. */
static void drop_from_cache(scratch_path path) {
    int file = open(path.text, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0 && fsync(file) == 0);
    (void)posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    close(file);
}

static void check_file(scratch_path path) {
    for (int threads = 2; threads <= 3; threads++)
        for (int cold = 0; cold < 2; cold++) {
            scene s = open_scene(path, threads);
            ri_error err = {0};
            if (cold)
                drop_from_cache(path);
            if (scan(&s, &err) != RI_OK)
                fail_msg("%s", err.text);
            for (int64_t j = 0; j < P; j++)
                assert_int_equal(s.times[j], 1);
            close_scene(&s);
        }
}

static void every_layout_shows_every_feature_once(void **unused) {
    (void)unused;
    const hsize_t chunks[][2] = {{1, 45}, {7, 45}, {3, 9}, {13, 16}};
    for (size_t k = 0; k < sizeof chunks / sizeof *chunks; k++)
        for (int kind = 0; kind < 8; kind++) {
            bool first = kind & 1;
            foreign_set set = {.deflate = (kind & 2 ? FOREIGN_SHUFFLE : 0) | (kind & 4)};
            set.chunk[first ? 1 : 0] = chunks[k][0];
            set.chunk[first ? 0 : 1] = chunks[k][1];
            check_file(make_file(set, first));
        }
    check_file(make_file((foreign_set){0}, false));
}

/* Whether the file system is one whose files are mapped. */
static bool is_mapped(scratch_path path) {
    ri_mapped mapped;
    int file = open(path.text, O_RDONLY | O_CLOEXEC);
    ri_mapped_open(&mapped, file);
    bool good = mapped.start && ri_file_cached(file, 0);
    ri_mapped_close(&mapped);
    close(file);
    return good;
}

static void cached_features_are_shown_without_a_copy(void **unused) {
    (void)unused;
    const hsize_t chunks[][2] = {{0, 0}, {7, N}, {1, N}, {P, N}};
    for (size_t k = 0; k < sizeof chunks / sizeof *chunks; k++)
        for (int threads = 1; threads <= 3; threads++) {
            foreign_set set = {.chunk = {chunks[k][0], chunks[k][1]}};
            scratch_path path = make_file(set, false);
            scene s = open_room(path, threads, (size_t)threads * ROOM);
            ri_error err = {0};
            if (scan(&s, &err) != RI_OK)
                fail_msg("%s", err.text);
            for (int64_t j = 0; j < P; j++)
                assert_int_equal(s.times[j], 1);
            assert_true(is_mapped(path) ? s.windows > 0 : s.windows == 0);
            close_scene(&s);
        }
}

/* Passes over a file that is lost after each, whatever the passes leave there; from when that is
 * seen on, they leave nothing. */
static void check_lost(scratch_path path, int threads, ri_fill fill) {
    scene s = open_room(path, threads, ROOM);
    ri_error err = {0};
    s.stream->fill = fill;
    for (int pass = 0; pass < 3; pass++) {
        drop_from_cache(path); /* a look has some of it read */
        int file;
        ri_extent x;
        const bool tells = ri_dataset_extent(s.dataset, 0, 1, &file, &x) &&
                           !ri_file_kept(file, s.stream->left_at, 1);
        const bool lost = s.stream->left && tells;
        if (scan(&s, &err) != RI_OK)
            fail_msg("%s", err.text);
        for (int64_t j = 0; j < P; j++)
            assert_int_equal(s.times[j], pass + 1);
        assert_true(!lost || s.stream->fill.lost);
        assert_true(!s.stream->fill.lost || !s.stream->fill.fills);
    }
    close_scene(&s);
}

static void file_that_the_cache_loses_is_read_past_it(void **unused) {
    (void)unused;
    const foreign_set sets[] = {{.chunk = {0, 0}},
                                {.chunk = {7, N}},
                                {.chunk = {7, N}, .deflate = 6},
                                {.chunk = {7, N}, .deflate = 6 | FOREIGN_SHUFFLE},
                                {.chunk = {1, N}, .deflate = 1},
                                {.chunk = {13, 16}, .deflate = 1 | FOREIGN_SHUFFLE}};
    for (size_t k = 0; k < sizeof sets / sizeof *sets; k++)
        for (int threads = sets[k].deflate ? 2 : 1; threads <= 3; threads++)
            for (int state = 0; state < 3; state++)
                check_lost(make_file(sets[k], false), threads,
                           (ri_fill){.fills = state == 1, .lost = state == 2});
}

/* Few columns of a file whose samples come first lie together only where it is compressed and a
 * chunk has all samples; all are read, whatever way. */
static void samples_first_are_read_when_lost(void **unused) {
    (void)unused;
    const hsize_t chunks[][2] = {{N, 7}, {9, 3}};
    for (size_t k = 0; k < sizeof chunks / sizeof *chunks; k++)
        for (int threads = 2; threads <= 3; threads++) {
            foreign_set set = {.chunk = {chunks[k][0], chunks[k][1]}, .deflate = 1};
            scene s = open_room(make_file(set, true), threads, ROOM);
            ri_error err = {0};
            for (int pass = 0; pass < 2; pass++) {
                if (scan(&s, &err) != RI_OK)
                    fail_msg("%s", err.text);
                int file = open(s.dataset->path, O_RDONLY | O_CLOEXEC);
                (void)posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
                close(file);
            }
            for (int64_t j = 0; j < P; j++)
                assert_int_equal(s.times[j], 2);
            close_scene(&s);
        }
}

/* The first of all leaves the header alone of the file; what is read then does not matter. */
static void cut(void *context, int64_t from, int64_t to, int thread) {
    scene *s = context;
    (void)thread;
#pragma omp critical
    if (!s->cut) {
        s->cut = true;
        assert_int_equal(truncate(s->dataset->path, 1024), 0);
    }
    for (int64_t j = from; j < to; j++)
        for (int64_t i = 0; i < N; i++)
            (void)ri_element(RI_F64, s->stream->column[j], i);
}

static void file_cut_off_while_it_is_shown_ends_the_pass(void **unused) {
    (void)unused;
    for (int threads = 1; threads <= 3; threads++) {
        scratch_path path = make_file((foreign_set){0}, false);
        scene s = open_room(path, threads, (size_t)threads * ROOM);
        ri_error err = {0};
        double bytes = 0;
        assert_true(ri_direct_possible(s.stream, threads));
        assert_int_equal(ri_direct_scan(s.stream, MOST, threads, cut, &s, &bytes, &err),
                         RI_BAD_INPUT);
        assert_non_null(strstr(err.text, "truncated"));
        close_scene(&s);
    }
}

/* Where a piece has no room for a chunk, or threads would wait for the last one. */
static void large_chunks_are_left_to_blocks(void **unused) {
    (void)unused;
    scratch_path path = make_file((foreign_set){.chunk = {50, N}, .deflate = 1}, false);
    scene s = open_scene(path, 2);
    assert_false(ri_direct_possible(s.stream, 2));
    close_scene(&s);
    path = make_file((foreign_set){.chunk = {20, N}, .deflate = 1}, false);
    s = open_scene(path, 2);
    assert_true(ri_direct_possible(s.stream, 2));
    assert_false(ri_direct_possible(s.stream, 3));
    close_scene(&s);
}

/* The next pass is one past the cache. */
static void lose(scene *s, scratch_path path) {
    ri_error err = {0};
    if (scan(s, &err) != RI_OK)
        fail_msg("%s", err.text);
    drop_from_cache(path);
}

static void overwrite(scratch_path path, const ri_raw_chunk *chunk) {
    static const char damage[16] = "damage damage da";
    int file = open(path.text, O_WRONLY | O_CLOEXEC);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, damage, sizeof damage, (off_t)(chunk->at + chunk->bytes / 2)),
                     sizeof damage);
    close(file);
}

static void first_damaged_chunk_is_named(void **unused) {
    (void)unused;
    for (int kind = 0; kind < 4; kind++) {
        const int threads = 2 + (kind & 1);
        foreign_set set = {.chunk = {7, N}, .deflate = 6 | FOREIGN_SHUFFLE};
        scratch_path path = make_file(set, false);
        scene s = open_room(path, threads, ROOM);
        assert_true(ri_dataset_parallel(s.dataset));
        if (kind & 2)
            lose(&s, path);
        overwrite(path, &s.dataset->file->raw.list[20]);
        overwrite(path, &s.dataset->file->raw.list[11]);
        drop_from_cache(path);
        ri_error err = {0};
        assert_int_equal(scan(&s, &err), RI_BAD_INPUT);
        assert_non_null(strstr(err.text, "the chunk that starts at feature 78, sample 1, is "
                                         "damaged or truncated"));
        close_scene(&s);
    }
}

static void shorter_file_ends_the_pass(void **unused) {
    (void)unused;
    for (int kind = 0; kind < 4; kind++) {
        const int deflate = kind & 1;
        foreign_set set = {.deflate = deflate};
        set.chunk[0] = deflate ? 7 : 0;
        set.chunk[1] = deflate ? N : 0;
        scratch_path path = make_file(set, false);
        scene s = open_room(path, 2, ROOM);
        assert_true(ri_dataset_parallel(s.dataset));
        if (kind & 2)
            lose(&s, path);
        drop_from_cache(path);
        assert_int_equal(truncate(path.text, (off_t)s.dataset->file->raw.room / 2), 0);
        ri_error err = {0};
        assert_int_equal(scan(&s, &err), RI_BAD_INPUT);
        assert_non_null(strstr(err.text, "truncated"));
        close_scene(&s);
    }
}

static void reading_ahead_fills_the_cache(void **unused) {
    (void)unused;
    scratch_path path = make_file((foreign_set){.chunk = {7, 16}, .deflate = 1}, false);
    scene s = open_scene(path, 2);
    ri_error err = {0};
    if (scan(&s, &err) != RI_OK)
        fail_msg("%s", err.text);
    const bool tells = ri_dataset_cached(s.dataset); /* not every file system does */
    drop_from_cache(path);
    ri_dataset_ahead(s.dataset, 0, P);
    assert_int_equal(ri_dataset_cached(s.dataset), tells);
    close_scene(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_layout_shows_every_feature_once),
        cmocka_unit_test(cached_features_are_shown_without_a_copy),
        cmocka_unit_test(file_that_the_cache_loses_is_read_past_it),
        cmocka_unit_test(samples_first_are_read_when_lost),
        cmocka_unit_test(file_cut_off_while_it_is_shown_ends_the_pass),
        cmocka_unit_test(large_chunks_are_left_to_blocks),
        cmocka_unit_test(first_damaged_chunk_is_named),
        cmocka_unit_test(shorter_file_ends_the_pass),
        cmocka_unit_test(reading_ahead_fills_the_cache),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
