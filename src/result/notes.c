/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/notes.h"
#include "result/view.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/status.h"
#include "cv/criteria.h"
#include "cv/fold_sizes.h"
#include "cv/proxies.h"

static const double MOST_INFLATION = 10;

static RI_PRINTF(2, 3) void note(ri_notes *notes, const char *format, ...) {
    va_list args;
    if (notes->count == RI_MOST_NOTES)
        return;
    va_start(args, format);
    vsnprintf(notes->text[notes->count++], RI_NOTE_TEXT, format, args);
    va_end(args);
}

/* The minimum of the curve, or of the criterion that chose, at an end of the grid. */
static void note_border(const ri_record *record, ri_notes *notes) {
    const ri_path *path = ri_record_selected(record);
    int64_t last = path->alphas - 1;
    if (last == 0)
        return;
    if (path->mean && path->index_min == last)
        note(notes,
             "the minimum is at the smallest alpha, the border of the grid: the error may fall "
             "further. Go on to smaller ones, for instance with --eps %.1g",
             path->alpha[last] > 0 ? path->alpha[last] / path->alpha[0] / 10 : 1e-4);
    else if (path->mean && path->index_min == 0)
        note(notes,
             "the minimum is at the largest alpha, the border of the grid: no model of these "
             "features predicted held-out samples better than the one there. Either there is "
             "nothing to find with so few samples, or an --alpha-list started too low");
    if (record->settings.select >= RI_SELECT_BIC && record->index_selected == last)
        note(notes,
             "the criterion still falls at the smallest alpha: with so many features for so few "
             "samples it cannot tell signal from noise. Prefer ebic to bic, or riata cv");
}

/* No alpha is told apart from the largest one by more than the error of the minimum. */
static void note_flat(const ri_record *record, ri_notes *notes) {
    const ri_path *path = ri_record_selected(record);
    if (!path->mean || path->index_min == 0)
        return;
    ri_metric metric = record->settings.metric;
    double least = ri_metric_badness(metric, path->mean[path->index_min]);
    double error = path->se[path->index_min];
    if (!(ri_metric_badness(metric, path->mean[0]) <= least + error))
        return;
    int64_t support = ri_fit_support(record, ri_path_refit(record, path), 0);
    note(notes,
         "the error curve is flat within its error: the largest alpha, with %lld feature%s, is "
         "within one standard error (%.3g) of the minimum (%s %.6g against %.6g). These samples "
         "do not show that the features kept at the minimum predict the response",
         (long long)support, support == 1 ? "" : "s", error, ri_record_error(record), path->mean[0],
         path->mean[path->index_min]);
}

/* Folds that are too small. */
static void note_folds(const ri_record *record, ri_notes *notes) {
    char text[RI_NOTE_TEXT];
    if (record->folds == 0)
        return;
    ri_fold_sizes sizes = ri_fold_sizes_of(record->fold, record->n_all, record->folds,
                                           ri_settings_repeats(&record->settings));
    if (ri_fold_sizes_warn(&sizes, text, sizeof text))
        note(notes, "%s", text);
}

/* Features that could stand in for each other, and coefficients that they make uncertain. */
static void note_correlated(const ri_record *record, ri_notes *notes) {
    const ri_proxies *x = &record->proxies;
    ri_proxy_totals totals = ri_proxies_totals(x);
    if (totals.with_unselected > 0 && ri_record_selected(record)->l1_ratio >= 1)
        note(
            notes,
            "%lld of the %lld selected features have a proxy that is not in the model (correlation "
            "of at least %.3g): which of them a lasso takes is partly chance. Where the group "
            "matters rather than its member, an elastic net (--l1-ratio 0.5) shares the weight",
            (long long)totals.with_unselected, (long long)x->count, x->threshold);
    if (isinf(totals.worst_vif))
        note(notes, "some selected features depend linearly on each other: their coefficients are "
                    "not unique, the predictions are");
    else if (totals.worst_vif > MOST_INFLATION)
        note(notes,
             "selected features are correlated among themselves (variance inflation up to %.3g): "
             "read their coefficients together, not one by one",
             totals.worst_vif);
}

ri_notes ri_record_notes(const ri_record *record) {
    ri_notes notes = {0};
    note_border(record, &notes);
    note_flat(record, &notes);
    note_folds(record, &notes);
    note_correlated(record, &notes);
    return notes;
}
