/* SPDX-License-Identifier: BSD-3-Clause
 * Pictures by gnuplot, run without a shell or a window: the script goes in through a file, the SVG
 * comes out of standard output. Where that does not work the script itself is the export. */
#include "result/picture.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/output.h"
#include "result/result.h"
#include "result/view.h"

extern char **environ;

/* Exit status of `gnuplot -d < script > picture`, found along PATH; -1 where it cannot run. */
static int run_gnuplot(const char *script, const char *picture) {
    char program[] = "gnuplot", defaults[] = "-d";
    char *const arguments[] = {program, defaults, NULL};
    posix_spawn_file_actions_t files;
    pid_t child;
    int state = 0;
    if (posix_spawn_file_actions_init(&files) != 0)
        return -1;
    int bad =
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, script, O_RDONLY, 0) != 0 ||
        posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, picture,
                                         O_WRONLY | O_CREAT | O_TRUNC, 0666) != 0 ||
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0) != 0 ||
        posix_spawnp(&child, program, &files, NULL, arguments, environ) != 0;
    posix_spawn_file_actions_destroy(&files);
    if (bad)
        return -1;
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

/* A picture that gnuplot could not finish lacks its end. */
static bool is_whole_svg(const char *path) {
    char tail[16] = "";
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    bool whole = fseek(file, -8, SEEK_END) == 0 && fread(tail, 1, 8, file) == 8 &&
                 strstr(tail, "</svg>") != NULL;
    fclose(file);
    return whole;
}

/* Draws with the finished script; false where gnuplot cannot. */
static bool draw(const char *script, const char *picture, ri_status *status, ri_error *err) {
    char *temporary = ri_output_temporary(picture);
    if (!temporary)
        return false;
    bool drawn = run_gnuplot(script, temporary) == 0 && is_whole_svg(temporary);
    if (drawn)
        *status = ri_output_commit(temporary, picture, err);
    else
        unlink(temporary);
    free(temporary);
    return drawn;
}

typedef ri_status (*script_writer)(const ri_record *record, FILE *out, ri_error *err);

/* Leaves either the picture or the script, and no stale other. */
static ri_status export_picture(const ri_record *record, const char *prefix, const char *name,
                                script_writer write_script, int *drawn, ri_error *err) {
    size_t room = strlen(prefix) + 32;
    char *script = malloc(room), *picture = malloc(room);
    ri_output out = {0};
    ri_status status = RI_OK;
    if (!script || !picture) {
        status = ri_fail_memory(err, "a file name", room);
        goto done;
    }
    snprintf(script, room, "%s.%s.gp", prefix, name);
    snprintf(picture, room, "%s.%s.svg", prefix, name);
    RI_GO(ri_output_open(script, &out, err));
    fprintf(out.file, "# riata %s. Draw with: gnuplot THIS_FILE > PICTURE.svg\n", RIATA_VERSION);
    status = write_script(record, out.file, err);
    bool ready = status == RI_OK && fflush(out.file) == 0;
    bool good = ready && draw(out.temporary, picture, &status, err);
    ri_status closed = ri_output_close(&out, ready && !good, err);
    status = status == RI_OK ? closed : status;
    if (status == RI_OK)
        unlink(good ? script : picture);
    *drawn &= good;
done:
    free(script);
    free(picture);
    return status;
}

/* One that is left there belongs to another result. */
static ri_status remove_picture(const char *prefix, const char *name, ri_error *err) {
    size_t room = strlen(prefix) + 32;
    char *path = malloc(room);
    if (!path)
        return ri_fail_memory(err, "a file name", room);
    for (int k = 0; k < 2; k++) {
        snprintf(path, room, "%s.%s.%s", prefix, name, k ? "gp" : "svg");
        unlink(path);
    }
    free(path);
    return RI_OK;
}

ri_status ri_export_pictures(const ri_record *record, const char *prefix, int *drawn,
                             ri_error *err) {
    *drawn = 1;
    RI_TRY(export_picture(record, prefix, "curve", ri_script_curve, drawn, err));
    RI_TRY(export_picture(record, prefix, "path", ri_script_path, drawn, err));
    if (record->stability.pairs == 0)
        return remove_picture(prefix, "stability", err);
    return export_picture(record, prefix, "stability", ri_script_stability, drawn, err);
}
