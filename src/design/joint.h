/* SPDX-License-Identifier: BSD-3-Clause
 * Passes over an X in memory that processes of a node make together: each column is read and
 * decoded once for the residuals of all of them.
 *
 * A board in memory that they share has room for residuals and for their products with all columns.
 * Whoever comes with residuals posts them; from then on every tile of columns that a process takes
 * is multiplied by all residuals that are open, and tiles are taken in a circle, so that residuals
 * that come later are open until it has come round to where they began. A process takes tiles until
 * its own products are complete and nothing is left to do for others; there is no barrier, and who
 * is early begins. It then waits for those that have not come yet, though no longer than its own
 * products took: after that sharing would save less than waiting costs. A process without residuals
 * of its own goes on taking tiles until all have left.
 *
 * Moments are products too: of columns, or of their squares, with the weights of a fit.
 *
 * A product of a column and a residual has one order of summation, whoever makes it, and beside
 * whatever others. */
#ifndef RI_DESIGN_JOINT_H
#define RI_DESIGN_JOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "design/view.h"

typedef struct ri_board ri_board;

typedef enum ri_joint_kind { RI_JOINT_VALUES, RI_JOINT_SQUARES } ri_joint_kind; /* of columns */

typedef struct ri_joint { /* of one process */
    const ri_columns *columns;
    ri_board *board; /* in shared memory */
    int member;
    int threads;
    void (*idle)(void *context); /* called while waiting, main thread; may be NULL */
    void *context;
    int64_t post;  /* residuals of ours on the board, or -1 */
    double spent;  /* seconds that their products took */
    double waited; /* seconds so far without anything to do */
} ri_joint;

/* Bytes of a board for `fits` residuals at a time of all members; 0 where passes are better made by
 * each alone: a small X, short columns, or products out of proportion to X. */
size_t ri_joint_bytes(const ri_matrix *x, int64_t fits, int members);

/* Makes a board in `memory` (zeroed, of ri_joint_bytes), by one of its members before the others
 * join. RI_SYSTEM without a lock between processes. */
RI_MUST_USE ri_status ri_joint_open(void *memory, const ri_matrix *x, int64_t fits, int members,
                                    ri_error *err);

/* Fills in a joint of member number `member`. All have to leave. */
void ri_joint_join(ri_joint *joint, void *memory, const ri_columns *columns, int member,
                   int threads);

/* (*product)[v * features + j] = d_j'(vector v), or that of d_j's squares, for `count` vectors
 * `stride` = n rounded up to 8 apart; there until ri_joint_finish is called, which must follow.
 * False where the board has no room for so many. `*bytes` grows by the bytes of X that this process
 * read. Main thread. */
bool ri_joint_multiply(ri_joint *joint, ri_joint_kind kind, const double *vector, int64_t count,
                       const double **product, double *bytes);
void ri_joint_finish(ri_joint *joint, double *bytes);

/* Has no more residuals, and helps those that have. */
void ri_joint_leave(ri_joint *joint, double *bytes);

#endif
