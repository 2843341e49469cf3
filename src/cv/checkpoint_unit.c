/* SPDX-License-Identifier: BSD-3-Clause
 * The file of a unit: a note, then the state of its walk or its result. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/output.h"
#include "cv/checkpoint_file.h"

/* "riata" and the version of the note. */
static const int64_t MAGIC = 0x7269617461000001;

void ri_unit_note_free(ri_unit_note *note) {
    free(note->alpha);
    free(note->error);
    *note = (ri_unit_note){0};
}

void ri_unit_file_name(int stage, int64_t index, char *name, size_t size) {
    snprintf(name, size, "unit-%d-%06lld", stage, (long long)index);
}

static char *unit_path(const ri_checkpoint *checkpoint, int64_t index) {
    char name[48];
    ri_unit_file_name(checkpoint->stage, index, name, sizeof name);
    return ri_checkpoint_path(checkpoint->folder, name);
}

static void note_state(ri_unit_note *note, uint64_t identity, ri_archive *a) {
    int64_t magic = MAGIC, bytes = sizeof note->unit;
    uint64_t stored = identity;
    ri_archive_count(a, &magic, MAGIC, MAGIC);
    ri_archive_count(a, &bytes, bytes, bytes);
    ri_archive_bytes(a, &stored, sizeof stored);
    if (stored != identity)
        ri_archive_refuse(a, "belongs to another run");
    ri_archive_int(a, &note->stage, 0, INT32_MAX);
    ri_archive_count(a, &note->index, 0, INT64_MAX);
    ri_archive_bytes(a, &note->unit, sizeof note->unit);
    ri_archive_flag(a, &note->finished);
    ri_archive_count(a, &note->done, 0, INT32_MAX);
    ri_archive_double(a, &note->seconds);
    ri_archive_array(a, &note->alpha, note->done, sizeof *note->alpha);
    ri_archive_array(a, &note->error, note->done, sizeof *note->error);
}

ri_status ri_checkpoint_put(const ri_checkpoint *checkpoint, ri_unit_note *note, ri_unit_body *body,
                            void *context, ri_error *err) {
    ri_output out;
    ri_archive archive = {0};
    char *path = unit_path(checkpoint, note->index);
    if (!path)
        return ri_fail_memory(err, "a file name", strlen(checkpoint->folder));
    ri_status status = ri_output_open(path, &out, err);
    if (status == RI_OK) {
        status = ri_archive_open(&archive, out.file, false, err);
        if (status == RI_OK) {
            ri_error reason;
            note_state(note, checkpoint->identity, &archive);
            body(context, &archive);
            status = ri_archive_close(&archive, &reason);
            if (status != RI_OK)
                ri_fail(err, status, "%s: %s", path, reason.text);
        }
        ri_error closing;
        ri_status closed = ri_output_close(&out, status == RI_OK, &closing);
        if (status == RI_OK && closed != RI_OK)
            status = ri_fail(err, closed, "%s", closing.text);
    }
    free(path);
    return status;
}

ri_status ri_unit_file_check(FILE *file, uint64_t identity, ri_unit_note *note, ri_error *err) {
    ri_archive archive;
    *note = (ri_unit_note){0};
    RI_TRY(ri_archive_open(&archive, file, true, err));
    note_state(note, identity, &archive);
    ri_archive_skip(&archive);
    ri_status status = ri_archive_close(&archive, err);
    if (status != RI_OK)
        ri_unit_note_free(note);
    return status;
}

static ri_status read_body(ri_checkpoint *checkpoint, FILE *file, const char *path,
                           ri_unit_body *body, void *context, ri_error *err) {
    ri_unit_note note = {0};
    ri_archive archive;
    ri_error reason;
    RI_TRY(ri_archive_open(&archive, file, true, err));
    note_state(&note, checkpoint->identity, &archive);
    body(context, &archive);
    checkpoint->spent = fmax(checkpoint->spent, note.seconds);
    ri_unit_note_free(&note);
    ri_status status = ri_archive_close(&archive, &reason);
    /* whole, but not what it should be: made by another version, or memory is short */
    return status == RI_OK ? RI_OK : ri_fail(err, RI_SYSTEM, "%s: %s", path, reason.text);
}

ri_status ri_checkpoint_get(ri_checkpoint *checkpoint, const ri_unit *unit, int64_t index,
                            bool finished, ri_unit_body *body, void *context, bool *found,
                            ri_error *err) {
    ri_status status = RI_OK;
    ri_unit_note note = {0};
    *found = false;
    if (!checkpoint->resume)
        return RI_OK;
    char *path = unit_path(checkpoint, index);
    FILE *file = path ? fopen(path, "r") : NULL;
    if (file && ri_unit_file_check(file, checkpoint->identity, &note, NULL) == RI_OK) {
        *found = note.stage == checkpoint->stage && note.index == index &&
                 note.finished == finished && memcmp(&note.unit, unit, sizeof *unit) == 0;
        rewind(file);
    }
    if (*found)
        status = read_body(checkpoint, file, path, body, context, err);
    ri_unit_note_free(&note);
    if (file)
        fclose(file);
    free(path);
    return status;
}
