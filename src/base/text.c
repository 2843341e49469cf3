/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/random.h"

char *ri_format_number(double value, char *text) {
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, RI_NUMBER_TEXT, "%.*g", digits, value);
        if (digits == 17 || strtod(text, NULL) == value || isnan(value))
            break;
    }
    return text;
}

static bool only_space(const char *text) {
    while (isspace((unsigned char)*text))
        text++;
    return *text == '\0';
}

bool ri_parse_number(const char *text, double *value) {
    char *end;
    errno = 0;
    double parsed = strtod(text, &end);
    if (end == text || !only_space(end) || strpbrk(text, "xX"))
        return false;
    *value = parsed;
    return true;
}

bool ri_parse_integer(const char *text, int64_t *value) {
    char *end;
    errno = 0;
    long long parsed = strtoll(text, &end, 10);
    if (end == text || !only_space(end) || errno == ERANGE)
        return false;
    *value = parsed;
    return true;
}

bool ri_parse_bytes(const char *text, double *bytes) {
    static const char letters[] = "KMGT";
    size_t length = strlen(text);
    const char *letter = length ? strchr(letters, text[length - 1]) : NULL;
    char number[RI_NUMBER_TEXT];
    if (length == 0 || length >= sizeof number)
        return false;
    memcpy(number, text, length + 1);
    double unit = 1;
    if (letter) {
        number[length - 1] = '\0';
        unit = pow(1000, (double)(letter - letters + 1));
    }
    if (!ri_parse_number(number, bytes) || !(*bytes > 0) || isinf(*bytes))
        return false;
    *bytes *= unit;
    return true;
}

bool ri_is_missing_text(const char *text) {
    static const char *const spelling[] = {"NA", "N/A", "NaN", "null", ".", "#N/A"};
    if (only_space(text))
        return true;
    for (size_t i = 0; i < sizeof spelling / sizeof *spelling; i++)
        if (strcasecmp(text, spelling[i]) == 0)
            return true;
    return false;
}

ri_status ri_names_add(ri_names *names, const char *text, size_t length, ri_error *err) {
    if (!ri_grow(&names->offset, &names->offset_capacity, (size_t)names->count + 1,
                 sizeof *names->offset) ||
        !ri_grow(&names->bytes, &names->byte_capacity, names->byte_count + length + 1, 1))
        return ri_fail_memory(err, "a list of names", names->byte_count + length + 1);
    names->offset[names->count++] = (int64_t)names->byte_count;
    memcpy(names->bytes + names->byte_count, text, length);
    names->bytes[names->byte_count + length] = '\0';
    names->byte_count += length + 1;
    return RI_OK;
}

ri_status ri_names_copy(ri_names *to, const ri_names *from, ri_error *err) {
    for (int64_t i = 0; i < from->count; i++) {
        const char *text = ri_names_get(from, i);
        RI_TRY(ri_names_add(to, text, strlen(text), err));
    }
    return RI_OK;
}

const char *ri_names_get(const ri_names *names, int64_t index) {
    return names->bytes + names->offset[index];
}

/* Blocks of ri_alloc are aligned, which realloc does not keep: what is worth it is copied. */
static void trim(void *block, size_t *capacity, size_t used, size_t size) {
    void *old, *now;
    memcpy(&old, block, sizeof old);
    if (*capacity == used || used == 0 || !(now = ri_alloc(used, size)))
        return;
    memcpy(now, old, used * size);
    free(old);
    memcpy(block, &now, sizeof now);
    *capacity = used;
}

void ri_names_trim(ri_names *names) {
    trim(&names->offset, &names->offset_capacity, (size_t)names->count, sizeof *names->offset);
    trim(&names->bytes, &names->byte_capacity, names->byte_count, 1);
}

void ri_names_keep(ri_names *names, const bool *keep) {
    int64_t kept = 0;
    size_t used = 0;
    for (int64_t i = 0; i < names->count; i++) {
        if (!keep[i])
            continue;
        const char *text = ri_names_get(names, i);
        size_t length = strlen(text) + 1;
        memmove(names->bytes + used, text, length);
        names->offset[kept++] = (int64_t)used;
        used += length;
    }
    names->count = kept;
    names->byte_count = used;
    ri_names_trim(names);
}

void ri_names_free(ri_names *names) {
    free(names->offset);
    free(names->bytes);
    *names = (ri_names){0};
}

struct ri_name_index {
    const ri_names *names;
    uint64_t mask;
    int64_t *slot; /* [mask + 1], -1 where empty */
};

static int64_t *find_slot(const ri_name_index *index, const char *text) {
    uint64_t at = ri_hash(text, strlen(text), 0) & index->mask;
    while (index->slot[at] >= 0 && strcmp(ri_names_get(index->names, index->slot[at]), text) != 0)
        at = (at + 1) & index->mask;
    return &index->slot[at];
}

ri_status ri_name_index_new(const ri_names *names, ri_name_index **out, int64_t *duplicate,
                            ri_error *err) {
    *out = NULL;
    if (duplicate)
        *duplicate = -1;
    uint64_t slots = 16;
    while (slots < 2 * (uint64_t)names->count)
        slots *= 2;
    ri_name_index *index = calloc(1, sizeof *index);
    int64_t *slot = ri_alloc(slots, sizeof *slot);
    if (!index || !slot) {
        free(index);
        free(slot);
        return ri_fail_memory(err, "an index of names", slots * sizeof *slot);
    }
    memset(slot, 0xff, slots * sizeof *slot);
    *index = (ri_name_index){.names = names, .mask = slots - 1, .slot = slot};
    for (int64_t i = 0; i < names->count; i++) {
        int64_t *at = find_slot(index, ri_names_get(names, i));
        if (*at < 0)
            *at = i;
        else if (duplicate && *duplicate < 0)
            *duplicate = i;
    }
    *out = index;
    return RI_OK;
}

int64_t ri_name_index_find(const ri_name_index *index, const char *text) {
    return *find_slot(index, text);
}

void ri_name_index_free(ri_name_index *index) {
    if (!index)
        return;
    free(index->slot);
    free(index);
}
