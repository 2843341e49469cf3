/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/archive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/random.h"

enum { BLOCK = 1 << 18 };

typedef struct frame {
    uint32_t length, last;
    uint64_t hash; /* of this block's bytes, seeded by that of the block before and by `last` */
} frame;

ri_status ri_archive_open(ri_archive *archive, FILE *file, bool reads, ri_error *err) {
    *archive = (ri_archive){.file = file, .reads = reads, .block = ri_alloc(BLOCK, 1)};
    return archive->block ? RI_OK : ri_fail_memory(err, "a block of a file", BLOCK);
}

static uint64_t hash_block(const ri_archive *archive, uint32_t last) {
    return ri_hash(archive->block, archive->used, archive->hash + 1 + last);
}

static void write_block(ri_archive *archive, uint32_t last) {
    archive->hash = hash_block(archive, last);
    frame head = {.length = (uint32_t)archive->used, .last = last, .hash = archive->hash};
    if (fwrite(&head, sizeof head, 1, archive->file) != 1 ||
        fwrite(archive->block, 1, archive->used, archive->file) != archive->used)
        ri_fail(&archive->failure, RI_SYSTEM, "cannot be written: %s", strerror(errno));
    archive->used = 0;
}

static void fail_reading(ri_archive *archive) {
    if (ferror(archive->file))
        ri_fail(&archive->failure, RI_SYSTEM, "cannot be read: %s", strerror(errno));
    else
        ri_archive_refuse(archive, "is cut short");
}

static void read_block(ri_archive *archive) {
    frame head;
    archive->used = archive->at = 0;
    if (fread(&head, sizeof head, 1, archive->file) != 1) {
        fail_reading(archive);
        return;
    }
    if (head.length > BLOCK || head.last > 1) {
        ri_archive_refuse(archive, "is damaged");
        return;
    }
    if (fread(archive->block, 1, head.length, archive->file) != head.length) {
        fail_reading(archive);
        return;
    }
    archive->used = head.length;
    archive->last = head.last;
    archive->hash = hash_block(archive, head.last);
    if (archive->hash != head.hash)
        ri_archive_refuse(archive, "is damaged");
}

void ri_archive_refuse(ri_archive *archive, const char *what) {
    if (ri_archive_good(archive))
        ri_fail(&archive->failure, RI_BAD_INPUT, "%s", what);
}

static void write_bytes(ri_archive *archive, const uint8_t *from, size_t bytes) {
    while (bytes > 0 && ri_archive_good(archive)) {
        size_t room = BLOCK - archive->used, part = bytes < room ? bytes : room;
        memcpy(archive->block + archive->used, from, part);
        archive->used += part;
        from += part;
        bytes -= part;
        if (archive->used == BLOCK)
            write_block(archive, 0);
    }
}

static void read_bytes(ri_archive *archive, uint8_t *to, size_t bytes) {
    while (bytes > 0 && ri_archive_good(archive)) {
        if (archive->at == archive->used && archive->last)
            ri_archive_refuse(archive, "ends too early");
        else if (archive->at == archive->used)
            read_block(archive);
        if (!ri_archive_good(archive))
            break;
        size_t left = archive->used - archive->at, part = bytes < left ? bytes : left;
        memcpy(to, archive->block + archive->at, part);
        archive->at += part;
        to += part;
        bytes -= part;
    }
    if (bytes > 0)
        memset(to, 0, bytes);
}

void ri_archive_bytes(ri_archive *archive, void *at, size_t bytes) {
    if (archive->reads)
        read_bytes(archive, at, bytes);
    else
        write_bytes(archive, at, bytes);
}

void ri_archive_skip(ri_archive *archive) {
    while (ri_archive_good(archive) && !archive->last)
        read_block(archive);
    archive->at = archive->used;
}

ri_status ri_archive_close(ri_archive *archive, ri_error *err) {
    if (ri_archive_good(archive) && !archive->reads)
        write_block(archive, 1);
    if (ri_archive_good(archive) && archive->reads) {
        while (ri_archive_good(archive) && archive->at == archive->used && !archive->last)
            read_block(archive); /* the last one may be empty */
        if (archive->at < archive->used || fgetc(archive->file) != EOF)
            ri_archive_refuse(archive, "holds more than it should");
    }
    ri_error failure = archive->failure;
    free(archive->block);
    *archive = (ri_archive){0};
    return failure.status == RI_OK ? RI_OK : ri_fail(err, failure.status, "%s", failure.text);
}

void ri_archive_count(ri_archive *archive, int64_t *count, int64_t least, int64_t most) {
    ri_archive_bytes(archive, count, sizeof *count);
    if (*count >= least && *count <= most)
        return;
    ri_archive_refuse(archive, "has a number out of its range");
    *count = least;
}

void ri_archive_int(ri_archive *archive, int *value, int least, int most) {
    int64_t wide = *value;
    ri_archive_count(archive, &wide, least, most);
    *value = (int)wide;
}

void ri_archive_flag(ri_archive *archive, bool *flag) {
    int64_t wide = *flag;
    ri_archive_count(archive, &wide, 0, 1);
    *flag = wide != 0;
}

void ri_archive_double(ri_archive *archive, double *value) {
    ri_archive_bytes(archive, value, sizeof *value);
}

void ri_archive_array(ri_archive *archive, void *block, int64_t count, size_t size) {
    void *at;
    memcpy(&at, block, sizeof at);
    if (archive->reads) {
        free(at);
        at = ri_alloc((size_t)count, size);
        memcpy(block, &at, sizeof at);
        if (!at && ri_archive_good(archive))
            ri_fail_memory(&archive->failure, "what a file holds", (size_t)count * size);
    }
    if (at && count > 0)
        ri_archive_bytes(archive, at, (size_t)count * size);
}

void ri_archive_indices(ri_archive *archive, int64_t **block, int64_t count, int64_t most) {
    ri_archive_array(archive, block, count, sizeof **block);
    for (int64_t i = 0; archive->reads && *block && i < count; i++)
        if ((*block)[i] < 0 || (*block)[i] >= most) {
            ri_archive_refuse(archive, "has an index out of its range");
            (*block)[i] = 0;
        }
}
