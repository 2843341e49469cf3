/* SPDX-License-Identifier: BSD-3-Clause
 * Help texts and the man page, all from the command and option tables. */
#ifndef RI_CLI_HELP_H
#define RI_CLI_HELP_H

#include <stdio.h>

#include "cli/command.h"

/* The whole program; `commands` ends with NULL. */
void ri_help_program(FILE *out, const ri_command *const *commands);
void ri_help_command(FILE *out, const ri_command *command);
/* riata(1), in the man macros. */
void ri_help_manual(FILE *out, const ri_command *const *commands);

/* riata, MPI, HDF5, OpenMP, SIMD path and compiler, one a line. */
void ri_version_print(FILE *out);

#endif
