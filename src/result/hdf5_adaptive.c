/* SPDX-License-Identifier: BSD-3-Clause
 * The group paths/R/adaptive, of an adaptive lasso alone:
 *
 *   @fits i32 (folds, then the refit), @ridge u8 (the first fits), @alpha f64 (theirs), @gamma f64
 *   start i64 (fits + 1)  entries start[k] .. start[k+1]-1 are of fit k:
 *   feature i64, initial f64, weight f64 (start[fits])  features that take part, ascending; their
 *   coefficient in the first fit, original scale; what their standardised column is multiplied by
 */
#include "result/hdf5_io.h"

static ri_status walk_members(const ri_h5 *h5, hid_t at, const ri_record *record, ri_adaptive *a) {
    const ri_h5_way *way = h5->way;
    uint8_t ridge = a->ridge;
    RI_TRY(way->number(h5, at, "fits", RI_H5_I32, &a->fits));
    RI_TRY(ri_h5_check_count(h5, at, "fits", a->fits, record->folds + 1, record->folds + 1));
    RI_TRY(way->number(h5, at, "ridge", RI_H5_U8, &ridge));
    a->ridge = ridge != 0;
    RI_TRY(way->number(h5, at, "alpha", RI_H5_F64, &a->alpha));
    RI_TRY(way->number(h5, at, "gamma", RI_H5_F64, &a->gamma));
    hsize_t starts = (hsize_t)a->fits + 1;
    RI_TRY(way->array(h5, at, "start", RI_H5_I64, 1, &starts, false, &a->start));
    RI_TRY(ri_h5_check_start(h5, at, a->start, a->fits, record->p));
    hsize_t entries = (hsize_t)a->start[a->fits];
    RI_TRY(way->array(h5, at, "feature", RI_H5_I64, 1, &entries, false, &a->feature));
    ri_fit sparse = {.start = a->start, .feature = a->feature};
    RI_TRY(ri_h5_check_features(h5, at, &sparse, a->fits, record->p));
    RI_TRY(way->array(h5, at, "initial", RI_H5_F64, 1, &entries, false, &a->initial));
    return way->array(h5, at, "weight", RI_H5_F64, 1, &entries, false, &a->weight);
}

ri_status ri_h5_walk_adaptive(const ri_h5 *h5, hid_t at, const ri_record *record,
                              ri_adaptive *adaptive) {
    hid_t group;
    if (!h5->way->reading && adaptive->fits == 0)
        return RI_OK;
    if (h5->way->reading && H5Lexists(at, "adaptive", H5P_DEFAULT) <= 0)
        return RI_OK;
    RI_TRY(h5->way->group(h5, at, "adaptive", &group));
    ri_status status = walk_members(h5, group, record, adaptive);
    H5Gclose(group);
    return status;
}
