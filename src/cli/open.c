/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/open.h"

#include <math.h>
#include <string.h>

#include "data/complete.h"
#include "data/plink.h"

const ri_option ri_options_bfile[] = {
    {.name = "bfile",
     .kind = RI_TEXT,
     FIELD(bfile),
     .argument = "PREFIX",
     .help = "Take PREFIX.bed, .bim and .fam, as they are, for the dataset. A value is the number "
             "of copies of A1, column 5 of the .bim; the response is column 6 of the .fam, where "
             "-9 and texts are missing, or comes from --pheno."},
    {0},
};

const ri_option ri_options_pheno[] = {
    {.name = "pheno",
     .kind = RI_TEXT,
     FIELD(pheno),
     .argument = "FILE",
     .shown = "the dataset's response",
     .help = "Take the response from this table with the header '#FID IID NAME...' or '#IID "
             "NAME...', by sample ID. NA, nan and empty are missing; -9 is a value."},
    {.name = "pheno-name",
     .kind = RI_TEXT,
     FIELD(pheno_name),
     .argument = "NAME[,NAME..]",
     .shown = "its first column after the IDs",
     .help =
         "Which column of --pheno. Several make cv, path and fit run each, on one reading of X, "
         "and write PREFIX.NAME.* for each."},
    {.name = "missing-phenotype",
     .kind = RI_TEXT,
     FIELD(missing_phenotype),
     .argument = "NUMBER",
     .help = "This number in --pheno is missing too."},
    {.name = "binary-coding",
     .kind = RI_SWITCH,
     FIELD(binary_coding),
     .help = "The response has PLINK's coding of cases and controls: 2 becomes 1, 1 becomes 0, 0 "
             "and -9 are missing, and nothing else is legal. Without it numbers are taken as they "
             "are."},
    {0},
};

const ri_option ri_options_select[] = {
    {.name = "keep",
     .kind = RI_TEXT,
     FIELD(keep),
     .argument = "FILE",
     .shown = "all samples",
     .help = "Keep only the samples of this list: FID and IID, or IID alone, a line, or such "
             "columns under a header that begins with #FID or #IID."},
    {.name = "remove",
     .kind = RI_TEXT,
     FIELD(remove),
     .argument = "FILE",
     .help = "Drop the samples of such a list."},
    {.name = "chr",
     .kind = RI_TEXT,
     FIELD(chr),
     .argument = "LIST",
     .shown = "all chromosomes",
     .help = "Keep only features on these chromosomes, such as 1,3-5,X; \"chr\" before a name does "
             "not count."},
    {.name = "extract",
     .kind = RI_TEXT,
     FIELD(extract),
     .argument = "FILE",
     .shown = "all features",
     .help = "Keep only the features of this list of names."},
    {.name = "exclude",
     .kind = RI_TEXT,
     FIELD(exclude),
     .argument = "FILE",
     .help = "Drop the features of such a list."},
    {.name = "geno",
     .kind = RI_NUMBER,
     FIELD(geno),
     .argument = "RATE",
     .low = 0,
     .high = 1,
     .shown = "no limit",
     .unit = "of the kept samples",
     .help = "Drop features of which a larger part is missing."},
    {.name = "maf",
     .kind = RI_NUMBER,
     FIELD(maf),
     .argument = "F",
     .low = 0,
     .high = 0.5,
     .shown = "no limit",
     .help = "Drop genotypes whose rarer allele has a lower frequency among the kept samples, "
             "founders or not."},
    {0},
};

ri_pheno_options ri_given_pheno(const ri_arguments *given) {
    return (ri_pheno_options){.file = given->pheno,
                              .name = given->pheno_name,
                              .missing = given->missing_phenotype,
                              .binary_coding = given->binary_coding};
}

ri_selection ri_given_selection(const ri_arguments *given) {
    return (ri_selection){.keep = given->keep,
                          .remove = given->remove,
                          .chr = given->chr,
                          .extract = given->extract,
                          .exclude = given->exclude,
                          .geno = given->geno,
                          .maf = given->maf};
}

void ri_tell_selection(ri_session *session, const ri_selection_report *report) {
    for (int k = 0; k < RI_SELECTION_STEPS; k++) {
        const ri_selection_step step = (ri_selection_step)k;
        const char *option = ri_selection_option(step);
        const char *what = step <= RI_REMOVE ? "samples" : "features";
        long long listed = report->step[k].listed, unknown = report->step[k].unknown;
        long long dropped = report->step[k].dropped;
        if (!report->step[k].asked)
            continue;
        if (listed > 0)
            ri_console_note(&session->console,
                            "%s: %lld of %lld %s of the list are there; %lld %s dropped", option,
                            listed - unknown, listed, step == RI_CHR ? "chromosomes" : what,
                            dropped, what);
        else
            ri_console_note(&session->console, "%s: %lld %s dropped", option, dropped, what);
    }
}

void ri_tell_pheno(ri_session *session, const ri_pheno_report *report) {
    ri_console *console = &session->console;
    const char *file = session->arguments.pheno;
    if (report->unmatched_samples > 0)
        ri_console_note(console, "%lld samples have no line in %s: their response is missing",
                        (long long)report->unmatched_samples, file);
    if (report->unused_lines > 0)
        ri_console_note(console, "%lld lines of %s have no sample here: ignored",
                        (long long)report->unused_lines, file);
    if (report->minus_nine > 0)
        ri_console_warn(console,
                        "%lld responses of %s are -9 and were read as that value; "
                        "--missing-phenotype -9 makes them missing",
                        (long long)report->minus_nine, file);
    if (report->looks_binary)
        ri_console_warn(console, "the response has no values but 1 and 2 (or 0), and is taken as "
                                 "these numbers; if they are PLINK's controls and cases, give "
                                 "--binary-coding");
    if (report->cases + report->controls > 0)
        ri_console_note(console, "--binary-coding: %lld cases (1) and %lld controls (0)",
                        (long long)report->cases, (long long)report->controls);
}

static ri_status open_plink(ri_session *session, ri_dataset **out, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    int64_t renamed;
    if (given->x_path || given->y_path || given->response || given->layout != RI_LAYOUT_AUTO)
        return ri_fail(err, RI_BAD_INPUT,
                       "--x, --y, --response and --layout are for HDF5 files; with --bfile the "
                       "response is column 6 of the .fam, or --pheno and --pheno-name say which");
    RI_TRY(ri_plink_open(given->bfile, out, &renamed, err));
    if (renamed > 0)
        ri_console_note(&session->console,
                        "%lld variants had a duplicate or empty ID and got a name of their own",
                        (long long)renamed);
    return RI_OK;
}

static ri_status open_file(ri_session *session, const char *path, const char *response,
                           bool response_optional, ri_dataset **out, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    ri_open_options options = {.x_path = given->x_path,
                               .y_path = given->y_path,
                               .response = given->response,
                               .layout = (ri_layout)given->layout,
                               .response_optional = response_optional || given->pheno};
    if (!options.response && !options.x_path && !given->pheno)
        options.response = response;
    return ri_dataset_open(path, &options, out, err);
}

/* --missing drop-feature and drop-sample. */
static ri_status drop_incomplete(ri_session *session, ri_dataset *dataset, ri_error *err) {
    int what = session->arguments.missing;
    int64_t dropped = 0;
    if (what == RI_MISSING_DROP_FEATURE)
        RI_TRY(ri_dataset_drop_features(dataset, &dropped, err));
    else if (what == RI_MISSING_DROP_SAMPLE)
        RI_TRY(ri_dataset_drop_samples(dataset, &dropped, err));
    if (dropped > 0)
        ri_console_note(&session->console, "--missing: %lld %s with a missing value are dropped",
                        (long long)dropped,
                        what == RI_MISSING_DROP_FEATURE ? "features" : "samples");
    return RI_OK;
}

/* What follows on opening, whatever was opened. */
static ri_status shape(ri_session *session, const char *response, ri_dataset *dataset,
                       ri_error *err) {
    ri_selection selection = ri_given_selection(&session->arguments);
    ri_pheno_options pheno = ri_given_pheno(&session->arguments);
    ri_selection_report selected;
    ri_pheno_report found;
    if (pheno.file && !pheno.name)
        pheno.name = response;
    RI_TRY(ri_dataset_select(dataset, &selection, &selected, err));
    ri_tell_selection(session, &selected);
    RI_TRY(drop_incomplete(session, dataset, err));
    RI_TRY(ri_dataset_take_pheno(dataset, &pheno, &found, err));
    if (session->arguments.pheno || session->arguments.bfile)
        ri_tell_pheno(session, &found);
    return RI_OK;
}

ri_status ri_check_data(const ri_session *session, const char *data, ri_error *err) {
    const char *prefix = session->arguments.bfile;
    if (!data && !prefix)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: DATA is needed, or --bfile PREFIX; 'riata %s --help' shows the usage",
                       session->command, session->command);
    if (data && prefix)
        return ri_fail(err, RI_BAD_INPUT, "%s: give either %s or --bfile %s, not both",
                       session->command, data, prefix);
    return RI_OK;
}

ri_status ri_open_data(ri_session *session, const char *data, const char *response,
                       bool response_optional, ri_dataset **out, ri_error *err) {
    *out = NULL;
    RI_TRY(ri_check_data(session, data, err));
    ri_dataset *dataset = NULL;
    ri_status status = data ? open_file(session, data, response, response_optional, &dataset, err)
                            : open_plink(session, &dataset, err);
    if (status == RI_OK)
        status = shape(session, response, dataset, err);
    if (status == RI_OK)
        *out = dataset;
    else
        ri_dataset_close(dataset);
    return status;
}
