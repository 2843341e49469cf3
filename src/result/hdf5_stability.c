/* SPDX-License-Identifier: BSD-3-Clause
 * The group /result/stability, of riata stability alone:
 *
 *   @pairs i32 (B), @threshold, @pfer f64 as asked; @features i64 (those that are penalised),
 *   @region i64 (alphas of the region), @picked f64 (q), @bound, @unimodal_bound f64, @selected i64
 *   within, most  f64 (p)  share of the half-samples that pick the feature anywhere in the region;
 *                          largest share at one alpha of it
 *   start i64 (A + 1), feature i64, frequency f64 (start[A])  frequencies above 0 along alpha, as
 *                          coefficients are kept: those of alpha a are entries start[a] ..
 *                          start[a+1]-1 */
#include "result/hdf5_io.h"

static ri_status walk_members(const ri_h5 *h5, hid_t at, ri_record *record) {
    const ri_h5_way *way = h5->way;
    ri_stability *s = &record->stability;
    hsize_t p = (hsize_t)record->p, starts = (hsize_t)s->alphas + 1;
    RI_TRY(way->number(h5, at, "threshold", RI_H5_F64, &s->threshold));
    RI_TRY(way->number(h5, at, "pfer", RI_H5_F64, &s->pfer));
    RI_TRY(way->number(h5, at, "features", RI_H5_I64, &s->features));
    RI_TRY(way->number(h5, at, "region", RI_H5_I64, &s->region));
    RI_TRY(ri_h5_check_count(h5, at, "region", s->region, 1, s->alphas));
    RI_TRY(way->number(h5, at, "picked", RI_H5_F64, &s->picked));
    RI_TRY(way->number(h5, at, "bound", RI_H5_F64, &s->bound));
    RI_TRY(way->number(h5, at, "unimodal_bound", RI_H5_F64, &s->unimodal_bound));
    RI_TRY(way->number(h5, at, "selected", RI_H5_I64, &s->selected));
    RI_TRY(ri_h5_check_count(h5, at, "selected", s->selected, 0, record->p));
    RI_TRY(way->array(h5, at, "most", RI_H5_F64, 1, &p, false, &s->most));
    RI_TRY(way->array(h5, at, "within", RI_H5_F64, 1, &p, false, &s->within));
    RI_TRY(way->array(h5, at, "start", RI_H5_I64, 1, &starts, false, &s->start));
    RI_TRY(ri_h5_check_start(h5, at, s->start, s->alphas, record->p));
    hsize_t entries = (hsize_t)s->start[s->alphas];
    RI_TRY(way->array(h5, at, "feature", RI_H5_I64, 1, &entries, false, &s->feature));
    ri_fit sparse = {.start = s->start, .feature = s->feature};
    RI_TRY(ri_h5_check_features(h5, at, &sparse, s->alphas, record->p));
    return way->array(h5, at, "frequency", RI_H5_F64, 1, &entries, false, &s->frequency);
}

ri_status ri_h5_walk_stability(const ri_h5 *h5, hid_t at, ri_record *record) {
    ri_stability *s = &record->stability;
    hid_t group;
    if (!h5->way->reading && s->pairs == 0)
        return RI_OK;
    if (h5->way->reading && H5Lexists(at, "stability", H5P_DEFAULT) <= 0)
        return RI_OK;
    s->alphas = record->path[0].alphas;
    RI_TRY(h5->way->group(h5, at, "stability", &group));
    ri_status status = h5->way->number(h5, group, "pairs", RI_H5_I32, &s->pairs);
    if (status == RI_OK)
        status = ri_h5_check_count(h5, group, "pairs", s->pairs, 1, record->folds / 2);
    if (status == RI_OK)
        status = walk_members(h5, group, record);
    H5Gclose(group);
    return status;
}
