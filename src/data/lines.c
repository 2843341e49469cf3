/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/gzip.h"
#include "base/memory.h"
#include "data/utf8.h"

ri_status ri_lines_open(const char *path, ri_split split, ri_lines *out, ri_error *err) {
    *out = (ri_lines){.path = path, .split = split, .file = ri_gzip_open(path, "r")};
    if (!out->file)
        return ri_fail(err, RI_BAD_INPUT, "%s: cannot be opened: %s", path, strerror(errno));
    return RI_OK;
}

void ri_lines_close(ri_lines *lines) {
    if (lines->file)
        fclose(lines->file);
    free(lines->field);
    free(lines->text);
    *lines = (ri_lines){0};
}

static ri_status add_field(ri_lines *lines, char *text, ri_error *err) {
    size_t needed = (size_t)lines->count + 1;
    if (!ri_grow(&lines->field, &lines->field_capacity, needed, sizeof *lines->field))
        return ri_fail_memory(err, "the fields of a line", needed * sizeof *lines->field);
    lines->field[lines->count++] = text;
    return RI_OK;
}

static ri_status split_at_blanks(ri_lines *lines, char *text, ri_error *err) {
    char *rest = NULL;
    for (char *at = strtok_r(text, " \t", &rest); at; at = strtok_r(NULL, " \t", &rest))
        RI_TRY(add_field(lines, at, err));
    return RI_OK;
}

static ri_status split_at_tabs(ri_lines *lines, char *text, ri_error *err) {
    for (char *at = strsep(&text, "\t"); at; at = strsep(&text, "\t")) {
        at += strspn(at, " ");
        size_t length = strlen(at);
        while (length > 0 && at[length - 1] == ' ')
            at[--length] = '\0';
        RI_TRY(add_field(lines, at, err));
    }
    return RI_OK;
}

/* The next line without its end and without a byte order mark, or NULL at the end of the file. */
static ri_status read_line(ri_lines *lines, char **text, ri_error *err) {
    *text = NULL;
    errno = 0;
    ssize_t got = getline(&lines->text, &lines->text_capacity, lines->file);
    if (got < 0) {
        if (feof(lines->file))
            return RI_OK;
        return ri_fail(err, RI_BAD_INPUT, "%s: cannot be read: %s", lines->path, strerror(errno));
    }
    lines->line++;
    size_t length = (size_t)got;
    if (strlen(lines->text) != length)
        return ri_fail(err, RI_BAD_INPUT, "%s, line %" PRId64 ": not a text file (NUL byte)",
                       lines->path, lines->line);
    if (!ri_utf8_valid(lines->text, length))
        return ri_fail(err, RI_BAD_INPUT, "%s, line %" PRId64 ": not UTF-8 text", lines->path,
                       lines->line);
    while (length > 0 && strchr("\r\n", lines->text[length - 1]))
        lines->text[--length] = '\0';
    *text = lines->text;
    if (lines->line == 1 && strncmp(lines->text, "\xEF\xBB\xBF", 3) == 0)
        *text += 3;
    return RI_OK;
}

ri_status ri_lines_next(ri_lines *lines, ri_error *err) {
    char *text;
    bool first = lines->line == 0;
    lines->count = 0;
    do
        RI_TRY(read_line(lines, &text, err));
    while (text && text[strspn(text, " \t")] == '\0');
    if (!text)
        return RI_OK;
    if (first)
        lines->at_tabs = lines->split == RI_SPLIT_HEADER && strchr(text, '\t');
    return lines->at_tabs ? split_at_tabs(lines, text, err) : split_at_blanks(lines, text, err);
}
