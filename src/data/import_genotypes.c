/* SPDX-License-Identifier: BSD-3-Clause
 * PLINK 1 and VCF files to a dataset: opened, narrowed, given a response, and written in blocks of
 * columns.
 */
#include <stdio.h>

#include "data/c_locale.h"
#include "data/dataset_write.h"
#include "data/import.h"
#include "data/plink.h"
#include "data/truth.h"

static ri_status check_options(const ri_plink_options *options, ri_error *err) {
    if (options->storage != RI_PACKED2 && options->storage != RI_I8)
        return ri_fail(err, RI_BAD_INPUT, "genotypes are stored as packed2 or i8, not as %s",
                       ri_storage_name(options->storage));
    return ri_pheno_check(&options->pheno, err);
}

static ri_status import_genotypes(ri_dataset *dataset, const ri_plink_options *options,
                                  const ri_selection *selection, ri_storage storage,
                                  const char *output, ri_import_report *report, ri_error *err) {
    ri_write_report written;
    if (options->truth)
        RI_TRY(
            ri_truth_read(options->truth, &dataset->feature, &dataset->a1, &dataset->truth, err));
    if (selection)
        RI_TRY(ri_dataset_select(dataset, selection, &report->selection, err));
    RI_TRY(ri_dataset_take_pheno(dataset, &options->pheno, &report->pheno, err));
    RI_TRY(ri_dataset_write(dataset, storage, output, &written, err));
    report->samples = dataset->n;
    report->features = dataset->p;
    report->missing_responses = written.missing_responses;
    report->missing_values = written.missing_values;
    report->constant_features = written.constant_features;
    if (dataset->response)
        snprintf(report->response, sizeof report->response, "%s", dataset->response);
    return RI_OK;
}

ri_status ri_import_plink(const char *prefix, const ri_plink_options *options, const char *output,
                          ri_import_report *report, ri_error *err) {
    ri_status status;
    ri_dataset *dataset = NULL;
    ri_c_locale locale = ri_c_locale_enter();
    *report = (ri_import_report){0};
    RI_GO(check_options(options, err));
    RI_GO(ri_plink_open(prefix, &dataset, &report->renamed_features, err));
    RI_GO(import_genotypes(dataset, options, options->selection, options->storage, output, report,
                           err));
done:
    ri_dataset_close(dataset);
    ri_c_locale_leave(locale);
    return status;
}

ri_status ri_import_vcf(const char *path, const ri_plink_options *options,
                        const ri_vcf_options *how, const char *output, ri_import_report *report,
                        ri_error *err) {
    ri_status status;
    ri_dataset *dataset = NULL;
    ri_c_locale locale = ri_c_locale_enter();
    ri_vcf_options reading = *how;
    ri_selection rest;
    reading.selection = options->selection;
    reading.storage = options->storage == RI_I8 ? RI_PACKED2 : options->storage;
    *report = (ri_import_report){0};
    RI_GO(ri_pheno_check(&options->pheno, err));
    RI_GO(ri_vcf_open(path, &reading, output, &dataset, &report->vcf, err));
    if (options->selection) {
        rest = *options->selection;
        rest.keep = rest.remove = NULL; /* done */
    }
    RI_GO(import_genotypes(dataset, options, options->selection ? &rest : NULL,
                           options->storage == RI_I8 ? RI_I8 : dataset->storage, output, report,
                           err));
    report->renamed_features = report->vcf.renamed;
    for (int step = RI_KEEP; step <= RI_REMOVE; step++)
        report->selection.step[step] = report->vcf.selection.step[step];
done:
    ri_dataset_close(dataset);
    ri_c_locale_leave(locale);
    return status;
}
