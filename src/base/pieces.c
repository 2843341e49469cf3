/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/pieces.h"

#include <stdlib.h>

#include "base/memory.h"

enum { LEAST = 16, ALIGNMENT = 64 };

void ri_pieces_free(ri_pieces *pieces) {
    for (size_t k = 0; k < pieces->blocks; k++)
        free(pieces->block[k].memory);
    free(pieces->block);
    *pieces = (ri_pieces){0};
}

void ri_pieces_clear(ri_pieces *pieces, size_t bytes) {
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes != pieces->bytes)
        ri_pieces_free(pieces);
    pieces->bytes = bytes;
    pieces->at = pieces->used = 0;
}

/* By half of what there is: blocks are few, and most pages of the last one are never touched. */
static int add_block(ri_pieces *pieces) {
    size_t count = pieces->all / 2 > LEAST ? pieces->all / 2 : LEAST;
    if (!ri_grow(&pieces->block, &pieces->room, pieces->blocks + 1, sizeof *pieces->block))
        return 0;
    unsigned char *memory = ri_alloc(count, pieces->bytes);
    if (!memory)
        return 0;
    pieces->block[pieces->blocks++] = (ri_pieces_block){memory, count};
    pieces->all += count;
    return 1;
}

void *ri_pieces_take(ri_pieces *pieces) {
    if (pieces->at < pieces->blocks && pieces->used == pieces->block[pieces->at].pieces) {
        pieces->at++;
        pieces->used = 0;
    }
    if (pieces->at == pieces->blocks && !add_block(pieces))
        return NULL;
    return pieces->block[pieces->at].memory + pieces->used++ * pieces->bytes;
}
