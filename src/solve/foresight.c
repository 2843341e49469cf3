/* SPDX-License-Identifier: BSD-3-Clause */
#include "solve/foresight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "solve/active.h"

/* Part of the threshold from which on a feature is expected: a wrong guess costs less than an entry
 * that comes a step late. */
static const double EXPECTED = 0.99;

void ri_foresight_free(ri_foresight *f) {
    free(f->g);
    free(f->at);
    *f = (ri_foresight){0};
}

ri_status ri_foresight_note(ri_foresight *f, const ri_candidates *c, double l1, ri_error *err) {
    size_t count = (size_t)c->size, had = f->room;
    if (!ri_grow(&f->g, &f->room, count, sizeof *f->g) ||
        !ri_grow(&f->at, &had, count, sizeof *f->at))
        return ri_fail_memory(err, "the gradients of a fit", 16 * count);
    double *before = f->g;
    f->g = f->at;
    f->at = before;
    f->l1 = f->last;
    f->last = l1;
    f->known += f->known < 2;
    if (count > 0)
        memcpy(f->at, c->g, count * sizeof *f->at);
    return RI_OK;
}

/* More than there is rank for cannot be told apart. */
static bool fits(const ri_newton *w, int64_t count) {
    return w->l2 > 0 || w->size + count <= w->rank;
}

ri_status ri_foresight_enter(const ri_foresight *f, ri_newton *w, ri_candidates *c,
                             const ri_point *point, ri_error *err) {
    if (f->known < 2 || !(point->l1 > 0) || !(f->l1 > f->last) || !(f->last > point->l1))
        return RI_OK;
    if (w->l2 != point->l2)
        RI_TRY(ri_newton_restart(w, c, point, err));
    double ahead = (f->last - point->l1) / (f->l1 - f->last);
    int64_t count = 0;
    for (int64_t k = 0; k < c->size; k++) {
        double g = f->at[k] + ahead * (f->at[k] - f->g[k]);
        g = c->positive ? g : fabs(g);
        if (!w->in[k] && c->penalty[k] > 0 && g > EXPECTED * point->l1 * c->penalty[k])
            w->enter[count++] = k;
    }
    return fits(w, count) ? ri_active_append(w, c, w->enter, count, err) : RI_OK;
}
