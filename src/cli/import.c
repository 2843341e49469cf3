/* SPDX-License-Identifier: BSD-3-Clause
 * riata import: a text table, a matrix file, PLINK or VCF files to riata's HDF5. */
#include "data/import.h"

#include <stdio.h>
#include <string.h>

#include "base/output.h"
#include "cli/command.h"
#include "cli/import_matrix.h"
#include "cli/import_vcf.h"
#include "cli/open.h"
#include "cli/option_entries.h"
#include "cli/storage.h"

static const ri_option TABLE[] = {
    {.name = "response",
     .kind = RI_TEXT,
     FIELD(response),
     .argument = "NAME",
     .shown = "none, a table needs it",
     .help =
         "Column that is the response: of the table, of obs (AnnData) or of --samples; several, "
         "separated by commas, for the latter two. Empty cells, NA and nan are missing there."},
    {.name = "id-column",
     .kind = RI_TEXT,
     FIELD(id_column),
     .argument = "NAME",
     .shown = "a first column of text named id, sample, sample_id, name or nothing",
     .help = "Column of the samples' names; without one they are 1, 2, ..."},
    {.name = "drop",
     .kind = RI_TEXT,
     FIELD(drop),
     .argument = "A,B",
     .shown = "no column",
     .help = "Columns to leave out, separated by commas."},
    RI_ENTRY_GROUP("no column",
                   "Column of groups, such as families or batches, for cv --fold-scheme grouped."),
    {.name = "weight-column",
     .kind = RI_TEXT,
     FIELD(weight_column),
     .argument = "NAME",
     .shown = "no column",
     .help = "Column of observation weights."},
    {.name = "missing",
     .kind = RI_CHOICE,
     FIELD(missing),
     .argument = "WHAT",
     .initial = "error",
     .choices = "error|mean",
     .help = "A missing value among the features of a table or matrix: stop, or store it as "
             "missing, to be filled by cv --missing mean with the mean of each fit's training "
             "rows."},
    {0},
};

static const ri_option OUTPUT[] = {
    {.name = "output",
     .letter = 'o',
     .kind = RI_TEXT,
     FIELD(output),
     .argument = "FILE",
     .required = true,
     .help = "The dataset to write; an existing one is replaced."},
    {.name = "truth",
     .kind = RI_TEXT,
     FIELD(truth),
     .argument = "FILE",
     .help = "PREFIX.truth.tsv of riata simulate, to be carried along in the dataset."},
    {0},
};

static ri_status import_table(const ri_arguments *given, ri_import_report *report, ri_error *err) {
    ri_matrix_format format = ri_import_matrix_format(given);
    ri_table_options options = {.response = given->response,
                                .id_column = given->id_column,
                                .drop = given->drop,
                                .group_column = given->group,
                                .weight_column = given->weight_column,
                                .allow_missing = given->missing == RI_MISSING_MEAN,
                                .truth = given->truth};
    const ri_selection selection = ri_given_selection(given);
    if (given->pheno || given->pheno_name || given->missing_phenotype || given->binary_coding)
        return ri_fail(err, RI_BAD_INPUT,
                       "--pheno, --pheno-name, --missing-phenotype and --binary-coding belong to "
                       "--bfile or a VCF, not to a table; cv takes them with any dataset");
    if (ri_selection_asked(&selection))
        return ri_fail(err, RI_BAD_INPUT,
                       "--keep, --remove, --chr, --extract, --exclude, --geno and --maf belong to "
                       "--bfile or a VCF, not to a table; cv takes them with any dataset");
    if (format != RI_MATRIX_NONE)
        return ri_import_matrix_run(given, format, report, err);
    RI_TRY(ri_import_matrix_unused(given, "a table that holds the response", err));
    if (!given->response)
        return ri_fail(err, RI_BAD_INPUT,
                       "import: --response NAME is needed: which column of %s is the response?",
                       given->operand[0]);
    RI_TRY(ri_choose_storage(given, false, &options.storage, err));
    RI_TRY(ri_output_prepare(given->output, err));
    return ri_import_table(given->operand[0], &options, given->output, report, err);
}

static ri_status import_plink(const ri_arguments *given, ri_import_report *report, ri_error *err) {
    const ri_selection selection = ri_given_selection(given);
    ri_plink_options options = {
        .pheno = ri_given_pheno(given), .selection = &selection, .truth = given->truth};
    if (given->response || given->id_column || given->drop || given->group || given->weight_column)
        return ri_fail(err, RI_BAD_INPUT,
                       "--response, --id-column, --drop, --group and "
                       "--weight-column belong to a table, not to --bfile");
    RI_TRY(ri_import_matrix_unused(given, "--bfile", err));
    RI_TRY(ri_choose_storage(given, true, &options.storage, err));
    RI_TRY(ri_output_prepare(given->output, err));
    return ri_import_plink(given->bfile, &options, given->output, report, err);
}

/* One note for each count that is not zero. */
static void tell(ri_session *session, const ri_import_report *report) {
    const struct {
        int64_t count;
        const char *what;
    } line[] = {
        {report->missing_responses,
         "samples have no response: left out of training, and predicted"},
        {report->missing_values, "values of X are missing"},
        {report->constant_features, "features are constant: they get the coefficient 0"},
        {report->renamed_features, "features had a duplicate or empty name and were made unique"},
        {report->dropped_columns, "columns were dropped"},
        {report->matched_samples, "samples were found in the --samples file"},
        {report->unlisted_samples, "samples have no line there: kept, without a response"},
        {report->unused_lines, "lines there have no sample"},
    };
    const char *response = report->response;
    ri_console_note(&session->console, "%s: %lld samples, %lld features, %s%s%s",
                    session->arguments.output, (long long)report->samples,
                    (long long)report->features, *response ? "response '" : "no response", response,
                    *response ? "'" : ": for predict, or cv --pheno");
    for (size_t i = 0; i < sizeof line / sizeof *line; i++)
        if (line[i].count > 0)
            ri_console_note(&session->console, "%lld %s", (long long)line[i].count, line[i].what);
}

static ri_status run_import(ri_session *session, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    ri_import_report report = {0};
    if (!given->bfile == !given->operand[0])
        return ri_fail(err, RI_BAD_INPUT, "import: give either a table or VCF, or --bfile PREFIX");
    const bool vcf = given->operand[0] && ri_is_vcf(given->operand[0]);
    if (!vcf && (given->region || given->dosage != 0 || given->multiallelic != 0))
        return ri_fail(err, RI_BAD_INPUT,
                       "--region, --dosage and --multiallelic belong to a VCF or BCF file");
    RI_TRY(given->bfile ? import_plink(given, &report, err)
           : vcf        ? ri_import_vcf_run(given, &report, err)
                        : import_table(given, &report, err));
    tell(session, &report);
    ri_tell_selection(session, &report.selection);
    if (vcf)
        ri_tell_vcf(session, &report.vcf);
    if (given->bfile || vcf)
        ri_tell_pheno(session, &report.pheno);
    return RI_OK;
}

const ri_command ri_command_import = {
    .name = "import",
    .purpose = "turn a table, a matrix file, PLINK files or a VCF into a dataset",
    .operands = "[FILE]",
    .least = 0,
    .most = 1,
    .example = "riata import table.csv.gz --response target -o data.h5",
    .detail =
        "A table has a header line and one sample a line; fields are separated by commas or "
        "tabs and may be quoted, and the file may be compressed by gzip. Memory does not grow "
        "with the file. A matrix file (AnnData, 10x, MatrixMarket, NumPy, LIBSVM) is recognised by "
        "its name; its values are stored in the "
        "narrowest of i8, f32 and f64 that holds each of them exactly, and sparse ones may have "
        "no entry twice. So is a VCF or BCF, whose values count copies of ALT.",
    .groups =
        RI_GROUPS({"Tables", TABLE}, {"Matrix files", ri_options_matrix},
                  {"Samples and features", ri_options_beside}, {"PLINK 1 files", ri_options_bfile},
                  {"VCF and BCF", ri_options_vcf}, {"Phenotypes", ri_options_pheno},
                  {"Selection", ri_options_select}, {"Output", OUTPUT},
                  {"Type", ri_options_storage}, {"Messages", ri_options_messages}),
    .run = run_import,
};
