/* SPDX-License-Identifier: BSD-3-Clause
 * Law of the choice: RIATA_SIMD names the table where this processor has it; otherwise the last of
 * ri_kernel_all runs and ri_kernel_check says what is wrong. The choice is made once a process, so
 * each case runs in a child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "kernel/kernel.h"

/* Exit status of a child with RIATA_SIMD=forced (unset if NULL): 0 if ri_kernel_get gives `want`
 * twice and ri_kernel_check gives `status`, with the variable's value in its sentence. */
static int try_choice(const char *forced, const ri_kernel *want, ri_status status) {
    pid_t child = fork();
    if (child == 0) {
        ri_error err = {RI_OK, ""};
        if (forced != NULL)
            setenv("RIATA_SIMD", forced, 1);
        else
            unsetenv("RIATA_SIMD");
        int right = ri_kernel_get() == want && ri_kernel_check(&err) == status &&
                    (status == RI_OK || strstr(err.text, forced) != NULL);
        setenv("RIATA_SIMD", "plain", 1);
        _exit(right && ri_kernel_get() == want ? 0 : 1);
    }
    assert_true(child > 0);
    int outcome = -1;
    assert_int_equal(waitpid(child, &outcome, 0), child);
    return outcome;
}

static void test_choice(void **state) {
    (void)state;
    static const char *const name[] = {"plain", "avx2", "avx512"};
    const ri_kernel *table[3];
    int tables = ri_kernel_all(table);
    const ri_kernel *best = table[tables - 1];
    assert_ptr_equal(table[0], &ri_kernel_plain);
    for (int k = 0; k < 3; k++) {
        const ri_kernel *named = NULL;
        for (int t = 0; t < tables; t++)
            if (strcmp(table[t]->name, name[k]) == 0)
                named = table[t];
        assert_int_equal(
            try_choice(name[k], named != NULL ? named : best, named != NULL ? RI_OK : RI_BAD_INPUT),
            0);
    }
    assert_int_equal(try_choice(NULL, best, RI_OK), 0);
    assert_int_equal(try_choice("", best, RI_OK), 0);
    assert_int_equal(try_choice("sse9", best, RI_BAD_INPUT), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_choice)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
