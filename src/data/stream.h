/* SPDX-License-Identifier: BSD-3-Clause
 * X that stays in its file: read block by block in passes, a thread ahead of the arithmetic, and
 * column by column where a few are wanted. `column` says where a column is in memory just now;
 * whoever needs one sees to it that it is (a pass for the columns of its block, design/pool.h for
 * those that fits work on).
 *
 * Processes of a node may share a pass: each has a stream over the same file, all of them one ring
 * of blocks in memory that they share. A block is read by one of them and used by all. A pass
 * begins when every member has come, so members that have no more passes to make leave. */
#ifndef RI_DATA_STREAM_H
#define RI_DATA_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "data/dataset.h"
#include "data/fill.h"
#include "data/shard.h"

typedef struct ri_ring ri_ring;

/* How one thread looks at columns that are not in memory, beside others: its own copy of a stream
 * has one of these, and reads a column when it is asked for, which stays until the next one is.
 * What fails is told at the end; until then the column is 0. */
typedef struct ri_look {
    void *room;      /* of one column */
    int64_t feature; /* that is there, or -1 */
    ri_status status;
    ri_error error;
} ri_look;

typedef struct ri_stream {
    const ri_dataset *dataset;
    size_t stride;       /* bytes from one column to the next in a block */
    const void **column; /* [p] where it is in memory, else NULL */
    const void **kept;   /* [p] work: what `column` says apart from the block in hand */
    char *memory;        /* of the blocks of passes this process makes alone */
    size_t bytes;
    ri_ring *ring; /* shared by the members, or NULL */
    char *shared;  /* its blocks */
    size_t shared_bytes;
    bool joined;
    ri_fill fill; /* what passes leave in the system's cache */
    bool left;    /* something of X; then where that begins in the file */
    uint64_t left_at;
    double bytes_past;      /* the cache, so far: read so (data/past.h) */
    double seconds_reading; /* that the main thread waited for what it wanted of the file */
    double seconds_waiting; /* for other members */
    ri_look *look;          /* of a copy for one thread, else NULL; borrowed */
    const ri_shard *shard;  /* some features are in memory all the time, or NULL; borrowed */
} ri_stream;

/* Least bytes for the blocks of a stream: three blocks of a few columns, or of whole chunks of the
 * file where those are not larger than `most` together. */
size_t ri_stream_least_bytes(const ri_dataset *dataset, size_t most);

/* Bytes that each thread takes beside the blocks while it reads: for a chunk as stored, as inflated
 * and in order. */
double ri_stream_thread_bytes(const ri_dataset *dataset);

/* `memory` is borrowed, as the dataset is; it holds at least three columns. A sparse dataset has no
 * stream. */
RI_MUST_USE ri_status ri_stream_new(const ri_dataset *dataset, void *memory, size_t bytes,
                                    ri_stream **out, ri_error *err);

/* From now on the features of the shard are not read from the file. */
void ri_stream_hold(ri_stream *stream, const ri_shard *shard);
void ri_stream_free(ri_stream *stream); /* accepts NULL */

/* What is done with a block: columns [from, to) are in memory. */
typedef ri_status ri_stream_use(void *context, int64_t from, int64_t to, ri_error *err);

/* Reads columns [from, to) once, in ascending blocks; a member reads all of X. `*bytes` grows by
 * what this process read. Main thread. What is wrong with the file is found by whichever member
 * reads the block and told to all. */
RI_MUST_USE ri_status ri_stream_scan(ri_stream *stream, int64_t from, int64_t to,
                                     ri_stream_use *use, void *context, double *bytes,
                                     ri_error *err);

/* --- apart from passes (stream_columns.c) --- */

/* Reads the `count` ascending features to out[0], out[1], ...; neighbours together. Main thread,
 * not during a pass. */
RI_MUST_USE ri_status ri_stream_read(ri_stream *stream, const int64_t *feature, int64_t count,
                                     void *const *out, double *bytes, ri_error *err);

/* Column `feature` of a stream with a look. */
const void *ri_stream_look(const ri_stream *stream, int64_t feature);

/* Rows of some features as stored, `stride` bytes apart. Any thread; not during a pass. */
RI_MUST_USE ri_status ri_stream_rows(const ri_stream *stream, const ri_piece *part, void *out,
                                     size_t stride, ri_error *err);

/* Reads one feature to `room` and has it there until it is hidden. */
RI_MUST_USE ri_status ri_stream_show(ri_stream *stream, int64_t feature, void *room, ri_error *err);
void ri_stream_hide(ri_stream *stream, int64_t feature);

/* --- passes made together --- */

/* Bytes of a ring without its blocks; it is made in memory that all members see, by one of them,
 * before any joins. */
size_t ri_ring_bytes(void);
RI_MUST_USE ri_status ri_ring_open(ri_ring *ring, ri_error *err);

/* From now on passes are made together with `members` processes, which all call this before any of
 * them makes a pass; `first` of one of them only. */
void ri_stream_join(ri_stream *stream, int members, bool first);
void ri_stream_leave(ri_stream *stream);

#endif
