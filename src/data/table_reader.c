/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/table_reader.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <csv.h>

#include "data/text_bytes.h"
#include "data/utf8.h"

enum { LONGEST_FIELD = 1 << 20 }; /* a quote that is never closed would swallow the file */

struct ri_table_reader {
    ri_text_bytes bytes;
    struct csv_parser parser;
    bool parser_ready;
    bool after_cr;    /* the last byte parsed was a carriage return */
    int64_t line;     /* of the next byte */
    int64_t row_line; /* where the row being read starts */
    bool in_row, complete;
    ri_names row;
    ri_status status; /* of the callbacks, with their sentence */
    ri_error error;
};

static void take_field(void *text, size_t length, void *context) {
    ri_table_reader *reader = context;
    if (reader->status == RI_OK)
        reader->status = ri_names_add(&reader->row, text, length, &reader->error);
}

static void take_row(int terminator, void *context) {
    ri_table_reader *reader = context;
    (void)terminator;
    reader->complete = true;
}

static unsigned char separator_of(const char *text, size_t length) {
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"')
            quoted = !quoted;
        if (quoted)
            continue;
        if (text[i] == '\t')
            return CSV_TAB;
        if (text[i] == '\n' || text[i] == '\r')
            break;
    }
    return CSV_COMMA;
}

static ri_status prepare(ri_table_reader *reader, const char *path, ri_error *err) {
    ri_text_bytes *bytes = &reader->bytes;
    RI_TRY(ri_text_bytes_open(path, bytes, err));
    if (csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return ri_fail_memory(err, "reading a table", sizeof reader->parser);
    reader->parser_ready = true;
    reader->line = 1;
    RI_TRY(ri_text_bytes_next(bytes, reader->line, err));
    csv_set_delim(&reader->parser, separator_of(bytes->chunk + bytes->at, bytes->fill - bytes->at));
    return RI_OK;
}

ri_status ri_table_reader_open(const char *path, ri_table_reader **out, ri_error *err) {
    *out = NULL;
    ri_table_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return ri_fail_memory(err, "reading a table", sizeof *reader);
    ri_status status = prepare(reader, path, err);
    if (status != RI_OK) {
        ri_table_reader_close(reader);
        return status;
    }
    *out = reader;
    return RI_OK;
}

void ri_table_reader_close(ri_table_reader *reader) {
    if (!reader)
        return;
    ri_text_bytes_close(&reader->bytes);
    if (reader->parser_ready)
        csv_free(&reader->parser);
    ri_names_free(&reader->row);
    free(reader);
}

/* Length of the bytes up to and with the next line end. */
static size_t piece_length(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (text[i] == '\n' || text[i] == '\r')
            return i + 1;
    return length;
}

static bool only_blank(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!strchr(" \t\r\n", text[i]))
            return false;
    return true;
}

static ri_status fail_parse(ri_table_reader *reader, ri_error *err) {
    if (csv_error(&reader->parser) != CSV_EPARSE)
        return ri_fail_memory(err, "a field of a table", LONGEST_FIELD);
    return ri_fail(err, RI_BAD_INPUT,
                   "%s, line %" PRId64 ": a double quote inside a field that is not quoted as a "
                   "whole; write the field in quotes and double the quotes inside it",
                   reader->bytes.path, reader->line);
}

static ri_status fail_unclosed(const ri_table_reader *reader, ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT,
                   "%s, line %" PRId64 ": a quoted field of the row that starts here is never "
                   "closed; look for a lone double quote",
                   reader->bytes.path, reader->row_line);
}

/* Parses the bytes up to the next line end; a row ends there at the most. */
static ri_status parse_piece(ri_table_reader *reader, ri_error *err) {
    ri_text_bytes *bytes = &reader->bytes;
    const char *text = bytes->chunk + bytes->at;
    size_t length = piece_length(text, bytes->fill - bytes->at);
    if (reader->after_cr && text[0] != '\n')
        reader->line++;
    if (!reader->in_row)
        reader->row_line = reader->line;
    if (csv_parse(&reader->parser, text, length, take_field, take_row, reader) != length)
        return fail_parse(reader, err);
    if (csv_get_buffer_size(&reader->parser) > LONGEST_FIELD)
        return fail_unclosed(reader, err);
    if (reader->complete)
        reader->in_row = false;
    else if (!only_blank(text, length))
        reader->in_row = true;
    char last = text[length - 1];
    reader->after_cr = last == '\r';
    if (last == '\n')
        reader->line++;
    bytes->at += length;
    return RI_OK;
}

ri_status ri_table_reader_next(ri_table_reader *reader, const ri_names **row, int64_t *line,
                               ri_error *err) {
    *row = NULL;
    *line = reader->line;
    reader->row.count = 0;
    reader->row.byte_count = 0;
    reader->complete = false;
    ri_text_bytes *bytes = &reader->bytes;
    while (!reader->complete && !bytes->exhausted) {
        if (bytes->at == bytes->fill)
            RI_TRY(ri_text_bytes_next(bytes, reader->line, err));
        if (!bytes->exhausted)
            RI_TRY(parse_piece(reader, err));
        else if (csv_fini(&reader->parser, take_field, take_row, reader) != 0)
            return fail_unclosed(reader, err);
    }
    if (reader->status != RI_OK) {
        if (err)
            *err = reader->error;
        return reader->status;
    }
    if (!ri_utf8_valid(reader->row.bytes, reader->row.byte_count))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s, line %" PRId64 ": not UTF-8 text; convert the file, for example with "
                       "iconv -f LATIN1 -t UTF-8",
                       reader->bytes.path, reader->row_line);
    if (reader->complete) {
        *row = &reader->row;
        *line = reader->row_line;
    }
    return RI_OK;
}
