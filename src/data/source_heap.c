/* SPDX-License-Identifier: BSD-3-Clause
 * Holds text of variable length against the heap it lies in. HDF5 (before 1.14.4) copies as many
 * bytes as the heap says into a place as large as the reference says, wherever that leads; in a
 * damaged file the two differ. Layout: HDF5 File Format Specification 3.0, III.E (global heap) and
 * VII (references: length, address of the collection, index in it). */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <zlib.h>

#include "base/memory.h"
#include "data/source.h"

enum {
    REFERENCE_BYTES = 16,
    REFERENCES = 4096, /* read at once */
    HEADER_BYTES = 16, /* of a collection, and of an object in it */
};

/* One collection in memory, with the place of each of its objects. */
typedef struct heap_reader {
    int file;
    uint64_t base, end; /* where addresses count from, and the length of the file */
    uint64_t address;   /* of the collection held, 0: none */
    unsigned char *bytes;
    size_t capacity;
    uint64_t *length; /* [65536] by index, UINT64_MAX: no such object */
    bool starved;     /* there was no memory to look */
} heap_reader;

static uint64_t read_number(const unsigned char *bytes, int count) {
    uint64_t value = 0;
    for (int k = count - 1; k >= 0; k--)
        value = value << 8 | bytes[k];
    return value;
}

static bool read_bytes(const heap_reader *heap, uint64_t from, uint64_t count, void *out) {
    if (from > heap->end || count > heap->end - from)
        return false;
    for (uint64_t done = 0; done < count;) {
        ssize_t now =
            pread(heap->file, (char *)out + done, (size_t)(count - done), (off_t)(from + done));
        if (now <= 0)
            return false;
        done += (uint64_t)now;
    }
    return true;
}

/* Notes the length of every object of the collection in memory; false where one leaves it. */
static bool list_objects(heap_reader *heap, uint64_t size) {
    memset(heap->length, 0xff, 65536 * sizeof *heap->length);
    for (uint64_t at = HEADER_BYTES; size - at >= HEADER_BYTES;) {
        const unsigned char *header = heap->bytes + at;
        uint64_t index = read_number(header, 2), length = read_number(header + 8, 8);
        uint64_t room = size - at;
        if (length > room)
            return false;
        /* Index 0 is free space, whose length counts the header. */
        uint64_t step = index ? HEADER_BYTES + (length + 7) / 8 * 8 : length;
        if (step < HEADER_BYTES || step > room)
            return false;
        heap->length[index] = length;
        at += step;
    }
    heap->length[0] = UINT64_MAX;
    return true;
}

static bool load_collection(heap_reader *heap, uint64_t address) {
    unsigned char header[HEADER_BYTES];
    if (address == heap->address)
        return true;
    heap->address = 0;
    if (address > heap->end || !read_bytes(heap, heap->base + address, sizeof header, header) ||
        memcmp(header, "GCOL\1", 5) != 0)
        return false;
    uint64_t size = read_number(header + 8, 8);
    if (size < HEADER_BYTES || size > heap->end)
        return false;
    if (!ri_grow(&heap->bytes, &heap->capacity, (size_t)size, 1)) {
        heap->starved = true;
        return false;
    }
    if (!read_bytes(heap, heap->base + address, size, heap->bytes) || !list_objects(heap, size))
        return false;
    heap->address = address;
    return true;
}

/* References to texts of the heap, as they lie in the file. */
static bool check_references(heap_reader *heap, const unsigned char *reference, int64_t count) {
    for (int64_t i = 0; i < count; i++, reference += REFERENCE_BYTES) {
        uint64_t length = read_number(reference, 4), address = read_number(reference + 4, 8);
        uint64_t index = read_number(reference + 12, 4);
        /* Address 0 is the empty string. */
        if (address != 0 && !(index > 0 && index < 65536 && load_collection(heap, address) &&
                              heap->length[index] == length))
            return false;
    }
    return true;
}

static bool check_contiguous(heap_reader *heap, hid_t set, int64_t count) {
    unsigned char *block = ri_alloc(REFERENCES, REFERENCE_BYTES);
    haddr_t start = H5Dget_offset(set);
    bool ok = block != NULL && start != HADDR_UNDEF;
    heap->starved |= !block;
    for (int64_t i = 0; i < count && ok; i += REFERENCES) {
        int64_t now = count - i < REFERENCES ? count - i : REFERENCES;
        ok = read_bytes(heap, start + (uint64_t)i * REFERENCE_BYTES,
                        (uint64_t)now * REFERENCE_BYTES, block) &&
             check_references(heap, block, now);
    }
    free(block);
    return ok;
}

/* --- chunks, which may be shuffled and deflated -------------------------------------------------
 */

typedef struct filter_list {
    H5Z_filter_t filter[4]; /* in the order of writing */
    int filters;
    size_t bytes; /* of a chunk as written by the program */
} filter_list;

/* False where a filter is not known here. */
static bool read_pipeline(hid_t set, filter_list *out) {
    hid_t list = H5Dget_create_plist(set);
    hsize_t chunk[2] = {1, 1};
    int rank = list >= 0 ? H5Pget_chunk(list, 2, chunk) : -1;
    out->filters = list >= 0 ? H5Pget_nfilters(list) : -1;
    bool known = rank > 0 && rank <= 2 && out->filters >= 0 && out->filters <= 4 &&
                 !__builtin_mul_overflow((size_t)chunk[0], (size_t)chunk[1], &out->bytes) &&
                 !__builtin_mul_overflow(out->bytes, (size_t)REFERENCE_BYTES, &out->bytes);
    for (int k = 0; known && k < out->filters; k++) {
        unsigned flags, config;
        size_t values = 0;
        out->filter[k] = H5Pget_filter2(list, (unsigned)k, &flags, &values, NULL, 0, NULL, &config);
        known = out->filter[k] == H5Z_FILTER_DEFLATE || out->filter[k] == H5Z_FILTER_SHUFFLE ||
                out->filter[k] == H5Z_FILTER_FLETCHER32;
    }
    if (list >= 0)
        H5Pclose(list);
    return known;
}

/* First bytes of all elements, then second bytes, ... back to elements. */
static void unshuffle(const unsigned char *in, size_t bytes, unsigned char *out) {
    size_t count = bytes / REFERENCE_BYTES;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < REFERENCE_BYTES; k++)
            out[i * REFERENCE_BYTES + k] = in[k * count + i];
}

/* Undoes the filters on `*length` bytes of `chunk`; both buffers have room for a whole chunk, or
 * for what was stored. Returns the buffer of the result, NULL where it is damaged. */
static unsigned char *undo(const filter_list *pipeline, uint32_t skipped, unsigned char *chunk,
                           unsigned char *other, size_t *length) {
    for (int k = pipeline->filters - 1; k >= 0; k--) {
        unsigned char *from = chunk;
        if (skipped >> k & 1)
            continue;
        if (pipeline->filter[k] == H5Z_FILTER_FLETCHER32) {
            if (*length < 4)
                return NULL;
            *length -= 4;
            continue;
        }
        if (pipeline->filter[k] == H5Z_FILTER_DEFLATE) {
            uLongf room = pipeline->bytes;
            if (uncompress(other, &room, from, *length) != Z_OK)
                return NULL;
            *length = room;
        } else {
            if (*length != pipeline->bytes)
                return NULL;
            unshuffle(from, *length, other);
        }
        chunk = other;
        other = from;
    }
    return chunk;
}

static bool check_chunk(heap_reader *heap, hid_t set, const filter_list *pipeline,
                        const hsize_t offset[2], hsize_t stored) {
    size_t room = stored > pipeline->bytes ? (size_t)stored : pipeline->bytes;
    size_t length = (size_t)stored;
    uint32_t skipped = 0;
    if (stored > heap->end)
        return false;
    unsigned char *chunk = ri_alloc(room, 1), *other = ri_alloc(room, 1);
    heap->starved |= !chunk || !other;
    bool ok = chunk && other && H5Dread_chunk(set, H5P_DEFAULT, offset, &skipped, chunk) >= 0;
    unsigned char *plain = ok ? undo(pipeline, skipped, chunk, other, &length) : NULL;
    ok = plain && length == pipeline->bytes &&
         check_references(heap, plain, (int64_t)(length / REFERENCE_BYTES));
    free(chunk);
    free(other);
    return ok;
}

static bool check_chunks(heap_reader *heap, hid_t set) {
    filter_list pipeline;
    hsize_t chunks = 0;
    hid_t space = H5Dget_space(set);
    bool ok = space >= 0 && H5Dget_num_chunks(set, space, &chunks) >= 0;
    if (ok && read_pipeline(set, &pipeline))
        for (hsize_t k = 0; k < chunks && ok; k++) {
            hsize_t offset[2] = {0, 0}, stored = 0;
            unsigned mask;
            haddr_t address;
            ok = H5Dget_chunk_info(set, space, k, offset, &mask, &address, &stored) >= 0 &&
                 check_chunk(heap, set, &pipeline, offset, stored);
        }
    if (space >= 0)
        H5Sclose(space);
    return ok;
}

bool ri_source_heap_holds(const ri_source *source, hid_t set, bool chunked, int64_t count,
                          bool *starved) {
    heap_reader heap = {.file = -1, .end = source->bytes};
    size_t address_bytes = 0, size_bytes = 0;
    hsize_t base = 0;
    hid_t creation = H5Fget_create_plist(source->file);
    bool ok = creation >= 0 && H5Pget_sizes(creation, &address_bytes, &size_bytes) >= 0 &&
              H5Pget_userblock(creation, &base) >= 0 && address_bytes == 8 && size_bytes == 8;
    if (creation >= 0)
        H5Pclose(creation);
    heap.base = base;
    heap.length = ri_alloc(65536, sizeof *heap.length);
    heap.starved = !heap.length;
    heap.file = open(source->name, O_RDONLY | O_CLOEXEC);
    ok = ok && heap.length && heap.file >= 0 &&
         (chunked ? check_chunks(&heap, set) : check_contiguous(&heap, set, count));
    if (heap.file >= 0)
        close(heap.file);
    free(heap.bytes);
    free(heap.length);
    *starved = heap.starved;
    return ok;
}
