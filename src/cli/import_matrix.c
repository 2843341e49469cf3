/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/import_matrix.h"

#include "base/output.h"
#include "cli/storage.h"

/* In the order of the choices below, behind auto. */
enum { AUTO };
static const ri_matrix_format FORMAT[] = {
    RI_MATRIX_NONE, RI_MATRIX_NONE, RI_MATRIX_H5AD, RI_MATRIX_10X,
    RI_MATRIX_MTX,  RI_MATRIX_NPY,  RI_MATRIX_SVM,
};

const ri_option ri_options_matrix[] = {
    {.name = "format",
     .kind = RI_CHOICE,
     FIELD(format),
     .argument = "KIND",
     .initial = "auto",
     .choices = "auto|table|h5ad|10x|mtx|npy|svm",
     .shown = "by the name: .h5ad, .h5 (10x), .mtx, .npy, .svm or .libsvm; else a table",
     .help = "What the file is. .mtx and .svm may be compressed by gzip."},
    {.name = "layer",
     .kind = RI_TEXT,
     FIELD(layer),
     .argument = "NAME",
     .shown = "X",
     .help = "AnnData: take layers/NAME in place of X."},
    {.name = "covariates",
     .kind = RI_TEXT,
     FIELD(covariates),
     .argument = "A,B",
     .shown = "none",
     .help = "Columns of obs, or of --samples, to be stored as covariates; text is categorical."},
    {.name = "gene-names",
     .kind = RI_SWITCH,
     FIELD(gene_names),
     .help = "10x: name features by gene symbol in place of ID; equal ones are made unique."},
    {.name = "index-base",
     .kind = RI_INTEGER,
     FIELD(index_base),
     .argument = "0|1",
     .initial = "1",
     .low = 0,
     .high = 1,
     .help = "LIBSVM: index of the first feature."},
    {.name = "features",
     .letter = 'p',
     .kind = RI_INTEGER,
     FIELD(features),
     .argument = "P",
     .low = 1,
     .high = 2147483647,
     .unit = "features",
     .shown = "the largest index",
     .help = "LIBSVM: the number of features, where the last ones may not occur."},
    {0},
};

const ri_option ri_options_beside[] = {
    {.name = "transpose",
     .kind = RI_SWITCH,
     FIELD(transpose),
     .help = "The file has features in rows and samples in columns: a table with genes in rows, an "
             ".mtx or an .npy."},
    {.name = "samples",
     .kind = RI_TEXT,
     FIELD(sample_sheet),
     .argument = "FILE",
     .help = "CSV or TSV, one sample a line, from which response, covariates, group and weights "
             "are taken by sample ID. Samples without a line are kept, without a response."},
    {.name = "y",
     .kind = RI_TEXT,
     FIELD(y_path),
     .argument = "FILE",
     .help = "Response in the order of the samples: .npy, or one number a line."},
    {.name = "sample-names",
     .kind = RI_TEXT,
     FIELD(sample_names),
     .argument = "FILE",
     .shown = "as in the file, or 1, 2, ...",
     .help = "Names of the samples, one a line, for .mtx and .npy. barcodes.tsv and features.tsv "
             "beside an .mtx are found."},
    {.name = "feature-names",
     .kind = RI_TEXT,
     FIELD(feature_names),
     .argument = "FILE",
     .shown = "as in the file, or 1, 2, ...",
     .help = "Names of the features, one a line."},
    {0},
};

ri_matrix_format ri_import_matrix_format(const ri_arguments *given) {
    ri_matrix_format format =
        given->format == AUTO ? ri_matrix_format_of(given->operand[0]) : FORMAT[given->format];
    bool beside = given->transpose || given->sample_sheet || given->covariates || given->y_path;
    return format == RI_MATRIX_NONE && beside ? RI_MATRIX_TABLE : format;
}

ri_status ri_import_matrix_unused(const ri_arguments *given, const char *what, ri_error *err) {
    const struct {
        bool given;
        const char *option;
    } option[] = {
        {given->layer, "--layer"},
        {given->covariates, "--covariates"},
        {given->gene_names, "--gene-names"},
        {given->index_base != 1, "--index-base"},
        {given->features >= 0, "--features"},
        {given->transpose, "--transpose"},
        {given->sample_sheet, "--samples"},
        {given->y_path, "--y"},
        {given->sample_names, "--sample-names"},
        {given->feature_names, "--feature-names"},
    };
    for (size_t k = 0; k < sizeof option / sizeof *option; k++)
        if (option[k].given)
            return ri_fail(err, RI_BAD_INPUT, "%s is not for %s", option[k].option, what);
    return RI_OK;
}

/* Options that the format has no use for would be silently without effect. */
static ri_status check_options(const ri_arguments *given, ri_matrix_format format, ri_error *err) {
    if (given->drop)
        return ri_fail(err, RI_BAD_INPUT, "--drop is for tables with features in columns");
    if (given->layer && format != RI_MATRIX_H5AD)
        return ri_fail(err, RI_BAD_INPUT, "--layer is for AnnData files (.h5ad)");
    if (given->gene_names && format != RI_MATRIX_10X && format != RI_MATRIX_MTX)
        return ri_fail(err, RI_BAD_INPUT, "--gene-names is for 10x files");
    if ((given->features >= 0 || given->index_base != 1) && format != RI_MATRIX_SVM)
        return ri_fail(err, RI_BAD_INPUT, "--features and --index-base are for LIBSVM files");
    if (given->transpose && format != RI_MATRIX_TABLE && format != RI_MATRIX_MTX &&
        format != RI_MATRIX_NPY)
        return ri_fail(err, RI_BAD_INPUT,
                       "--transpose is for tables, .mtx and .npy: the other "
                       "formats say themselves where their samples are");
    if (given->y_path && given->sample_sheet && given->response)
        return ri_fail(err, RI_BAD_INPUT,
                       "--y and --samples both give a response; drop --y, or "
                       "--response");
    if (given->id_column && !given->sample_sheet)
        return ri_fail(err, RI_BAD_INPUT, "--id-column needs --samples FILE here");
    return RI_OK;
}

ri_status ri_import_matrix_run(const ri_arguments *given, ri_matrix_format format,
                               ri_import_report *report, ri_error *err) {
    ri_matrix_options options = {.format = format,
                                 .layer = given->layer,
                                 .response = given->response,
                                 .covariates = given->covariates,
                                 .group_column = given->group,
                                 .weight_column = given->weight_column,
                                 .samples = given->sample_sheet,
                                 .id_column = given->id_column,
                                 .y = given->y_path,
                                 .sample_names = given->sample_names,
                                 .feature_names = given->feature_names,
                                 .gene_names = given->gene_names,
                                 .transpose = given->transpose,
                                 .index_base = given->index_base,
                                 .features = given->features,
                                 .storage = ri_given_storage(given),
                                 .allow_missing = given->missing == 1,
                                 .truth = given->truth};
    RI_TRY(check_options(given, format, err));
    RI_TRY(ri_output_prepare(given->output, err));
    return ri_import_matrix(given->operand[0], &options, given->output, report, err);
}
