/* SPDX-License-Identifier: BSD-3-Clause
 * Every point of a solved small problem against its definition. Include cmocka.h before. */
#ifndef RI_SUPPORT_CHECK_RUN_H
#define RI_SUPPORT_CHECK_RUN_H

#include "support/exact_fit.h"
#include "support/small_run.h"

static inline double *dense_coefficients(const ri_fit *fit, int64_t a, int64_t p) {
    double *b = small_room((size_t)p, sizeof *b);
    for (int64_t k = fit->start[a]; k < fit->start[a + 1]; k++)
        b[fit->feature[k]] = fit->coefficient[k];
    return b;
}

enum { MOST_COMPLAINTS = 3 }; /* printed of a problem */

/* Gap within tol, gap and objective as recorded, nothing on constant columns or below zero. */
static inline bool check_point(const exact_fit *f, const ri_fit *fit, double alpha, int64_t a) {
    const small_design *d = &f->of->design;
    double *b = dense_coefficients(fit, a, d->p);
    exact_point e = exact_look(f, alpha, b, fit->intercept[a]);
    double gap = (double)(alpha == 0 ? e.norm_equation : e.gap);
    double unit = (double)f->null_loss > 0 ? (double)f->null_loss : 1;
    double off = fabs((double)e.objective - fit->objective[a]) / unit;
    for (int64_t j = 0; j < d->p; j++) {
        bool free_column = f->of->factor && f->of->factor[j] == 0;
        if ((d->positive && !free_column && b[j] < 0) || (b[j] != 0 && f->scale[j] == 0))
            off = INFINITY;
    }
    free(b);
    /* an intercept of 1e8 is stored to 1e-8, and its square is in the loss */
    /* moments round more than residuals, as long as that is nothing beside the tolerance, and what
     * rounding leaves of the gradient of unpenalised columns counts 1000 times in a recorded gap */
    double rounding = d->oddities & ODD_FAR ? 1e-10 : fmax(3e-12, 1e-6 * d->tol);
    bool equal = fabs(gap - fit->gap[a]) <= rounding + 1e-6 * gap;
    if (gap <= d->tol + rounding && fit->certified[a] && off <= 10 * rounding && equal)
        return true;
    print_error(
        "%s: fold %d alpha %d (%g): gap %g, recorded %g%s; objective %.15g, recorded %.15g; "
        "null loss %g\n",
        small_text(d), fit->fold, (int)a, alpha, gap, fit->gap[a],
        fit->certified[a] ? "" : " uncertified", (double)e.objective, fit->objective[a],
        (double)f->null_loss);
    return false;
}

/* Points and fits that break the law; the first ones are printed. */
static inline int check_record(const small_problem *s, const ri_record *record) {
    const ri_path *path = &record->path[0];
    int bad = 0;
    for (int32_t k = 0; k <= record->folds; k++) {
        const ri_fit *fit = &path->fit[k];
        exact_fit *f = exact_new(s, fit->fold);
        int64_t constant = 0;
        for (int64_t j = 0; j < f->p; j++)
            constant += f->scale[j] == 0;
        if (fabs((double)f->null_loss - fit->null_loss) > 1e-11 * (double)f->null_loss ||
            fit->train != f->n || fit->constant != constant) {
            print_error("%s: fold %d: null loss %.17g, recorded %.17g; %d constant, recorded %d\n",
                        small_text(&s->design), fit->fold, (double)f->null_loss, fit->null_loss,
                        (int)constant, (int)fit->constant);
            bad++;
        }
        for (int64_t a = 0; a < path->alphas && bad < MOST_COMPLAINTS; a++)
            bad += !check_point(f, fit, path->alpha[a], a);
        exact_free(f);
    }
    return bad;
}

static inline int check_design(const small_design *design) {
    small_problem *s = small_new(design);
    small_run run = small_solve(s, 1, false);
    int bad = check_record(s, run.record);
    small_run_free(&run);
    small_free(s);
    return bad;
}

#endif
