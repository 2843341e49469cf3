/* SPDX-License-Identifier: BSD-3-Clause
 * A subcommand: how it is called and what runs it. */
#ifndef RI_CLI_COMMAND_H
#define RI_CLI_COMMAND_H

#include "base/status.h"
#include "cli/arguments.h"
#include "cli/console.h"
#include "cli/option.h"
#include "cluster/cluster.h"
#include "cv/record.h"

/* What a running subcommand has at hand. */
typedef struct ri_session {
    ri_arguments arguments;
    ri_cluster *cluster;
    ri_console console;
    const char *command;
    char command_line[2048];
    int argc; /* as given to main */
    char **argv;
} ri_session;

typedef struct ri_command {
    const char *name;
    const char *purpose;  /* one sentence */
    const char *operands; /* "DATA", "RESULT DATA", ... */
    int least, most;      /* number of operands */
    const char *example;
    const char *detail;            /* more, for the help; NULL: none */
    const ri_option_group *groups; /* RI_GROUPS */
    bool on_every_rank;            /* else on rank 0 alone, while the others wait */
    ri_status (*run)(ri_session *session, ri_error *err);
} ri_command;

/* The groups of a subcommand, and the end of their list. */
#define RI_GROUPS(...) ((const ri_option_group[]){__VA_ARGS__, {0}})

extern const ri_command ri_command_import, ri_command_simulate, ri_command_info, ri_command_cv,
    ri_command_path, ri_command_fit, ri_command_predict, ri_command_verify, ri_command_report,
    ri_command_status, ri_command_stability, ri_command_split, ri_command_plan, ri_command_compare;

/* True once SIGINT, SIGTERM or SIGUSR1 has arrived. */
bool ri_interrupted(void);

/* The record of result file `path`, or of "PATH.h5" where only that exists. */
RI_MUST_USE ri_status ri_record_open(const char *path, ri_record **out, ri_error *err);

#endif
