/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/report_h5ad.h"

#include <stdlib.h>

#include "base/memory.h"
#include "data/h5ad_var.h"

enum { SELECTED, COEFFICIENT };

const ri_option ri_options_h5ad[] = {
    {.name = "h5ad",
     .kind = RI_TEXT,
     FIELD(h5ad),
     .argument = "FILE",
     .help = "The AnnData file that the data came from: a copy of it, --h5ad-output, gets a column "
             "of var that says which features were selected. Features are matched by name."},
    {.name = "h5ad-output",
     .kind = RI_TEXT,
     FIELD(h5ad_output),
     .argument = "FILE",
     .help = "Name of that copy."},
    {.name = "h5ad-values",
     .kind = RI_CHOICE,
     FIELD(h5ad_values),
     .argument = "WHAT",
     .initial = "selected",
     .choices = "selected|coefficient",
     .help = "selected: true or false; coefficient: on the original scale, 0 of a feature that was "
             "not selected and NaN of one that the result does not know."},
    {.name = "h5ad-column",
     .kind = RI_TEXT,
     FIELD(h5ad_column),
     .argument = "NAME",
     .shown = "riata_selected or riata_coefficient",
     .help = "Name of the new column."},
    {0},
};

static void tell(ri_session *session, const ri_var_column *column, const ri_var_report *report,
                 int64_t selected) {
    const ri_arguments *given = &session->arguments;
    ri_console_note(
        &session->console,
        "%s: var has the column '%s': %lld of its %lld features are in the result, %lld "
        "of %lld selected ones among them",
        given->h5ad_output, column->name, (long long)report->matched, (long long)report->features,
        (long long)(selected - report->lost), (long long)selected);
    if (report->lost > 0)
        ri_console_warn(&session->console,
                        "%s has no feature '%s'%s: %lld selected features are lost", given->h5ad,
                        report->first_lost, report->lost > 1 ? " and others" : "",
                        (long long)report->lost);
}

ri_status ri_report_h5ad(ri_session *session, const ri_record *record, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    bool truth = given->h5ad_values == SELECTED;
    const ri_fit *fit = ri_path_refit(record, ri_record_selected(record));
    int64_t a = record->index_selected, selected = 0;
    if (!given->h5ad && !given->h5ad_output)
        return RI_OK;
    if (!given->h5ad || !given->h5ad_output)
        return ri_fail(err, RI_BAD_INPUT,
                       "--h5ad and --h5ad-output go together: the file to copy, and its copy");
    double *value = ri_calloc((size_t)record->p, sizeof *value);
    if (!value)
        return ri_fail_memory(err, "the coefficients", 8ULL * (size_t)record->p);
    for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++) {
        value[fit->feature[e]] = fit->coefficient[e];
        selected += fit->coefficient[e] != 0;
    }
    ri_var_column column = {.name = given->h5ad_column ? given->h5ad_column
                                    : truth            ? "riata_selected"
                                                       : "riata_coefficient",
                            .feature = &record->feature,
                            .value = value,
                            .truth = truth};
    ri_var_report report;
    ri_status status = ri_h5ad_add_var(given->h5ad, given->h5ad_output, &column, &report, err);
    if (status == RI_OK)
        tell(session, &column, &report, selected);
    free(value);
    return status;
}
