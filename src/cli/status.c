/* SPDX-License-Identifier: BSD-3-Clause
 * riata status: how far a run is, from its checkpoint alone, while it runs or after it died; and
 * what a result came to. */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/memory.h"
#include "base/text.h"
#include "cli/command.h"
#include "cli/names.h"
#include "cv/checkpoint.h"
#include "cv/stop.h"
#include "result/result.h"

/* A checkpoint that nobody has written to for so long is likely that of a dead run. */
static const double LONG_AGO = 600;

static void print_clock(double seconds) {
    long whole = (long)(seconds + 0.5);
    if (whole >= 3600)
        printf("%ld:%02ld:%02ld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        printf("%ld:%02ld", whole / 60, whole % 60);
}

static void print_progress(const ri_checkpoint_view *view) {
    double share = view->points > 0 ? (double)view->points_done / (double)view->points : 0;
    printf("points      %lld of %lld certified (%.1f %%), %lld of %lld fits done\n",
           (long long)view->points_done, (long long)view->points, 100 * share,
           (long long)view->units_done, (long long)view->units);
    printf("time        ");
    print_clock(view->seconds);
    if (share > 0.02) {
        printf(" spent, about ");
        print_clock(view->seconds * (1 - share) / share);
        printf(" left if points keep coming as they did\n");
    } else {
        printf(" spent, too early to say how much is left\n");
    }
    if (isnan(view->age)) {
        printf("written     nothing yet\n");
        return;
    }
    printf("written     %.0f s ago%s\n", fmax(view->age, 0),
           view->age > LONG_AGO ? ": if the run is dead, the same command with --resume goes on"
                                : "");
}

static void print_fits(const ri_checkpoint_view *view) {
    printf("\n%-12s %-8s %10s %12s\n", "fit", "block", "points", "alpha");
    for (int64_t i = 0; i < view->notes; i++) {
        const ri_unit_note *note = &view->note[i];
        char fit[48];
        if (note->unit.fold == RI_REFIT)
            snprintf(fit, sizeof fit, "refit");
        else
            snprintf(fit, sizeof fit, "fold %d", note->unit.fold);
        if (note->stage > 0)
            snprintf(fit, sizeof fit, "stage %d", note->stage);
        printf("%-12s %-8d %4lld/%-5d ", fit, note->unit.block, (long long)note->done,
               note->unit.count);
        if (note->done > 0)
            printf("%12.6g", note->alpha[note->done - 1]);
        printf("%s\n", note->finished ? "  done" : "");
    }
}

/* Errors of the folds at alpha `a` of a path; the number of folds that know it. */
static int64_t errors_at(const ri_checkpoint_view *view, int32_t path, int64_t a, double *error,
                         double *alpha) {
    int64_t count = 0;
    for (int64_t i = 0; i < view->notes; i++) {
        const ri_unit_note *note = &view->note[i];
        int64_t k = a - note->unit.first;
        if (note->stage > 0 || note->unit.path != path || note->unit.fold == RI_REFIT || k < 0 ||
            k >= note->done)
            continue;
        error[count++] = note->error[k];
        *alpha = note->alpha[k];
    }
    return count;
}

static int64_t number(const ri_names *lines, const char *name) {
    int64_t value = 0;
    const char *text = ri_checkpoint_value(lines, name);
    return text && ri_parse_integer(text, &value) ? value : 0;
}

static const char *ratio_of(const ri_checkpoint_view *view, int32_t path) {
    static const char NAME[] = "--l1-ratio\t";
    for (int64_t i = 0; i < view->run.count; i++) {
        const char *line = ri_names_get(&view->run, i);
        if (strncmp(line, NAME, strlen(NAME)) == 0 && path-- == 0)
            return line + strlen(NAME);
    }
    return "?";
}

/* The alphas that all folds have come to, and where the best of them is. */
static void print_curve(const ri_checkpoint_view *view, int32_t path, const char *metric,
                        int64_t folds, int64_t alphas, double *error) {
    double best = NAN, best_se = NAN, best_alpha = NAN, mean, se, alpha = NAN;
    int64_t best_at = -1, known = 0, repeats = number(&view->run, "--repeats");
    double sign = strcmp(metric, "auc") == 0 ? -1 : 1; /* the AUC is the better the larger */
    printf("\nerror curve, l1_ratio %s, as far as all folds have come\n%6s %12s %12s %12s\n",
           ratio_of(view, path), "index", "alpha", metric, "se");
    for (int64_t a = 0; a < alphas; a++) {
        if (errors_at(view, path, a, error, &alpha) < folds)
            continue;
        known++;
        ri_curve_point(error, 1, folds, repeats, &mean, &se);
        printf("%6lld %12.6g %12.6g %12.4g\n", (long long)a, alpha, mean, se);
        if (isnan(best) || sign * mean < sign * best) {
            best = mean;
            best_se = se;
            best_alpha = alpha;
            best_at = a;
        }
    }
    if (known == 0)
        printf("  none yet\n");
    else
        printf("best so far: alpha %.6g (index %lld), %s %.6g +- %.3g%s\n", best_alpha,
               (long long)best_at, metric, best, best_se,
               best_at == known - 1 ? ", still improving" : "");
}

static ri_status show_checkpoint(ri_session *session, const char *folder, ri_error *err) {
    ri_checkpoint_view view;
    int result;
    if (ri_checkpoint_finished(folder, &result)) {
        printf("checkpoint  %s: finished, its result is written\n", folder);
        return RI_OK;
    }
    RI_TRY(ri_checkpoint_look(folder, &view, err));
    int64_t folds = number(&view.run, "folds"), alphas = number(&view.run, "alphas");
    const char *metric = ri_checkpoint_value(&view.run, "--metric");
    double *error = ri_alloc((size_t)folds, sizeof *error);
    ri_status status = error ? RI_OK : ri_fail_memory(err, "the folds' errors", 8);
    printf("checkpoint  %s: an unfinished run\n", folder);
    print_progress(&view);
    print_fits(&view);
    for (int32_t r = 0; error && folds > 0 && r < number(&view.run, "l1_ratios"); r++)
        print_curve(&view, r, metric ? metric : "error", folds, alphas, error);
    for (int64_t i = 0; i < view.damaged.count; i++)
        ri_console_warn(&session->console, "%s", ri_names_get(&view.damaged, i));
    free(error);
    ri_checkpoint_view_free(&view);
    return status;
}

/* The checkpoints of a run of several responses; `*count` of them. */
static ri_status show_inside(ri_session *session, const char *folder, int64_t *count,
                             ri_error *err) {
    DIR *directory = opendir(folder);
    ri_status status = RI_OK;
    for (struct dirent *entry; directory && status == RI_OK && (entry = readdir(directory));) {
        size_t room = strlen(folder) + strlen(entry->d_name) + 2;
        char *path = ri_alloc(room, 1);
        if (path)
            snprintf(path, room, "%s/%s", folder, entry->d_name);
        if (path && entry->d_name[0] != '.' && ri_checkpoint_exists(path)) {
            printf("%s", (*count)++ > 0 ? "\n" : "");
            status = show_checkpoint(session, path, err);
        }
        free(path);
    }
    if (directory)
        closedir(directory);
    return status;
}

static ri_status show_result(const char *path, ri_error *err) {
    ri_record *record;
    RI_TRY(ri_record_open(path, &record, err));
    int64_t points = 0;
    for (int64_t r = 0; r < record->paths; r++)
        points += (record->folds + 1) * record->path[r].alphas;
    bool certified = ri_record_certified(record);
    printf("result      %s: finished, riata %s of %s, %lld points, worst gap %.3g (asked: %g)%s\n",
           path, record->command, record->dataset, (long long)points, ri_record_worst_gap(record),
           record->settings.tol, certified ? "" : ", not all certified");
    printf("written     by a run that started %s and took %.3g s\n", record->run.started,
           record->run.seconds);
    ri_record_free(record);
    return certified ? RI_OK : RI_UNCERTIFIED;
}

static bool is_folder(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The folder of a checkpoint: as given, or PREFIX.checkpoint, also of PREFIX.h5. NULL: neither. */
static char *find_folder(const char *given) {
    size_t length = strlen(given);
    if (is_folder(given))
        return strdup(given);
    if (length > 3 && strcmp(given + length - 3, ".h5") == 0)
        length -= 3;
    char *folder = ri_name_join(given, length, ".checkpoint");
    if (folder && !is_folder(folder)) {
        free(folder);
        folder = NULL;
    }
    return folder;
}

/* Of a result by its prefix or by its file. */
static bool has_result(const char *given) {
    char *file = ri_name_join(given, strlen(given), ".h5");
    struct stat info;
    bool has = stat(given, &info) == 0 || (file && stat(file, &info) == 0);
    free(file);
    return has;
}

static ri_status run_status(ri_session *session, ri_error *err) {
    const char *given = session->arguments.operand[0];
    char *folder = find_folder(given);
    int64_t count = 0;
    if (!folder && !has_result(given))
        return ri_fail(
            err, RI_BAD_INPUT,
            "%s: there is neither a result nor a checkpoint of that name; a job that has "
            "not begun has none yet",
            given);
    if (!folder)
        return show_result(given, err);
    ri_status status = RI_OK;
    if (ri_checkpoint_exists(folder))
        status = show_checkpoint(session, folder, err);
    else
        status = show_inside(session, folder, &count, err);
    if (status == RI_OK && !ri_checkpoint_exists(folder) && count == 0)
        status = ri_fail(err, RI_BAD_INPUT, "%s: there is no checkpoint in this folder", folder);
    if (status == RI_OK)
        status = RI_INTERRUPTED; /* not finished: the exit status is no failure's */
    err->text[0] = status == RI_INTERRUPTED ? '\0' : err->text[0];
    free(folder);
    return status;
}

const ri_command ri_command_status = {
    .name = "status",
    .purpose = "say how far a run is, running or dead, or what a result came to",
    .operands = "RESULT|CHECKPOINT",
    .least = 1,
    .most = 1,
    .example = "riata status out/first",
    .detail =
        "Given the prefix of a run, its checkpoint folder or its result: points done of all, "
        "how far each fit is, the age of the newest file, the error curve as far as all folds "
        "know it, and the time that is left. The exit status is 0 for a finished result, 2 "
        "where not all of its points are certified, and 85 where there is an unfinished run.",
    .groups = RI_GROUPS({"Messages", ri_options_messages}),
    .run = run_status,
};
