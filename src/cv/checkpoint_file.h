/* SPDX-License-Identifier: BSD-3-Clause
 * What the files about checkpoints share. */
#ifndef RI_CV_CHECKPOINT_FILE_H
#define RI_CV_CHECKPOINT_FILE_H

#include "cv/checkpoint.h"

/* "FOLDER/NAME"; the caller frees it. NULL without memory. */
char *ri_checkpoint_path(const char *folder, const char *name);

/* Of a unit's file in the folder; `size` 48 is enough. */
void ri_unit_file_name(int stage, int64_t index, char *name, size_t size);

RI_MUST_USE ri_status ri_checkpoint_read_lines(const char *folder, const char *name,
                                               ri_names *lines, ri_error *err);

/* Reads the note of a unit file and makes sure that all of the file is as it was written. */
RI_MUST_USE ri_status ri_unit_file_check(FILE *file, uint64_t identity, ri_unit_note *note,
                                         ri_error *err);

#endif
