/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/dataset_write.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/output.h"
#include "data/bed.h"
#include "data/covariates.h"
#include "data/levels.h"
#include "data/writer.h"

enum { BLOCK_BYTES = 1 << 25 };

static bool is_constant(const ri_dataset *dataset, const void *column) {
    double first = NAN;
    if (dataset->storage == RI_PACKED2) {
        int64_t copies[3], missing;
        ri_bed_count(column, dataset->n, copies, &missing);
        return (copies[0] > 0) + (copies[1] > 0) + (copies[2] > 0) < 2;
    }
    for (int64_t i = 0; i < dataset->n; i++) {
        double value = ri_element(dataset->storage, column, i);
        if (isnan(first))
            first = value;
        else if (!isnan(value) && value != first)
            return false;
    }
    return true;
}

static const ri_names *where_any(const ri_names *names) {
    return names->count > 0 ? names : NULL;
}

static ri_status write_groups(const ri_dataset *dataset, ri_writer *writer, ri_error *err) {
    for (int64_t k = 0; k < dataset->group_names.count; k++) {
        const char *name = ri_names_get(&dataset->group_names, k);
        ri_names label = {0};
        ri_status status = ri_dataset_labels(dataset, name, &label, err);
        if (status == RI_OK)
            status = ri_writer_group(writer, name, &label, err);
        ri_names_free(&label);
        RI_TRY(status);
    }
    return RI_OK;
}

static ri_status write_covariates(const ri_dataset *dataset, ri_writer *writer, ri_error *err) {
    for (int64_t k = 0; k < dataset->covariate_names.count; k++) {
        const char *name = ri_names_get(&dataset->covariate_names, k);
        ri_names text = {0};
        ri_status status = ri_dataset_covariate(dataset, name, &text, err);
        if (status == RI_OK)
            status = ri_writer_covariate(writer, name, NULL, &text, err);
        ri_names_free(&text);
        RI_TRY(status);
    }
    return RI_OK;
}

static ri_status write_response(const ri_dataset *dataset, ri_writer *writer, ri_error *err) {
    if (dataset->level.count == 0)
        return ri_writer_response(writer, dataset->response, dataset->y, true, err);
    ri_names text = {0};
    ri_status status = ri_levels_text(dataset->y, dataset->n, &dataset->level, &text, err);
    if (status == RI_OK)
        status = ri_writer_response_text(writer, dataset->response, &text, true, err);
    ri_names_free(&text);
    return status;
}

static ri_status write_annotations(const ri_dataset *dataset, ri_writer *writer,
                                   ri_write_report *report, ri_error *err) {
    RI_TRY(ri_writer_samples(writer, &dataset->sample, err));
    RI_TRY(ri_writer_features(writer, &dataset->feature, where_any(&dataset->chrom),
                              where_any(&dataset->a1), where_any(&dataset->a2), dataset->pos, err));
    if (dataset->y) {
        for (int64_t i = 0; i < dataset->n; i++)
            report->missing_responses += isnan(dataset->y[i]);
        RI_TRY(write_response(dataset, writer, err));
    }
    if (dataset->truth.count > 0)
        RI_TRY(ri_writer_truth(writer, &dataset->truth, err));
    RI_TRY(write_covariates(dataset, writer, err));
    return write_groups(dataset, writer, err);
}

static ri_status write_x(const ri_dataset *dataset, ri_storage storage, ri_writer *writer,
                         ri_write_report *report, ri_error *err) {
    const size_t bytes = ri_storage_bytes(dataset->storage, dataset->n);
    const size_t decoded_bytes = storage == dataset->storage ? 0 : (size_t)dataset->n;
    int64_t block = 1 + (int64_t)(BLOCK_BYTES / (bytes + decoded_bytes));
    block = block < dataset->p ? block : dataset->p;
    unsigned char *columns = ri_alloc((size_t)block, bytes);
    int8_t *decoded = ri_alloc((size_t)block, decoded_bytes);
    ri_status status = RI_OK;
    if (!columns || !decoded) {
        status = ri_fail_memory(err, "a block of features", (size_t)block * bytes);
        goto done;
    }
    for (int64_t from = 0; from < dataset->p; from += block) {
        int64_t count = dataset->p - from < block ? dataset->p - from : block, missing;
        RI_GO(ri_dataset_read(dataset, from, count, columns, bytes, &missing, err));
        report->missing_values += missing;
        for (int64_t j = 0; j < count; j++) {
            const unsigned char *column = columns + (size_t)j * bytes;
            report->constant_features += is_constant(dataset, column);
            if (decoded_bytes > 0)
                ri_bed_decode(column, dataset->n, decoded + j * dataset->n);
        }
        const void *values = decoded_bytes > 0 ? (void *)decoded : (void *)columns;
        RI_GO(ri_writer_columns(writer, from, count, values,
                                decoded_bytes > 0 ? decoded_bytes : bytes, err));
    }
done:
    free(columns);
    free(decoded);
    return status;
}

ri_status ri_dataset_write(const ri_dataset *dataset, ri_storage storage, const char *output,
                           ri_write_report *report, ri_error *err) {
    assert(storage == dataset->storage || (dataset->storage == RI_PACKED2 && storage == RI_I8));
    ri_status status, closed;
    ri_writer *writer = NULL;
    *report = (ri_write_report){0};
    RI_GO(ri_output_prepare(output, err));
    RI_GO(ri_writer_open(output, dataset->n, dataset->p, storage, dataset->genotype, &writer, err));
    RI_GO(write_annotations(dataset, writer, report, err));
    RI_GO(write_x(dataset, storage, writer, report, err));
done:
    /* after a failure its own sentence stands; closing only removes the temporary file */
    closed = ri_writer_close(writer, status == RI_OK, status == RI_OK ? err : NULL);
    return status == RI_OK ? closed : status;
}
