/* SPDX-License-Identifier: BSD-3-Clause
 * Proxies of the selected features as a table: the closest first, and for each whether it is in the
 * model itself, and which group joins them. */
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/output.h"
#include "cv/proxies.h"
#include "result/result.h"
#include "result/view.h"

static void put_name(FILE *file, const ri_names *names, int64_t index) {
    char *name = ri_text_clean(ri_names_get(names, index));
    fputs(name ? name : "?", file);
    free(name);
}

static void put_place(const ri_record *record, int64_t j, FILE *file) {
    if (record->chrom.count > 0) {
        fputc('\t', file);
        put_name(file, &record->chrom, j);
    }
    if (record->pos)
        fprintf(file, "\t%lld", (long long)record->pos[j]);
}

static void put_proxies(const ri_record *record, int64_t k, int64_t group, const ri_proxy *list,
                        int64_t count, FILE *file) {
    char number[RI_NUMBER_TEXT];
    const ri_proxies *x = &record->proxies;
    for (int64_t i = 0; i < count; i++) {
        put_name(file, &record->feature, x->feature[k]);
        fputc('\t', file);
        put_name(file, &record->feature, list[i].feature);
        fprintf(file, "\t%s\t%s\t%lld", ri_format_number(list[i].r, number),
                ri_proxies_find(x, list[i].feature) >= 0 ? "yes" : "no", (long long)group + 1);
        put_place(record, list[i].feature, file);
        fputc('\n', file);
    }
}

ri_status ri_export_proxies(const ri_record *record, const char *path, ri_error *err) {
    ri_output out;
    const ri_proxies *x = &record->proxies;
    ri_effect *effect = NULL;
    int64_t count, groups, *group = ri_alloc((size_t)x->count, sizeof *group);
    ri_status status;
    if (!group)
        return ri_fail_memory(err, "the table of proxies", 8 * (size_t)x->count);
    RI_GO(ri_proxies_group(x, record->p, group, &groups, err));
    RI_GO(ri_path_effects(record, ri_record_selected(record), record->index_selected, &effect,
                          &count, err));
    RI_GO(ri_output_open(path, &out, err));
    fprintf(out.file, "feature\tproxy\tr\tproxy_selected\tgroup%s%s\n",
            record->chrom.count > 0 ? "\tproxy_chrom" : "", record->pos ? "\tproxy_pos" : "");
    for (int64_t i = 0; i < count && status == RI_OK; i++) {
        int64_t k = ri_proxies_find(x, effect[i].feature), found;
        ri_proxy *list = NULL;
        status = k < 0 ? RI_OK : ri_proxies_sort(x, k, &list, &found, err);
        if (list)
            put_proxies(record, k, group[k], list, found, out.file);
        free(list);
    }
    ri_status closed = ri_output_close(&out, status == RI_OK, err);
    status = status == RI_OK ? closed : status;
done:
    free(effect);
    free(group);
    return status;
}
