/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/text_bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"

enum { CHUNK_BYTES = 1 << 18 };

static ri_status open_file(ri_text_bytes *bytes, ri_error *err) {
    struct stat info;
    int descriptor = open(bytes->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0 || fstat(descriptor, &info) != 0) {
        ri_fail(err, RI_BAD_INPUT, "%s: cannot be opened: %s", bytes->path, strerror(errno));
        if (descriptor >= 0)
            close(descriptor);
        return RI_BAD_INPUT;
    }
    if (!S_ISREG(info.st_mode)) {
        close(descriptor);
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: not a regular file; it is read more than once, so write it to a file "
                       "first",
                       bytes->path);
    }
    bytes->file = gzdopen(descriptor, "rb");
    if (!bytes->file) {
        close(descriptor);
        return ri_fail_memory(err, "reading a text file", CHUNK_BYTES);
    }
    return RI_OK;
}

ri_status ri_text_bytes_open(const char *path, ri_text_bytes *out, ri_error *err) {
    *out = (ri_text_bytes){.path = strdup(path), .chunk = ri_alloc(CHUNK_BYTES, 1)};
    ri_status status = RI_OK;
    if (!out->path || !out->chunk)
        status = ri_fail_memory(err, "reading a text file", CHUNK_BYTES);
    else
        status = open_file(out, err);
    if (status != RI_OK)
        ri_text_bytes_close(out);
    return status;
}

void ri_text_bytes_close(ri_text_bytes *bytes) {
    if (bytes->file)
        gzclose_r(bytes->file);
    free(bytes->chunk);
    free(bytes->path);
    *bytes = (ri_text_bytes){0};
}

ri_status ri_text_bytes_rewind(ri_text_bytes *bytes, ri_error *err) {
    if (gzrewind(bytes->file) != 0)
        return ri_fail(err, RI_SYSTEM, "%s: cannot be read again", bytes->path);
    bytes->at = bytes->fill = 0;
    bytes->begun = bytes->exhausted = false;
    return RI_OK;
}

static bool starts_with(const ri_text_bytes *bytes, const char *mark) {
    size_t length = strlen(mark);
    return bytes->fill >= length && memcmp(bytes->chunk, mark, length) == 0;
}

/* What only the first bytes of a file can show. */
static ri_status look_at_start(ri_text_bytes *bytes, ri_error *err) {
    bool bzip2 = starts_with(bytes, "BZh");
    if (bzip2 || starts_with(bytes, "\xFD"
                                    "7zXZ"))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: is compressed by %s; unpack it, or pack it with gzip", bytes->path,
                       bzip2 ? "bzip2" : "xz");
    if (starts_with(bytes, "\xEF\xBB\xBF"))
        bytes->at = 3;
    return RI_OK;
}

ri_status ri_text_bytes_next(ri_text_bytes *bytes, int64_t line, ri_error *err) {
    bool first = !bytes->begun;
    bytes->at = bytes->fill = 0;
    bytes->begun = true;
    int got = gzread(bytes->file, bytes->chunk, CHUNK_BYTES);
    int code = Z_OK;
    const char *reason = gzerror(bytes->file, &code);
    if (code == Z_BUF_ERROR)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: the gzip file ends before its data do (near line %" PRId64
                       "); copy or download it again",
                       bytes->path, line);
    if (code == Z_ERRNO)
        return ri_fail(err, RI_SYSTEM, "%s: cannot be read: %s", bytes->path, strerror(errno));
    if (got < 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: the gzip file is damaged near line %" PRId64
                       " (%s); copy or download it again",
                       bytes->path, line, reason);
    bytes->fill = (size_t)got;
    bytes->exhausted = got == 0;
    if (first)
        RI_TRY(look_at_start(bytes, err));
    if (memchr(bytes->chunk, '\0', bytes->fill))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: not a text file (NUL byte at line %" PRId64 " or after it)",
                       bytes->path, line);
    return RI_OK;
}
