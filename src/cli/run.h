/* SPDX-License-Identifier: BSD-3-Clause
 * The run that cv, path, fit and stability share, from options to files. */
#ifndef RI_CLI_RUN_H
#define RI_CLI_RUN_H

#include "cli/command.h"

/* What a subcommand does; the session says which one it is. Collective. */
RI_MUST_USE ri_status ri_run(ri_session *session, ri_error *err);

#endif
