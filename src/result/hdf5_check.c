/* SPDX-License-Identifier: BSD-3-Clause
 * Checks of a result file being read: after them no index of the record leaves its array, so that
 * exports and predictions need none of their own. */
#include "result/hdf5_io.h"

ri_status ri_h5_check_count(const ri_h5 *h5, hid_t at, const char *name, int64_t value,
                            int64_t least, int64_t most) {
    if (!h5->way->reading || (value >= least && value <= most))
        return RI_OK;
    char saying[128];
    snprintf(saying, sizeof saying, "%lld is not within %lld .. %lld", (long long)value,
             (long long)least, (long long)most);
    return ri_h5_damaged(h5, at, name, saying);
}

ri_status ri_h5_check_members(const ri_h5 *h5, hid_t at, int64_t expected) {
    H5G_info_t info;
    if (H5Gget_info(at, &info) >= 0 && (int64_t)info.nlinks == expected)
        return RI_OK;
    char saying[128];
    snprintf(saying, sizeof saying, "this group should have %lld members", (long long)expected);
    return ri_h5_damaged(h5, at, "", saying);
}

ri_status ri_h5_check_shape(const ri_h5 *h5, hid_t at, const ri_record *record) {
    RI_TRY(ri_h5_check_count(h5, at, "n_all", record->n_all, 1, INT64_MAX / 64));
    RI_TRY(ri_h5_check_count(h5, at, "n", record->n, 1, record->n_all));
    RI_TRY(ri_h5_check_count(h5, at, "p", record->p, 1, INT64_MAX / 64));
    RI_TRY(ri_h5_check_count(h5, at, "paths", record->paths, 1, INT32_MAX));
    return ri_h5_check_count(h5, at, "selected_path", record->selected_path, 0, record->paths - 1);
}

ri_status ri_h5_check_rows(const ri_h5 *h5, hid_t at, const ri_record *record) {
    if (!h5->way->reading)
        return RI_OK;
    int32_t repeats = ri_settings_repeats(&record->settings), folds = record->folds / repeats;
    for (int64_t e = 0; e < repeats * record->n_all; e++) {
        int32_t first = (int32_t)(e / record->n_all) * folds, fold = record->fold[e];
        if (fold != RI_NO_FOLD)
            RI_TRY(ri_h5_check_count(h5, at, "fold", fold, first, first + folds - 1));
    }
    for (int64_t t = 0; t < record->truths; t++)
        RI_TRY(
            ri_h5_check_count(h5, at, "truth_feature", record->truth_feature[t], 0, record->p - 1));
    return RI_OK;
}

ri_status ri_h5_check_start(const ri_h5 *h5, hid_t at, const int64_t *start, int64_t alphas,
                            int64_t p) {
    if (!h5->way->reading)
        return RI_OK;
    RI_TRY(ri_h5_check_count(h5, at, "start", start[0], 0, 0));
    for (int64_t a = 0; a < alphas; a++)
        RI_TRY(ri_h5_check_count(h5, at, "start", start[a + 1], start[a], start[a] + p));
    return RI_OK;
}

ri_status ri_h5_check_features(const ri_h5 *h5, hid_t at, const ri_fit *fit, int64_t alphas,
                               int64_t p) {
    if (!h5->way->reading)
        return RI_OK;
    for (int64_t a = 0; a < alphas; a++)
        for (int64_t e = fit->start[a]; e < fit->start[a + 1]; e++) {
            int64_t least = e > fit->start[a] ? fit->feature[e - 1] + 1 : 0;
            RI_TRY(ri_h5_check_count(h5, at, "feature", fit->feature[e], least, p - 1));
        }
    return RI_OK;
}
