/* SPDX-License-Identifier: BSD-3-Clause
 * A finished unit as one block of bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "cv/cv.h"

typedef struct header {
    ri_unit unit;
    ri_fit fit; /* pointers are meaningless */
    int64_t nonzeros, held_out;
    double bytes_read, seconds;
} header;

typedef struct part {
    void *at;
    size_t bytes;
} part;

enum { PARTS = 13 };

/* The arrays of a result in the order they are packed. */
static void list_parts(const ri_unit_result *r, int64_t nonzeros, part *parts) {
    size_t a = (size_t)r->unit.count, z = (size_t)nonzeros, h = (size_t)r->held_out;
    const part all[PARTS] = {
        {r->fit.start, (a + 1) * sizeof *r->fit.start},
        {r->fit.feature, z * sizeof *r->fit.feature},
        {r->fit.coefficient, z * sizeof *r->fit.coefficient},
        {r->fit.intercept, a * sizeof *r->fit.intercept},
        {r->fit.objective, a * sizeof *r->fit.objective},
        {r->fit.gap, a * sizeof *r->fit.gap},
        {r->fit.rounds, a * sizeof *r->fit.rounds},
        {r->fit.certified, a * sizeof *r->fit.certified},
        {r->fit.mse, a * sizeof *r->fit.mse},
        {r->fit.mae, a * sizeof *r->fit.mae},
        {r->row, h * sizeof *r->row},
        {r->found, 2 * a * sizeof *r->found},
        {r->prediction, a * h * sizeof *r->prediction},
    };
    memcpy(parts, all, sizeof all);
}

ri_status ri_unit_pack(const ri_unit_result *result, void **bytes, size_t *length, ri_error *err) {
    part parts[PARTS];
    header head;
    memset(&head, 0, sizeof head); /* equal results are equal bytes: no pointers, no padding */
    head.unit = result->unit;
    ri_fit_copy_facts(&head.fit, &result->fit);
    head.nonzeros = result->fit.start[result->unit.count];
    head.held_out = result->held_out;
    head.bytes_read = result->bytes_read;
    head.seconds = result->seconds;
    list_parts(result, head.nonzeros, parts);
    *length = sizeof head;
    for (int i = 0; i < PARTS; i++)
        *length += parts[i].bytes;
    char *at = ri_alloc(*length, 1);
    *bytes = at;
    if (!at)
        return ri_fail_memory(err, "a result on its way", *length);
    memcpy(at, &head, sizeof head);
    at += sizeof head;
    for (int i = 0; i < PARTS; i++) {
        if (parts[i].bytes)
            memcpy(at, parts[i].at, parts[i].bytes);
        at += parts[i].bytes;
    }
    return RI_OK;
}

ri_status ri_unit_unpack(const void *bytes, size_t length, ri_unit_result *result, ri_error *err) {
    *result = (ri_unit_result){0};
    header head;
    if (length < sizeof head)
        return ri_fail(err, RI_SYSTEM, "a result of %zu bytes arrived incomplete", length);
    memcpy(&head, bytes, sizeof head);
    result->unit = head.unit;
    result->held_out = head.held_out;
    result->bytes_read = head.bytes_read;
    result->seconds = head.seconds;
    RI_TRY(ri_fit_new(&result->fit, head.unit.count, head.nonzeros, err));
    ri_fit_copy_facts(&result->fit, &head.fit);
    result->row = ri_alloc((size_t)head.held_out, sizeof *result->row);
    result->prediction =
        ri_alloc((size_t)head.held_out * (size_t)head.unit.count, sizeof *result->prediction);
    result->found = ri_alloc(2 * (size_t)head.unit.count, sizeof *result->found);
    if (!result->row || !result->prediction || !result->found) {
        ri_unit_result_free(result);
        return ri_fail_memory(err, "a result", length);
    }
    part parts[PARTS];
    list_parts(result, head.nonzeros, parts);
    size_t total = sizeof head;
    for (int i = 0; i < PARTS; i++)
        total += parts[i].bytes;
    if (total != length) {
        ri_unit_result_free(result);
        return ri_fail(err, RI_SYSTEM, "a result of %zu bytes arrived as %zu", total, length);
    }
    const char *at = (const char *)bytes + sizeof head;
    for (int i = 0; i < PARTS; i++) {
        if (parts[i].bytes)
            memcpy(parts[i].at, at, parts[i].bytes);
        at += parts[i].bytes;
    }
    return RI_OK;
}
