/* SPDX-License-Identifier: BSD-3-Clause
 * Pieces of memory keep what is written into them while others are taken, are aligned and apart;
 * once taken back they are given out again, of another size where that is asked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/pieces.h"

enum { COUNT = 300 };

static void take_and_look(ri_pieces *pieces, size_t bytes) {
    unsigned char *piece[COUNT];
    ri_pieces_clear(pieces, bytes);
    for (int k = 0; k < COUNT; k++) {
        piece[k] = ri_pieces_take(pieces);
        assert_non_null(piece[k]);
        assert_int_equal((uintptr_t)piece[k] % 64, 0);
        memset(piece[k], k % 251, bytes);
    }
    for (int k = 0; k < COUNT; k++)
        for (size_t i = 0; i < bytes; i++)
            assert_int_equal(piece[k][i], k % 251);
}

static void pieces_stay_apart(void **state) {
    (void)state;
    ri_pieces pieces = {0};
    take_and_look(&pieces, 100);
    size_t had = pieces.blocks;
    take_and_look(&pieces, 128); /* the same after rounding */
    assert_int_equal(pieces.blocks, had);
    take_and_look(&pieces, 1000);
    take_and_look(&pieces, 1);
    ri_pieces_free(&pieces);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(pieces_stay_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
