/* SPDX-License-Identifier: BSD-3-Clause */
#include "cv/held_errors.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

static double weight_of(const ri_problem *problem, int32_t row) {
    return problem->weight ? problem->weight[row] : 1;
}

/* Squared and absolute error of the mean. */
static void find_errors(const ri_problem *problem, const int32_t *row, int64_t rows,
                        const double *prediction, double *mse, double *mae) {
    const ri_loss *loss = ri_problem_loss(problem);
    double weight = 0, square = 0, absolute = 0;
    for (int64_t i = 0; i < rows; i++) {
        double y = problem->y[row[i]], w = weight_of(problem, row[i]);
        double mean = loss ? loss->mean(prediction[i]) : prediction[i];
        if (isnan(y))
            continue;
        weight += w;
        square += w * (y - mean) * (y - mean);
        absolute += w * fabs(y - mean);
    }
    *mse = weight > 0 ? square / weight : NAN;
    *mae = weight > 0 ? absolute / weight : NAN;
}

typedef struct ranked {
    double eta, weight;
    bool positive;
} ranked;

static int compare_ranked(const void *a, const void *b) {
    double x = ((const ranked *)a)->eta, y = ((const ranked *)b)->eta;
    return (x > y) - (x < y);
}

/* From rows in rising order of eta: the weight of pairs in the right order, ties half. */
static double auc_of(const ranked *at, int64_t count) {
    double below = 0, positive = 0, pairs = 0;
    for (int64_t i = 0, next; i < count; i = next) {
        double here = 0, tied = 0;
        for (next = i; next < count && at[next].eta == at[i].eta; next++) {
            here += at[next].positive ? at[next].weight : 0;
            tied += at[next].positive ? 0 : at[next].weight;
        }
        pairs += here * (below + 0.5 * tied);
        below += tied;
        positive += here;
    }
    return positive > 0 && below > 0 ? pairs / (positive * below) : (double)NAN;
}

static ri_status find_auc(const ri_problem *problem, const int32_t *row, int64_t rows,
                          const double *prediction, double *auc, ri_error *err) {
    ranked *at = ri_alloc((size_t)rows, sizeof *at);
    int64_t count = 0;
    if (!at)
        return ri_fail_memory(err, "the order of predictions", sizeof *at * (size_t)rows);
    for (int64_t i = 0; i < rows; i++)
        if (!isnan(problem->y[row[i]]))
            at[count++] =
                (ranked){prediction[i], weight_of(problem, row[i]), problem->y[row[i]] > 0.5};
    if (count > 0)
        qsort(at, (size_t)count, sizeof *at, compare_ranked);
    *auc = auc_of(at, count);
    free(at);
    return RI_OK;
}

ri_status ri_held_metrics(const ri_problem *problem, const int32_t *row, int64_t rows,
                          const double *prediction, double metric[RI_METRICS], ri_error *err) {
    const ri_loss *loss = ri_problem_loss(problem);
    double weight = 0, deviance = 0, wrong = 0;
    for (int m = 0; m < RI_METRICS; m++)
        metric[m] = NAN;
    find_errors(problem, row, rows, prediction, &metric[RI_MSE], &metric[RI_MAE]);
    if (!loss)
        return RI_OK;
    for (int64_t i = 0; i < rows; i++) {
        double y = problem->y[row[i]], w = weight_of(problem, row[i]);
        if (isnan(y))
            continue;
        weight += w;
        deviance += w * 2 * loss->loss(y, prediction[i]);
        wrong += (y > 0.5) != (prediction[i] > 0) ? w : 0;
    }
    metric[RI_DEVIANCE] = weight > 0 ? deviance / weight : NAN;
    if (problem->settings.family != RI_BINOMIAL)
        return RI_OK;
    metric[RI_CLASS_ERROR] = weight > 0 ? wrong / weight : NAN;
    return find_auc(problem, row, rows, prediction, &metric[RI_AUC], err);
}
