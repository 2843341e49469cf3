/* SPDX-License-Identifier: BSD-3-Clause
 * The library alone: a lasso with three true features among twenty, alpha chosen by 5 folds.
 *
 *     cc minimal.c $(pkg-config --cflags --libs riata) -lm -o minimal */
#include <math.h>
#include <stdio.h>

#include <riata.h>

enum { SAMPLES = 200, FEATURES = 20 };

/* A small generator of its own, so that the example needs nothing else. */
static double noise(unsigned long *state) {
    double sum = -6;
    for (int i = 0; i < 12; i++) {
        *state = *state * 6364136223846793005UL + 1442695040888963407UL;
        sum += (double)(*state >> 11) * 0x1p-53;
    }
    return sum;
}

int main(void) {
    static double x[FEATURES * SAMPLES], y[SAMPLES];
    unsigned long state = 1;
    for (int i = 0; i < FEATURES * SAMPLES; i++)
        x[i] = noise(&state);
    for (int i = 0; i < SAMPLES; i++)
        y[i] = 10 + 3 * x[i] - 2 * x[SAMPLES + i] + 1.5 * x[2 * SAMPLES + i] + 0.5 * noise(&state);

    riata_data data = {.n = SAMPLES, .p = FEATURES, .type = RIATA_F64, .x = x, .y = y};
    riata_options options = riata_options_default();
    options.folds = 5;
    riata_result *result;
    riata_error error;
    if (riata_fit(&data, &options, &result, &error) != RIATA_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    int64_t index = riata_index_1se(result);
    const int64_t *feature;
    const double *coefficient;
    double intercept;
    int64_t count = riata_coefficients(result, index, &feature, &coefficient, &intercept);
    printf("riata %s: alpha %.4f, intercept %.3f, %lld features, worst gap %.1e\n", riata_version(),
           riata_alpha(result)[index], intercept, (long long)count, riata_worst_gap(result));
    int right = count >= 3;
    for (int64_t k = 0; k < count; k++) {
        printf("  feature %lld: %+.3f\n", (long long)feature[k], coefficient[k]);
        if (k < 3)
            right = right && feature[k] == k;
    }
    right = right && fabs(coefficient[0] - 3) < 0.3 && riata_worst_gap(result) <= options.tol;
    riata_result_free(result);
    return right ? 0 : 1;
}
