/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/output.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/gzip.h"

static ri_status make_parents(const char *path, ri_error *err) {
    char *copy = strdup(path);
    if (!copy)
        return ri_fail_memory(err, "a file name", strlen(path));
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST) {
            ri_fail(err, RI_BAD_INPUT, "%s: cannot create this directory: %s", copy,
                    strerror(errno));
            free(copy);
            return RI_BAD_INPUT;
        }
        *slash = '/';
    }
    free(copy);
    return RI_OK;
}

/* The process of "NAME.tmpNUMBER"; 0 for every other file. */
static long owner_of(const char *file, const char *name) {
    size_t length = strlen(name);
    if (strncmp(file, name, length) != 0 || strncmp(file + length, ".tmp", 4) != 0 ||
        !isdigit((unsigned char)file[length + 4]))
        return 0;
    char *end;
    long process = strtol(file + length + 4, &end, 10);
    return *end == '\0' ? process : 0;
}

/* A process of another machine is not known here; but two runs with one output are wrong anyway. */
static void remove_leftovers(const char *path) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    DIR *open_folder = folder ? opendir(folder) : NULL;
    for (struct dirent *entry; open_folder && (entry = readdir(open_folder));) {
        long process = owner_of(entry->d_name, name);
        if (process > 0 && kill((pid_t)process, 0) != 0 && errno == ESRCH)
            unlinkat(dirfd(open_folder), entry->d_name, 0);
    }
    if (open_folder)
        closedir(open_folder);
    free(folder);
}

ri_status ri_output_prepare(const char *path, ri_error *err) {
    struct stat info;
    if (path[0] == '\0' || path[strlen(path) - 1] == '/')
        return ri_fail(err, RI_BAD_INPUT, "'%s': a file name is needed, not a directory", path);
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return ri_fail(err, RI_BAD_INPUT, "%s: is a directory; give a file name", path);
    RI_TRY(make_parents(path, err));
    remove_leftovers(path);
    char *temporary = ri_output_temporary(path);
    if (!temporary)
        return ri_fail_memory(err, "a file name", strlen(path));
    int probe = open(temporary, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    int reason = errno;
    if (probe >= 0) {
        close(probe);
        unlink(temporary);
    }
    free(temporary);
    if (probe < 0)
        return ri_fail(err, RI_BAD_INPUT, "%s: cannot write here: %s", path, strerror(reason));
    return RI_OK;
}

char *ri_output_temporary(const char *path) {
    size_t room = strlen(path) + 32;
    char *text = malloc(room);
    if (text)
        snprintf(text, room, "%s.tmp%ld", path, (long)getpid());
    return text;
}

ri_status ri_output_commit(const char *temporary, const char *path, ri_error *err) {
    int file = open(temporary, O_RDONLY | O_CLOEXEC);
    int bad = file < 0 || fsync(file) != 0;
    if (file >= 0)
        bad |= close(file) != 0;
    if (bad || rename(temporary, path) != 0) {
        ri_fail(err, RI_SYSTEM, "%s: cannot be written: %s", path, strerror(errno));
        unlink(temporary);
        return RI_SYSTEM;
    }
    return RI_OK;
}

ri_status ri_output_open(const char *path, ri_output *out, ri_error *err) {
    remove_leftovers(path);
    *out = (ri_output){.path = path, .temporary = ri_output_temporary(path)};
    if (!out->temporary)
        return ri_fail_memory(err, "a file name", strlen(path));
    out->file =
        ri_gzip_named(path) ? ri_gzip_open(out->temporary, "w") : fopen(out->temporary, "w");
    if (!out->file) {
        ri_fail(err, RI_SYSTEM, "%s: cannot be written: %s", path, strerror(errno));
        free(out->temporary);
        *out = (ri_output){0};
        return RI_SYSTEM;
    }
    return RI_OK;
}

ri_status ri_output_close(ri_output *out, int keep, ri_error *err) {
    if (!out->file)
        return RI_OK;
    ri_status status = RI_OK;
    int bad = ferror(out->file);
    bad |= fclose(out->file) != 0;
    if (!keep || bad) {
        if (bad)
            status =
                ri_fail(err, RI_SYSTEM, "%s: cannot be written: %s", out->path, strerror(errno));
        unlink(out->temporary);
    } else {
        status = ri_output_commit(out->temporary, out->path, err);
    }
    free(out->temporary);
    *out = (ri_output){0};
    return status;
}
