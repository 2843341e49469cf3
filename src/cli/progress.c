/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/progress.h"

#include <stdio.h>

#include "cli/command.h"
#include "cv/checkpoint.h"

static const double DRAW_EVERY = 0.2, LOG_EVERY = 10; /* seconds */

/* "1:05", "2:03:09" */
static void format_clock(double seconds, char *text, size_t size) {
    long whole = (long)(seconds + 0.5);
    if (whole >= 3600)
        snprintf(text, size, "%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        snprintf(text, size, "%ld:%02ld", whole / 60, whole % 60);
}

/* Seconds left if work goes on as it did since its first points, before which come passes, or
 * second moments, that need no more time; -1 while there is nothing to judge by. */
static double seconds_left(ri_progress_view *view, const ri_progress *progress) {
    double share = progress->work_total > 0 ? progress->work_done / progress->work_total : 0;
    if (view->first_seconds == 0 && share > 0) {
        view->first_share = share;
        view->first_seconds = progress->seconds;
    }
    double more = share - view->first_share, spent = progress->seconds - view->first_seconds;
    return progress->points_done == progress->points_total ? 0
           : more > 0.005                                  ? spent * (1 - share) / more
                                                           : -1;
}

/* A checkpoint that cannot be written, once; and when it can again. */
static void tell_unsaved(ri_progress_view *view, int64_t unsaved) {
    if (!view->checkpoint || view->unsaved == (unsaved > 0))
        return;
    view->unsaved = unsaved > 0;
    if (unsaved == 0)
        ri_console_note(view->console, "the checkpoint %s is written again",
                        view->checkpoint->folder);
    else if (view->checkpoint->unsaved > 0)
        ri_console_warn(view->console, "%s; the run goes on, and tries again",
                        view->checkpoint->failure.text);
    else
        ri_console_warn(view->console,
                        "%s: some ranks cannot write the checkpoint; the run goes on, and they try "
                        "again",
                        view->checkpoint->folder);
}

int ri_progress_show(void *context, const ri_progress *progress) {
    ri_progress_view *view = context;
    double interval = view->console->terminal && !view->console->json ? DRAW_EVERY : LOG_EVERY;
    bool last = progress->points_done == progress->points_total;
    double remaining = seconds_left(view, progress);
    bool shown = last || progress->seconds - view->last_shown >= interval;
    bool logged = last || progress->seconds - view->last_logged >= LOG_EVERY;
    tell_unsaved(view, progress->unsaved);
    if (ri_interrupted())
        return 1;
    if (!shown || view->complete || progress->points_total == 0)
        return 0;
    char text[256], spent[32], left[32] = "?";
    double passes = view->looks;
    if (view->x_bytes > 0)
        passes += progress->bytes_read / view->x_bytes;
    format_clock(progress->seconds, spent, sizeof spent);
    if (remaining >= 0)
        format_clock(remaining, left, sizeof left);
    snprintf(
        text, sizeof text,
        "%lld/%lld points, %lld/%lld fits, support up to %lld, %.1f passes over X, %s, %s left",
        (long long)progress->points_done, (long long)progress->points_total,
        (long long)progress->units_done, (long long)progress->units_total,
        (long long)progress->nonzeros, passes, spent, left);
    ri_console_progress(view->console, logged, text,
                        json_pack("{s:I,s:I,s:I,s:I,s:I,s:f,s:f,s:f}", "points_done",
                                  (json_int_t)progress->points_done, "points_total",
                                  (json_int_t)progress->points_total, "fits_done",
                                  (json_int_t)progress->units_done, "fits_total",
                                  (json_int_t)progress->units_total, "nonzeros",
                                  (json_int_t)progress->nonzeros, "passes_over_x", passes,
                                  "seconds", progress->seconds, "seconds_left", remaining));
    view->last_shown = progress->seconds;
    view->complete = last;
    if (logged)
        view->last_logged = progress->seconds;
    return 0;
}
