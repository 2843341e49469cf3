/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: the summary says what matters, and no line of it is longer than 100 columns,
 * whatever the names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "support/export_scene.h"

static char *print_summary(const ri_record *record) {
    char *text = NULL;
    size_t length;
    FILE *file = open_memstream(&text, &length);
    ri_summary_print(record, file);
    fclose(file);
    size_t columns = 0;
    for (const char *at = text; *at; at++) {
        columns = *at == '\n' ? 0 : columns + ((*at & 0xc0) != 0x80);
        if (columns > 100)
            fail_msg("a line is too long: %s", text);
    }
    return text;
}

static void check_says(const ri_record *record, const char *words) {
    char *text = print_summary(record);
    /* Words may be broken over lines: compare with every run of spaces as one. */
    char *to = text;
    for (const char *from = text; *from; from++) {
        char next = *from == '\n' ? ' ' : *from;
        if (next != ' ' || to == text || to[-1] != ' ')
            *to++ = next;
    }
    *to = '\0';
    if (!strstr(text, words))
        fail_msg("'%s' is not said in: %s", words, text);
    free(text);
}

static void the_summary_says_what_matters(void **state) {
    (void)state;
    ri_record *record = sample_record(&full);
    record->settings.select = RI_SELECT_MIN;
    check_says(record, "57 samples, 25 features (genotypes)");
    check_says(record, "3 samples without a response");
    check_says(record, "12 missing values in X");
    check_says(record, "Folds 5, shuffled by sample name, seed 17");
    check_says(record, "the lowest cross-validated error (min)");
    check_says(record, "4 of 4 true features are among the");
    check_says(record, "each copy of the counted allele (A1)");
    check_says(record, "more A: higher yield");
    check_says(record, "more C: lower yield");
    check_says(record, "all 360 fits are certified");
    check_says(record, "2 features equal or mirror an earlier one and stay at 0");
    check_says(record, "2 ranks x 4 threads");
    record->path[0].fit[3].certified[2] = 0;
    record->path[0].fit[3].gap[2] = 4e-5;
    check_says(record, "NOT CERTIFIED 1 of 360 fits missed the relative duality gap of 1e-06: "
                       "fold 3, l1_ratio 1,");
    check_says(record, "(index 2): gap 4e-05, 40 x the tolerance");
    record->path[0].index_min = record->index_selected = 29;
    check_says(record, "the minimum is at the smallest alpha, the border of the grid");
    record->path[0].index_min = record->path[0].index_1se = record->index_selected = 0;
    check_says(record, "the minimum is at the largest alpha, the border of the grid");
    check_says(record, "both rules, min and 1se, choose this alpha");
    ri_record_free(record);
}

static void no_line_of_the_summary_is_too_long(void **state) {
    (void)state;
    static const sample_shape shape[] = {
        {.folds = 5, .paths = 3, .alphas = 9, .n_all = 60, .missing = 3, .p = 25, .strong = 4},
        {.folds = 0, .paths = 2, .alphas = 1, .n_all = 6, .p = 3, .strong = 3, .genotype = true},
        {.folds = 6, .paths = 1, .alphas = 2, .n_all = 6, .p = 3, .zero = true, .truth = false}};
    char name[2000];
    memset(name, 'w', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    for (int i = 0; i < 3; i++) {
        ri_record *record = sample_record(&shape[i]);
        rename_features(record, i ? name : hostile);
        memcpy(record->response, name, sizeof record->response - 1);
        memcpy(record->dataset, name, sizeof record->dataset - 1);
        memcpy(record->run.host, name, sizeof record->run.host - 1);
        memset(record->path[0].fit[0].certified, 0, (size_t)record->path[0].alphas);
        free(print_summary(record));
        ri_record_free(record);
    }
}

/* In-sample R2 from the objective: on the made-up record the loss is objective less penalty. */
static void a_path_without_folds_names_its_r2(void **state) {
    (void)state;
    ri_record *record = sample_record(&foldless);
    const ri_fit *fit = &record->path[0].fit[0];
    int64_t a = record->index_selected;
    long double loss = fit->objective[a];
    for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++)
        loss -= (long double)record->path[0].alpha[a] *
                fabsl((long double)fit->coefficient[e] * record->feature_sd[fit->feature[e]]);
    char words[64];
    snprintf(words, sizeof words, "R2 %.4Lf on the training samples", 1 - loss / 20.5L);
    check_says(record, words);
    ri_record_free(record);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_summary_says_what_matters),
        cmocka_unit_test(no_line_of_the_summary_is_too_long),
        cmocka_unit_test(a_path_without_folds_names_its_r2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
