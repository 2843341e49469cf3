/* SPDX-License-Identifier: BSD-3-Clause
 * Holds text of variable length against the heap it lies in. HDF5 (before 1.14.4) copies as many
 * bytes as the heap says into a place as large as the reference says, wherever that leads; in a
 * damaged file the two differ. Layout: HDF5 File Format Specification 3.0, III.E (global heap) and
 * VII (references: length, address of the collection, index in it). */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    if (size < HEADER_BYTES || size > heap->end ||
        !ri_grow(&heap->bytes, &heap->capacity, (size_t)size, 1) ||
        !read_bytes(heap, heap->base + address, size, heap->bytes) || !list_objects(heap, size))
        return false;
    heap->address = address;
    return true;
}

static bool check_references(heap_reader *heap, uint64_t from, int64_t count) {
    unsigned char *block = ri_alloc(REFERENCES, REFERENCE_BYTES);
    bool ok = block != NULL;
    for (int64_t i = 0; i < count && ok; i++) {
        int64_t place = i % REFERENCES;
        if (place == 0) {
            int64_t now = count - i < REFERENCES ? count - i : REFERENCES;
            ok = read_bytes(heap, from + (uint64_t)i * REFERENCE_BYTES,
                            (uint64_t)now * REFERENCE_BYTES, block);
            if (!ok)
                break;
        }
        const unsigned char *reference = block + place * REFERENCE_BYTES;
        uint64_t length = read_number(reference, 4), address = read_number(reference + 4, 8);
        uint64_t index = read_number(reference + 12, 4);
        /* Address 0 is the empty string. */
        ok = address == 0 || (index > 0 && index < 65536 && load_collection(heap, address) &&
                              heap->length[index] == length);
    }
    free(block);
    return ok;
}

bool ri_source_heap_holds(const ri_source *source, hid_t set, int64_t count) {
    heap_reader heap = {.file = -1, .end = source->bytes};
    size_t address_bytes = 0, size_bytes = 0;
    hsize_t base = 0;
    hid_t creation = H5Fget_create_plist(source->file);
    bool ok = creation >= 0 && H5Pget_sizes(creation, &address_bytes, &size_bytes) >= 0 &&
              H5Pget_userblock(creation, &base) >= 0 && address_bytes == 8 && size_bytes == 8;
    if (creation >= 0)
        H5Pclose(creation);
    haddr_t start = H5Dget_offset(set);
    heap.base = base;
    heap.length = ri_alloc(65536, sizeof *heap.length);
    heap.file = open(source->name, O_RDONLY | O_CLOEXEC);
    ok = ok && heap.length && heap.file >= 0 && start != HADDR_UNDEF &&
         check_references(&heap, start, count);
    if (heap.file >= 0)
        close(heap.file);
    free(heap.bytes);
    free(heap.length);
    return ok;
}
