/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/name_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "data/text_stream.h"
#include "data/utf8.h"
#include "data/wording.h"

static ri_status add_name(const char *path, char *line, int64_t number, int column, ri_names *out,
                          ri_error *err) {
    char *name = line;
    for (int k = 0; k < column; k++) {
        char *tab = strchr(name, '\t');
        if (!tab) {
            name = line;
            break;
        }
        name = tab + 1;
    }
    size_t length = strcspn(name, "\t");
    while (length > 0 && name[length - 1] == ' ')
        length--;
    if (length == 0)
        return ri_fail(err, RI_BAD_INPUT, "%s, line %" PRId64 ": has no name", path, number);
    if (!ri_utf8_valid(name, length))
        return ri_fail(err, RI_BAD_INPUT, "%s, line %" PRId64 ": not UTF-8 text", path, number);
    return ri_names_add(out, name, length, err);
}

ri_status ri_name_file_read(const char *path, int column, ri_names *out, ri_error *err) {
    ri_status status;
    ri_text_stream *stream = NULL;
    char *line;
    int64_t number;
    RI_GO(ri_text_stream_open(path, &stream, err));
    RI_GO(ri_text_stream_next(stream, &line, &number, err));
    while (line) {
        RI_GO(add_name(path, line, number, column, out, err));
        RI_GO(ri_text_stream_next(stream, &line, &number, err));
    }
done:
    ri_text_stream_close(stream);
    return status;
}

ri_status ri_name_file_beside(const char *path, const char *name, char **out, ri_error *err) {
    const char *slash = strrchr(path, '/');
    size_t folder = slash ? (size_t)(slash - path) + 1 : 0, room = folder + strlen(name) + 1;
    *out = malloc(room);
    if (!*out)
        return ri_fail_memory(err, "a file name", room);
    snprintf(*out, room, "%.*s%s", (int)folder, path, name);
    if (access(*out, F_OK) != 0) {
        free(*out);
        *out = NULL;
    }
    return RI_OK;
}

ri_status ri_number_file_read(const char *path, double **out, int64_t *count, ri_error *err) {
    ri_status status;
    ri_text_stream *stream = NULL;
    char *line;
    int64_t number;
    size_t capacity = 0;
    *out = NULL;
    *count = 0;
    RI_GO(ri_text_stream_open(path, &stream, err));
    RI_GO(ri_text_stream_next(stream, &line, &number, err));
    while (line) {
        double value;
        if (!ri_parse_number(line, &value) || isinf(value)) {
            value = NAN;
            if (!ri_is_missing_text(line)) {
                status = ri_fail(err, RI_BAD_INPUT, "%s, line %" PRId64 ": '%s' is not a number",
                                 path, number, ri_excerpt_of(line).text);
                goto done;
            }
        }
        if (!ri_grow(out, &capacity, (size_t)*count + 1, sizeof **out)) {
            status = ri_fail_memory(err, "a response", (size_t)*count * sizeof **out);
            goto done;
        }
        (*out)[(*count)++] = value;
        RI_GO(ri_text_stream_next(stream, &line, &number, err));
    }
done:
    ri_text_stream_close(stream);
    if (status != RI_OK) {
        free(*out);
        *out = NULL;
    }
    return status;
}
