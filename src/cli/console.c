/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/console.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

enum { LINE = 2048 };

void ri_console_start(ri_console *console, bool silent, bool quiet, bool json) {
    *console = (ri_console){.silent = silent,
                            .quiet = quiet,
                            .json = json,
                            .terminal = isatty(STDERR_FILENO) == 1,
                            .started = ri_seconds()};
}

ri_status ri_console_open_log(ri_console *console, const char *path, ri_error *err) {
    if (console->silent)
        return RI_OK;
    RI_TRY(ri_output_prepare(path, err));
    return ri_output_open(path, &console->log, err);
}

ri_status ri_console_close_log(ri_console *console, bool keep, ri_error *err) {
    return ri_output_close(&console->log, keep, err);
}

static double elapsed(const ri_console *console) {
    return ri_seconds() - console->started;
}

static void write_log(ri_console *console, const char *text) {
    if (console->log.file)
        fprintf(console->log.file, "[%9.3f s] %s\n", elapsed(console), text);
}

static void write_object(const ri_console *console, const char *event, json_t *object) {
    if (!object)
        return;
    json_object_set_new(object, "event", json_string(event));
    json_object_set_new(object, "elapsed", json_real(elapsed(console)));
    json_dumpf(object, stderr, JSON_COMPACT | JSON_REAL_PRECISION(6));
    fputc('\n', stderr);
    fflush(stderr);
    json_decref(object);
}

void ri_console_end_progress(ri_console *console) {
    if (console->drawn)
        fputc('\n', stderr);
    console->drawn = false;
}

static void say(ri_console *console, const char *event, const char *mark, const char *text) {
    if (console->silent)
        return;
    ri_console_end_progress(console);
    if (console->json)
        write_object(console, event, json_pack("{s:s}", "text", text));
    else
        fprintf(stderr, "%s%s\n", mark, text);
}

void ri_console_note(ri_console *console, const char *format, ...) {
    char text[LINE];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!console->quiet)
        say(console, "note", "", text);
    write_log(console, text);
}

void ri_console_warn(ri_console *console, const char *format, ...) {
    char text[LINE] = "warning: ";
    const size_t mark = 9;
    va_list args;
    va_start(args, format);
    vsnprintf(text + mark, sizeof text - mark, format, args);
    va_end(args);
    say(console, "warning", "riata: warning: ", text + mark);
    write_log(console, text);
}

void ri_console_error(ri_console *console, const char *text) {
    say(console, "error", "riata: ", text);
}

void ri_console_progress(ri_console *console, bool lasting, const char *text, json_t *object) {
    if (lasting)
        write_log(console, text);
    if (console->silent || console->quiet) {
        json_decref(object);
    } else if (console->json) {
        write_object(console, "progress", object);
    } else {
        json_decref(object);
        fprintf(stderr, console->terminal ? "\r\033[K%s" : "%s\n", text);
        fflush(stderr);
        console->drawn = console->terminal;
    }
}
