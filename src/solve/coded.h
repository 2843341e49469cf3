/* SPDX-License-Identifier: BSD-3-Clause
 * Gathered columns of at most four different values, as genotypes without weights are, kept as two
 * bits a row beside the doubles: a descent that waits for memory reads a 32nd of it. Products are
 * the same to the last bit. Private to the gathered columns and to shooting. */
#ifndef RI_SOLVE_CODED_H
#define RI_SOLVE_CODED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/kernel.h"

typedef struct ri_coded {
    int64_t rows;
    ri_tabled *column;        /* [size], those that ri_coded_use found to be so */
    uint8_t *state;           /* [size] uses of a column, and then what it is */
    uint8_t **code;           /* [size] places of ri_coded_bytes each, the owner's */
    const ri_tabled **chosen; /* [size] work */
    size_t room;
} ri_coded; /* all zero is empty */

void ri_coded_free(ri_coded *coded);

/* Bytes that the codes of a column may take. */
size_t ri_coded_bytes(int64_t rows);

/* Forgets all and makes room for `size` columns of `rows`; false without memory. Before a column is
 * used the owner says where its codes may lie. */
bool ri_coded_make_room(ri_coded *coded, int64_t size, int64_t rows);

/* Whether coded->column[k] stands for column k, the doubles z. It is made when that pays: at the
 * second use. */
bool ri_coded_use(ri_coded *coded, int64_t k, const double *z);

#endif
