/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of windows on a file: they show its bytes from any place on; what is behind the end is not
 * shown; a file that is cut off is told of and ends nothing; other faults reach whoever handled
 * them before; and nothing of it stays once it is closed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cached.h"
#include "base/mapped.h"
#include "support/scratch.h"

enum { BYTES = (5 << 20) + 123, PAGES = 2 << 16 /* the largest pages, twice */ };

static unsigned char byte_at(uint64_t at) {
    return (unsigned char)(at * 2654435761U >> 13);
}

typedef struct scene {
    int file;
    ri_mapped mapped;
} scene;

/* A test goes on only where the file system is one that is mapped. */
static scene open_scene(void) {
    const scratch_path path = scratch_file("mapped.bin");
    unsigned char *all = malloc(BYTES);
    assert_non_null(all);
    for (uint64_t k = 0; k < BYTES; k++)
        all[k] = byte_at(k);
    scene s = {.file = open(path.text, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    assert_int_equal(write(s.file, all, BYTES), BYTES);
    free(all);
    return s;
}

static void begin(scene *s) {
    ri_mapped_open(&s->mapped, s->file);
    if (s->mapped.start && ri_file_cached(s->file, 0) && ri_file_cached(s->file, BYTES - 1))
        return;
    ri_mapped_close(&s->mapped);
    close(s->file);
    skip();
}

static void end(scene *s) {
    ri_mapped_close(&s->mapped);
    assert_null(s->mapped.start);
    close(s->file);
}

static void windows_show_the_bytes_of_the_file(void **unused) {
    (void)unused;
    const uint64_t at[] = {0, 1, BYTES - 70000, BYTES - 1}, count[] = {BYTES, 4096, 70000, 1};
    scene s = open_scene();
    begin(&s);
    for (int k = 0; k < 4; k++) {
        const unsigned char *window = ri_mapped_show(&s.mapped, at[k], count[k]);
        assert_non_null(window);
        for (uint64_t i = 0; i < count[k]; i++)
            assert_int_equal(window[i], byte_at(at[k] + i));
        assert_true(ri_mapped_hide(&s.mapped, at[k], count[k]));
    }
    end(&s);
}

static void what_cannot_be_shown_is_left_to_be_read(void **unused) {
    (void)unused;
    scene s = open_scene();
    begin(&s);
    assert_null(ri_mapped_show(&s.mapped, BYTES - 10, 11));
    assert_null(ri_mapped_show(&s.mapped, BYTES + 1, 1));
    assert_null(ri_mapped_show(&s.mapped, 5, UINT64_MAX));
    ri_mapped other; /* one at a time */
    ri_mapped_open(&other, s.file);
    assert_null(other.start);
    ri_mapped_close(&other);
    end(&s);
}

static void cut_off_file_is_told_of(void **unused) {
    (void)unused;
    scene s = open_scene();
    begin(&s);
    const unsigned char *window = ri_mapped_show(&s.mapped, 0, BYTES);
    assert_non_null(window);
    assert_int_equal(ftruncate(s.file, PAGES), 0);
    unsigned sum = 0;
    for (uint64_t k = 0; k < BYTES; k++)
        sum += k < PAGES ? window[k] != byte_at(k) : window[k] != 0;
    assert_int_equal(sum, 0);
    assert_false(ri_mapped_hide(&s.mapped, 0, BYTES));
    end(&s);
}

static volatile sig_atomic_t caught, cut;

/* Gives back what was cut off. */
static void extend(int number) {
    (void)number;
    caught++;
    if (ftruncate(cut, BYTES) != 0)
        _exit(1);
}

/* Touches memory that is no more behind a file. */
static void fault(int file) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    volatile char *gone = mmap(NULL, page, PROT_READ, MAP_SHARED, file, 0);
    assert_true(gone != MAP_FAILED);
    cut = file;
    assert_int_equal(ftruncate(file, 0), 0);
    assert_int_equal(*gone, 0);
    munmap((void *)(uintptr_t)gone, page);
}

static void other_faults_reach_their_handler(void **unused) {
    (void)unused;
    const struct sigaction own = {.sa_handler = extend};
    struct sigaction first, now;
    assert_int_equal(sigaction(SIGBUS, &own, &first), 0);
    caught = 0;
    for (int sent = 0; sent < 2; sent++) {
        scene s = open_scene();
        begin(&s);
        cut = s.file;
        if (sent)
            raise(SIGBUS);
        else
            fault(s.file);
        assert_int_equal(caught, sent + 1);
        end(&s);
    }
    assert_int_equal(sigaction(SIGBUS, &first, &now), 0);
    assert_true(now.sa_handler == extend);
}

/* As the system lists what a process has mapped. */
static int mappings_of(const char *name) {
    char line[8192];
    int found = 0;
    FILE *list = fopen("/proc/self/maps", "r");
    assert_non_null(list);
    while (fgets(line, sizeof line, list))
        found += strstr(line, name) != NULL;
    fclose(list);
    return found;
}

static void nothing_stays_mapped(void **unused) {
    (void)unused;
    struct sigaction first, now;
    sigaction(SIGBUS, NULL, &first);
    scene s = open_scene();
    begin(&s);
    assert_int_equal(mappings_of("mapped.bin"), 1);
    assert_non_null(ri_mapped_show(&s.mapped, 0, BYTES));
    end(&s);
    assert_int_equal(mappings_of("mapped.bin"), 0);
    sigaction(SIGBUS, NULL, &now);
    assert_true(now.sa_handler == first.sa_handler);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_show_the_bytes_of_the_file),
        cmocka_unit_test(what_cannot_be_shown_is_left_to_be_read),
        cmocka_unit_test(cut_off_file_is_told_of),
        cmocka_unit_test(other_faults_reach_their_handler),
        cmocka_unit_test(nothing_stays_mapped),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
