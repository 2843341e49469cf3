/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/job_file.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/output.h"

/* As one word of a shell. */
static void print_quoted(FILE *out, const char *text) {
    static const char PLAIN[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./,:=+@%";
    if (*text && text[strspn(text, PLAIN)] == '\0') {
        fputs(text, out);
        return;
    }
    fputc('\'', out);
    for (; *text; text++)
        fputs(*text == '\'' ? "'\\''" : (char[2]){*text, '\0'}, out);
    fputc('\'', out);
}

/* Arguments that the job file has places of its own for, or that are plan's alone; `*value` is true
 * where the next one belongs to it. */
static bool left_out(const char *argument, bool *value) {
    static const char *const WITH_VALUE[] = {"--nodes", "--cores",  "--mem", "--time",
                                             "--write", "--output", "-o",    "--threads",
                                             "--shard", "--bfile"};
    *value = false;
    for (size_t k = 0; k < sizeof WITH_VALUE / sizeof *WITH_VALUE; k++) {
        size_t length = strlen(WITH_VALUE[k]);
        if (strncmp(argument, WITH_VALUE[k], length) != 0)
            continue;
        *value = argument[length] == '\0';
        if (*value || argument[length] == '=' || (length == 2 && argument[1] == 'o'))
            return true;
    }
    return strcmp(argument, "--calibrate") == 0;
}

static void print_options(FILE *out, const ri_job_file *job) {
    bool dataset_seen = false, value, first = true;
    fputs("OPTIONS=(", out);
    for (int i = 2; i < job->argc; i++) {
        const char *argument = job->argv[i];
        if (left_out(argument, &value)) {
            i += value;
            continue;
        }
        if (job->operand && !dataset_seen && strcmp(argument, job->operand) == 0) {
            dataset_seen = true;
            continue;
        }
        if (!first)
            fputc(' ', out);
        print_quoted(out, argument);
        first = false;
    }
    if (job->shard > 1)
        fprintf(out, "%s--shard %d", first ? "" : " ", job->shard);
    fputs(")\n", out);
}

/* DATA=${DATA:-...}: an argument may hold what means something inside braces. */
static void print_setting(FILE *out, const char *name, const char *value) {
    fprintf(out, "%s=${%s:-", name, name);
    print_quoted(out, value);
    fputs("}\n", out);
}

/* Seconds before the end that Slurm is to warn the job, which it may do a minute sooner. */
static int64_t warning(const ri_job_file *job) {
    return job->minutes < 6 ? 20 * job->minutes : 120;
}

/* A line of the template, or what takes its place. */
static void print_line(FILE *out, const ri_job_file *job, const char *line, size_t length) {
    const struct {
        const char *start;
        int64_t value;
        const char *unit;
    } number[] = {{"#SBATCH --nodes=", job->nodes, ""},
                  {"#SBATCH --ntasks-per-node=", job->ranks_per_node, ""},
                  {"#SBATCH --cpus-per-task=", job->threads, ""},
                  {"#SBATCH --mem=", job->megabytes, "M"},
                  {"#SBATCH --time=", job->minutes, ""},
                  {"#SBATCH --signal=B:USR1@", warning(job), ""}};
    for (size_t k = 0; k < sizeof number / sizeof *number; k++)
        if (strncmp(line, number[k].start, strlen(number[k].start)) == 0) {
            fprintf(out, "%s%lld%s\n", number[k].start, (long long)number[k].value, number[k].unit);
            return;
        }
    if (strncmp(line, "# Cross-validation ", 19) == 0)
        fputs("# Cross-validation, as 'riata plan' advised it.\n", out);
    else if (strncmp(line, "DATA=", 5) == 0)
        print_setting(out, "DATA", job->bfile ? job->bfile : job->operand);
    else if (strncmp(line, "OUTPUT=", 7) == 0 && job->output)
        print_setting(out, "OUTPUT", job->output);
    else if (strncmp(line, "RIATA=", 6) == 0 && job->program)
        print_setting(out, "RIATA", job->program);
    else if (strncmp(line, "OPTIONS=", 8) == 0)
        print_options(out, job);
    else
        fprintf(out, "%.*s\n", (int)length, line);
}

ri_status ri_job_file_write(const ri_job_file *job, const char *path, ri_error *err) {
    ri_output out;
    RI_TRY(ri_output_prepare(path, err));
    RI_TRY(ri_output_open(path, &out, err));
    for (const char *line = ri_job_template; *line;) {
        size_t length = strcspn(line, "\n");
        print_line(out.file, job, line, length);
        line += length + (line[length] == '\n');
    }
    return ri_output_close(&out, 1, err);
}
