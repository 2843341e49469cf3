/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/text_stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/text_bytes.h"

struct ri_text_stream {
    ri_text_bytes bytes;
    bool ended;
    int64_t line; /* of the next line, less 1 */
    char *text;
    size_t capacity, length;
};

ri_status ri_text_stream_open(const char *path, ri_text_stream **out, ri_error *err) {
    *out = NULL;
    ri_text_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return ri_fail_memory(err, "reading a text file", sizeof *stream);
    ri_status status = ri_text_bytes_open(path, &stream->bytes, err);
    if (status == RI_OK)
        *out = stream;
    else
        ri_text_stream_close(stream);
    return status;
}

void ri_text_stream_close(ri_text_stream *stream) {
    if (!stream)
        return;
    ri_text_bytes_close(&stream->bytes);
    free(stream->text);
    free(stream);
}

ri_status ri_text_stream_rewind(ri_text_stream *stream, ri_error *err) {
    RI_TRY(ri_text_bytes_rewind(&stream->bytes, err));
    stream->length = 0;
    stream->line = 0;
    return RI_OK;
}

/* Appends what of the line is in the chunk. */
static ri_status take_piece(ri_text_stream *stream, ri_error *err) {
    ri_text_bytes *bytes = &stream->bytes;
    const char *from = bytes->chunk + bytes->at;
    const char *end = memchr(from, '\n', bytes->fill - bytes->at);
    size_t length = end ? (size_t)(end - from) : bytes->fill - bytes->at;
    if (!ri_grow(&stream->text, &stream->capacity, stream->length + length + 1, 1))
        return ri_fail_memory(err, "a line of text", stream->length + length + 1);
    memcpy(stream->text + stream->length, from, length);
    stream->length += length;
    stream->text[stream->length] = '\0';
    bytes->at += length + (end != NULL);
    stream->ended = end != NULL;
    return RI_OK;
}

ri_status ri_text_stream_next(ri_text_stream *stream, char **line, int64_t *number, ri_error *err) {
    *line = NULL;
    stream->ended = false;
    stream->length = 0;
    bool any = false;
    ri_text_bytes *bytes = &stream->bytes;
    while (!stream->ended && !bytes->exhausted) {
        if (bytes->at == bytes->fill)
            RI_TRY(ri_text_bytes_next(bytes, stream->line + 1, err));
        if (bytes->fill > bytes->at) {
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
