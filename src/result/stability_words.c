/* SPDX-License-Identifier: BSD-3-Clause */
#include "result/stability_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "result/stability_order.h"
#include "result/view.h"

enum { NAMED = 20, NAME_COLUMNS = 30 };

static void say_rule(const ri_record *record, char *text) {
    const ri_stability *s = &record->stability;
    const double *alpha = record->path[0].alpha;
    snprintf(
        text, RI_SENTENCE_TEXT,
        "%d complementary pairs of half-samples; stable is a feature that at least %.4g of the "
        "%d half-samples pick at some alpha of the region, %.4g to %.4g (%lld of %lld alphas)",
        (int)s->pairs, s->threshold, 2 * (int)s->pairs, alpha[0], alpha[s->region - 1],
        (long long)s->region, (long long)s->alphas);
}

static void say_features(const ri_record *record, const ri_stable *order, char *text) {
    const ri_stability *s = &record->stability;
    size_t used = 0;
    if (s->selected == 0) {
        snprintf(text, RI_SENTENCE_TEXT, "no feature is stable");
        return;
    }
    used +=
        (size_t)snprintf(text, RI_SENTENCE_TEXT, "%lld stable feature%s: ", (long long)s->selected,
                         s->selected == 1 ? "" : "s");
    for (int64_t i = 0; i < s->selected && i < NAMED && used < RI_SENTENCE_TEXT / 2; i++) {
        char name[RI_SHORT_TEXT];
        ri_text_shorten(ri_names_get(&record->feature, order[i].feature), NAME_COLUMNS, name);
        used += (size_t)snprintf(text + used, RI_SENTENCE_TEXT - used, "%s%.120s (%.2f)",
                                 i ? ", " : "", name, order[i].within);
    }
    if (s->selected > NAMED)
        snprintf(text + used, RI_SENTENCE_TEXT - used, ", and %lld more in .stability.tsv",
                 (long long)(s->selected - NAMED));
}

static void say_bound(const ri_record *record, char *text) {
    const ri_stability *s = &record->stability;
    size_t used = (size_t)snprintf(
        text, RI_SENTENCE_TEXT,
        "a half-sample picks %.3g of the %lld features in the region on average; so at most %.3g "
        "stable ones are expected to be false, if noise features are picked equally often and no "
        "worse than by guessing (Meinshausen and Buehlmann 2010)",
        s->picked, (long long)s->features, s->bound);
    if (!isnan(s->unimodal_bound))
        snprintf(text + used, RI_SENTENCE_TEXT - used,
                 "; without that, at most %.3g to be among features that a half-sample picks no "
                 "more often than by chance, if frequencies have one mode (Shah and Samworth 2013)",
                 s->unimodal_bound);
}

ri_status ri_stability_say(const ri_record *record, ri_stability_words *words, ri_error *err) {
    const ri_stability *s = &record->stability;
    ri_stable *order = NULL;
    int64_t count = 0;
    *words = (ri_stability_words){0};
    RI_TRY(ri_stability_order(record, &order, &count, err));
    say_rule(record, words->text[words->count++]);
    say_features(record, order, words->text[words->count++]);
    say_bound(record, words->text[words->count++]);
    if (s->bound > s->pfer)
        snprintf(words->text[words->count++], RI_SENTENCE_TEXT,
                 "even the largest alpha alone is too much for --pfer %.4g: allow more, raise "
                 "--threshold, or give larger alphas by --alpha-list",
                 s->pfer);
    else if (s->region == s->alphas)
        snprintf(words->text[words->count++], RI_SENTENCE_TEXT,
                 "the region is the whole grid and could go on: smaller alphas (--eps) may make "
                 "more features stable");
    free(order);
    return RI_OK;
}
