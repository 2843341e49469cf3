/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/lists.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "data/lines.h"
#include "data/sample_index.h"
#include "data/wording.h"

enum { MOST_CHROMOSOMES = 10000 };

/* --- samples --------------------------------------------------------------------------------- */

typedef struct sample_list {
    ri_lines lines;
    bool by_family; /* FID IID; else IID */
    ri_sample_index *index;
} sample_list;

/* Goes to the first sample: past a header, which says what the columns are; without one, a single
 * column is the IID, and more are FID and IID. */
static ri_status start_samples(sample_list *list, ri_error *err) {
    ri_lines *lines = &list->lines;
    RI_TRY(ri_lines_next(lines, err));
    if (lines->count == 0)
        return RI_OK;
    const char *first = lines->field[0] + (lines->field[0][0] == '#');
    const char *second = lines->count > 1 ? lines->field[1] : "";
    list->by_family = strcmp(first, "FID") == 0 && strcmp(second, "IID") == 0;
    if (list->by_family || strcmp(first, "IID") == 0)
        return ri_lines_next(lines, err);
    list->by_family = lines->count > 1;
    return RI_OK;
}

static ri_status mark_samples(sample_list *list, bool *named, ri_list_count *count, ri_error *err) {
    ri_lines *lines = &list->lines;
    for (; lines->count > 0;) {
        int64_t sample;
        if (lines->count <= list->by_family)
            return ri_fail(err, RI_BAD_INPUT,
                           "%s, line %" PRId64 ": one field in place of FID and IID", lines->path,
                           lines->line);
        RI_TRY(ri_sample_index_find(list->index, list->by_family ? lines->field[0] : NULL,
                                    lines->field[list->by_family], &sample, err));
        count->listed += sample < 0 || !named[sample];
        count->unknown += sample < 0;
        if (sample >= 0)
            named[sample] = true;
        RI_TRY(ri_lines_next(lines, err));
    }
    return RI_OK;
}

ri_status ri_list_samples(const ri_dataset *dataset, const char *path, bool *named,
                          ri_list_count *count, ri_error *err) {
    ri_status status;
    sample_list list = {0};
    ri_names family = {0};
    *count = (ri_list_count){0};
    RI_GO(ri_dataset_families(dataset, &family, err));
    RI_GO(
        ri_sample_index_new(&dataset->sample, family.count > 0 ? &family : NULL, &list.index, err));
    RI_GO(ri_lines_open(path, RI_SPLIT_BLANKS, &list.lines, err));
    RI_GO(start_samples(&list, err));
    RI_GO(mark_samples(&list, named, count, err));
    if (count->listed == count->unknown)
        status = ri_fail(err, RI_BAD_INPUT,
                         "%s: none of its %" PRId64 " samples is in %s, whose first sample is "
                         "'%s'; write FID and IID, or IID alone, a line",
                         path, count->listed, dataset->path,
                         ri_excerpt_of(ri_names_get(&dataset->sample, 0)).text);
done:
    ri_lines_close(&list.lines);
    ri_sample_index_free(list.index);
    ri_names_free(&family);
    return status;
}

/* --- features -------------------------------------------------------------------------------- */

ri_status ri_list_read(const char *path, ri_names *out, ri_error *err) {
    ri_lines lines = {0};
    ri_status status;
    RI_GO(ri_lines_open(path, RI_SPLIT_BLANKS, &lines, err));
    do {
        RI_GO(ri_lines_next(&lines, err));
        for (int64_t k = 0; k < lines.count; k++)
            RI_GO(ri_names_add(out, lines.field[k], strlen(lines.field[k]), err));
    } while (lines.count > 0);
done:
    ri_lines_close(&lines);
    return status;
}

ri_status ri_list_features(const ri_dataset *dataset, const char *path, bool *named,
                           ri_list_count *count, ri_error *err) {
    ri_names list = {0};
    ri_name_index *index = NULL;
    ri_status status;
    *count = (ri_list_count){0};
    RI_GO(ri_list_read(path, &list, err));
    RI_GO(ri_name_index_new(&dataset->feature, &index, NULL, err));
    for (int64_t k = 0; k < list.count; k++) {
        int64_t j = ri_name_index_find(index, ri_names_get(&list, k));
        count->listed += j < 0 || !named[j];
        count->unknown += j < 0;
        if (j >= 0)
            named[j] = true;
    }
    if (count->listed == count->unknown)
        status = ri_fail(err, RI_BAD_INPUT,
                         "%s: none of its %" PRId64 " names is a feature of %s, whose first one is "
                         "'%s'",
                         path, count->listed, dataset->path,
                         ri_excerpt_of(ri_names_get(&dataset->feature, 0)).text);
done:
    ri_name_index_free(index);
    ri_names_free(&list);
    return status;
}

/* --- chromosomes ----------------------------------------------------------------------------- */

const char *ri_chromosome_plain(const char *name) {
    return strncasecmp(name, "chr", 3) == 0 && name[3] != '\0' ? name + 3 : name;
}

static ri_status add_range(const char *word, int64_t first, int64_t last, ri_names *out,
                           ri_error *err) {
    if (first < 0 || last < first || last > MOST_CHROMOSOMES)
        return ri_fail(err, RI_BAD_INPUT, "--chr: '%s' is no range of chromosomes",
                       ri_excerpt_of(word).text);
    for (int64_t c = first; c <= last; c++) {
        char text[24];
        int length = snprintf(text, sizeof text, "%" PRId64, c);
        RI_TRY(ri_names_add(out, text, (size_t)length, err));
    }
    return RI_OK;
}

static ri_status add_chromosome(const char *word, ri_names *out, ri_error *err) {
    const char *plain = ri_chromosome_plain(word);
    const char *dash = strchr(plain, '-');
    char from[24] = "";
    int64_t first, last;
    if (dash && dash - plain < (ptrdiff_t)sizeof from)
        memcpy(from, plain, (size_t)(dash - plain));
    if (dash && ri_parse_integer(from, &first) &&
        ri_parse_integer(ri_chromosome_plain(dash + 1), &last))
        return add_range(word, first, last, out, err);
    return ri_names_add(out, plain, strlen(plain), err);
}

ri_status ri_chromosomes_parse(const char *list, ri_names *out, ri_error *err) {
    char *copy = strdup(list), *rest = NULL;
    ri_status status = RI_OK;
    if (!copy)
        return ri_fail_memory(err, "a list of chromosomes", strlen(list));
    for (char *word = strtok_r(copy, ", ", &rest); word && status == RI_OK;
         word = strtok_r(NULL, ", ", &rest))
        status = add_chromosome(word, out, err);
    if (status == RI_OK && out->count == 0)
        status = ri_fail(err, RI_BAD_INPUT, "--chr: '%s' names no chromosome", list);
    free(copy);
    return status;
}

ri_status ri_list_chromosomes(const ri_dataset *dataset, const char *list, bool *named,
                              ri_list_count *count, ri_error *err) {
    ri_names wanted = {0};
    ri_name_index *index = NULL;
    bool *seen = NULL;
    ri_status status;
    *count = (ri_list_count){0};
    if (dataset->chrom.count == 0)
        return ri_fail(err, RI_BAD_INPUT, "--chr: the features of %s have no chromosomes",
                       dataset->path);
    RI_GO(ri_chromosomes_parse(list, &wanted, err));
    RI_GO(ri_name_index_new(&wanted, &index, NULL, err));
    seen = ri_calloc((size_t)wanted.count, sizeof *seen);
    if (!seen) {
        status = ri_fail_memory(err, "a list of chromosomes", (size_t)wanted.count);
        goto done;
    }
    for (int64_t j = 0; j < dataset->p; j++) {
        int64_t at =
            ri_name_index_find(index, ri_chromosome_plain(ri_names_get(&dataset->chrom, j)));
        named[j] = at >= 0;
        if (at >= 0)
            seen[at] = true;
    }
    for (int64_t k = 0; k < wanted.count; k++) {
        bool first = ri_name_index_find(index, ri_names_get(&wanted, k)) == k;
        count->listed += first;
        count->unknown += first && !seen[k];
    }
    if (count->listed == count->unknown)
        status =
            ri_fail(err, RI_BAD_INPUT, "--chr: %s has no feature on '%s'; its first one is on '%s'",
                    dataset->path, ri_excerpt_of(list).text,
                    ri_excerpt_of(ri_names_get(&dataset->chrom, 0)).text);
done:
    free(seen);
    ri_name_index_free(index);
    ri_names_free(&wanted);
    return status;
}
