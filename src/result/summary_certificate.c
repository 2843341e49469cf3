/* SPDX-License-Identifier: BSD-3-Clause
 * Of the summary: whether it is proven, whether the answer is unique, and what to do where not. */
#include "result/summary.h"
#include "result/view.h"

enum { UNCERTIFIED_SHOWN = 8 };

/* Least squares whose answer is not unique. */
static void say_rank(const ri_record *record, const ri_fit *refit, FILE *out) {
    long long features = record->p - refit->constant;
    for (int64_t j = 0; record->penalty_factor && j < record->p; j++)
        features -= record->penalty_factor[j] == 0;
    ri_summary_say(
        out, "Rank",
        "at alpha 0 the %lld features that vary have rank %lld on these %lld samples: infinitely "
        "many coefficients fit equally well. Those given are the smallest, by the sum of their "
        "squares on the %s scale; the fitted values are the same for all",
        features, features - (long long)refit->dependent, (long long)refit->train,
        record->settings.standardize ? "standardised" : "original");
    if (features - refit->dependent >= refit->train - record->settings.intercept)
        ri_summary_say(
            out, "",
            "they fit the training samples exactly, noise included: a ridge or a lasso predicts "
            "better, as a rule");
}

void ri_summary_say_ties(const ri_record *record, FILE *out) {
    const ri_path *path = ri_record_selected(record);
    const ri_fit *refit = ri_path_refit(record, path);
    if (refit->constant > 0)
        ri_summary_say(out, "Constant", "%lld feature%s without variation: coefficient 0",
                       (long long)refit->constant, ri_summary_plural(refit->constant));
    if (refit->twins > 0)
        ri_summary_say(out, "Equal", "%lld feature%s equal%s or mirror%s an earlier one%s",
                       (long long)refit->twins, ri_summary_plural(refit->twins),
                       refit->twins == 1 ? "s" : "", refit->twins == 1 ? "s" : "",
                       path->l1_ratio >= 1 ? " and stay at 0, so that the answer is defined"
                                           : "; an elastic net shares the weight between them");
    if (refit->dependent > 0 && path->alpha[path->alphas - 1] == 0)
        say_rank(record, refit, out);
    else if (refit->dependent > 0)
        ri_summary_say(out, "Dependent",
                       "features depend linearly on others of the model (at least %lld met): "
                       "their coefficients are not unique, the objective is",
                       (long long)refit->dependent);
}

static int64_t count_uncertified(const ri_record *record, int64_t *points) {
    int64_t count = 0;
    *points = 0;
    for (int64_t r = 0; r < record->paths; r++)
        for (int32_t k = 0; k <= record->folds; k++)
            for (int64_t a = 0; a < record->path[r].alphas; a++, (*points)++)
                count += !record->path[r].fit[k].certified[a];
    return count;
}

static void say_one_uncertified(const ri_record *record, const ri_path *path, int32_t k, int64_t a,
                                FILE *out) {
    char fit[32] = "refit";
    if (k < record->folds)
        snprintf(fit, sizeof fit, "fold %d", (int)k);
    ri_summary_say(out, "",
                   "%s, l1_ratio %.4g, alpha %.6g (index %lld): gap %.3g, %.3g x the tolerance",
                   fit, path->l1_ratio, path->alpha[a], (long long)a, path->fit[k].gap[a],
                   path->fit[k].gap[a] / record->settings.tol);
}

void ri_summary_say_certificate(const ri_record *record, FILE *out) {
    int64_t points, missed = count_uncertified(record, &points), shown = 0;
    if (missed == 0) {
        ri_summary_say(
            out, "Certificate",
            "all %lld fits are certified: worst relative duality gap %.3g over all features "
            "(asked: %.3g)",
            (long long)points, ri_record_worst_gap(record), record->settings.tol);
        return;
    }
    ri_summary_say(out, "NOT CERTIFIED",
                   "%lld of %lld fits missed the relative duality gap of %.3g:", (long long)missed,
                   (long long)points, record->settings.tol);
    for (int64_t r = 0; r < record->paths; r++)
        for (int32_t k = 0; k <= record->folds; k++)
            for (int64_t a = 0; a < record->path[r].alphas; a++)
                if (!record->path[r].fit[k].certified[a] && shown++ < UNCERTIFIED_SHOWN)
                    say_one_uncertified(record, &record->path[r], k, a, out);
    if (missed > UNCERTIFIED_SHOWN)
        ri_summary_say(out, "", "and %lld more, listed in the JSON and the HDF5 file",
                       (long long)(missed - UNCERTIFIED_SHOWN));
    ri_summary_say(
        out, "",
        "what to do: a larger --tol if these gaps are good enough, a grid that ends earlier "
        "(larger --eps), or another --solver");
}
