/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/picture_lines.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static int compare_lines(const void *left, const void *right) {
    const ri_path_line *a = left, *b = right;
    if (a->chosen != b->chosen)
        return a->chosen < b->chosen ? 1 : -1;
    if (a->most != b->most)
        return a->most < b->most ? 1 : -1;
    return a->feature < b->feature ? -1 : 1;
}

static double standardized(const ri_record *record, const ri_fit *fit, int64_t entry) {
    double value = fit->coefficient[entry] * record->feature_sd[fit->feature[entry]];
    return isfinite(value) ? value : 0;
}

/* All lines, strongest first; and `*slot`, [p], number of a feature's line or -1. */
static ri_status find_lines(const ri_record *record, ri_path_lines *lines, int64_t **slot,
                            ri_error *err) {
    const ri_path *path = ri_record_selected(record);
    const ri_fit *fit = ri_path_refit(record, path);
    size_t p = (size_t)record->p;
    ri_path_line *found = lines->line = ri_calloc(p, sizeof *found);
    int64_t *number = *slot = ri_alloc(p, sizeof *number);
    if (!found || !number)
        return ri_fail_memory(err, "the picture of coefficients", p * sizeof *found);
    for (int64_t a = 0; a < path->alphas; a++)
        for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++) {
            ri_path_line *at = &found[fit->feature[e]];
            double size = fabs(standardized(record, fit, e));
            at->most = fmax(at->most, size);
            if (a == record->index_selected)
                at->chosen = size;
        }
    for (int64_t j = 0; j < record->p; j++)
        if (found[j].most > 0)
            found[lines->count++] = (ri_path_line){j, found[j].chosen, found[j].most};
    qsort(found, (size_t)lines->count, sizeof *found, compare_lines);
    memset(number, 0xff, p * sizeof *number);
    for (int64_t l = 0; l < lines->count; l++)
        number[found[l].feature] = l;
    return RI_OK;
}

ri_status ri_path_lines_new(const ri_record *record, int64_t most, ri_path_lines *out,
                            ri_error *err) {
    const ri_path *path = ri_record_selected(record);
    const ri_fit *fit = ri_path_refit(record, path);
    int64_t *slot = NULL;
    ri_status status;
    *out = (ri_path_lines){0};
    RI_GO(find_lines(record, out, &slot, err));
    out->drawn = out->count < most ? out->count : most;
    out->value = ri_calloc((size_t)(out->drawn * path->alphas), sizeof *out->value);
    if (!out->value) {
        status = ri_fail_memory(err, "the picture of coefficients", (size_t)out->drawn * 8);
        goto done;
    }
    for (int64_t a = 0; a < path->alphas; a++)
        for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++) {
            int64_t l = slot[fit->feature[e]];
            if (l < 0 || l >= out->drawn)
                continue;
            out->value[l * path->alphas + a] = standardized(record, fit, e);
            ri_range_add(&out->range, out->value[l * path->alphas + a]);
        }
done:
    free(slot);
    if (status != RI_OK)
        ri_path_lines_free(out);
    return status;
}

void ri_path_lines_free(ri_path_lines *lines) {
    free(lines->line);
    free(lines->value);
    *lines = (ri_path_lines){0};
}
