/* SPDX-License-Identifier: BSD-3-Clause
 * Format: numpy.lib.format, versions 1 to 3. */
#define _GNU_SOURCE 1 /* fseeko on all systems */
#include "data/npy.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"

enum { MAGIC = 6, LONGEST_HEADER = 1 << 16, BLOCK = 1 << 15 };
static const double EXACT_INTEGERS = 9007199254740992.0; /* 2^53 */

static ri_status fail_header(const ri_npy *npy, const char *why, ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT, "%s: is no .npy file that can be read: %s", npy->path, why);
}

/* The text behind 'NAME': in the header. */
static const char *find_item(const char *header, const char *name) {
    const char *at = strstr(header, name);
    if (!at)
        return NULL;
    at += strlen(name);
    at += strspn(at, " ");
    if (*at++ != ':')
        return NULL;
    return at + strspn(at, " ");
}

static ri_status parse_type(ri_npy *npy, const char *header, ri_error *err) {
    const char *at = find_item(header, "'descr'");
    char order = at && *at == '\'' ? at[1] : 0;
    if (!order || !strchr("<>|=", order))
        return fail_header(npy, "its numbers have no plain type", err);
    npy->kind = at[2];
    npy->size = at[2] ? at[3] - '0' : 0;
    bool known = npy->size > 0 && npy->size < 10 && at[4] == '\'' &&
                 ((npy->kind == 'f' && (npy->size == 4 || npy->size == 8)) ||
                  (npy->kind == 'b' && npy->size == 1) ||
                  (strchr("iu", npy->kind) && strchr("\1\2\4\10", npy->size)));
    if (!known)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: holds numbers of type '%.12s'; f4, f8, or integers of 1 to 8 bytes are "
                       "needed: save it with .astype('f4')",
                       npy->path, at + 1);
    if (order == '>' && npy->size > 1)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: is big-endian ('%.3s'); save it with .astype('<%.2s')", npy->path,
                       at + 1, at + 2);
    return RI_OK;
}

static ri_status parse_shape(ri_npy *npy, const char *header, ri_error *err) {
    const char *order = find_item(header, "'fortran_order'");
    const char *at = find_item(header, "'shape'");
    if (!order || !at || *at != '(')
        return fail_header(npy, "order or shape is missing", err);
    npy->fortran = strncmp(order, "True", 4) == 0;
    if (!npy->fortran && strncmp(order, "False", 5) != 0)
        return fail_header(npy, "its order is neither True nor False", err);
    npy->dims[0] = npy->dims[1] = 1;
    for (at++; *at && *at != ')'; at += strspn(at, " ,")) {
        char *end;
        errno = 0;
        long long value = strtoll(at, &end, 10);
        if (end == at || errno != 0 || value < 0)
            return fail_header(npy, "its shape is no list of numbers", err);
        if (npy->rank == 2)
            return ri_fail(err, RI_BAD_INPUT, "%s: has more than 2 dimensions", npy->path);
        npy->dims[npy->rank++] = value;
        at = end;
    }
    if (npy->rank == 0 || *at != ')')
        return fail_header(npy, "its shape is no list of numbers", err);
    return RI_OK;
}

static ri_status check_size(const ri_npy *npy, ri_error *err) {
    struct stat info;
    int64_t numbers, bytes;
    if (fstat(fileno(npy->file), &info) != 0)
        return ri_fail(err, RI_SYSTEM, "%s: cannot be read: %s", npy->path, strerror(errno));
    if (npy->dims[0] > INT32_MAX || npy->dims[1] > INT32_MAX ||
        __builtin_mul_overflow(npy->dims[0], npy->dims[1], &numbers) ||
        __builtin_mul_overflow(numbers, (int64_t)npy->size, &bytes))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: is %" PRId64 " x %" PRId64 "; at most %d samples or features can be "
                       "read",
                       npy->path, npy->dims[0], npy->dims[1], INT32_MAX);
    int64_t there = (int64_t)info.st_size - npy->start;
    if (there == bytes)
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT,
                   "%s: its shape (%" PRId64 " x %" PRId64 ") needs %" PRId64
                   " bytes of numbers, and the file has %" PRId64 "%s",
                   npy->path, npy->dims[0], npy->dims[1], bytes, there,
                   there < bytes ? "; it may be truncated" : "");
}

static ri_status read_header(ri_npy *npy, char *header, ri_error *err) {
    unsigned char head[MAGIC + 6];
    if (fread(head, 1, MAGIC + 4, npy->file) != MAGIC + 4 || memcmp(head, "\x93NUMPY", MAGIC) != 0)
        return fail_header(npy, "it does not begin as one", err);
    int64_t length = head[MAGIC + 2] | head[MAGIC + 3] << 8;
    npy->start = MAGIC + 4;
    if (head[MAGIC] < 1 || head[MAGIC] > 3)
        return fail_header(npy, "its version is not 1, 2 or 3", err);
    if (head[MAGIC] > 1) {
        if (fread(head + MAGIC + 4, 1, 2, npy->file) != 2)
            return fail_header(npy, "its header is cut off", err);
        length |= (int64_t)head[MAGIC + 4] << 16 | (int64_t)head[MAGIC + 5] << 24;
        npy->start += 2;
    }
    npy->start += length;
    if (length >= LONGEST_HEADER || fread(header, 1, (size_t)length, npy->file) != (size_t)length)
        return fail_header(npy, "its header is cut off", err);
    header[length] = '\0';
    return RI_OK;
}

ri_status ri_npy_open(const char *path, ri_npy *out, ri_error *err) {
    ri_status status;
    char *header = NULL;
    *out = (ri_npy){.path = path, .file = fopen(path, "rbe")};
    if (!out->file)
        return ri_fail(err, RI_BAD_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    header = ri_alloc(LONGEST_HEADER, 1);
    if (!header) {
        status = ri_fail_memory(err, "a header", LONGEST_HEADER);
        goto done;
    }
    RI_GO(read_header(out, header, err));
    RI_GO(parse_type(out, header, err));
    RI_GO(parse_shape(out, header, err));
    RI_GO(check_size(out, err));
done:
    free(header);
    if (status != RI_OK)
        ri_npy_close(out);
    return status;
}

void ri_npy_close(ri_npy *npy) {
    if (npy->file)
        fclose(npy->file);
    *npy = (ri_npy){0};
}

/* A little-endian number. */
static double decode(const ri_npy *npy, const unsigned char *bytes) {
    uint64_t bits = 0;
    for (int k = npy->size - 1; k >= 0; k--)
        bits = bits << 8 | bytes[k];
    if (npy->kind == 'f' && npy->size == 8) {
        double value;
        memcpy(&value, &bits, sizeof value);
        return value;
    }
    if (npy->kind == 'f') {
        float value;
        uint32_t half = (uint32_t)bits;
        memcpy(&value, &half, sizeof value);
        return (double)value;
    }
    uint64_t sign = (uint64_t)1 << (8 * npy->size - 1);
    if (npy->kind == 'i' && bits & sign)
        return -(double)(~(bits - 1) & (sign | (sign - 1)));
    return (double)bits;
}

ri_status ri_npy_read(ri_npy *npy, int64_t from, int64_t count, double *out, ri_error *err) {
    unsigned char *bytes = ri_alloc(BLOCK, 8);
    if (!bytes)
        return ri_fail_memory(err, "a block of numbers", BLOCK * 8);
    size_t size = (size_t)npy->size;
    ri_status status = RI_OK;
    bool integer = npy->kind != 'f' && npy->size == 8;
    if (fseeko(npy->file, (off_t)(npy->start + from * npy->size), SEEK_SET) != 0)
        status = ri_fail(err, RI_SYSTEM, "%s: cannot be read: %s", npy->path, strerror(errno));
    for (int64_t done = 0; done < count && status == RI_OK;) {
        size_t now = count - done < BLOCK ? (size_t)(count - done) : BLOCK;
        if (fread(bytes, size, now, npy->file) != now) {
            status =
                ri_fail(err, RI_BAD_INPUT, "%s: cannot be read; it may have changed", npy->path);
            break;
        }
        for (size_t k = 0; k < now; k++) {
            double value = out[done + (int64_t)k] = decode(npy, bytes + k * size);
            if (integer && (value >= EXACT_INTEGERS || value <= -EXACT_INTEGERS))
                status = ri_fail(err, RI_BAD_INPUT,
                                 "%s: number %lld is beyond 2^53 and would be rounded; save it "
                                 "with .astype('f8') if that is meant",
                                 npy->path, (long long)(from + done + (int64_t)k + 1));
        }
        done += (int64_t)now;
    }
    free(bytes);
    return status;
}
