/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/selection.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/bed.h"
#include "data/lists.h"
#include "data/narrow.h"

const char *ri_selection_option(ri_selection_step step) {
    static const char *const NAME[RI_SELECTION_STEPS] = {
        [RI_KEEP] = "--keep",       [RI_REMOVE] = "--remove",   [RI_CHR] = "--chr",
        [RI_EXTRACT] = "--extract", [RI_EXCLUDE] = "--exclude", [RI_GENO] = "--geno",
        [RI_MAF] = "--maf"};
    return NAME[step];
}

/* --- by what the values are ------------------------------------------------------------------ */

typedef struct feature_facts {
    int64_t known;
    double sum; /* of the known values */
} feature_facts;

static feature_facts look_at(const ri_dataset *dataset, const void *column) {
    feature_facts facts = {0};
    if (dataset->storage == RI_PACKED2) {
        int64_t copies[3], missing;
        ri_bed_count(column, dataset->n, copies, &missing);
        facts.known = dataset->n - missing;
        facts.sum = (double)copies[1] + 2 * (double)copies[2];
        return facts;
    }
    for (int64_t i = 0; i < dataset->n; i++) {
        double value = ri_element(dataset->storage, column, i);
        facts.known += !isnan(value);
        facts.sum += isnan(value) ? 0 : value;
    }
    return facts;
}

/* True where the missing rate, or the frequency of the rarer allele, is on the right side. Both
 * sides of a comparison are made from whole numbers as far as possible, and a rounding error is no
 * reason to drop a feature. */
static bool passes(ri_selection_step step, double limit, const feature_facts *facts, int64_t n) {
    const double slack = 1e-12;
    if (step == RI_GENO)
        return (double)(n - facts->known) <= limit * (double)n * (1 + slack);
    double all = 2 * (double)facts->known;
    return all > 0 && fmin(facts->sum, all - facts->sum) >= limit * all * (1 - slack);
}

typedef struct marking {
    const ri_dataset *dataset;
    ri_selection_step step;
    double limit;
    bool *keep;
} marking;

static void mark_feature(void *context, int64_t feature, const void *column) {
    const marking *m = context;
    feature_facts facts = look_at(m->dataset, column);
    m->keep[feature] = passes(m->step, m->limit, &facts, m->dataset->n);
}

/* --- steps ----------------------------------------------------------------------------------- */

typedef ri_status list_function(const ri_dataset *dataset, const char *list, bool *named,
                                ri_list_count *count, ri_error *err);

static ri_status mark(const ri_dataset *dataset, ri_selection_step step, const char *list,
                      double limit, bool *keep, ri_list_count *count, ri_error *err) {
    static list_function *const LIST[RI_SELECTION_STEPS] = {[RI_KEEP] = ri_list_samples,
                                                            [RI_REMOVE] = ri_list_samples,
                                                            [RI_CHR] = ri_list_chromosomes,
                                                            [RI_EXTRACT] = ri_list_features,
                                                            [RI_EXCLUDE] = ri_list_features};
    if (!LIST[step]) {
        if (step == RI_MAF && !dataset->genotype)
            return ri_fail(err, RI_BAD_INPUT,
                           "--maf: the values of %s are not said to be genotypes", dataset->path);
        marking by_values = {dataset, step, limit, keep};
        return ri_dataset_each(dataset, mark_feature, &by_values, err);
    }
    RI_TRY(LIST[step](dataset, list, keep, count, err));
    int64_t all = step <= RI_REMOVE ? dataset->n : dataset->p;
    for (int64_t i = 0; i < all && (step == RI_REMOVE || step == RI_EXCLUDE); i++)
        keep[i] = !keep[i];
    return RI_OK;
}

static ri_status take_step(ri_dataset *dataset, ri_selection_step step, const char *list,
                           double limit, ri_selection_report *report, ri_error *err) {
    if (!list && isnan(limit))
        return RI_OK;
    const bool samples = step <= RI_REMOVE;
    int64_t all = samples ? dataset->n : dataset->p, kept = 0;
    ri_list_count count = {0};
    bool *keep = ri_calloc((size_t)all, sizeof *keep);
    if (!keep)
        return ri_fail_memory(err, "a selection", (size_t)all);
    ri_status status;
    RI_GO(mark(dataset, step, list, limit, keep, &count, err));
    for (int64_t i = 0; i < all; i++)
        kept += keep[i];
    report->step[step].asked = true;
    report->step[step].listed = count.listed;
    report->step[step].unknown = count.unknown;
    report->step[step].dropped = all - kept;
    if (kept == 0)
        status =
            ri_fail(err, RI_BAD_INPUT, "%s: drops all %lld %s of %s", ri_selection_option(step),
                    (long long)all, samples ? "samples" : "features", dataset->path);
    else if (kept < all)
        status = samples ? ri_dataset_narrow_samples(dataset, keep, err)
                         : ri_dataset_narrow_features(dataset, keep, err);
done:
    free(keep);
    return status;
}

bool ri_selection_asked(const ri_selection *selection) {
    return selection->keep || selection->remove || selection->chr || selection->extract ||
           selection->exclude || !isnan(selection->geno) || !isnan(selection->maf);
}

ri_status ri_dataset_select(ri_dataset *dataset, const ri_selection *selection,
                            ri_selection_report *report, ri_error *err) {
    const char *const list[RI_SELECTION_STEPS] = {[RI_KEEP] = selection->keep,
                                                  [RI_REMOVE] = selection->remove,
                                                  [RI_CHR] = selection->chr,
                                                  [RI_EXTRACT] = selection->extract,
                                                  [RI_EXCLUDE] = selection->exclude};
    *report = (ri_selection_report){.samples = dataset->n, .features = dataset->p};
    for (int step = 0; step < RI_SELECTION_STEPS; step++) {
        double limit = step == RI_GENO  ? selection->geno
                       : step == RI_MAF ? selection->maf
                                        : (double)NAN;
        RI_TRY(take_step(dataset, (ri_selection_step)step, list[step], limit, report, err));
    }
    return RI_OK;
}
