/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/import_vcf.h"

#include <string.h>

#include "base/output.h"
#include "cli/open.h"
#include "cli/storage.h"

const ri_option ri_options_vcf[] = {
    {.name = "dosage",
     .kind = RI_CHOICE,
     FIELD(dosage),
     .argument = "FIELD",
     .initial = "auto",
     .choices = "auto|GT|DS",
     .help = "GT: copies of the alternative allele. DS: dosages, stored as hundredths unless "
             "--storage f32; a sample without one is counted from GT. auto: DS where the header "
             "declares it."},
    {.name = "multiallelic",
     .kind = RI_CHOICE,
     FIELD(multiallelic),
     .argument = "WHAT",
     .initial = "split",
     .choices = "split|skip",
     .help = "A site with several alternative alleles: a feature for each, or none."},
    {.name = "region",
     .kind = RI_TEXT,
     FIELD(region),
     .argument = "REGION",
     .shown = "all records",
     .help = "Only records in CHROMOSOME or CHROMOSOME:FROM-TO, by the index beside the file."},
    {0},
};

bool ri_is_vcf(const char *path) {
    static const char *const SUFFIX[] = {".vcf", ".vcf.gz", ".vcf.bgz", ".bcf"};
    for (size_t k = 0; k < sizeof SUFFIX / sizeof *SUFFIX; k++) {
        size_t length = strlen(path), width = strlen(SUFFIX[k]);
        if (length > width && strcmp(path + length - width, SUFFIX[k]) == 0)
            return true;
    }
    return false;
}

ri_status ri_import_vcf_run(const ri_arguments *given, ri_import_report *report, ri_error *err) {
    const ri_selection selection = ri_given_selection(given);
    ri_plink_options options = {.pheno = ri_given_pheno(given),
                                .selection = &selection,
                                .truth = given->truth,
                                .storage = ri_given_storage(given)};
    ri_vcf_options how = {.field = (ri_vcf_field)given->dosage,
                          .skip_multiallelic = given->multiallelic == 1,
                          .region = given->region};
    if (given->response || given->id_column || given->drop || given->group || given->weight_column)
        return ri_fail(err, RI_BAD_INPUT,
                       "--response, --id-column, --drop, --group and --weight-column belong to a "
                       "table, not to a VCF; its response comes from --pheno");
    RI_TRY(ri_output_prepare(given->output, err));
    return ri_import_vcf(given->operand[0], &options, &how, given->output, report, err);
}

void ri_tell_vcf(ri_session *session, const ri_vcf_report *report) {
    const struct {
        int64_t count;
        const char *what;
    } line[] = {
        {report->split_sites, "sites have several alternative alleles: each is a feature"},
        {report->skipped_sites, "sites with several alternative alleles were skipped"},
        {report->from_gt, "dosages (DS) are missing and were counted from GT"},
        {report->half_calls, "calls lack one allele: taken as missing"},
        {report->haploid, "calls have one allele: it counts twice, as in a .bed"},
    };
    ri_console_note(&session->console, "values are %s",
                    report->dosage ? "dosages of ALT (DS); --dosage GT takes hard calls"
                                   : "copies of ALT (GT)");
    for (size_t i = 0; i < sizeof line / sizeof *line; i++)
        if (line[i].count > 0)
            ri_console_note(&session->console, "%lld %s", (long long)line[i].count, line[i].what);
}
