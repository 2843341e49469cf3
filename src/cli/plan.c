/* SPDX-License-Identifier: BSD-3-Clause
 * riata plan: what a cross-validation will take, and how best to run it, from the headers of its
 * dataset alone. */
#define _GNU_SOURCE 1 /* realpath */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "cli/command.h"
#include "cli/groups.h"
#include "cli/job_file.h"
#include "cli/load.h"
#include "cli/planning.h"

/* What a job asks for beyond what is expected; of time, ri_layout_time_spare. */
static const double MEMORY_SPARE = 1.3;
enum { LEAST_MINUTES = 10 };

/* "90", "30:00", "2:00:00", "1-00:00:00": minutes alone, else as Slurm reads them; seconds. */
static bool parse_time(const char *text, double *seconds) {
    double days = 0, part[3] = {0};
    int count = 0, used = 0;
    const char *dash = strchr(text, '-');
    if (dash && (sscanf(text, "%lf-%n", &days, &used) != 1 || text + used != dash + 1))
        return false;
    for (const char *at = dash ? dash + 1 : text; count < 3; at += used + 1) {
        if (sscanf(at, "%lf%n", &part[count++], &used) != 1 || !(part[count - 1] >= 0))
            return false;
        if (at[used] == '\0')
            break;
        if (at[used] != ':' || count == 3)
            return false;
    }
    double minutes = dash || count == 3 ? 60 * part[0] + part[1] : part[0];
    double rest = count == 3 ? part[2] : count == 2 && !dash ? part[1] : 0;
    *seconds = 86400 * days + 60 * minutes + rest;
    return *seconds > 0 && isfinite(*seconds);
}

static ri_status take_bounds(const ri_session *session, ri_planning *p, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    ri_bounds *b = &p->bounds;
    struct sysinfo machine;
    *b = (ri_bounds){.nodes = (int)given->nodes, .seconds = INFINITY};
    b->cores = given->cores > 0 ? (int)given->cores
               : p->calibrated  ? p->calibration.cores
                                : omp_get_num_procs();
    b->memory = sysinfo(&machine) == 0 ? (double)machine.totalram * machine.mem_unit : INFINITY;
    if (given->mem && !ri_parse_bytes(given->mem, &b->memory))
        return ri_fail(err, RI_BAD_INPUT,
                       "--mem: '%s' is not allowed; give a number of bytes, such as 700M or 8G",
                       given->mem);
    if (given->time && !parse_time(given->time, &b->seconds))
        return ri_fail(err, RI_BAD_INPUT,
                       "--time: '%s' is not allowed; give minutes or [days-]hours:minutes:seconds",
                       given->time);
    double asked = INFINITY;
    if (given->memory)
        RI_TRY(ri_load_given_memory(given->memory, &asked, err));
    asked /= 1 - ri_load_reserve(); /* of --memory no part is kept back */
    b->asked = asked < b->memory;
    b->node = b->memory;
    b->memory = fmin(b->memory, asked);
    if (given->threads > b->cores)
        return ri_fail(err, RI_BAD_INPUT,
                       "--threads %d: that are more than the %d cores of a node; --cores says how "
                       "many it has",
                       (int)given->threads, b->cores);
    return RI_OK;
}

/* A job may have what is expected and something to spare, within the bounds. */
static ri_status write_job(const ri_session *session, const ri_planning *p,
                           const ri_plan_layout *at, ri_error *err) {
    double minutes = ceil(fmax(LEAST_MINUTES, at->seconds * ri_layout_time_spare / 60));
    double megabytes = 100 * ceil((at->memory * MEMORY_SPARE + 100e6) / 100e6);
    minutes = fmax(1, fmin(minutes, floor(p->bounds.seconds / 60)));
    megabytes = fmin(megabytes, floor(p->bounds.memory / 1e6));
    /* Called by a path it may not be in PATH, there neither. */
    char *program = strchr(session->argv[0], '/') ? realpath(session->argv[0], NULL) : NULL;
    ri_job_file job = {.nodes = at->nodes,
                       .ranks_per_node = at->ranks,
                       .threads = at->threads,
                       .minutes = (int64_t)minutes,
                       .megabytes = (int64_t)megabytes,
                       .operand = session->arguments.operand[0],
                       .bfile = session->arguments.bfile,
                       .output = session->arguments.output,
                       .program = program,
                       .shard = at->shard,
                       .argc = session->argc,
                       .argv = session->argv};
    ri_status status = ri_job_file_write(&job, session->arguments.write, err);
    free(program);
    RI_TRY(status);
    printf("Job         %s: sbatch %s\n", session->arguments.write, session->arguments.write);
    return RI_OK;
}

static ri_status refuse_memory(const ri_session *session, const ri_planning *p, double least,
                               ri_error *err) {
    const char *split =
        p->splits && p->bounds.nodes == 1 ? ", or --nodes for X split over more nodes" : "";
    if (p->bounds.asked)
        return ri_fail(
            err, RI_BAD_INPUT, "--memory %s is too little: one rank takes about %.0f MB%s",
            session->arguments.memory, ceil(least * (1 - ri_load_reserve()) / 1e6), split);
    return ri_fail(err, RI_BAD_INPUT,
                   "--mem: %.0f MB a node are too little; one rank takes about %.0f MB%s",
                   p->bounds.memory / 1e6, ceil(least / 1e6), split);
}

static ri_status check_fit(const ri_session *session, const ri_planning *p,
                           const ri_plan_layout *at, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    bool streams = given->shard <= 1 && ri_load_can_stream(session, &p->setup);
    int threads = given->threads > 0 ? (int)given->threads : 1;
    if (at->memory > p->bounds.memory)
        return refuse_memory(session, p,
                             ri_layout_least_memory(p, threads, !given->stream, streams), err);
    if (at->seconds > p->bounds.seconds)
        return ri_fail(err, RI_BAD_INPUT,
                       "--time: about %.*f s are needed on %d node%s, and %.*f are allowed; allow "
                       "more time or more nodes",
                       at->seconds < 10, at->seconds, p->bounds.nodes,
                       p->bounds.nodes == 1 ? "" : "s", p->bounds.seconds < 10, p->bounds.seconds);
    return RI_OK;
}

/* A split of X that is asked for is refused where the run would. */
static ri_status check_shard(const ri_session *session, const ri_planning *p, ri_error *err) {
    if (p->shard == 0)
        return RI_OK;
    if (p->shard > p->bounds.nodes)
        return ri_fail(err, RI_BAD_INPUT, "--shard %d: that are more nodes than --nodes %d",
                       p->shard, p->bounds.nodes);
    if (p->cost.by_moments)
        return ri_fail(err, RI_BAD_INPUT,
                       "--shard %d: second moments of all features are formed with all of X on "
                       "every node; give no --shard, or --solver newton, which works with passes "
                       "over X",
                       p->shard);
    return ri_load_check_shard(session, &p->setup, err);
}

static ri_status plan_run(ri_session *session, ri_planning *p, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    RI_TRY(take_bounds(session, p, err));
    session->command = "cv"; /* whose options these are */
    RI_TRY(ri_setup_open(session, &p->setup, err));
    if (given->calibrate && p->setup.dataset->compressed && !p->setup.dataset->sparse)
        RI_TRY(ri_calibration_inflate(p->setup.dataset, &p->calibration, err));
    const ri_problem *problem = &p->setup.problem;
    ri_fit_extent_find(problem, p->extent);
    p->setup.problem.extent = p->extent;
    p->cost = ri_cost_of(problem);
    p->x_bytes = (double)p->setup.dataset->p * (double)problem->x.stride;
    if (p->setup.dataset->sparse)
        p->x_bytes = (double)p->setup.dataset->file_bytes;
    p->responses = fmax(1, (double)p->setup.responses.count);
    p->shard = given->shard > 1 ? (int)given->shard : 0;
    p->splits = !p->cost.may_by_moments && ri_load_can_shard(session, &p->setup);
    RI_TRY(check_shard(session, p, err));
    int threads = given->threads > 0 ? (int)given->threads : 0;
    ri_plan_layout one = ri_layout_judge(p, 1, 1, threads > 0 ? threads : 1),
                   best = ri_layout_advise(p, threads);
    if ((best.memory > p->bounds.memory || given->stream) && given->shard <= 1 &&
        ri_load_can_stream(session, &p->setup))
        one = ri_layout_judge_streamed(p, 1, 1, threads > 0 ? threads : 1),
        best = ri_layout_advise_streamed(p, threads);
    RI_TRY(check_fit(session, p, &best, err));
    ri_planning_print(p, &one, &best, given->stream);
    return given->write ? write_job(session, p, &best, err) : RI_OK;
}

static ri_status run_command(ri_session *session, ri_error *err) {
    ri_planning p = {0};
    const ri_arguments *given = &session->arguments;
    if (given->calibrate) {
        char path[4096];
        RI_TRY(ri_calibration_make(ri_cluster_host(session->cluster), given->operand[0],
                                   &p.calibration, path, sizeof path, err));
        printf("Measured    %.0f GFLOP/s, %.1f GB/s on %d cores; %.2f times as slow as where the "
               "model is from: %s\n",
               p.calibration.limits.gflops, p.calibration.limits.gbytes, p.calibration.cores,
               p.calibration.slowness, path);
        if (!given->operand[0] && !given->bfile)
            return RI_OK;
    }
    if (!given->operand[0] && !given->bfile)
        return ri_fail(err, RI_BAD_INPUT,
                       "plan: DATA is needed, or --bfile PREFIX; 'riata plan --help' shows the "
                       "usage");
    p.calibrated = ri_calibration_load(&p.calibration);
    ri_status status = plan_run(session, &p, err);
    ri_setup_close(&p.setup);
    return status;
}

static const ri_option PLAN[] = {
    {.name = "nodes",
     .kind = RI_INTEGER,
     FIELD(nodes),
     .argument = "N",
     .initial = "1",
     .low = 1,
     .high = 1024,
     .unit = "nodes",
     .help = "How many nodes may be used."},
    {.name = "cores",
     .kind = RI_INTEGER,
     FIELD(cores),
     .argument = "C",
     .low = 1,
     .high = 1024,
     .shown = "those of this machine",
     .unit = "cores of a node",
     .help = "How many cores a node has."},
    {.name = "mem",
     .kind = RI_TEXT,
     FIELD(mem),
     .argument = "SIZE",
     .shown = "that of this machine",
     .help = "How much memory a node has, such as 64G."},
    {.name = "time",
     .kind = RI_TEXT,
     FIELD(time),
     .argument = "LIMIT",
     .shown = "none",
     .help = "How long the run may take: minutes, hours:minutes:seconds or days-hours:minutes. "
             "More cores are advised where that is needed to keep it."},
    {.name = "write",
     .kind = RI_TEXT,
     FIELD(write),
     .argument = "FILE",
     .help = "Write a Slurm job file for the advice, with the options given here: slurm/cv.sbatch "
             "filled in."},
    {.name = "calibrate",
     .kind = RI_SWITCH,
     FIELD(calibrate),
     .help =
         "Measure this machine first (a few seconds), for this plan and later ones, and how "
         "fast DATA is read from where it is stored, and inflated. Without DATA nothing else is "
         "done."},
    {0},
};

const ri_command ri_command_plan = {
    .name = "plan",
    .purpose = "say what a cross-validation will take, and how to run it",
    .operands = "[DATA]",
    .least = 0,
    .most = 1,
    .example = "riata plan data.h5 --folds 10 --nodes 4 --cores 32 --mem 128G --write job.sbatch",
    .detail = "Takes the options of 'riata cv' and reads headers only: sizes, memory of nodes and "
              "ranks, expected time, advised nodes x ranks x threads, and a job file. Stability "
              "selection is not estimated, nor the time of other losses than the squared error.",
    .groups = RI_GROUPS({"Plan", PLAN}, RI_GROUPS_CV),
    .run = run_command,
};
