/* SPDX-License-Identifier: BSD-3-Clause
 * --loco: predictions that leave one chromosome out, for each chromosome, at the alpha chosen on
 * all of them. What an association test of that chromosome wants as its polygenic term. */
#ifndef RI_CLI_LOCO_H
#define RI_CLI_LOCO_H

#include "cli/command.h"
#include "data/dataset.h"

extern const ri_option ri_options_loco[]; /* --loco */

/* RI_BAD_INPUT where --loco is asked for and there are not two chromosomes, or not this penalty. */
RI_MUST_USE ri_status ri_loco_check(const ri_session *session, const ri_dataset *dataset,
                                    ri_error *err);

/* Writes PREFIX.loco.tsv: a line for each sample, a column for each chromosome. `problem` with X in
 * memory is the one that `record` (on rank 0, NULL elsewhere) is the answer of. RI_UNCERTIFIED
 * where a refit misses the tolerance; the file is written all the same. Collective. */
RI_MUST_USE ri_status ri_loco_write(ri_session *session, const ri_dataset *dataset,
                                    const ri_problem *problem, const ri_record *record,
                                    const char *prefix, int threads, ri_error *err);

#endif
