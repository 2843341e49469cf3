/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/output.h"

ri_status ri_spool_open(const char *beside, size_t column_bytes, ri_spool *out, ri_error *err) {
    *out = (ri_spool){.column_bytes = column_bytes};
    char *name = ri_output_temporary(beside);
    if (!name)
        return ri_fail_memory(err, "a file name", strlen(beside));
    int file = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file >= 0)
        unlink(name);
    out->file = file >= 0 ? fdopen(file, "w+b") : NULL;
    ri_status status = RI_OK;
    if (!out->file)
        status = ri_fail(err, RI_SYSTEM, "%s: cannot be created: %s", name, strerror(errno));
    if (!out->file && file >= 0)
        close(file);
    free(name);
    return status;
}

static ri_status fail_writing(ri_error *err) {
    return ri_fail(err, RI_SYSTEM, "the temporary file beside the output cannot be written: %s",
                   strerror(errno));
}

ri_status ri_spool_add(ri_spool *spool, const void *column, ri_error *err) {
    if (fwrite(column, 1, spool->column_bytes, spool->file) != spool->column_bytes)
        return fail_writing(err);
    spool->count++;
    return RI_OK;
}

ri_status ri_spool_finish(ri_spool *spool, ri_error *err) {
    return fflush(spool->file) == 0 ? RI_OK : fail_writing(err);
}

ri_status ri_spool_read(const ri_spool *spool, int64_t from, int64_t count, void *out,
                        size_t stride, ri_error *err) {
    const size_t bytes = spool->column_bytes;
    size_t wanted = (size_t)count * bytes, done = 0;
    while (done < wanted) {
        ssize_t got = pread(fileno(spool->file), (char *)out + done, wanted - done,
                            (off_t)((size_t)from * bytes + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return ri_fail(err, RI_SYSTEM,
                           "the temporary file beside the output cannot be read: %s",
                           got < 0 ? strerror(errno) : "it became shorter meanwhile");
        done += (size_t)got;
    }
    for (int64_t j = count - 1; j > 0 && stride != bytes; j--) /* the last one moves first */
        memmove((char *)out + (size_t)j * stride, (char *)out + (size_t)j * bytes, bytes);
    return RI_OK;
}

void ri_spool_close(ri_spool *spool) {
    if (spool->file)
        fclose(spool->file);
    *spool = (ri_spool){0};
}
