/* SPDX-License-Identifier: BSD-3-Clause
 * How each field of ri_settings stands in a checkpoint, and so whether a run with another value of
 * it may go on from there. A field without a line here does not compile. */
#ifndef RI_CV_CHECKPOINT_SETTINGS_H
#define RI_CV_CHECKPOINT_SETTINGS_H

/* LINE(kind, field, name of its line), in the order of ri_settings. Kinds: FAMILY, METRIC, SOLVER,
 * SELECT: that word; FLAG: bool; NUMBER: double; COUNT: int32_t; SEED, HASH: uint64_t; TEXT:
 * char[]; FOLDS: int32_t, described with the folds. A field that no answer depends on would be of
 * a kind of its own that writes nothing. */
#define RI_SETTINGS_LINES(LINE)                                                                    \
    LINE(FAMILY, family, "--family")                                                               \
    LINE(METRIC, metric, "--metric")                                                               \
    LINE(NUMBER, tol, "--tol")                                                                     \
    LINE(FLAG, intercept, "intercept")                                                             \
    LINE(FLAG, standardize, "standardized")                                                        \
    LINE(FLAG, positive, "--positive")                                                             \
    LINE(FLAG, missing_mean, "--missing mean")                                                     \
    LINE(FLAG, covariate_mean, "--covar-missing mean")                                             \
    LINE(SOLVER, solver, "--solver")                                                               \
    LINE(SELECT, select, "--select")                                                               \
    LINE(NUMBER, ebic_gamma, "gamma of the extended BIC")                                          \
    LINE(SEED, seed, "--seed")                                                                     \
    LINE(FLAG, early_stop, "--early-stop")                                                         \
    LINE(COUNT, patience, "--patience")                                                            \
    LINE(FOLDS, repeats, "--repeats")                                                              \
    LINE(HASH, first_fit, "--adaptive")                                                            \
    LINE(COUNT, refine, "--refine")                                                                \
    LINE(TEXT, fold_scheme, "--fold-scheme")                                                       \
    LINE(TEXT, group_name, "--group")

#endif
