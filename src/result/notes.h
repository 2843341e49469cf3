/* SPDX-License-Identifier: BSD-3-Clause
 * What a careful statistician would warn of, as sentences: shared by the summary, the JSON and the
 * page. Private to this room. */
#ifndef RI_RESULT_NOTES_H
#define RI_RESULT_NOTES_H

#include "cv/record.h"

enum { RI_MOST_NOTES = 8, RI_NOTE_TEXT = 512 };

typedef struct ri_notes {
    int count;
    char text[RI_MOST_NOTES][RI_NOTE_TEXT];
} ri_notes;

/* All notes on the chosen path. */
ri_notes ri_record_notes(const ri_record *record);

#endif
