/* SPDX-License-Identifier: BSD-3-Clause
 * The folder of a checkpoint and its text files. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/output.h"
#include "cv/checkpoint.h"
#include "cv/checkpoint_file.h"
#include "cv/plan.h"

static const char TITLE[] = "riata checkpoint 1"; /* first line of the text files */

char *ri_checkpoint_path(const char *folder, const char *name) {
    size_t room = strlen(folder) + strlen(name) + 2;
    char *path = ri_alloc(room, 1);
    if (path)
        snprintf(path, room, "%s/%s", folder, name);
    return path;
}

void ri_checkpoint_start(ri_checkpoint *checkpoint) {
    checkpoint->started = ri_seconds();
    checkpoint->due = checkpoint->finished_due = checkpoint->started + checkpoint->every;
}

static bool has_file(const char *folder, const char *name) {
    struct stat info;
    char *path = ri_checkpoint_path(folder, name);
    bool there = path && stat(path, &info) == 0;
    free(path);
    return there;
}

bool ri_checkpoint_exists(const char *folder) {
    return has_file(folder, "run");
}

static ri_status write_lines(const char *folder, const char *name, const ri_names *lines,
                             const char *note, ri_error *err) {
    ri_output out;
    char *path = ri_checkpoint_path(folder, name);
    if (!path)
        return ri_fail_memory(err, "a file name", strlen(folder));
    ri_status status = ri_output_open(path, &out, err);
    if (status == RI_OK) {
        fprintf(out.file, "%s\n", TITLE);
        if (note)
            fprintf(out.file, "# %s\n", note);
        for (int64_t i = 0; i < lines->count; i++)
            fprintf(out.file, "%s\n", ri_names_get(lines, i));
        status = ri_output_close(&out, 1, err);
    }
    free(path);
    return status;
}

/* Lines of a text file but for the title and remarks. RI_BAD_INPUT: not such a file. */
ri_status ri_checkpoint_read_lines(const char *folder, const char *name, ri_names *lines,
                                   ri_error *err) {
    char *path = ri_checkpoint_path(folder, name), *text = NULL;
    size_t room = 0;
    FILE *file = path ? fopen(path, "r") : NULL;
    ri_status status = RI_OK;
    if (!file) {
        status = ri_fail(err, RI_BAD_INPUT, "%s/%s: cannot be read: %s", folder, name,
                         strerror(path ? errno : ENOMEM));
        free(path);
        return status;
    }
    for (int64_t at = 0; status == RI_OK; at++) {
        ssize_t length = getline(&text, &room, file);
        bool whole = length > 0 && text[length - 1] == '\n';
        if (whole)
            text[--length] = '\0';
        if (at == 0 && (!whole || strcmp(text, TITLE) != 0))
            status =
                ri_fail(err, RI_BAD_INPUT, "%s is no checkpoint that this riata can read", path);
        else if (length > 0 && !whole)
            status = ri_fail(err, RI_BAD_INPUT, "%s is cut short; --fresh starts anew", path);
        if (length < 0)
            break;
        if (status == RI_OK && at > 0 && text[0] != '#')
            status = ri_names_add(lines, text, (size_t)length, err);
    }
    free(text);
    free(path);
    fclose(file);
    return status;
}

static size_t name_length(const char *line) {
    return strcspn(line, "\t");
}

const char *ri_checkpoint_value(const ri_names *lines, const char *name) {
    size_t length = strlen(name);
    for (int64_t i = 0; i < lines->count; i++) {
        const char *line = ri_names_get(lines, i);
        if (name_length(line) == length && strncmp(line, name, length) == 0 && line[length])
            return line + length + 1;
    }
    return NULL;
}

/* The first difference as a sentence. */
static ri_status compare_lines(const char *folder, const ri_names *stored, const ri_names *lines,
                               ri_error *err) {
    for (int64_t i = 0; i < lines->count || i < stored->count; i++) {
        const char *now = i < lines->count ? ri_names_get(lines, i) : "";
        const char *then = i < stored->count ? ri_names_get(stored, i) : "";
        if (strcmp(now, then) == 0)
            continue;
        int length = (int)name_length(now);
        const char *value = now + length, *was = then + length;
        if (*value != '\t' || strncmp(now, then, (size_t)length + 1) != 0)
            return ri_fail(err, RI_BAD_INPUT,
                           "%s: the checkpoint is of another kind of run: it has '%s' where this "
                           "one has '%s'; --fresh starts anew in its place",
                           folder, then, now);
        if (value[1] == '@' || was[1] == '@')
            return ri_fail(err, RI_BAD_INPUT,
                           "%s: the checkpoint is of another run, with other data: '%.*s' differs; "
                           "--fresh starts anew in its place",
                           folder, length, now);
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: the checkpoint is of another run: '%.*s' was %s there and is %s now; "
                       "--fresh starts anew in its place",
                       folder, length, now, was + 1, value + 1);
    }
    return RI_OK;
}

ri_status ri_checkpoint_compare(const char *folder, const ri_names *lines, ri_error *err) {
    ri_names stored = {0};
    ri_status status = ri_checkpoint_read_lines(folder, "run", &stored, err);
    if (status == RI_OK)
        status = compare_lines(folder, &stored, lines, err);
    ri_names_free(&stored);
    return status;
}

ri_status ri_checkpoint_create(const char *folder, const ri_names *lines, const char *note,
                               ri_error *err) {
    char *path = ri_checkpoint_path(folder, "run");
    if (!path)
        return ri_fail_memory(err, "a file name", strlen(folder));
    ri_status status = ri_output_prepare(path, err);
    free(path);
    return status == RI_OK ? write_lines(folder, "run", lines, note, err) : status;
}

ri_status ri_checkpoint_take_plan(ri_checkpoint *checkpoint, const ri_plan *plan, ri_error *err) {
    char name[32];
    ri_names lines = {0}, stored = {0};
    ri_status status;
    snprintf(name, sizeof name, "plan-%d", checkpoint->stage);
    RI_GO(ri_checkpoint_describe_plan(plan, &lines, err));
    if (checkpoint->resume && has_file(checkpoint->folder, name)) {
        RI_GO(ri_checkpoint_read_lines(checkpoint->folder, name, &stored, err));
        RI_GO(compare_lines(checkpoint->folder, &stored, &lines, err));
        goto done;
    }
    if (write_lines(checkpoint->folder, name, &lines, NULL, &checkpoint->failure) != RI_OK)
        checkpoint->unsaved = plan->units;
done:
    ri_names_free(&lines);
    ri_names_free(&stored);
    return status;
}

/* Files that are ours, temporary ones included. */
static bool is_ours(const char *name) {
    static const char *const OURS[] = {"run", "finished"};
    for (size_t i = 0; i < sizeof OURS / sizeof *OURS; i++) {
        size_t length = strlen(OURS[i]);
        if (strncmp(name, OURS[i], length) == 0 &&
            (name[length] == '\0' || strncmp(name + length, ".tmp", 4) == 0))
            return true;
    }
    return strncmp(name, "unit-", 5) == 0 || strncmp(name, "plan-", 5) == 0;
}

static void remove_files(const char *folder, bool keep_finished) {
    DIR *directory = opendir(folder);
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        if (!is_ours(entry->d_name) || (keep_finished && (strcmp(entry->d_name, "finished") == 0 ||
                                                          strcmp(entry->d_name, "run") == 0)))
            continue;
        char *path = ri_checkpoint_path(folder, entry->d_name);
        if (path)
            unlink(path);
        free(path);
    }
    if (directory)
        closedir(directory);
}

void ri_checkpoint_remove(const char *folder) {
    remove_files(folder, false);
    rmdir(folder);
}

ri_status ri_checkpoint_finish(const char *folder, int status, ri_error *err) {
    char text[64];
    ri_names lines = {0};
    int length = snprintf(text, sizeof text, "status\t%d", status);
    ri_status wrote = ri_names_add(&lines, text, (size_t)length, err);
    if (wrote == RI_OK)
        wrote = write_lines(folder, "finished", &lines, NULL, err);
    if (wrote == RI_OK)
        remove_files(folder, true);
    ri_names_free(&lines);
    return wrote;
}

bool ri_checkpoint_finished(const char *folder, int *status) {
    ri_names lines = {0};
    bool finished = has_file(folder, "finished") &&
                    ri_checkpoint_read_lines(folder, "finished", &lines, NULL) == RI_OK;
    const char *value = finished ? ri_checkpoint_value(&lines, "status") : NULL;
    *status = value ? atoi(value) : RI_OK;
    ri_names_free(&lines);
    return finished;
}
