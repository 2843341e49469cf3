/* SPDX-License-Identifier: BSD-3-Clause
 * What stability selection found, as sentences. Private to this room. */
#ifndef RI_RESULT_STABILITY_WORDS_H
#define RI_RESULT_STABILITY_WORDS_H

#include "cv/record.h"

enum { RI_STABILITY_SENTENCES = 4, RI_SENTENCE_TEXT = 1536 };

typedef struct ri_stability_words {
    int count;
    char text[RI_STABILITY_SENTENCES][RI_SENTENCE_TEXT];
} ri_stability_words;

/* The record has stability selection. */
RI_MUST_USE ri_status ri_stability_say(const ri_record *record, ri_stability_words *words,
                                       ri_error *err);

#endif
