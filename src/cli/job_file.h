/* SPDX-License-Identifier: BSD-3-Clause
 * slurm/cv.sbatch, which is part of the program, filled in. */
#ifndef RI_CLI_JOB_FILE_H
#define RI_CLI_JOB_FILE_H

#include <stdint.h>

#include "base/status.h"

/* Its text; made of the file by CMake. */
extern const char ri_job_template[];

typedef struct ri_job_file {
    int nodes, ranks_per_node, threads;
    int shard;                  /* above 1: nodes that hold X together */
    int64_t minutes, megabytes; /* limits of the job; memory is that of a node */
    const char *operand;        /* the dataset; NULL: PLINK files */
    const char *bfile;          /* their prefix */
    const char *output;         /* prefix; NULL: the file's own */
    const char *program;        /* NULL: riata, which is in PATH */
    int argc;                   /* the command line of `riata plan` */
    char **argv;
} ri_job_file;

/* The options of cv among the arguments follow into the file, those of plan alone do not. */
RI_MUST_USE ri_status ri_job_file_write(const ri_job_file *job, const char *path, ri_error *err);

#endif
