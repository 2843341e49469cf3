/* SPDX-License-Identifier: BSD-3-Clause
 * Pieces of memory of one size that are given out one by one, stay where they are, and are taken
 * back all at once: for a number of them that is known only at the end. */
#ifndef RI_BASE_PIECES_H
#define RI_BASE_PIECES_H

#include <stddef.h>

typedef struct ri_pieces_block {
    unsigned char *memory;
    size_t pieces; /* that it has room for */
} ri_pieces_block;

typedef struct ri_pieces {
    size_t bytes; /* of a piece, a multiple of 64 */
    ri_pieces_block *block;
    size_t blocks, room;
    size_t at, used; /* the block that pieces are taken of, and how many of it are */
    size_t all;      /* pieces of all blocks */
} ri_pieces;         /* all zero is empty */

void ri_pieces_free(ri_pieces *pieces);

/* Takes all pieces back; those to come have at least so many bytes. Memory is kept, unless the size
 * of a piece changes. */
void ri_pieces_clear(ri_pieces *pieces, size_t bytes);

/* The next piece, 64-byte aligned and uninitialised; NULL without memory. */
void *ri_pieces_take(ri_pieces *pieces);

#endif
