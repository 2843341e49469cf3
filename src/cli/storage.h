/* SPDX-License-Identifier: BSD-3-Clause
 * --storage: the type in which import and simulate store values. */
#ifndef RI_CLI_STORAGE_H
#define RI_CLI_STORAGE_H

#include "cli/arguments.h"
#include "kernel/kernel.h"

extern const ri_option ri_options_storage[];

/* The type asked for; RI_STORAGE_COUNT: what suits. */
ri_storage ri_given_storage(const ri_arguments *given);

/* The type asked for, or the one that suits; RI_BAD_INPUT for one that genotypes, or numbers,
 * cannot have. */
RI_MUST_USE ri_status ri_choose_storage(const ri_arguments *given, bool genotype,
                                        ri_storage *storage, ri_error *err);

/* The same for counts of which few are not 0: csc, or i8. */
RI_MUST_USE ri_status ri_choose_sparse(const ri_arguments *given, ri_storage *storage,
                                       ri_error *err);

#endif
