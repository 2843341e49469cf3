/* SPDX-License-Identifier: BSD-3-Clause
 * Entries of option tables that stand in more than one table; what differs is given. */
#ifndef RI_CLI_OPTION_ENTRIES_H
#define RI_CLI_OPTION_ENTRIES_H

#include "cli/arguments.h"

#define RI_ENTRY_L1_RATIO(mix, words)                                                              \
    {                                                                                              \
        .name = "l1-ratio", .kind = RI_NUMBERS, FIELD(l1_ratio), .argument = "R[,R..]",            \
        .initial = mix, .low = 0, .high = 1, .help = words                                         \
    }

#define RI_ENTRY_TOL                                                                               \
    {                                                                                              \
        .name = "tol", .kind = RI_NUMBER, FIELD(tol), .argument = "GAP", .initial = "1e-6",        \
        .low = 0, .above_low = true, .high = 1, .below_high = true,                                \
        .unit = "of the null model's loss",                                                        \
        .help = "Relative duality gap at which a point counts as solved."                          \
    }

#define RI_ENTRY_WEIGHTS(words)                                                                    \
    {                                                                                              \
        .name = "weights", .kind = RI_TEXT, FIELD(weights), .argument = "FILE",                    \
        .shown = "/weights of the dataset, else 1",                                                \
        .help = "TSV with header 'sample weight': observation weights, " words                     \
    }

#define RI_ENTRY_GROUP(missing, words)                                                             \
    {                                                                                              \
        .name = "group", .kind = RI_TEXT, FIELD(group), .argument = "NAME", .shown = missing,      \
        .help = words                                                                              \
    }

#define RI_ENTRY_SEED(words)                                                                       \
    {                                                                                              \
        .name = "seed", .kind = RI_INTEGER, FIELD(seed), .argument = "S", .initial = "1",          \
        .low = 0, .help = words                                                                    \
    }

#endif
