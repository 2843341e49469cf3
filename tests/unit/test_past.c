/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of the readers of a file that is not in the system's cache: pieces have the bytes of the
 * file, read past the cache, through it or copied from it; past it they leave nothing there,
 * through it all of it; what is there already is not read again; and an end of the pass lets nobody
 * wait. */
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
#include "data/past.h"
#include "support/foreign_file.h"

enum { N = 450, P = 170, COLUMNS = 20, PIECES = 9, ROOM = 1 << 20 };

typedef struct scene {
    ri_dataset *dataset;
    char *memory;
    ri_extent all; /* of X in the file */
    int file;      /* borrowed */
    bool tells;    /* files leave the cache when they are asked to, and are read past it */
} scene;

static void drop(scene *s) {
    int file = open(s->dataset->path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0 && fsync(file) == 0);
    (void)posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    close(file);
}

static scene open_scene(void) {
    foreign_set set = {.stored = H5T_IEEE_F64LE};
    scratch_path path = foreign_dataset("past.h5", N, P, false, set);
    ri_open_options options = {.x_path = "/data/X", .y_path = "/data/y"};
    scene s = {.memory = malloc(ROOM)};
    ri_error err = {0};
    if (ri_dataset_open(path.text, &options, &s.dataset, &err) != RI_OK)
        fail_msg("%s", err.text);
    assert_non_null(s.memory);
    assert_true(ri_dataset_extent(s.dataset, 0, P, &s.file, &s.all));
    drop(&s);
    int straight = open(path.text, O_RDONLY | O_CLOEXEC | O_DIRECT);
    s.tells = straight >= 0 && !ri_file_kept(s.file, s.all.at, s.all.bytes) &&
              pread(straight, s.memory - (uintptr_t)s.memory % 4096 + 4096, 4096, 0) == 4096;
    if (straight >= 0)
        close(straight);
    return s;
}

static void close_scene(scene *s) {
    ri_dataset_close(s->dataset);
    free(s->memory);
}

static bool start(scene *s, ri_past *past, ri_fill *fill) {
    return ri_past_start(past, s->dataset, fill, COLUMNS, 2, (ri_past_room){s->memory, ROOM});
}

/* Takes all pieces, one after the other. */
static void check_pieces(const scene *s, ri_past *past) {
    assert_int_equal(past->pieces, PIECES);
    for (int64_t t = 0; t < PIECES; t++) {
        const ri_extent *held = ri_past_take(past, t);
        assert_non_null(held);
        const int64_t from = t * COLUMNS, to = from + COLUMNS < P ? from + COLUMNS : P;
        assert_int_equal(held->at, s->all.at + (uint64_t)from * N * sizeof(double));
        assert_int_equal(held->bytes, (uint64_t)(to - from) * N * sizeof(double));
        for (int64_t j = from; j < to; j++)
            for (int64_t i = 0; i < N; i++) {
                double value;
                memcpy(&value, held->start + (size_t)((j - from) * N + i) * sizeof value,
                       sizeof value);
                assert_true(value == foreign_value(i, j, P));
            }
        ri_past_give(past, t);
    }
    ri_past_stop(past);
}

static void pieces_past_the_cache_are_not_left_there(void **unused) {
    (void)unused;
    scene s = open_scene();
    ri_fill fill = {.lost = true};
    ri_past past;
    if (start(&s, &past, &fill)) {
        check_pieces(&s, &past);
        assert_int_equal(past.filled[0].bytes, 0);
        if (s.tells) {
            assert_true(past.straight_bytes == (double)s.all.bytes);
            /* not at the beginning, which valgrind reads of whatever is mapped for a look */
            const uint64_t half = s.all.bytes / 2;
            for (uint64_t at = s.all.at + half; at < s.all.at + s.all.bytes; at += 4096)
                assert_false(ri_file_kept(s.file, at, 1));
        }
    }
    close_scene(&s);
}

static void pieces_through_the_cache_are_left_there(void **unused) {
    (void)unused;
    scene s = open_scene();
    ri_fill fill = {.fills = true};
    ri_past past;
    if (start(&s, &past, &fill)) {
        check_pieces(&s, &past);
        assert_true(past.straight_bytes == 0);
        if (s.tells) {
            assert_true(ri_file_kept(s.file, s.all.at, s.all.bytes));
            assert_true(past.filled[0].bytes == 0 || past.filled[0].at <= past.filled[1].at);
        }
    }
    close_scene(&s);
}

static void pieces_in_the_cache_are_copied(void **unused) {
    (void)unused;
    scene s = open_scene();
    char byte;
    ri_fill fill = {.lost = true};
    ri_past past;
    for (uint64_t at = s.all.at; at < s.all.at + s.all.bytes; at++)
        assert_int_equal(pread(s.file, &byte, 1, (off_t)at), 1);
    if (start(&s, &past, &fill)) {
        check_pieces(&s, &past);
        assert_true(!s.tells || past.straight_bytes == 0);
    }
    close_scene(&s);
}

static void ended_pass_lets_nobody_wait(void **unused) {
    (void)unused;
    scene s = open_scene();
    for (int fills = 0; fills < 2; fills++) {
        ri_fill fill = {.fills = fills != 0};
        ri_past past;
        if (start(&s, &past, &fill)) {
            assert_non_null(ri_past_take(&past, 0));
            ri_past_end(&past);
            (void)ri_past_take(&past, PIECES - 1); /* comes back, with it or without */
            ri_past_give(&past, 0);
            ri_past_stop(&past);
        }
        drop(&s);
    }
    close_scene(&s);
}

static void too_little_room_starts_nothing(void **unused) {
    (void)unused;
    scene s = open_scene();
    ri_fill fill = {0};
    ri_past past;
    const size_t piece = COLUMNS * N * sizeof(double);
    assert_false(
        ri_past_start(&past, s.dataset, &fill, COLUMNS, 2, (ri_past_room){s.memory, 2 * piece}));
    assert_null(ri_past_take(&past, 0));
    ri_past_give(&past, 0);
    ri_past_stop(&past);
    close_scene(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_past_the_cache_are_not_left_there),
        cmocka_unit_test(pieces_through_the_cache_are_left_there),
        cmocka_unit_test(pieces_in_the_cache_are_copied),
        cmocka_unit_test(ended_pass_lets_nobody_wait),
        cmocka_unit_test(too_little_room_starts_nothing),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
