/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/table_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csv.h>
#include <zlib.h>

#include "base/memory.h"
#include "data/utf8.h"

enum {
    CHUNK_BYTES = 1 << 18,
    LONGEST_FIELD = 1 << 20, /* a quote that is never closed would swallow the file */
};

struct ri_table_reader {
    char *path;
    gzFile file;
    struct csv_parser parser;
    bool parser_ready;
    char *chunk; /* bytes [at, fill) are not parsed yet */
    size_t at, fill;
    bool ended;       /* no more bytes in the file */
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

static ri_status refill(ri_table_reader *reader, ri_error *err) {
    reader->at = 0;
    reader->fill = 0;
    int got = gzread(reader->file, reader->chunk, CHUNK_BYTES);
    int code = Z_OK;
    const char *reason = gzerror(reader->file, &code);
    if (code == Z_BUF_ERROR)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: the gzip file ends before its data do (near line %" PRId64
                       "); copy or download it again",
                       reader->path, reader->line);
    if (code == Z_ERRNO)
        return ri_fail(err, RI_SYSTEM, "%s: cannot be read: %s", reader->path, strerror(errno));
    if (got < 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: the gzip file is damaged near line %" PRId64
                       " (%s); copy or download it again",
                       reader->path, reader->line, reason);
    reader->fill = (size_t)got;
    reader->ended = got == 0;
    if (memchr(reader->chunk, '\0', reader->fill))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: not a text file (NUL byte after line %" PRId64
                       "); a table is CSV or TSV in UTF-8",
                       reader->path, reader->line);
    return RI_OK;
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

static ri_status open_file(ri_table_reader *reader, ri_error *err) {
    struct stat info;
    int descriptor = open(reader->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0 || fstat(descriptor, &info) != 0) {
        ri_fail(err, RI_BAD_INPUT, "%s: cannot be opened: %s", reader->path, strerror(errno));
        if (descriptor >= 0)
            close(descriptor);
        return RI_BAD_INPUT;
    }
    if (!S_ISREG(info.st_mode)) {
        close(descriptor);
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: not a regular file; a table is read twice, so write it to a file first",
                       reader->path);
    }
    reader->file = gzdopen(descriptor, "rb");
    if (!reader->file) {
        close(descriptor);
        return ri_fail_memory(err, "reading a table", CHUNK_BYTES);
    }
    return RI_OK;
}

static ri_status prepare(ri_table_reader *reader, const char *path, ri_error *err) {
    static const char mark[] = "\xEF\xBB\xBF";
    reader->path = strdup(path);
    reader->chunk = ri_alloc(CHUNK_BYTES, 1);
    if (!reader->path || !reader->chunk)
        return ri_fail_memory(err, "reading a table", CHUNK_BYTES);
    RI_TRY(open_file(reader, err));
    if (csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return ri_fail_memory(err, "reading a table", CHUNK_BYTES);
    reader->parser_ready = true;
    reader->line = 1;
    RI_TRY(refill(reader, err));
    if (reader->fill >= 3 && memcmp(reader->chunk, mark, 3) == 0)
        reader->at = 3;
    csv_set_delim(&reader->parser,
                  separator_of(reader->chunk + reader->at, reader->fill - reader->at));
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
    if (reader->file)
        gzclose_r(reader->file);
    if (reader->parser_ready)
        csv_free(&reader->parser);
    ri_names_free(&reader->row);
    free(reader->chunk);
    free(reader->path);
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
                   reader->path, reader->line);
}

static ri_status fail_unclosed(const ri_table_reader *reader, ri_error *err) {
    return ri_fail(err, RI_BAD_INPUT,
                   "%s, line %" PRId64 ": a quoted field of the row that starts here is never "
                   "closed; look for a lone double quote",
                   reader->path, reader->row_line);
}

/* Parses the bytes up to the next line end; a row ends there at the most. */
static ri_status parse_piece(ri_table_reader *reader, ri_error *err) {
    const char *text = reader->chunk + reader->at;
    size_t length = piece_length(text, reader->fill - reader->at);
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
    reader->at += length;
    return RI_OK;
}

ri_status ri_table_reader_next(ri_table_reader *reader, const ri_names **row, int64_t *line,
                               ri_error *err) {
    *row = NULL;
    *line = reader->line;
    reader->row.count = 0;
    reader->row.byte_count = 0;
    reader->complete = false;
    while (!reader->complete && !reader->ended) {
        if (reader->at == reader->fill)
            RI_TRY(refill(reader, err));
        if (!reader->ended)
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
                       reader->path, reader->row_line);
    if (reader->complete) {
        *row = &reader->row;
        *line = reader->row_line;
    }
    return RI_OK;
}
