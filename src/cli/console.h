/* SPDX-License-Identifier: BSD-3-Clause
 * All that riata says while it runs: to stderr as text or JSON lines, and to the log file. Errors
 * and warnings begin with "riata: ", notes do not. Ranks other than 0 say nothing. */
#ifndef RI_CLI_CONSOLE_H
#define RI_CLI_CONSOLE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/output.h"
#include "base/status.h"

typedef struct ri_console {
    bool silent;   /* not rank 0 */
    bool quiet;    /* --quiet: warnings and errors only */
    bool json;     /* --log-json */
    bool terminal; /* stderr is one */
    bool drawn;    /* an unfinished progress line stands on the terminal */
    double started;
    ri_output log; /* log.file is NULL where none is open */
} ri_console;

void ri_console_start(ri_console *console, bool silent, bool quiet, bool json);

/* Opens a log file; closing puts it in place, or, without `keep`, leaves none. */
RI_MUST_USE ri_status ri_console_open_log(ri_console *console, const char *path, ri_error *err);
RI_MUST_USE ri_status ri_console_close_log(ri_console *console, bool keep, ri_error *err);

void ri_console_note(ri_console *console, const char *format, ...) RI_PRINTF(2, 3);
void ri_console_warn(ri_console *console, const char *format, ...) RI_PRINTF(2, 3);
void ri_console_error(ri_console *console, const char *text);

/* Progress as `text`, or under --log-json as the members of `object` (consumed; may be NULL). On a
 * terminal it is drawn over the line before; `lasting` also prints it into the log file. */
void ri_console_progress(ri_console *console, bool lasting, const char *text, json_t *object);
/* Ends the line that may be left on the terminal. */
void ri_console_end_progress(ri_console *console);

#endif
