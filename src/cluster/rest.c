/* SPDX-License-Identifier: BSD-3-Clause */
#include "cluster/rest.h"

#include <stdlib.h>

#include "base/memory.h"

typedef struct costly {
    double cost;
    int64_t unit;
} costly;

static int compare_costs(const void *a, const void *b) {
    const costly *left = a, *right = b;
    if (left->cost != right->cost)
        return left->cost < right->cost ? 1 : -1;
    return (left->unit > right->unit) - (left->unit < right->unit);
}

/* The least loaded rank with fewer than `most` units, or RI_NOBODY. */
static int find_least(const double *load, const int64_t *has, int ranks, int64_t most) {
    int least = RI_NOBODY;
    for (int r = 0; r < ranks; r++)
        if (has[r] < most && (least == RI_NOBODY || load[r] < load[least]))
            least = r;
    return least;
}

ri_status ri_units_deal(const double *cost, int64_t units, int ranks, int64_t most, int32_t *owner,
                        int64_t *order, ri_error *err) {
    costly *list = ri_alloc((size_t)units, sizeof *list);
    double *load = ri_calloc((size_t)ranks, sizeof *load);
    int64_t *has = ri_calloc((size_t)ranks, sizeof *has);
    ri_status status = RI_OK;
    if (!list || !load || !has) {
        status = ri_fail_memory(err, "dealing units", (size_t)units * sizeof *list);
        goto done;
    }
    for (int64_t u = 0; u < units; u++)
        list[u] = (costly){.cost = cost[u], .unit = u};
    qsort(list, (size_t)units, sizeof *list, compare_costs);
    for (int64_t i = 0; i < units; i++) {
        int least = find_least(load, has, ranks, most);
        order[i] = list[i].unit;
        owner[list[i].unit] = least;
        if (least == RI_NOBODY)
            continue;
        load[least] += list[i].cost;
        has[least]++;
    }
done:
    free(has);
    free(load);
    free(list);
    return status;
}

ri_hand ri_rest_take(ri_rest *rest, int rank) {
    int64_t left = rest->count - rest->next, least = (rest->most + 3) / 4;
    int64_t count = (left + 2 * rest->ranks - 1) / (2 * rest->ranks);
    count = count < least ? least : count;
    count = count > rest->most ? rest->most : count;
    count = count > left ? left : count;
    ri_hand hand = {.first = rest->next, .count = count};
    rest->next += count;
    for (int64_t i = hand.first; i < rest->next; i++)
        rest->owner[rest->unit[i]] = rank;
    return hand;
}
