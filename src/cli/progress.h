/* SPDX-License-Identifier: BSD-3-Clause
 * The progress hook of a run: draws, logs, and passes an interrupt on. */
#ifndef RI_CLI_PROGRESS_H
#define RI_CLI_PROGRESS_H

#include "cli/console.h"
#include "cv/cv.h"

typedef struct ri_progress_view {
    ri_console *console;
    double x_bytes; /* size of X in memory: bytes read are shown as passes over it, */
    double looks;   /* beside those of reading it in */
    double last_shown, last_logged;    /* seconds since the start; 0 at first */
    double first_share, first_seconds; /* of the work, when some was done for the first time */
    bool complete;                     /* the last point has been shown */
    const ri_checkpoint *checkpoint;   /* rank 0's; NULL: none */
    bool unsaved;                      /* it has been said that it cannot be written */
} ri_progress_view;

/* An ri_progress_hook whose context is an ri_progress_view. */
int ri_progress_show(void *context, const ri_progress *progress);

#endif
