/* SPDX-License-Identifier: BSD-3-Clause
 * A checkpoint as one who did not make it sees it. */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/memory.h"
#include "cv/checkpoint_file.h"

void ri_checkpoint_view_free(ri_checkpoint_view *view) {
    ri_names_free(&view->run);
    ri_names_free(&view->damaged);
    for (int64_t i = 0; i < view->notes; i++)
        ri_unit_note_free(&view->note[i]);
    free(view->note);
    *view = (ri_checkpoint_view){0};
}

static bool is_unit_file(const char *name) {
    return strncmp(name, "unit-", 5) == 0 && strspn(name + 5, "-0123456789") == strlen(name + 5);
}

static double age_of(FILE *file) {
    struct stat info;
    struct timespec now;
    if (fstat(fileno(file), &info) != 0 || clock_gettime(CLOCK_REALTIME, &now) != 0)
        return NAN;
    return (double)(now.tv_sec - info.st_mtim.tv_sec) +
           1e-9 * (double)(now.tv_nsec - info.st_mtim.tv_nsec);
}

/* Whether the file has the name that a unit's file has; a copy under another one would count twice.
 */
static bool in_its_place(const char *path, const ri_unit_note *note) {
    char name[48];
    ri_unit_file_name(note->stage, note->index, name, sizeof name);
    const char *slash = strrchr(path, '/');
    return strcmp(slash ? slash + 1 : path, name) == 0;
}

static ri_status look_at_unit(const char *path, uint64_t identity, ri_checkpoint_view *view,
                              ri_error *err) {
    FILE *file = fopen(path, "r");
    ri_error reason = {0};
    ri_unit_note *note = &view->note[view->notes];
    if (!file)
        return RI_OK; /* removed in the meantime */
    double age = age_of(file);
    ri_status status = ri_unit_file_check(file, identity, note, &reason);
    fclose(file);
    if (status == RI_OK && !in_its_place(path, note)) {
        ri_unit_note_free(note);
        status = ri_fail(&reason, RI_BAD_INPUT, "is the file of another fit");
    }
    if (status == RI_OK) {
        view->notes++;
        view->points_done += note->finished ? note->unit.count : note->done;
        view->units_done += note->finished;
        view->seconds = fmax(view->seconds, note->seconds);
        view->age = fmin(view->age, age); /* the number, where one is none */
        return RI_OK;
    }
    char text[1024];
    int length = snprintf(text, sizeof text, "%.700s %.200s", path, reason.text);
    return ri_names_add(&view->damaged, text, (size_t)length, err);
}

static int compare_notes(const void *a, const void *b) {
    const ri_unit_note *left = a, *right = b;
    if (left->stage != right->stage)
        return left->stage < right->stage ? -1 : 1;
    return (left->index > right->index) - (left->index < right->index);
}

static ri_status look_at_units(const char *folder, ri_checkpoint_view *view, ri_error *err) {
    size_t room = 0;
    uint64_t identity = ri_checkpoint_identity(&view->run);
    DIR *directory = opendir(folder);
    ri_status status = RI_OK;
    for (struct dirent *entry; directory && status == RI_OK && (entry = readdir(directory));) {
        if (!is_unit_file(entry->d_name))
            continue;
        char *path = ri_checkpoint_path(folder, entry->d_name);
        if (path && ri_grow(&view->note, &room, (size_t)view->notes + 1, sizeof *view->note))
            status = look_at_unit(path, identity, view, err);
        else
            status = ri_fail_memory(err, "the units of a checkpoint", room * sizeof *view->note);
        free(path);
    }
    if (directory)
        closedir(directory);
    if (view->notes > 0)
        qsort(view->note, (size_t)view->notes, sizeof *view->note, compare_notes);
    return status;
}

static int64_t number_of(const ri_names *lines, const char *name) {
    int64_t value = 0;
    const char *text = ri_checkpoint_value(lines, name);
    return text && ri_parse_integer(text, &value) ? value : 0;
}

/* Those of the stages begun, one after another. */
static ri_status look_at_plans(const char *folder, ri_checkpoint_view *view, ri_error *err) {
    ri_status status = RI_OK;
    for (int stage = 0; status == RI_OK; stage++) {
        char name[32];
        ri_names lines = {0};
        ri_error none;
        snprintf(name, sizeof name, "plan-%d", stage);
        ri_status there = ri_checkpoint_read_lines(folder, name, &lines, &none);
        view->units += number_of(&lines, "units");
        view->points += number_of(&lines, "points");
        ri_names_free(&lines);
        if (there == RI_SYSTEM)
            status = ri_fail(err, there, "%s", none.text);
        else if (there != RI_OK)
            break;
    }
    return status;
}

ri_status ri_checkpoint_look(const char *folder, ri_checkpoint_view *view, ri_error *err) {
    *view = (ri_checkpoint_view){.age = NAN};
    RI_TRY(ri_checkpoint_read_lines(folder, "run", &view->run, err));
    RI_TRY(look_at_plans(folder, view, err));
    ri_status status = look_at_units(folder, view, err);
    if (status != RI_OK)
        ri_checkpoint_view_free(view);
    return status;
}
