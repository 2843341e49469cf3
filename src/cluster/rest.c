/* SPDX-License-Identifier: BSD-3-Clause */
#include "cluster/rest.h"

#include <math.h>
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

/* Units in hand on a node, from which on more of them hardly lower the cost of each one's share of
 * a pass; hands that fit into an even share, so that some of it is kept back, and no more of them.
 */
enum { SHARING = 8, LEAST_HANDS = 4, MOST_HANDS = 8 };

/* What is kept back of a share of one unit: what predictions miss of the sum of many falls with the
 * root of their number. */
static const double KEPT = 0.7;

ri_dealing ri_dealing_of(int64_t units, int64_t most, int ranks, int threads, int together) {
    int64_t even = (units + ranks - 1) / ranks, least = (SHARING + together - 1) / together;
    ri_dealing dealing = {.ranks = ranks, .most = most < even ? most : units, .part = 1};
    least = least < threads ? threads : least;
    least = least < even / MOST_HANDS ? even / MOST_HANDS : least;
    dealing.least = least < most ? least : most;
    if (even >= LEAST_HANDS * dealing.least)
        dealing.part = 1 - KEPT / sqrt((double)even);
    return dealing;
}

/* A rank that takes units; the least loaded one, of these the lowest, is the first of a heap. */
typedef struct taker {
    double load;
    int64_t has;
    int rank;
} taker;

static bool comes_before(const taker *a, const taker *b) {
    return a->load < b->load || (a->load == b->load && a->rank < b->rank);
}

/* Lets the first of the heap sink to its place. */
static void sink(taker *heap, int count) {
    for (int at = 0, child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && comes_before(&heap[child + 1], &heap[child]))
            child++;
        if (comes_before(&heap[at], &heap[child]))
            return;
        taker down = heap[at];
        heap[at] = heap[child];
        heap[child] = down;
    }
}

ri_status ri_units_deal(const double *cost, int64_t units, const ri_dealing *dealing,
                        int32_t *owner, int64_t *order, ri_error *err) {
    int takers = dealing->ranks;
    double all = 0;
    costly *list = ri_alloc((size_t)units, sizeof *list);
    taker *heap = ri_alloc((size_t)takers, sizeof *heap);
    ri_status status = RI_OK;
    if (!list || !heap) {
        status = ri_fail_memory(err, "dealing units", (size_t)units * sizeof *list);
        goto done;
    }
    for (int64_t u = 0; u < units; u++) {
        list[u] = (costly){.cost = cost[u], .unit = u};
        all += cost[u];
    }
    for (int r = 0; r < takers; r++) /* a heap, as all loads are equal */
        heap[r] = (taker){.rank = r};
    const double enough = dealing->part < 1 ? dealing->part * all / takers : INFINITY;
    qsort(list, (size_t)units, sizeof *list, compare_costs);
    for (int64_t i = 0; i < units; i++) {
        order[i] = list[i].unit;
        owner[list[i].unit] = takers > 0 ? heap[0].rank : RI_NOBODY;
        if (takers == 0)
            continue;
        heap[0].load += list[i].cost;
        if (++heap[0].has == dealing->most || heap[0].load >= enough)
            heap[0] = heap[--takers];
        sink(heap, takers);
    }
done:
    free(heap);
    free(list);
    return status;
}

ri_hand ri_rest_take(ri_rest *rest, int rank) {
    const ri_dealing *d = &rest->dealing;
    int64_t left = rest->count - rest->next, count = (left + 2 * d->ranks - 1) / (2 * d->ranks);
    count = count < d->least ? d->least : count;
    count = count > d->most ? d->most : count;
    count = count > left ? left : count;
    ri_hand hand = {.first = rest->next, .count = count};
    rest->next += count;
    for (int64_t i = hand.first; i < rest->next; i++)
        rest->owner[rest->unit[i]] = rank;
    return hand;
}
