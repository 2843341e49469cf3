/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/text_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

#include "base/memory.h"

enum { CHUNK_BYTES = 1 << 18 };

struct ri_text_stream {
    char *path;
    gzFile file;
    char *chunk;
    size_t at, fill;
    bool exhausted; /* no more bytes in the file */
    bool ended;
    int64_t line; /* of the next line, less 1 */
    char *text;
    size_t capacity, length;
};

static ri_status open_file(ri_text_stream *stream, ri_error *err) {
    struct stat info;
    int descriptor = open(stream->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0 || fstat(descriptor, &info) != 0) {
        ri_fail(err, RI_BAD_INPUT, "%s: cannot be opened: %s", stream->path, strerror(errno));
        if (descriptor >= 0)
            close(descriptor);
        return RI_BAD_INPUT;
    }
    if (!S_ISREG(info.st_mode)) {
        close(descriptor);
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: not a regular file; it is read more than once, so write it to a file "
                       "first",
                       stream->path);
    }
    stream->file = gzdopen(descriptor, "rb");
    if (!stream->file) {
        close(descriptor);
        return ri_fail_memory(err, "reading a text file", CHUNK_BYTES);
    }
    return RI_OK;
}

static ri_status refill(ri_text_stream *stream, ri_error *err) {
    stream->at = 0;
    stream->fill = 0;
    int got = gzread(stream->file, stream->chunk, CHUNK_BYTES);
    int code = Z_OK;
    const char *reason = gzerror(stream->file, &code);
    if (code == Z_BUF_ERROR)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: the gzip file ends before its data do (near line %" PRId64
                       "); copy or download it again",
                       stream->path, stream->line + 1);
    if (code == Z_ERRNO)
        return ri_fail(err, RI_SYSTEM, "%s: cannot be read: %s", stream->path, strerror(errno));
    if (got < 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: the gzip file is damaged near line %" PRId64
                       " (%s); copy or download it again",
                       stream->path, stream->line + 1, reason);
    stream->fill = (size_t)got;
    stream->exhausted = got == 0;
    bool first = stream->line == 0 && stream->length == 0;
    if (first &&
        ((got >= 3 && memcmp(stream->chunk, "BZh", 3) == 0) || (got >= 6 && memcmp(stream->chunk,
                                                                                   "\xFD"
                                                                                   "7zXZ",
                                                                                   6) == 0)))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: is compressed by %s; unpack it, or pack it with gzip", stream->path,
                       stream->chunk[0] == 'B' ? "bzip2" : "xz");
    if (memchr(stream->chunk, '\0', stream->fill))
        return ri_fail(err, RI_BAD_INPUT, "%s: not a text file (NUL byte after line %" PRId64 ")",
                       stream->path, stream->line);
    if (first && got >= 3 && memcmp(stream->chunk, "\xEF\xBB\xBF", 3) == 0)
        stream->at = 3;
    return RI_OK;
}

ri_status ri_text_stream_open(const char *path, ri_text_stream **out, ri_error *err) {
    *out = NULL;
    ri_text_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return ri_fail_memory(err, "reading a text file", sizeof *stream);
    stream->path = strdup(path);
    stream->chunk = ri_alloc(CHUNK_BYTES, 1);
    ri_status status = RI_OK;
    if (!stream->path || !stream->chunk)
        status = ri_fail_memory(err, "reading a text file", CHUNK_BYTES);
    else
        status = open_file(stream, err);
    if (status == RI_OK)
        *out = stream;
    else
        ri_text_stream_close(stream);
    return status;
}

void ri_text_stream_close(ri_text_stream *stream) {
    if (!stream)
        return;
    if (stream->file)
        gzclose_r(stream->file);
    free(stream->text);
    free(stream->chunk);
    free(stream->path);
    free(stream);
}

ri_status ri_text_stream_rewind(ri_text_stream *stream, ri_error *err) {
    if (gzrewind(stream->file) != 0)
        return ri_fail(err, RI_SYSTEM, "%s: cannot be read again", stream->path);
    stream->at = stream->fill = stream->length = 0;
    stream->exhausted = false;
    stream->line = 0;
    return RI_OK;
}

/* Appends what of the line is in the chunk. */
static ri_status take_piece(ri_text_stream *stream, ri_error *err) {
    const char *from = stream->chunk + stream->at;
    const char *end = memchr(from, '\n', stream->fill - stream->at);
    size_t length = end ? (size_t)(end - from) : stream->fill - stream->at;
    if (!ri_grow(&stream->text, &stream->capacity, stream->length + length + 1, 1))
        return ri_fail_memory(err, "a line of text", stream->length + length + 1);
    memcpy(stream->text + stream->length, from, length);
    stream->length += length;
    stream->text[stream->length] = '\0';
    stream->at += length + (end != NULL);
    stream->ended = end != NULL;
    return RI_OK;
}

ri_status ri_text_stream_next(ri_text_stream *stream, char **line, int64_t *number, ri_error *err) {
    *line = NULL;
    stream->ended = false;
    stream->length = 0;
    bool any = false;
    while (!stream->ended && !stream->exhausted) {
        if (stream->at == stream->fill)
            RI_TRY(refill(stream, err));
        if (stream->fill > stream->at) {
            RI_TRY(take_piece(stream, err));
            any = true;
        }
    }
    if (!any)
        return RI_OK;
    if (stream->length > 0 && stream->text[stream->length - 1] == '\r')
        stream->text[--stream->length] = '\0';
    *line = stream->text;
    *number = ++stream->line;
    return RI_OK;
}

bool ri_text_stream_ended(const ri_text_stream *stream) {
    return stream->ended;
}

bool ri_skip_blanks(char **at) {
    while (**at == ' ' || **at == '\t')
        (*at)++;
    return **at != '\0';
}

static bool at_border(char c, char border) {
    return c == '\0' || c == ' ' || c == '\t' || (border && c == border);
}

bool ri_take_integer(char **at, char border, int64_t *value) {
    ri_skip_blanks(at);
    bool negative = **at == '-';
    char *digit = *at + (**at == '-' || **at == '+');
    int64_t parsed = 0;
    int count = 0;
    for (; *digit >= '0' && *digit <= '9' && count < 18; digit++, count++)
        parsed = 10 * parsed + (*digit - '0');
    if (count == 0 || !at_border(*digit, border))
        return false;
    *value = negative ? -parsed : parsed;
    *at = digit;
    return true;
}

bool ri_take_number(char **at, char border, double *value) {
    char *end = *at;
    int64_t whole;
    /* Most are short whole numbers; up to 15 digits they are exact. */
    if (ri_take_integer(&end, border, &whole) && end - *at <= 16 && !(whole == 0)) {
        *value = (double)whole;
        *at = end;
        return true;
    }
    ri_skip_blanks(at);
    char *digit = *at + (**at == '-' || **at == '+');
    if (digit[0] == '0' && (digit[1] == 'x' || digit[1] == 'X'))
        return false;
    double parsed = strtod(*at, &end);
    if (end == *at || !at_border(*end, border))
        return false;
    *value = parsed;
    *at = end;
    return true;
}
