/* SPDX-License-Identifier: BSD-3-Clause
 * Tables for people and scripts: the error curve, and the features of the chosen model. They hold
 * no run facts; numbers are in shortest round-trip form, unknown ones "nan". */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/output.h"
#include "cv/proxies.h"
#include "result/export.h"
#include "result/result.h"
#include "result/view.h"

static void put_curve_point(const ri_record *record, const ri_path *path, int64_t a,
                            double shrinkage, FILE *file) {
    char text[RI_NUMBER_TEXT];
    const double *const column[] = {path->mean, path->mean_weighted, path->se, path->mae_mean,
                                    path->mae_se};
    const ri_fit *refit = ri_path_refit(record, path);
    fputs(ri_format_number(path->l1_ratio, text), file);
    if (ri_record_relaxed(record))
        ri_export_number(file, 1 - path->relaxed);
    if (ri_record_adaptive(record))
        ri_export_number(file, path->adaptive.alpha);
    ri_export_number(file, path->alpha[a]);
    for (size_t c = 0; c < sizeof column / sizeof *column; c++)
        ri_export_number(file, column[c] ? column[c][a] : (double)NAN);
    fprintf(file, "\t%lld", (long long)ri_fit_support(record, refit, a));
    ri_export_number(file, refit->objective[a]);
    ri_export_number(file, ri_path_gap(record, path, a));
    ri_export_number(file, ri_path_training_error(record, path, a));
    ri_export_number(file, shrinkage);
    ri_export_number(file, ri_path_bic(record, path, a, 0));
    ri_export_number(file, ri_path_bic(record, path, a, record->settings.ebic_gamma));
    for (int m = 0; m < RI_METRICS; m++)
        if (path->more_mean[m]) {
            ri_export_number(file, path->more_mean[m][a]);
            ri_export_number(file, path->more_se[m][a]);
        }
    if (record->replicates.count > 0) {
        bool chosen = path == ri_record_selected(record);
        ri_export_number(file, chosen ? record->replicates.bias_squared[a] : (double)NAN);
        ri_export_number(file, chosen ? record->replicates.variance[a] : (double)NAN);
    }
    for (int32_t k = 0; k < record->folds; k++)
        ri_export_number(file, ri_fit_errors(&path->fit[k], record->settings.metric)[a]);
    fputc('\n', file);
}

ri_status ri_export_curve(const ri_record *record, const char *path, ri_error *err) {
    ri_output out;
    size_t most = 0;
    for (int64_t r = 0; r < record->paths; r++)
        most = (size_t)record->path[r].alphas > most ? (size_t)record->path[r].alphas : most;
    double *shrinkage = ri_alloc(most, sizeof *shrinkage);
    if (!shrinkage)
        return ri_fail_memory(err, "the table of the curve", most * sizeof *shrinkage);
    ri_status status = ri_output_open(path, &out, err);
    if (status != RI_OK) {
        free(shrinkage);
        return status;
    }
    fprintf(out.file,
            "%s%s\talpha\tmean\tmean_weighted\tse\tmae\tmae_se\tnnz\tobjective\tgap\t"
            "training_%s\tshrinkage\tbic\tebic",
            ri_record_relaxed(record) ? "l1_ratio\tgamma" : "l1_ratio",
            ri_record_adaptive(record) ? "\tfirst_alpha" : "",
            record->settings.family == RI_GAUSSIAN ? "mse" : "deviance");
    for (int m = RI_DEVIANCE; m < RI_METRICS && record->folds > 0; m++)
        if (ri_metric_fits((ri_metric)m, record->settings.family))
            fprintf(out.file, "\t%s\t%s_se", ri_metric_name((ri_metric)m),
                    ri_metric_name((ri_metric)m));
    if (record->replicates.count > 0)
        fputs("\tbias_squared\tvariance", out.file);
    for (int32_t k = 0; k < record->folds; k++)
        fprintf(out.file, "\tfold_%d", (int)k);
    fputc('\n', out.file);
    for (int64_t r = 0; r < record->paths; r++) {
        ri_path_shrinkage(record, &record->path[r], shrinkage);
        for (int64_t a = 0; a < record->path[r].alphas; a++)
            put_curve_point(record, &record->path[r], a, shrinkage[a], out.file);
    }
    free(shrinkage);
    return ri_output_close(&out, 1, err);
}

/* A column of names where the dataset has them. */
static bool put_optional_name(FILE *file, const ri_names *names, int64_t index) {
    return names->count == 0 || (fputc('\t', file) != EOF && ri_export_name(file, names, index));
}

static void put_header(const ri_record *record, FILE *file) {
    fprintf(file, "feature\tcoefficient\tstandardized_coefficient\tsign\trank%s%s%s%s%s%s%s%s\n",
            record->frequency ? "\tfold_frequency" : "", record->chrom.count ? "\tchrom" : "",
            record->pos ? "\tpos" : "", record->a1.count ? "\tcounted_allele" : "",
            record->a2.count ? "\tother_allele" : "", record->genotype ? "\tallele_frequency" : "",
            record->truths ? "\ttruth" : "",
            record->proxies.threshold > 0 ? "\tvif\tproxies\tgroup" : "");
}

/* Variance inflation, number of proxies, and group; "nan" where they were not looked for. */
static void put_proxies(const ri_record *record, int64_t feature, const int64_t *group,
                        FILE *file) {
    const ri_proxies *x = &record->proxies;
    int64_t k = ri_proxies_find(x, feature);
    bool looked = k >= 0 && x->looked[k];
    ri_export_number(file, k >= 0 ? x->vif[k] : (double)NAN);
    ri_export_number(file, looked ? (double)(x->start[k + 1] - x->start[k]) : (double)NAN);
    ri_export_number(file, k >= 0 ? (double)group[k] + 1 : (double)NAN);
}

static ri_status put_effects(const ri_record *record, const ri_effect *effect, int64_t count,
                             FILE *file, ri_error *err) {
    int64_t groups, *group = ri_alloc((size_t)record->proxies.count, sizeof *group);
    double *truth = ri_record_truth(record);
    bool good = group && (truth != NULL || record->truths == 0);
    if (good && record->proxies.count > 0)
        good = ri_proxies_group(&record->proxies, record->p, group, &groups, NULL) == RI_OK;
    for (int64_t i = 0; i < count && good; i++) {
        int64_t j = effect[i].feature;
        good = ri_export_name(file, &record->feature, j);
        ri_export_number(file, effect[i].coefficient);
        ri_export_number(file, effect[i].standardized);
        fprintf(file, "\t%s\t%lld", effect[i].coefficient > 0 ? "+" : "-", (long long)i + 1);
        if (record->frequency)
            ri_export_number(file, record->frequency[j]);
        good = good && put_optional_name(file, &record->chrom, j);
        if (record->pos)
            fprintf(file, "\t%lld", (long long)record->pos[j]);
        good = good && put_optional_name(file, &record->a1, j) &&
               put_optional_name(file, &record->a2, j);
        if (record->genotype)
            ri_export_number(file, record->feature_mean[j] / 2);
        if (truth)
            ri_export_number(file, truth[j]);
        if (record->proxies.threshold > 0)
            put_proxies(record, j, group, file);
        fputc('\n', file);
    }
    free(truth);
    free(group);
    return good ? RI_OK : ri_fail_memory(err, "the table of features", (size_t)record->p * 8);
}

ri_status ri_export_features(const ri_record *record, const char *path, ri_error *err) {
    ri_output out;
    ri_effect *effect = NULL;
    int64_t count;
    ri_status status = RI_OK;
    RI_TRY(ri_path_effects(record, ri_record_selected(record), record->index_selected, &effect,
                           &count, err));
    RI_GO(ri_output_open(path, &out, err));
    put_header(record, out.file);
    status = put_effects(record, effect, count, out.file, err);
    ri_status closed = ri_output_close(&out, status == RI_OK, err);
    status = status == RI_OK ? closed : status;
done:
    free(effect);
    return status;
}

ri_status ri_export_covariates(const ri_record *record, const char *path, ri_error *err) {
    ri_output out;
    const ri_covariates *c = &record->covariates;
    const ri_fit *refit = ri_path_refit(record, ri_record_selected(record));
    bool good = true;
    RI_TRY(ri_output_open(path, &out, err));
    fputs("covariate\tcoefficient\tstandardized_coefficient\treference\n", out.file);
    for (int64_t k = 0; k < c->count && good; k++) {
        double coefficient = refit->covariate[record->index_selected * c->count + k];
        good = ri_export_name(out.file, &c->name, k);
        ri_export_number(out.file, coefficient);
        ri_export_number(out.file, coefficient * record->covariate_sd[k]);
        good = good && put_optional_name(out.file, &c->reference, k);
        fputc('\n', out.file);
    }
    ri_status status = good ? RI_OK : ri_fail_memory(err, "the table of covariates", 64);
    ri_status closed = ri_output_close(&out, good, err);
    return good ? closed : status;
}
