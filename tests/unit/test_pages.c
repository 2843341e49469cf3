/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of pages: those dropped count as memory no more, those beside them keep what they hold, and
 * all can be written again. */
#define _DEFAULT_SOURCE 1 /* mincore */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/pages.h"

enum { PAGES = 16 };

static int present(char *at, size_t page) {
    unsigned char in[PAGES];
    int found = 0;
    assert_int_equal(mincore(at, PAGES * page, in), 0);
    for (int k = 0; k < PAGES; k++)
        found += in[k] & 1;
    return found;
}

static void whole_pages_are_dropped(void **unused) {
    (void)unused;
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = PAGES * page;
    char *at = ri_pages_resize(NULL, 0, bytes);
    assert_non_null(at);
    memset(at, 7, bytes);
    assert_int_equal(present(at, page), PAGES);
    ri_pages_drop(at + 1, page - 1);
    ri_pages_drop(at + 1, 2 * page - 2);
    ri_pages_drop(at, 0);
    assert_int_equal(present(at, page), PAGES);
    ri_pages_drop(at + 1, 4 * page); /* 1, 2 and 3 */
    assert_int_equal(present(at, page), PAGES - 3);
    assert_true(at[0] == 7 && at[page - 1] == 7 && at[4 * page] == 7);
    at[2 * page] = 5;
    assert_true(at[page] == 0 && at[2 * page] == 5);
    ri_pages_drop(at, bytes);
    assert_int_equal(present(at, page), 0);
    ri_pages_free(at, bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(whole_pages_are_dropped)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
