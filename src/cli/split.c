/* SPDX-License-Identifier: BSD-3-Clause
 * Test samples for cv, path, fit and compare, and riata split, which writes them down. */
#include "cli/split.h"
#include "cli/groups.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/output.h"
#include "cli/covariates.h"
#include "cli/folds.h"
#include "cli/names.h"
#include "cli/open.h"
#include "cv/split.h"
#include "data/lists.h"

const ri_option ri_options_test[] = {
    {.name = "test-fraction",
     .kind = RI_NUMBER,
     FIELD(test_fraction),
     .argument = "F",
     .low = 0,
     .high = 1,
     .above_low = true,
     .below_high = true,
     .shown = "no test samples",
     .help = "Share of the samples with a response that is kept out of everything and predicted at "
             "the end: drawn by --test-seed and the samples' names."},
    {.name = "test-file",
     .kind = RI_TEXT,
     FIELD(test_file),
     .argument = "FILE",
     .help = "The test samples instead: a list of IID or FID IID, as --keep takes it and riata "
             "split writes it."},
    {.name = "test-column",
     .kind = RI_TEXT,
     FIELD(test_column),
     .argument = "NAME",
     .help = "The test samples instead: a column of --covar or /covariates that says test or "
             "train, yes or no, true or false, 1 or 0. A sample without a value is left out of "
             "both."},
    {.name = "test-group",
     .kind = RI_TEXT,
     FIELD(test_group),
     .argument = "NAME",
     .help = "Samples of one group stay together: a group column of the dataset, such as FID, or a "
             "column of --covar or /covariates."},
    {.name = "test-stratify",
     .kind = RI_SWITCH,
     FIELD(test_stratify),
     .help = "Every value of the response, or every tenth of it, has its share of test samples."},
    {.name = "test-seed",
     .kind = RI_INTEGER,
     FIELD(test_seed),
     .argument = "S",
     .initial = "1",
     .low = 0,
     .help = "Seed of --test-fraction."},
    {0},
};

void ri_setup_free_test(ri_setup *setup) {
    free(setup->test.row);
    free(setup->test_y);
    setup->test = (ri_test){0};
    setup->test_y = NULL;
}

bool ri_setup_tests(const ri_setup *setup, int64_t i) {
    return setup->test.row && setup->test.row[i];
}

static ri_status draw(ri_session *session, ri_setup *setup, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    ri_test *test = &setup->test;
    int32_t *group = NULL;
    ri_split_rule rule = {.fraction = given->test_fraction,
                          .seed = (uint64_t)given->test_seed,
                          .stratified = given->test_stratify,
                          .sample = &setup->dataset->sample};
    if (given->test_group && given->test_stratify)
        return ri_fail(err, RI_BAD_INPUT,
                       "--test-group keeps groups together and --test-stratify shares values out: "
                       "give one of the two");
    if (given->test_group)
        RI_TRY(ri_setup_groups(session, setup, "--test-group", given->test_group, &group,
                               &rule.groups, err));
    rule.group = group;
    test->seed = rule.seed;
    ri_status status = ri_split_draw(&rule, setup->dataset->n, setup->y, test->row, err);
    free(group);
    return status;
}

static ri_status take_file(ri_session *session, ri_setup *setup, ri_error *err) {
    const char *path = session->arguments.test_file;
    int64_t n = setup->dataset->n;
    bool *named = ri_calloc((size_t)n, sizeof *named);
    ri_list_count count;
    if (!named)
        return ri_fail_memory(err, "the test samples", (size_t)n);
    ri_status status = ri_list_samples(setup->dataset, path, named, &count, err);
    for (int64_t i = 0; status == RI_OK && i < n; i++)
        setup->test.row[i] = named[i] && !isnan(setup->y[i]);
    if (status == RI_OK && count.unknown > 0)
        ri_console_warn(&session->console,
                        "--test-file: %s: %lld of %lld samples are not in the dataset; ignored",
                        path, (long long)count.unknown, (long long)count.listed);
    free(named);
    return status;
}

/* 1 for test, 0 for train, -1 for neither. */
static int read_side(const char *text) {
    static const char *const TEST[] = {"test", "yes", "true", "1", NULL};
    static const char *const TRAIN[] = {"train", "training", "no", "false", "0", NULL};
    for (int k = 0; TEST[k]; k++)
        if (strcasecmp(text, TEST[k]) == 0)
            return 1;
    for (int k = 0; TRAIN[k]; k++)
        if (strcasecmp(text, TRAIN[k]) == 0)
            return 0;
    return -1;
}

static ri_status take_column(ri_session *session, ri_setup *setup, ri_error *err) {
    const char *name = session->arguments.test_column;
    const ri_dataset *dataset = setup->dataset;
    int64_t neither = 0;
    ri_status status = RI_OK;
    ri_sample_column column;
    RI_TRY(ri_sample_column_read(&setup->covar, dataset, "--test-column", name, &column, err));
    for (int64_t i = 0; i < dataset->n && status == RI_OK; i++) {
        int side = read_side(column.text[i]);
        if (isnan(setup->y[i]))
            continue;
        if (side < 0 && !ri_is_missing_text(column.text[i]))
            status =
                ri_fail(err, RI_BAD_INPUT,
                        "--test-column %s: sample '%s' has '%s', which is none of test, train, "
                        "yes, no, true, false, 1, 0",
                        name, ri_names_get(&dataset->sample, i), column.text[i]);
        setup->test.row[i] = side == 1;
        neither += side < 0;
        if (side < 0)
            setup->y[i] = NAN;
    }
    ri_sample_column_free(&column);
    setup->kept -= neither;
    if (status == RI_OK && neither > 0)
        ri_console_note(&session->console,
                        "--test-column: %lld samples have no '%s': neither trained on nor tested",
                        (long long)neither, name);
    return status;
}

/* Moves the responses of test rows from y to test_y. */
static ri_status set_apart(ri_session *session, ri_setup *setup, ri_error *err) {
    int64_t n = setup->dataset->n;
    ri_test *test = &setup->test;
    for (int64_t i = 0; i < n; i++) {
        setup->test_y[i] = test->row[i] ? setup->y[i] : (double)NAN;
        setup->y[i] = test->row[i] ? (double)NAN : setup->y[i];
        test->rows += test->row[i];
    }
    if (test->rows == 0 || setup->kept - test->rows < 2)
        return ri_fail(err, RI_BAD_INPUT,
                       "--test-%s: it makes test samples of %lld of the %lld with a response; at "
                       "least 1 to test and 2 to train on are needed",
                       test->chosen, (long long)test->rows, (long long)setup->kept);
    if (strcmp(test->chosen, "fraction") != 0)
        test->fraction = (double)test->rows / (double)setup->kept;
    setup->kept -= test->rows;
    ri_console_note(&session->console,
                    "%lld samples to train on, %lld kept out of everything for the test",
                    (long long)setup->kept, (long long)test->rows);
    return RI_OK;
}

ri_status ri_setup_test(ri_session *session, ri_setup *setup, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    bool fraction = given->test_fraction > 0;
    int ways = fraction + (given->test_file != NULL) + (given->test_column != NULL);
    size_t n = (size_t)setup->dataset->n;
    if (ways > 1)
        return ri_fail(err, RI_BAD_INPUT,
                       "--test-fraction, --test-file and --test-column each name the test samples: "
                       "give one of them");
    if (!fraction && (given->test_group || given->test_stratify))
        return ri_fail(err, RI_BAD_INPUT, "--test-%s goes with --test-fraction",
                       given->test_group ? "group" : "stratify");
    if (ways == 0)
        return RI_OK;
    setup->test.row = ri_calloc(n, 1);
    setup->test_y = ri_alloc(n, sizeof *setup->test_y);
    if (!setup->test.row || !setup->test_y)
        return ri_fail_memory(err, "the test samples", 9 * n);
    const char *chosen = fraction ? "fraction" : given->test_file ? "file" : "column";
    snprintf(setup->test.chosen, sizeof setup->test.chosen, "%s", chosen);
    setup->test.fraction = fraction ? given->test_fraction : 0;
    RI_TRY(fraction           ? draw(session, setup, err)
           : given->test_file ? take_file(session, setup, err)
                              : take_column(session, setup, err));
    return set_apart(session, setup, err);
}

ri_status ri_setup_judge_test(const ri_setup *setup, ri_record *record, ri_error *err) {
    size_t n = (size_t)setup->dataset->n;
    if (setup->test.rows == 0)
        return RI_OK;
    record->test = setup->test;
    record->test.row = ri_alloc(n, 1);
    if (!record->test.row)
        return ri_fail_memory(err, "the test samples", n);
    memcpy(record->test.row, setup->test.row, n);
    return ri_split_judge(&setup->problem, setup->test_y, record, err);
}

/* --- riata split ------------------------------------------------------------------------------ */

static bool has_blank(const char *name) {
    for (; *name; name++)
        if (isspace((unsigned char)*name))
            return true;
    return false;
}

/* PREFIX.test.txt or PREFIX.train.txt: IIDs, one a line. */
static ri_status write_side(const ri_setup *setup, const char *prefix, bool test, ri_error *err) {
    const ri_dataset *dataset = setup->dataset;
    ri_output output;
    char *path = ri_name_join(prefix, strlen(prefix), test ? ".test.txt" : ".train.txt");
    if (!path)
        return ri_fail_memory(err, "file names", strlen(prefix));
    ri_status status = ri_output_prepare(path, err);
    if (status == RI_OK)
        status = ri_output_open(path, &output, err);
    if (status == RI_OK) {
        fprintf(output.file, "#IID\n");
        for (int64_t i = 0; i < dataset->n; i++)
            if (test ? ri_setup_tests(setup, i) : !isnan(setup->y[i]))
                fprintf(output.file, "%s\n", ri_names_get(&dataset->sample, i));
        status = ri_output_close(&output, 1, err);
    }
    free(path);
    return status;
}

static ri_status run_split(ri_session *session, ri_error *err) {
    ri_arguments *given = &session->arguments;
    ri_setup setup;
    given->alphas = 1; /* of a grid that nobody asks for */
    ri_status status = ri_setup_open(session, &setup, err);
    char *prefix = NULL;
    if (status != RI_OK)
        goto done;
    prefix = given->output ? strdup(given->output)
                           : ri_name_default(setup.dataset->path, session->command);
    if (!prefix) {
        status = ri_fail_memory(err, "file names", strlen(setup.dataset->path));
        goto done;
    }
    if (setup.test.rows == 0) {
        status = ri_fail(err, RI_BAD_INPUT,
                         "split: how many samples are to be tested? Give --test-fraction, such as "
                         "0.2");
        goto done;
    }
    for (int64_t i = 0; i < setup.dataset->n; i++)
        if (has_blank(ri_names_get(&setup.dataset->sample, i))) {
            status = ri_fail(err, RI_BAD_INPUT,
                             "%s: the sample name '%s' has a blank, which a list of samples cannot "
                             "hold; use --test-fraction with the same --test-seed instead",
                             setup.dataset->path, ri_names_get(&setup.dataset->sample, i));
            goto done;
        }
    RI_GO(write_side(&setup, prefix, false, err));
    RI_GO(write_side(&setup, prefix, true, err));
    ri_console_note(&session->console, "%s.train.txt: %lld samples; %s.test.txt: %lld", prefix,
                    (long long)setup.kept, prefix, (long long)setup.test.rows);
done:
    free(prefix);
    ri_setup_close(&setup);
    return status;
}

static const ri_option OUTPUT[] = {
    {.name = "output",
     .letter = 'o',
     .kind = RI_TEXT,
     FIELD(output),
     .argument = "PREFIX",
     .shown = "the dataset's name, less its ending, and .split",
     .help = "Writes PREFIX.train.txt and PREFIX.test.txt."},
    {0},
};

const ri_command ri_command_split = {
    .name = "split",
    .purpose = "draw training and test samples, as lists",
    .operands = "[DATA]",
    .least = 0,
    .most = 1,
    .example = "riata split data.h5 --test-fraction 0.2 -o out/data",
    .detail = "Two lists of sample IDs, one a line, for --test-file, --keep and --remove of the "
              "other commands, and for other programs. Samples without a response are in neither. "
              "The same options with cv --test-fraction keep the same samples out.",
    .groups = RI_GROUPS({"Test samples", ri_options_test}, {"Covariates", ri_options_covar_files},
                        RI_GROUPS_DATASET, {"Output", OUTPUT}, {"Messages", ri_options_messages}),
    .run = run_split,
};
