/* SPDX-License-Identifier: BSD-3-Clause */
#include "fakes.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "cv/checkpoint.h"
#include "cv/cv.h"
#include "design/part.h"

static const scenario *play;

void fakes_play(const scenario *now) {
    play = now;
}

void fake_sentence(char *text, size_t size, int rank, stage at) {
    snprintf(text, size, "rank %d failed at stage %d", rank, (int)at);
}

static bool fails_at(stage at) {
    return play->fail_stage == at && play->fail_rank == play->rank;
}

static ri_status fail_here(ri_error *err) {
    char text[64];
    fake_sentence(text, sizeof text, play->rank, play->fail_stage);
    return ri_fail(err, RI_SYSTEM, "%s", text);
}

/* --- dataset --- */

double fake_value(int64_t i, int64_t j) {
    return (double)i + 1000.0 * (double)j;
}

ri_status ri_dataset_read(const ri_dataset *dataset, int64_t from, int64_t count, void *out,
                          size_t stride, int64_t *missing, ri_error *err) {
    *missing = 0;
    for (int64_t j = from; j < from + count; j++) {
        double *column = (double *)(void *)((char *)out + (size_t)(j - from) * stride);
        for (int64_t i = 0; i < dataset->n; i++)
            column[i] = fake_value(i, j);
        if (j == play->infinite_column)
            return ri_fail(err, RI_BAD_INPUT, "column %lld has Inf", (long long)j);
        if (play->missing_column != NOT_ANY && j >= play->missing_column) {
            column[0] = (double)NAN; /* there and in all later columns */
            ++*missing;
        }
    }
    return RI_OK;
}

ri_status ri_dataset_fetch(const ri_dataset *dataset, int64_t from, int64_t count, void *out,
                           size_t stride, ri_error *err) {
    int64_t missing;
    if (play->damaged_column >= from && play->damaged_column < from + count)
        return ri_fail(err, RI_BAD_INPUT, "column %lld is damaged",
                       (long long)play->damaged_column);
    ri_status status = ri_dataset_read(dataset, from, count, out, stride, &missing, NULL);
    return status == RI_BAD_INPUT ? RI_OK : status; /* Inf is for the look to find */
}

/* Nobody there walks by second moments. */
ri_status ri_dataset_fetch_rows(const ri_dataset *dataset, const ri_piece *piece, void *out,
                                size_t stride, ri_error *err) {
    if (piece->row != 0 || piece->rows != dataset->n)
        return ri_fail(err, RI_SYSTEM, "rows are not asked for here");
    return ri_dataset_fetch(dataset, piece->from, piece->count, out, stride, err);
}

void ri_dataset_keep_rooms(const ri_dataset *dataset, bool keep) {
    (void)dataset;
    (void)keep;
}

bool ri_dataset_parallel(const ri_dataset *dataset) {
    return dataset->readers > 1;
}

ri_status ri_dataset_check(const ri_dataset *dataset, int64_t from, int64_t count,
                           const void *values, size_t stride, int64_t *missing, ri_error *err) {
    (void)dataset;
    *missing = 0;
    for (int64_t j = from; j < from + count; j++) {
        if (j == play->infinite_column)
            return ri_fail(err, RI_BAD_INPUT, "column %lld has Inf", (long long)j);
        const void *column = (const char *)values + (size_t)(j - from) * stride;
        *missing += isnan(((const double *)column)[0]) != 0;
    }
    return RI_OK;
}

ri_status ri_dataset_missing_error(const ri_dataset *dataset, int64_t from, int64_t count,
                                   const void *values, size_t stride, ri_error *err) {
    (void)dataset;
    for (int64_t j = 0; j < count; j++) {
        const void *column = (const char *)values + (size_t)j * stride;
        if (isnan(((const double *)column)[0]))
            return ri_fail(err, RI_BAD_INPUT, "column %lld has NaN", (long long)(from + j));
    }
    return RI_OK;
}

/* --- cross-validation --- */

struct ri_plan {
    ri_unit *unit;
    double bytes;
    ri_stop *stop;
};

static double total_of(int64_t j) {
    return 3.0 * (double)j + 1;
}

/* Fills this rank's part of an array over columns and checks all of it after `complete`. */
static ri_status share_totals(const ri_problem *problem, const ri_share *share, ri_error *err) {
    double *total = share->allocate(share->context, (size_t)problem->x.p * sizeof *total);
    if (!total)
        return ri_fail(err, RI_SYSTEM, "no shared memory");
    if (fails_at(STAGE_PLAN_MIDDLE))
        return fail_here(err);
    for (int64_t j = share->from; j < share->to; j++)
        total[j] += total_of(j); /* on zeros, once */
    share->complete(share->context);
    for (int64_t j = 0; j < problem->x.p; j++)
        if (total[j] != total_of(j))
            return ri_fail(err, RI_BAD_INPUT, "total %lld is incomplete", (long long)j);
    share->complete(share->context);
    return RI_OK;
}

ri_status ri_plan_new(const ri_problem *problem, const ri_share *share, int threads, ri_plan **out,
                      ri_error *err) {
    (void)threads;
    *out = NULL;
    if (fails_at(STAGE_PLAN_FIRST))
        return fail_here(err);
    if (share)
        RI_TRY(share_totals(problem, share, err));
    else if (fails_at(STAGE_PLAN_MIDDLE))
        return fail_here(err);
    if (fails_at(STAGE_PLAN_LAST))
        return fail_here(err);
    int64_t columns = share ? share->to - share->from : problem->x.p;
    *out = ri_calloc(1, sizeof **out);
    (*out)->bytes = (double)columns * (double)problem->x.n * sizeof(double);
    (*out)->unit = ri_calloc((size_t)play->units, sizeof(ri_unit));
    for (int64_t u = 0; u < play->units; u++)
        (*out)->unit[u] = (ri_unit){.fold = (int32_t)u, .first = 0, .count = 1};
    return RI_OK;
}

void ri_plan_free(ri_plan *plan) {
    if (plan)
        free(plan->unit);
    free(plan);
}

int64_t ri_plan_units(const ri_plan *plan, const ri_unit **units) {
    *units = plan->unit;
    return play->units;
}

ri_stop *ri_plan_stop(const ri_plan *plan) {
    return plan->stop;
}

ri_status ri_checkpoint_take_plan(ri_checkpoint *checkpoint, const ri_plan *plan, ri_error *err) {
    (void)checkpoint, (void)plan, (void)err;
    return RI_OK; /* none is played */
}

const ri_columns *ri_plan_columns(const ri_plan *plan) {
    (void)plan;
    return NULL; /* for columns that are split over nodes, which end-to-end tests are for */
}

double ri_plan_bytes_read(const ri_plan *plan) {
    return plan->bytes;
}

int64_t ri_plan_hand(const ri_plan *plan, int64_t count, int threads) {
    (void)plan;
    (void)threads;
    return play->hand > 0 && play->hand < count ? play->hand : count;
}

bool ri_plan_apart(const ri_plan *plan) {
    (void)plan;
    return true;
}

int64_t ri_plan_pass_fits(const ri_plan *plan, int64_t count, int threads) {
    (void)plan, (void)count, (void)threads;
    return 0; /* passes are not played */
}

void ri_plan_join(ri_plan *plan, struct ri_joint *joint) {
    (void)plan, (void)joint;
}

double ri_unit_cost(const ri_plan *plan, const ri_unit *unit) {
    (void)plan;
    return 1.0 + unit->fold % 3;
}

static int64_t rows_of(const ri_unit *unit) {
    return play->payload * (unit->fold + 1);
}

static double prediction_of(const ri_unit *unit, int64_t i) {
    return unit->fold + 0.001 * (double)i;
}

static ri_status fill(const ri_unit *unit, ri_unit_result *result, ri_error *err) {
    *result = (ri_unit_result){.unit = *unit, .held_out = rows_of(unit), .bytes_read = 8};
    result->prediction = ri_alloc((size_t)result->held_out, sizeof(double));
    if (!result->prediction)
        return ri_fail_memory(err, "predictions", (size_t)result->held_out);
    for (int64_t i = 0; i < result->held_out; i++)
        result->prediction[i] = prediction_of(unit, i);
    return RI_OK;
}

ri_status ri_units_run(const ri_plan *plan, const ri_unit *unit, int64_t count, int threads,
                       ri_progress_hook hook, void *context, ri_unit_result *result,
                       ri_error *err) {
    (void)plan;
    (void)threads;
    for (int round = 0; round < play->rounds; round++) {
        ri_progress progress = {.points_total = count,
                                .points_done = count * (round + 1) / play->rounds,
                                .nonzeros = play->rank + 1};
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        if (hook(context, &progress) != 0)
            return ri_fail(err, RI_INTERRUPTED, "interrupted");
        if (round == play->rounds / 2 && fails_at(STAGE_UNITS))
            return fail_here(err);
    }
    for (int64_t k = 0; k < count; k++)
        RI_TRY(fill(&unit[k], &result[k], err));
    if (play->uncertified_rank == play->rank)
        return ri_fail(err, RI_UNCERTIFIED, "not certified");
    return RI_OK;
}

void ri_unit_result_free(ri_unit_result *result) {
    free(result->prediction);
    memset(result, 0, sizeof *result);
}

ri_status ri_unit_pack(const ri_unit_result *result, void **bytes, size_t *length, ri_error *err) {
    if (fails_at(STAGE_PACK))
        return fail_here(err);
    size_t values = (size_t)result->held_out * sizeof(double);
    *length = sizeof *result + values;
    *bytes = ri_alloc(*length, 1);
    memcpy(*bytes, result, sizeof *result);
    if (values)
        memcpy((char *)*bytes + sizeof *result, result->prediction, values);
    return RI_OK;
}

ri_status ri_unit_unpack(const void *bytes, size_t length, ri_unit_result *result, ri_error *err) {
    memcpy(result, bytes, sizeof *result);
    result->prediction = ri_alloc(length - sizeof *result, 1);
    if (!result->prediction)
        return ri_fail_memory(err, "predictions", length);
    memcpy(result->prediction, (const char *)bytes + sizeof *result, length - sizeof *result);
    return RI_OK;
}

ri_status ri_assemble(const ri_plan *plan, ri_unit_result *result, ri_record **out, ri_error *err) {
    *out = NULL;
    if (fails_at(STAGE_ASSEMBLE))
        return fail_here(err);
    for (int64_t u = 0; u < play->units; u++) {
        if (result[u].unit.fold != plan->unit[u].fold)
            return ri_fail(err, RI_BAD_INPUT, "unit %lld is not in its place", (long long)u);
        for (int64_t i = 0; i < rows_of(&plan->unit[u]); i++)
            if (result[u].prediction[i] != prediction_of(&plan->unit[u], i))
                return ri_fail(err, RI_BAD_INPUT, "unit %lld is damaged", (long long)u);
    }
    *out = ri_calloc(1, sizeof **out);
    return RI_OK;
}

/* --- sparse datasets: none is played --- */

int64_t ri_dataset_entries(const ri_dataset *dataset, int64_t from, int64_t count) {
    (void)dataset, (void)from;
    return count;
}

ri_status ri_dataset_read_entries(const ri_dataset *dataset, int64_t from, int64_t count,
                                  int64_t *kept, int32_t *row, void *value, int64_t *missing,
                                  ri_error *err) {
    (void)dataset, (void)from, (void)count, (void)kept, (void)row, (void)value, (void)missing;
    return ri_fail(err, RI_SYSTEM, "no sparse dataset is played");
}

ri_status ri_dataset_fail_missing(const ri_dataset *dataset, int64_t feature, int64_t sample,
                                  ri_error *err) {
    (void)dataset, (void)sample;
    return ri_fail(err, RI_BAD_INPUT, "column %lld has NaN", (long long)feature);
}

/* --- passes: never made here, the dataset is fake --- */

ri_status ri_view_of_rows(const ri_columns *columns, const ri_view *like, ri_view *out,
                          ri_error *err) {
    (void)columns, (void)like;
    *out = (ri_view){0};
    return ri_fail(err, RI_SYSTEM, "no views here");
}

void ri_view_free(ri_view *view) {
    *view = (ri_view){0};
}

ri_status ri_pass_run(const ri_columns *columns, ri_request *request, int64_t count, int threads,
                      double *bytes, ri_error *err) {
    (void)columns, (void)request, (void)count, (void)threads, (void)bytes;
    return ri_fail(err, RI_SYSTEM, "no passes here");
}

void ri_pass_multiply(const ri_columns *columns, int64_t from, int64_t count,
                      const ri_vectors *vectors, double *c, int64_t ldc) {
    (void)columns, (void)from, (void)count, (void)vectors, (void)c, (void)ldc;
}

void ri_pass_multiply_squares(const ri_columns *columns, int64_t from, int64_t count,
                              const ri_vectors *vectors, double *c, int64_t ldc) {
    (void)columns, (void)from, (void)count, (void)vectors, (void)c, (void)ldc;
}

ri_status ri_pass_first(const ri_columns *columns, ri_view *view, ri_request *request,
                        int64_t count, int threads, double *bytes, ri_error *err) {
    (void)columns, (void)view, (void)request, (void)count, (void)threads, (void)bytes;
    return ri_fail(err, RI_SYSTEM, "no passes here");
}
