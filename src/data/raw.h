/* SPDX-License-Identifier: BSD-3-Clause
 * The stored bytes of a dataset of two dimensions, found once by HDF5 and then read without it:
 * HDF5 lets one thread at a time in, and so would decompress chunk after chunk. Understood are
 * contiguous and chunked datasets whose elements are stored as they are held in memory, chunks
 * behind shuffle and deflate (https://docs.hdfgroup.org, file format 3.0, IV.A.2.l); all others are
 * left to HDF5. */
#ifndef RI_DATA_RAW_H
#define RI_DATA_RAW_H

#include <stdbool.h>
#include <stdint.h>

#include "data/extent.h"
#include "data/source.h"

typedef struct ri_raw_chunk {
    uint64_t at; /* offset in the file */
    uint64_t bytes;
} ri_raw_chunk;

typedef struct ri_raw_rooms ri_raw_rooms; /* in which a thread inflates a chunk */

typedef struct ri_raw {
    bool asked;    /* whether the dataset can be read so */
    int file;      /* -1: it cannot */
    uint64_t room; /* bytes of the file */
    uint64_t at;   /* offset of a contiguous dataset */
    size_t size;   /* bytes of an element */
    int64_t dims[2], chunk[2];
    int64_t chunks[2];  /* 0, 0: contiguous */
    ri_raw_chunk *list; /* [chunks[0] * chunks[1]], row-major */
    bool shuffled, deflated;
    double inflated;     /* bytes of elements, so far */
    bool keeps;          /* rooms, from one read to the next */
    ri_raw_rooms *spare; /* those that no thread uses just now */
} ri_raw;

/* Looks where the dataset lies; `memory` is the type of its elements in memory. Leaves file = -1
 * where it must be read by HDF5. */
void ri_raw_open(const ri_source *source, const ri_source_set *set, hid_t memory, ri_raw *out);
void ri_raw_close(ri_raw *raw); /* accepts one that was not asked for */

/* Whether whole rows lie in the file as they are in memory, so that reading them is no more than a
 * copy. */
bool ri_raw_plain(const ri_raw *raw);

/* Where rows [from, from + count) of a plain dataset lie in its file, if they follow each other
 * there and at an address that their elements may have. */
bool ri_raw_find(const ri_raw *raw, int64_t from, int64_t count, uint64_t *at);

/* The bytes of the file that hold lines [from, from + count) of dimension d, without those of
 * chunks that do not, if they lie together; `start` is left out. */
bool ri_raw_extent(const ri_raw *raw, int d, int64_t from, int64_t count, ri_extent *out);

/* Whether the start of line i of dimension d, or of its chunk, is in the system's cache. */
bool ri_raw_cached(const ri_raw *raw, int d, int64_t i);

/* What is read: rows [from[0], +count[0]) x [from[1], +count[1]) of the dataset, element (i, j) to
 * out + i * step[0] + j * step[1] bytes; one of the steps is the size of an element, of contiguous
 * datasets the second. */
typedef struct ri_raw_block {
    int64_t from[2], count[2];
    char *out;
    size_t step[2];
    const ri_extent *held; /* compressed chunks that are wanted, read already; or NULL */
} ri_raw_block;

/* Any number of threads at a time; chunks are dealt to `threads` more. False where it fails:
 * `failed` is then the first element of the chunk that is damaged or cannot be read, or -1, -1
 * without memory. */
bool ri_raw_read(ri_raw *raw, const ri_raw_block *block, int threads, int64_t failed[2]);

/* Whether what threads need to inflate chunks is kept from now on for the next read, or freed after
 * each; one thread, while none reads. */
void ri_raw_keep_rooms(ri_raw *raw, bool keep);

/* Has the system read into its cache what holds elements [from, +count) of dimension d. */
void ri_raw_ahead(const ri_raw *raw, int d, int64_t from, int64_t count);

#endif
