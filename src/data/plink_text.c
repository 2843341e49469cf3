/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/plink_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/lines.h"
#include "data/unique_names.h"
#include "data/wording.h"

enum { PLINK_COLUMNS = 6 };

static ri_status check_columns(const ri_lines *lines, const char *wanted, ri_error *err) {
    if (lines->count == PLINK_COLUMNS)
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT,
                   "%s, line %" PRId64 ": %" PRId64 " columns in place of 6 (%s)", lines->path,
                   lines->line, lines->count, wanted);
}

/* `parts` joined by `between`. */
static ri_status add_joined(ri_names *names, const char *const *parts, int count, char between,
                            ri_error *err) {
    size_t room = 1;
    for (int k = 0; k < count; k++)
        room += strlen(parts[k]) + 1;
    char *text = ri_alloc(room, 1);
    if (!text)
        return ri_fail_memory(err, "a name", room);
    size_t used = 0;
    for (int k = 0; k < count; k++) {
        if (k > 0)
            text[used++] = between;
        size_t length = strlen(parts[k]);
        memcpy(text + used, parts[k], length);
        used += length;
    }
    ri_status status = ri_names_add(names, text, used, err);
    free(text);
    return status;
}

/* --- .fam --------------------------------------------------------------------------------- */

/* What the .fam says, row by row; `line` and `y` grow with the samples. */
typedef struct fam_rows {
    ri_lines lines;
    ri_names fid, iid;
    ri_names pair; /* FID<tab>IID: unique */
    int64_t *line;
    size_t line_capacity, y_capacity;
} fam_rows;

/* PLINK's rule: -9 and anything that is no number is missing. */
static double fam_phenotype(const char *text) {
    double value;
    if (!ri_parse_number(text, &value) || value == -9.0)
        return NAN;
    return value;
}

static const char *fam_sex(const char *text) {
    return strcmp(text, "1") == 0 ? "male" : strcmp(text, "2") == 0 ? "female" : "";
}

static ri_status add_sample(fam_rows *rows, ri_plink_samples *out, ri_error *err) {
    const ri_lines *lines = &rows->lines;
    RI_TRY(check_columns(lines, "FID IID father mother sex phenotype", err));
    const char *fid = lines->field[0];
    const char *iid = lines->field[1];
    const char *pair[] = {fid, iid};
    size_t needed = (size_t)rows->iid.count + 1;
    if (!ri_grow(&rows->line, &rows->line_capacity, needed, sizeof *rows->line) ||
        !ri_grow(&out->y, &rows->y_capacity, needed, sizeof *out->y))
        return ri_fail_memory(err, "the samples of a .fam", needed * sizeof *out->y);
    rows->line[needed - 1] = lines->line;
    out->y[needed - 1] = fam_phenotype(lines->field[5]);
    if (isinf(out->y[needed - 1]))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s, line %" PRId64 ", column 6 (phenotype): '%s' is not finite; write -9 "
                       "where it is missing",
                       lines->path, lines->line, ri_excerpt_of(lines->field[5]).text);
    const char *sex = fam_sex(lines->field[4]);
    out->sexed += sex[0] != '\0';
    RI_TRY(ri_names_add(&out->sex, sex, strlen(sex), err));
    RI_TRY(ri_names_add(&rows->fid, fid, strlen(fid), err));
    RI_TRY(ri_names_add(&rows->iid, iid, strlen(iid), err));
    if (strcmp(fid, "0") == 0)
        RI_TRY(add_joined(&out->family, pair, 2, ':', err));
    else
        RI_TRY(ri_names_add(&out->family, fid, strlen(fid), err));
    return add_joined(&rows->pair, pair, 2, '\t', err);
}

static ri_status check_pairs(const fam_rows *rows, ri_error *err) {
    ri_name_index *index;
    int64_t twice;
    RI_TRY(ri_name_index_new(&rows->pair, &index, &twice, err));
    int64_t first = twice < 0 ? -1 : ri_name_index_find(index, ri_names_get(&rows->pair, twice));
    ri_name_index_free(index);
    if (twice < 0)
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT,
                   "%s: lines %" PRId64 " and %" PRId64
                   " are the same sample (FID '%s', IID '%s'); remove or rename one",
                   rows->lines.path, rows->line[first], rows->line[twice],
                   ri_excerpt_of(ri_names_get(&rows->fid, twice)).text,
                   ri_excerpt_of(ri_names_get(&rows->iid, twice)).text);
}

/* IID where that is unique among all, else FID_IID for all. */
static ri_status name_samples(const fam_rows *rows, ri_plink_samples *samples, ri_error *err) {
    ri_name_index *index;
    int64_t twice;
    RI_TRY(ri_name_index_new(&rows->iid, &index, &twice, err));
    ri_name_index_free(index);
    for (int64_t i = 0; i < rows->iid.count; i++) {
        const char *pair[] = {ri_names_get(&rows->fid, i), ri_names_get(&rows->iid, i)};
        if (twice >= 0)
            RI_TRY(add_joined(&samples->id, pair, 2, '_', err));
        else
            RI_TRY(ri_names_add(&samples->id, pair[1], strlen(pair[1]), err));
    }
    if (twice < 0)
        return RI_OK;
    RI_TRY(ri_name_index_new(&samples->id, &index, &twice, err));
    int64_t first = twice < 0 ? -1 : ri_name_index_find(index, ri_names_get(&samples->id, twice));
    ri_name_index_free(index);
    if (twice < 0)
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT,
                   "%s: lines %" PRId64 " and %" PRId64
                   " both get the sample name FID_IID = '%s' (IIDs alone repeat); rename one",
                   rows->lines.path, rows->line[first], rows->line[twice],
                   ri_excerpt_of(ri_names_get(&samples->id, twice)).text);
}

ri_status ri_plink_samples_read(const char *fam, ri_plink_samples *out, ri_error *err) {
    ri_status status;
    fam_rows rows = {0};
    *out = (ri_plink_samples){0};
    RI_GO(ri_lines_open(fam, RI_SPLIT_BLANKS, &rows.lines, err));
    RI_GO(ri_lines_next(&rows.lines, err));
    while (rows.lines.count > 0) {
        RI_GO(add_sample(&rows, out, err));
        RI_GO(ri_lines_next(&rows.lines, err));
    }
    if (rows.iid.count == 0) {
        status = ri_fail(err, RI_BAD_INPUT, "%s: no samples", fam);
        goto done;
    }
    RI_GO(check_pairs(&rows, err));
    RI_GO(name_samples(&rows, out, err));
done:
    ri_lines_close(&rows.lines);
    ri_names_free(&rows.fid);
    ri_names_free(&rows.iid);
    ri_names_free(&rows.pair);
    free(rows.line);
    if (status != RI_OK)
        ri_plink_samples_free(out);
    return status;
}

void ri_plink_samples_free(ri_plink_samples *samples) {
    ri_names_free(&samples->id);
    ri_names_free(&samples->family);
    ri_names_free(&samples->sex);
    free(samples->y);
    *samples = (ri_plink_samples){0};
}

/* --- .bim --------------------------------------------------------------------------------- */

static ri_status add_variant(const ri_lines *lines, ri_plink_variants *out, ri_names *raw,
                             ri_error *err) {
    RI_TRY(check_columns(lines, "chromosome ID centimorgans position A1 A2", err));
    char **field = lines->field;
    size_t needed = (size_t)raw->count + 1;
    if (!ri_grow(&out->pos, &out->pos_capacity, needed, sizeof *out->pos))
        return ri_fail_memory(err, "the variants of a .bim", needed * sizeof *out->pos);
    if (!ri_parse_integer(field[3], &out->pos[needed - 1]))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s, line %" PRId64 ", column 4 (position): '%s' is not a whole number",
                       lines->path, lines->line, ri_excerpt_of(field[3]).text);
    RI_TRY(ri_names_add(raw, field[1], strlen(field[1]), err));
    RI_TRY(ri_names_add(&out->chrom, field[0], strlen(field[0]), err));
    RI_TRY(ri_names_add(&out->a1, field[4], strlen(field[4]), err));
    return ri_names_add(&out->a2, field[5], strlen(field[5]), err);
}

ri_status ri_plink_variants_name(const ri_names *raw, ri_plink_variants *out, int64_t *renamed,
                                 ri_error *err) {
    ri_status status;
    ri_name_index *index = NULL;
    ri_names placed = {0};
    RI_GO(ri_name_index_new(raw, &index, NULL, err));
    for (int64_t j = 0; j < raw->count; j++) {
        const char *name = ri_names_get(raw, j);
        char pos[24];
        snprintf(pos, sizeof pos, "%" PRId64, out->pos[j]);
        const char *place[] = {ri_names_get(&out->chrom, j), pos, ri_names_get(&out->a1, j),
                               ri_names_get(&out->a2, j)};
        if (strcmp(name, ".") == 0 || ri_name_index_find(index, name) != j)
            RI_GO(add_joined(&placed, place, 4, ':', err));
        else
            RI_GO(ri_names_add(&placed, name, strlen(name), err));
    }
    RI_GO(ri_names_unique(&placed, &out->id, NULL, err));
    *renamed = 0;
    for (int64_t j = 0; j < raw->count; j++)
        *renamed += strcmp(ri_names_get(raw, j), ri_names_get(&out->id, j)) != 0;
    ri_names *names[] = {&out->id, &out->chrom, &out->a1, &out->a2};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        ri_names_trim(names[k]);
done:
    ri_name_index_free(index);
    ri_names_free(&placed);
    return status;
}

ri_status ri_plink_variants_read(const char *bim, ri_plink_variants *out, int64_t *renamed,
                                 ri_error *err) {
    ri_status status;
    ri_lines lines = {0};
    ri_names raw = {0};
    *out = (ri_plink_variants){0};
    RI_GO(ri_lines_open(bim, RI_SPLIT_BLANKS, &lines, err));
    RI_GO(ri_lines_next(&lines, err));
    while (lines.count > 0) {
        RI_GO(add_variant(&lines, out, &raw, err));
        RI_GO(ri_lines_next(&lines, err));
    }
    if (raw.count == 0) {
        status = ri_fail(err, RI_BAD_INPUT, "%s: no variants", bim);
        goto done;
    }
    RI_GO(ri_plink_variants_name(&raw, out, renamed, err));
done:
    ri_lines_close(&lines);
    ri_names_free(&raw);
    if (status != RI_OK)
        ri_plink_variants_free(out);
    return status;
}

void ri_plink_variants_free(ri_plink_variants *variants) {
    ri_names_free(&variants->id);
    ri_names_free(&variants->chrom);
    ri_names_free(&variants->a1);
    ri_names_free(&variants->a2);
    free(variants->pos);
    *variants = (ri_plink_variants){0};
}
