/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/keyed.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/lines.h"

/* Places of the two columns in the header. */
static ri_status find_columns(const ri_keyed *keyed, const ri_lines *lines, int64_t *key,
                              int64_t *value, ri_error *err) {
    *key = *value = -1;
    for (int64_t i = 0; i < lines->count; i++) {
        if (strcmp(lines->field[i], keyed->key) == 0)
            *key = i;
        if (strcmp(lines->field[i], keyed->value) == 0)
            *value = i;
    }
    if (*key < 0 || *value < 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: %s: the first line must name the columns '%s' and '%s'", keyed->option,
                       keyed->path, keyed->key, keyed->value);
    return RI_OK;
}

static ri_status read_line(ri_keyed *keyed, const ri_lines *lines, int64_t key, int64_t value,
                           const ri_names *names, const ri_name_index *index, double *number,
                           ri_error *err) {
    double parsed;
    long long at = (long long)lines->line;
    if (lines->count <= key || lines->count <= value)
        return ri_fail(err, RI_BAD_INPUT, "%s: %s: line %lld has only %lld fields", keyed->option,
                       keyed->path, at, (long long)lines->count);
    const char *name = lines->field[key], *text = lines->field[value];
    if (!ri_parse_number(text, &parsed) || !isfinite(parsed) || parsed < 0)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: %s: line %lld: %s '%s' of '%s' is not allowed; give a number, at "
                       "least 0",
                       keyed->option, keyed->path, at, keyed->value, text, name);
    int64_t found = ri_name_index_find(index, name);
    if (found < 0) {
        if (keyed->unknown++ == 0)
            snprintf(keyed->first_unknown, sizeof keyed->first_unknown, "%s", name);
        return RI_OK;
    }
    if (!isnan(number[found]))
        return ri_fail(err, RI_BAD_INPUT, "%s: %s: line %lld: %s '%s' comes a second time",
                       keyed->option, keyed->path, at, keyed->key, ri_names_get(names, found));
    number[found] = parsed;
    return RI_OK;
}

ri_status ri_keyed_read(ri_keyed *keyed, const ri_names *names, double *number, ri_error *err) {
    ri_lines lines = {0};
    ri_name_index *index = NULL;
    int64_t key, value, read = 0;
    ri_status status;
    for (int64_t i = 0; i < names->count; i++)
        number[i] = NAN;
    keyed->unknown = 0;
    RI_GO(ri_name_index_new(names, &index, NULL, err));
    RI_GO(ri_lines_open(keyed->path, RI_SPLIT_HEADER, &lines, err));
    RI_GO(ri_lines_next(&lines, err));
    RI_GO(find_columns(keyed, &lines, &key, &value, err));
    for (;;) {
        RI_GO(ri_lines_next(&lines, err));
        if (lines.count == 0)
            break;
        RI_GO(read_line(keyed, &lines, key, value, names, index, number, err));
        read++;
    }
    if (read == keyed->unknown)
        status = ri_fail(err, RI_BAD_INPUT, "%s: %s: names no %s of the dataset", keyed->option,
                         keyed->path, keyed->key);
done:
    ri_lines_close(&lines);
    ri_name_index_free(index);
    return status;
}
