/* SPDX-License-Identifier: BSD-3-Clause
 * riata info: what is in a dataset, and what would hurt a run. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/groups.h"
#include "cli/open.h"
#include "data/dataset.h"
#include "data/survey.h"

static void print_names(const char *what, const ri_names *names) {
    enum { SHOWN = 3 };
    printf("%-11s ", what);
    for (int64_t i = 0; i < names->count && i < SHOWN; i++)
        printf("%s%s", i ? ", " : "", ri_names_get(names, i));
    printf("%s\n", names->count > SHOWN ? ", ..." : "");
}

static int compare_rising(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of a response of texts: how many samples have each. */
static ri_status print_classes(const ri_dataset *dataset, bool *varies, ri_error *err) {
    int64_t *count = calloc((size_t)dataset->level.count, sizeof *count), missing = 0;
    int used = 0;
    if (!count)
        return ri_fail_memory(err, "the classes", 8 * (uint64_t)dataset->level.count);
    for (int64_t i = 0; i < dataset->n; i++)
        if (isnan(dataset->y[i]))
            missing++;
        else
            count[(int64_t)dataset->y[i]]++;
    printf("response    %s: text, %lld missing", dataset->response ? dataset->response : "y",
           (long long)missing);
    for (int64_t k = 0; k < dataset->level.count; k++) {
        printf("%s %s %lld", k ? "," : ";", ri_names_get(&dataset->level, k), (long long)count[k]);
        used += count[k] > 0;
    }
    printf("; two classes are for --family binomial\n");
    *varies = used > 1;
    free(count);
    return RI_OK;
}

/* Summary of the response; `*varies` is false where all its values are one. */
static ri_status print_response(const ri_dataset *dataset, bool *varies, ri_error *err) {
    *varies = true;
    if (!dataset->y) {
        printf("response    none\n");
        return RI_OK;
    }
    if (dataset->level.count > 0)
        return print_classes(dataset, varies, err);
    double *known = malloc(((size_t)dataset->n + 1) * sizeof *known), sum = 0, squares = 0;
    int64_t count = 0;
    if (!known)
        return ri_fail_memory(err, "the response", 8 * (uint64_t)dataset->n);
    for (int64_t i = 0; i < dataset->n; i++)
        if (!isnan(dataset->y[i])) {
            known[count++] = dataset->y[i];
            sum += dataset->y[i];
        }
    double mean = sum / (double)count;
    for (int64_t i = 0; i < count; i++)
        squares += (known[i] - mean) * (known[i] - mean);
    qsort(known, (size_t)count, sizeof *known, compare_rising);
    printf("response    %s: %lld known, %lld missing", dataset->response ? dataset->response : "y",
           (long long)count, (long long)(dataset->n - count));
    if (count > 0) {
        printf(", mean %.6g, sd %.6g, min %.6g, median %.6g, max %.6g", mean,
               sqrt(squares / (double)count), known[0], known[count / 2], known[count - 1]);
        *varies = known[0] < known[count - 1];
    }
    printf("\n");
    free(known);
    return RI_OK;
}

static void print_shape(const ri_dataset *dataset) {
    static const char *const UNIT[] = {"bytes", "kB", "MB", "GB", "TB"};
    double size = (double)dataset->file_bytes;
    int unit = 0;
    for (; size >= 1000 && unit < 4; unit++)
        size /= 1000;
    printf("dataset     %s:%s\n", dataset->path, dataset->x_path);
    printf("shape       %lld samples x %lld features\n", (long long)dataset->n,
           (long long)dataset->p);
    printf("type        %s%s%s, %.4g %s in the file%s\n", dataset->sparse ? "csc, sparse " : "",
           ri_storage_name(dataset->storage), dataset->genotype ? " genotypes" : "", size,
           UNIT[unit], dataset->compressed ? ", compressed" : "");
    printf("layout      %s, ",
           dataset->samples_first ? "samples first (n, p)" : "features first (p, n)");
    if (dataset->chunk_features > 0)
        printf("chunks of %lld features x %lld samples\n", (long long)dataset->chunk_features,
               (long long)dataset->chunk_samples);
    else
        printf("contiguous\n");
}

static void print_contents(const ri_dataset *dataset) {
    print_names("samples", &dataset->sample);
    print_names("features", &dataset->feature);
    if (dataset->response_names.count > 1)
        print_names("responses", &dataset->response_names);
    if (dataset->group_names.count > 0)
        print_names("groups", &dataset->group_names);
    if (dataset->weight)
        printf("weights     /weights\n");
    if (dataset->fold)
        printf("folds       /folds\n");
    if (dataset->truth.count > 0)
        printf("truth       %lld features have a true coefficient\n",
               (long long)dataset->truth.count);
}

static void print_survey(const ri_dataset *dataset, const ri_survey *survey) {
    printf("values      %.6g to %.6g\n", survey->least, survey->largest);
    printf("missing     %lld values in %lld features", (long long)survey->missing_values,
           (long long)survey->missing_features);
    if (survey->most_missing >= 0)
        printf(", most in %s: %lld", ri_names_get(&dataset->feature, survey->most_missing),
               (long long)survey->most_missing_count);
    printf("\nconstant    %lld features", (long long)survey->constant_features);
    if (survey->first_constant >= 0)
        printf(", the first is %s", ri_names_get(&dataset->feature, survey->first_constant));
    printf("\n");
}

static void warn(ri_session *session, const ri_dataset *dataset, const ri_survey *survey,
                 bool varies) {
    ri_console *console = &session->console;
    if (!varies)
        ri_console_warn(console, "the response is constant: cv, path and fit will refuse it");
    if (survey->missing_values > 0 && !dataset->genotype)
        ri_console_warn(console, "X has missing values: cv, path and fit need --missing mean");
    if (dataset->samples_first)
        ri_console_warn(console, "X is stored samples first: reading transposes it, which takes "
                                 "longer; store it (p, n)");
    else if (dataset->chunk_samples > 0 && dataset->chunk_samples < dataset->n)
        ri_console_warn(console, "a feature is spread over several chunks: reading is slower than "
                                 "with chunks of whole features");
    if (!dataset->feature_named)
        ri_console_warn(console, "the features have no names: results and predict will know them "
                                 "by number only");
    if (survey->constant_features == dataset->p)
        ri_console_warn(console, "every feature is constant: nothing can be selected");
    if (dataset->y && dataset->n < 20)
        ri_console_warn(console, "%lld samples make an error curve of little worth",
                        (long long)dataset->n);
}

static ri_status run_info(ri_session *session, ri_error *err) {
    ri_dataset *dataset = NULL;
    ri_survey survey;
    bool varies;
    ri_status status;
    RI_GO(ri_open_data(session, session->arguments.operand[0], NULL, true, &dataset, err));
    RI_GO(ri_dataset_survey(dataset, &survey, err));
    print_shape(dataset);
    print_contents(dataset);
    RI_GO(print_response(dataset, &varies, err));
    print_survey(dataset, &survey);
    warn(session, dataset, &survey, varies);
done:
    ri_dataset_close(dataset);
    return status;
}

const ri_command ri_command_info = {
    .name = "info",
    .purpose = "describe a dataset, and warn about what would hurt a run",
    .operands = "[DATA]",
    .least = 0,
    .most = 1,
    .example = "riata info data.h5",
    .detail = "Reads X once.",
    .groups = RI_GROUPS(RI_GROUPS_DATASET, {"Messages", ri_options_messages}),
    .run = run_info,
};
