/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/stability_order.h"

#include <stdlib.h>

#include "base/memory.h"

static int compare_stable(const void *left, const void *right) {
    const ri_stable *a = left, *b = right;
    if (a->within != b->within)
        return a->within < b->within ? 1 : -1;
    if (a->most != b->most)
        return a->most < b->most ? 1 : -1;
    return (a->feature > b->feature) - (a->feature < b->feature);
}

double ri_stability_at(const ri_stability *s, int64_t alpha, int64_t feature) {
    int64_t low = s->start[alpha], high = s->start[alpha + 1];
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (s->feature[middle] < feature)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->start[alpha + 1] && s->feature[low] == feature ? s->frequency[low] : 0;
}

ri_status ri_stability_order(const ri_record *record, ri_stable **out, int64_t *count,
                             ri_error *err) {
    const ri_stability *s = &record->stability;
    int64_t features = 0;
    for (int64_t j = 0; j < record->p; j++)
        features += s->most[j] > 0;
    *count = 0;
    *out = ri_alloc((size_t)features, sizeof **out);
    if (!*out)
        return ri_fail_memory(err, "the list of features", (size_t)features * sizeof **out);
    for (int64_t j = 0; j < record->p; j++) {
        int64_t alpha = 0;
        if (!(s->most[j] > 0))
            continue;
        while (alpha < s->region - 1 && ri_stability_at(s, alpha, j) < s->most[j])
            alpha++;
        (*out)[(*count)++] = (ri_stable){j, s->most[j], s->within[j], alpha};
    }
    qsort(*out, (size_t)*count, sizeof **out, compare_stable);
    return RI_OK;
}
