/* SPDX-License-Identifier: BSD-3-Clause
 * Correlated features: for the selected ones, which others could stand in for them. */
#include <math.h>
#include <stdlib.h>

#include "cv/proxies.h"
#include "result/page.h"
#include "result/view.h"

enum { FEATURES = 40, CLOSEST = 5 };

/* The closest proxies by name, those in the model marked. */
static void put_closest(const ri_record *record, const ri_proxy *list, int64_t count, FILE *out) {
    for (int64_t i = 0; i < count && i < CLOSEST; i++) {
        fputs(i ? ", " : "", out);
        ri_page_name(out, ri_names_get(&record->feature, list[i].feature));
        fputs(ri_proxies_find(&record->proxies, list[i].feature) >= 0 ? "* (" : " (", out);
        ri_page_number(out, list[i].r, 3);
        fputs(")", out);
    }
    if (count > CLOSEST)
        fprintf(out, " and %lld more", (long long)(count - CLOSEST));
}

static ri_status put_rows(const ri_record *record, const ri_effect *effect, int64_t count,
                          FILE *out, ri_error *err) {
    const ri_proxies *x = &record->proxies;
    int64_t shown = 0;
    for (int64_t i = 0; i < count && shown < FEATURES; i++) {
        int64_t k = ri_proxies_find(x, effect[i].feature), found;
        ri_proxy *list;
        if (k < 0 || x->start[k + 1] == x->start[k])
            continue;
        RI_TRY(ri_proxies_sort(x, k, &list, &found, err));
        fputs("<tr><th scope=\"row\">", out);
        ri_page_name(out, ri_names_get(&record->feature, effect[i].feature));
        fprintf(out, "</th><td class=\"n\">%lld</td><td>", (long long)found);
        put_closest(record, list, found, out);
        fputs("</td></tr>\n", out);
        free(list);
        shown++;
    }
    return RI_OK;
}

static ri_status put_table(const ri_record *record, int64_t with, FILE *out, ri_error *err) {
    ri_effect *effect;
    int64_t count;
    RI_TRY(ri_path_effects(record, ri_record_selected(record), record->index_selected, &effect,
                           &count, err));
    ri_page_table(out, "Selected features that others could stand in for",
                  "Feature|#Proxies|The closest (correlation)");
    ri_status status = put_rows(record, effect, count, out, err);
    free(effect);
    RI_TRY(status);
    ri_page_table_end(out);
    fprintf(out,
            "<p class=\"soft\">* is in the model too.%s All are in the table "
            "<code>.proxies.tsv</code>.</p>\n",
            with > FEATURES ? " The strongest 40 are shown." : "");
    return RI_OK;
}

ri_status ri_page_put_proxies(const ri_record *record, FILE *out, ri_error *err) {
    const ri_proxies *x = &record->proxies;
    ri_proxy_totals totals = ri_proxies_totals(x);
    if (!(x->threshold > 0) || x->count == 0)
        return RI_OK;
    ri_page_section(out, "proxies", "Correlated features");
    fputs("<p>", out);
    ri_page_say(out,
                "A proxy of a selected feature is another one whose correlation with it is at "
                "least %.3g in size. A lasso takes one of such a group, and which one is partly "
                "chance: read the name as a name for the group. %lld of the %lld selected features "
                "have a proxy that is not in the model.",
                x->threshold, (long long)totals.with_unselected, (long long)x->count);
    if (totals.looked < x->count)
        ri_page_say(out, " Looked at were the strongest %lld.", (long long)totals.looked);
    if (totals.with_unselected > 0 && ri_record_selected(record)->l1_ratio >= 1)
        ri_page_say(out, " An elastic net (--l1-ratio 0.5) would share the weight in a group.");
    fputs("</p>\n", out);
    ri_status status = totals.with > 0 ? put_table(record, totals.with, out, err) : RI_OK;
    if (status == RI_OK && totals.worst_vif > 0) {
        fputs(
            "<p>Variance inflation, by how much correlation among the selected features themselves "
            "makes a coefficient less certain, is at most ",
            out);
        if (isinf(totals.worst_vif))
            fputs("without bound: some of them depend linearly on others", out);
        else
            ri_page_number(out, totals.worst_vif, 3);
        fputs(". Above 5 to 10, coefficients of single features mean little.</p>\n", out);
    }
    fputs("</section>\n", out);
    return status;
}
