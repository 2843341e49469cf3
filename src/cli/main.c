/* SPDX-License-Identifier: BSD-3-Clause
 * riata SUBCOMMAND: finds the subcommand, reads its options, runs it, and ends with an exit status
 * that all ranks share. */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/help.h"
#include "cli/names.h"
#include "data/dataset.h"
#include "data/hdf5_screen.h"
#include "kernel/kernel.h"

static const ri_command *const COMMANDS[] = {
    &ri_command_import, &ri_command_simulate,  &ri_command_info,
    &ri_command_cv,     &ri_command_stability, &ri_command_path,
    &ri_command_fit,    &ri_command_predict,   &ri_command_verify,
    &ri_command_report, &ri_command_status,    &ri_command_split,
    &ri_command_plan,   &ri_command_compare,   NULL,
};
enum { COMMAND_COUNT = sizeof COMMANDS / sizeof *COMMANDS };

/* A signal handler can only leave a mark; or, where the user insists, end the program at once. The
 * same signal may come twice, through the launcher and straight, and a batch system may send
 * SIGUSR1 first: neither is a user who insists. */
static volatile sig_atomic_t interrupted, ending;
static volatile time_t ending_since;

static void mark_interrupted(int number) {
    struct timespec now;
    interrupted = 1;
    if (number == SIGUSR1)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (ending && now.tv_sec > ending_since)
        _exit(RI_INTERRUPTED);
    if (!ending)
        ending_since = now.tv_sec;
    ending = 1;
}

bool ri_interrupted(void) {
    return interrupted != 0;
}

static void catch_signals(void) {
    struct sigaction action = {.sa_handler = mark_interrupted, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL);
}

/* Finds argv[1] among the subcommands. */
static ri_status find_command(int argc, char **argv, const ri_command **out, ri_error *err) {
    const char *names[COMMAND_COUNT + 2] = {NULL};
    *out = NULL;
    if (argc < 2)
        return ri_fail(err, RI_BAD_INPUT, "a subcommand is needed; 'riata --help' lists them");
    for (int i = 0; COMMANDS[i]; i++) {
        names[i] = COMMANDS[i]->name;
        if (strcmp(argv[1], names[i]) == 0) {
            *out = COMMANDS[i];
            return RI_OK;
        }
    }
    const char *nearest = ri_nearest(argv[1], names);
    if (nearest)
        return ri_fail(err, RI_BAD_INPUT, "unknown subcommand '%s'; did you mean '%s'?", argv[1],
                       nearest);
    return ri_fail(err, RI_BAD_INPUT, "unknown subcommand '%s'; 'riata --help' lists them",
                   argv[1]);
}

static ri_status take_operands(const ri_command *command, int argc, char **argv, int first,
                               ri_arguments *arguments, ri_error *err) {
    int given = argc - first;
    if (given < command->least)
        return ri_fail(err, RI_BAD_INPUT, "%s: %s %s needed; for example: %s", command->name,
                       command->operands, command->least > 1 ? "are" : "is", command->example);
    if (given > command->most)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: '%s' is one argument too many; 'riata %s --help' "
                       "shows the usage",
                       command->name, argv[first + command->most], command->name);
    for (int i = 0; i < given; i++)
        arguments->operand[i] = argv[first + i];
    return RI_OK;
}

static void join_words(int argc, char **argv, char *line, size_t size) {
    size_t used = 0;
    line[0] = '\0';
    for (int i = 0; i < argc && used < size; i++)
        used += (size_t)snprintf(line + used, size - used, "%s%s", i ? " " : "", argv[i]);
}

/* --help, --version, --man and `SUBCOMMAND --help` need no cluster; true where one was answered. */
static bool answer(int argc, char **argv, const ri_command *command, bool help) {
    bool printed = true;
    if (command && help)
        ri_help_command(stdout, command);
    else if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        ri_help_program(stdout, COMMANDS);
    else if (argc == 2 && strcmp(argv[1], "--version") == 0)
        ri_version_print(stdout);
    else if (argc == 2 && strcmp(argv[1], "--man") == 0)
        ri_help_manual(stdout, COMMANDS);
    else
        printed = false;
    return printed;
}

/* Runs the command; `status` is what reading the options came to. Every rank returns the same. */
static ri_status run(const ri_command *command, ri_session *session, ri_status status,
                     ri_error *err) {
    bool first = ri_cluster_rank(session->cluster) == 0;
    if (status == RI_OK)
        status = ri_kernel_check(err);
    status = ri_cluster_agree(session->cluster, status, err);
    if (status == RI_OK) {
        if (first || command->on_every_rank)
            status = command->run(session, err);
        status = ri_cluster_agree(session->cluster, status, err);
    }
    if (status != RI_OK && err->text[0])
        ri_console_error(&session->console, err->text);
    return status;
}

/* The command line as read: the command, its options and operands, or a request for help. */
static ri_status read_command_line(int argc, char **argv, const ri_command **command,
                                   ri_session *session, bool *help, ri_error *err) {
    int first_operand;
    join_words(argc, argv, session->command_line, sizeof session->command_line);
    session->argc = argc;
    session->argv = argv;
    RI_TRY(find_command(argc, argv, command, err));
    session->command = (*command)->name;
    RI_TRY(ri_options_parse((*command)->groups, argc - 1, argv + 1, &session->arguments,
                            &first_operand, help, err));
    if (*help)
        return RI_OK;
    return take_operands(*command, argc - 1, argv + 1, first_operand, &session->arguments, err);
}

/* Files that HDF5 would crash on are found before ranks are started, by each process for itself;
 * of a result RESULT.h5 may be meant by RESULT. */
static ri_status screen_files(const ri_arguments *given, ri_error *err) {
    const char *const files[] = {given->operand[0], given->operand[1], given->h5ad};
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        if (!files[k])
            continue;
        char *result = ri_name_join(files[k], strlen(files[k]), ".h5");
        ri_status status = ri_hdf5_screen(files[k], err);
        if (status == RI_OK && result)
            status = ri_hdf5_screen(result, err);
        free(result);
        RI_TRY(status);
    }
    return RI_OK;
}

/* Whichever rank it is: rank 0 may be the lost one. */
static void tell_loss(void *context, const char *sentence) {
    ri_console *console = context;
    console->silent = false;
    ri_console_error(console, sentence);
}

/* Starts the ranks, and ends them whatever happened; `status` is what reading the command line came
 * to, told by rank 0 alone. */
static ri_status run_on_ranks(const ri_command *command, ri_session *session, int argc, char **argv,
                              ri_status status, ri_error *err) {
    ri_error start_error = {0};
    catch_signals();
    ri_status started = ri_cluster_start(&argc, &argv, &session->cluster, &start_error);
    bool silent = started == RI_OK && ri_cluster_rank(session->cluster) > 0;
    ri_console_start(&session->console, silent, session->arguments.quiet,
                     session->arguments.log_json);
    if (started != RI_OK) {
        ri_console_error(&session->console, start_error.text);
        return started;
    }
    ri_cluster_on_loss(tell_loss, &session->console);
    status = run(command, session, status, err);
    fflush(stdout);
    ri_cluster_stop(session->cluster);
    return status;
}

/* The larger blocks are pages of their own, which the system has back once they are freed; left to
 * itself glibc puts ever larger ones on its heap, where what is held later keeps their room. */
static void give_back_large_blocks(void) {
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
}

int main(int argc, char **argv) {
    ri_session session = {0};
    ri_error err = {0};
    const ri_command *command = NULL;
    bool help = false;
    ri_status status = RI_OK;
    ri_dataset_skip_exit_cleanup();
    give_back_large_blocks();
    if (!answer(argc, argv, NULL, false)) {
        status = read_command_line(argc, argv, &command, &session, &help, &err);
        if (status == RI_OK && !help)
            status = screen_files(&session.arguments, &err);
        if (!answer(argc, argv, command, help))
            status = run_on_ranks(command, &session, argc, argv, status, &err);
    }
    free(session.arguments.l1_ratio.value);
    free(session.arguments.alpha_list.value);
    free(session.arguments.gamma.value);
    free(session.arguments.adaptive_alpha.value);
    free(session.arguments.coefficients.value);
    if (fflush(stdout) != 0 && status == RI_OK)
        status = RI_SYSTEM;
    return (int)status;
}
