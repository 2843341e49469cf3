/* SPDX-License-Identifier: BSD-3-Clause
 * A pass over a streamed X whose threads read, each, the columns that they use next, and inflate
 * them where they are compressed: the bytes are then in the cache of the core that works on them,
 * no thread waits until others have inflated a block, and none that reads ahead takes a core from
 * the arithmetic. Where columns lie plainly in a file that is in the system's cache, they are used
 * there, a window at a time (base/mapped.h). Where the file is not in the system's cache, threads
 * read its next pieces, past the cache or through it (data/past.h), or one has it read there ahead
 * of all (data/ahead.h). Left to blocks (data/stream.h) are passes that ranks
 * make together, chunks too large for a piece, and what HDF5 alone can read. */
#ifndef RI_DATA_DIRECT_H
#define RI_DATA_DIRECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "data/stream.h"

/* Whether a pass is to be made so: by this process alone, with room for some columns of each
 * thread, or for a chunk that is inflated, and a few of those for each. */
bool ri_direct_possible(const ri_stream *stream, int threads);

/* What a thread, 0 .. threads - 1, does with columns [from, to), which are in memory for it. */
typedef void ri_direct_use(void *context, int64_t from, int64_t to, int thread);

/* Reads all of X once, in pieces of at most `most` columns, each by one of `threads`. `*bytes`
 * grows by what was read. Of several failures that of the first column is told. */
RI_MUST_USE ri_status ri_direct_scan(ri_stream *stream, int64_t most, int threads,
                                     ri_direct_use *use, void *context, double *bytes,
                                     ri_error *err);

#endif
