/* SPDX-License-Identifier: BSD-3-Clause
 * Checks for programs that run on several ranks: a failed check is printed with its rank and
 * counted, and the program goes on, so that no rank leaves the others alone in a collective. */
#ifndef RI_TEST_CHECK_H
#define RI_TEST_CHECK_H

#include <stdio.h>

typedef struct checks {
    int rank;
    int failed;
} checks;

#define CHECK(checks, condition)                                                                   \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            (checks)->failed++;                                                                    \
            fprintf(stderr, "%s:%d: rank %d: not true: %s\n", __FILE__, __LINE__, (checks)->rank,  \
                    #condition);                                                                   \
        }                                                                                          \
    } while (0)

/* Prints both numbers where they differ. */
#define CHECK_EQUAL(checks, found, expected)                                                       \
    do {                                                                                           \
        double check_found_ = (double)(found), check_expected_ = (double)(expected);               \
        if (check_found_ != check_expected_) {                                                     \
            (checks)->failed++;                                                                    \
            fprintf(stderr, "%s:%d: rank %d: %s is %.17g, not %.17g\n", __FILE__, __LINE__,        \
                    (checks)->rank, #found, check_found_, check_expected_);                        \
        }                                                                                          \
    } while (0)

#endif
