/* SPDX-License-Identifier: BSD-3-Clause
 * riata plan: what a cross-validation will take, and how best to run it, from the headers of its
 * dataset alone. */
#include <math.h>
#include <omp.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysinfo.h>

#include "cli/calibration.h"
#include "cli/command.h"
#include "cli/groups.h"
#include "cli/job_file.h"
#include "cli/load.h"
#include "cli/plan_stream.h"
#include "cli/setup.h"
#include "cv/cost.h"
#include "cv/memory.h"

/* A wider layout must be so much faster for each doubling of its cores to be worth it. */
static const double WORTHWHILE = 1.4;

/* What a job asks for beyond what is expected. */
static const double MEMORY_SPARE = 1.3, TIME_SPARE = 3;
enum { LEAST_MINUTES = 10 };

/* What may be used, and of what. */
typedef struct bounds {
    int nodes, cores; /* most nodes; cores of a node */
    double memory;    /* bytes of a node, */
    bool asked;       /* by --memory */
    double seconds;   /* infinite: no limit */
} bounds;

typedef struct layout {
    int nodes, ranks, threads; /* ranks of a node, threads of a rank */
    int shard;                 /* nodes that hold X together */
    double seconds, memory;    /* bytes of a node, X included where it is held in memory */
    bool streamed;             /* X stays in its file, and this tells how: */
    ri_plan_stream stream;
} layout;

typedef struct plan {
    ri_setup setup;
    ri_calibration calibration;
    bool calibrated;
    bounds bounds;
    ri_cost cost;
    double x_bytes, responses;
    int shard;   /* given, or 0: as many nodes as memory asks for */
    bool splits; /* X may be split over nodes */
} plan;

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

static ri_status take_bounds(const ri_session *session, plan *p, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    bounds *b = &p->bounds;
    struct sysinfo machine;
    *b = (bounds){.nodes = (int)given->nodes, .seconds = INFINITY};
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
    b->memory = fmin(b->memory, asked);
    if (given->threads > b->cores)
        return ri_fail(err, RI_BAD_INPUT,
                       "--threads %d: that are more than the %d cores of a node; --cores says how "
                       "many it has",
                       (int)given->threads, b->cores);
    return RI_OK;
}

static ri_team team_of(const layout *at, int shard) {
    return (ri_team){.ranks = at->nodes * at->ranks,
                     .ranks_on_node = at->ranks,
                     .threads = at->threads,
                     .shard = shard};
}

/* Bytes of a node when X is split over so many. */
static double memory_of(const plan *p, const layout *at, int shard) {
    ri_team team = team_of(at, shard);
    return p->x_bytes / shard + ri_memory_estimate(&p->setup.problem, &team);
}

/* Nodes that are to hold X together, at least; 1 where no number of them has the memory. */
static int choose_shard(const plan *p, const layout *at) {
    if (p->shard > 0)
        return p->shard;
    for (int k = 1; k <= at->nodes && p->splits; k++)
        if (at->nodes % k == 0 && memory_of(p, at, k) <= p->bounds.memory)
            return k;
    return 1;
}

static layout judge_layout(const plan *p, int nodes, int ranks, int threads) {
    const ri_problem *problem = &p->setup.problem;
    layout at = {.nodes = nodes, .ranks = ranks, .threads = threads};
    at.shard = choose_shard(p, &at);
    ri_team team = team_of(&at, at.shard);
    at.seconds = p->responses * p->calibration.slowness * ri_cost_seconds(problem, &p->cost, &team);
    at.memory = memory_of(p, &at, at.shard);
    return at;
}

/* True where `b` is worth taking in place of `a`, which has no more cores and fits. */
static bool better(const plan *p, const layout *a, const layout *b) {
    if (b->memory > p->bounds.memory)
        return false;
    if (a->memory > p->bounds.memory)
        return true;
    double cores_a = (double)a->nodes * a->ranks * a->threads;
    double cores_b = (double)b->nodes * b->ranks * b->threads;
    double asked = cores_b > cores_a ? pow(WORTHWHILE, log2(cores_b / cores_a)) : 1.02;
    bool late = a->seconds * TIME_SPARE / 2 > p->bounds.seconds;
    return a->seconds / b->seconds > (late && b->seconds < a->seconds ? 1 : asked);
}

/* The best layout within the bounds: nodes x ranks x threads, all cores of a node or, where there
 * are fewer fits, some of them. */
static layout advise(const plan *p, int threads_given) {
    int least = p->shard > 0 ? p->shard : 1;
    layout best = judge_layout(p, least, 1, threads_given > 0 ? threads_given : 1);
    for (int nodes = least; nodes <= p->bounds.nodes; nodes += least)
        for (int ranks = 1; ranks <= p->bounds.cores; ranks++) {
            int most = p->bounds.cores / ranks;
            for (int threads = 1; threads <= most; threads++) {
                if (threads_given > 0 && threads != threads_given)
                    continue;
                layout at = judge_layout(p, nodes, ranks, threads);
                if (better(p, &best, &at))
                    best = at;
            }
        }
    return best;
}

static layout judge_streamed(const plan *p, int nodes, int ranks, int threads) {
    ri_team team = {.ranks = nodes * ranks, .ranks_on_node = ranks, .threads = threads};
    layout at = {.nodes = nodes, .ranks = ranks, .threads = threads, .streamed = true};
    double memory = (1 - ri_load_reserve()) * p->bounds.memory;
    bool possible = ri_plan_stream_judge(&p->setup.problem, p->setup.dataset, &team, memory,
                                         &p->calibration, &at.stream);
    at.seconds =
        p->responses * (p->calibration.slowness * at.stream.rest +
                        fmax(p->calibration.slowness * at.stream.passing + at.stream.inflating,
                             at.stream.reading));
    at.memory = possible ? memory : fmax(at.stream.needed, p->bounds.memory * 1.01);
    return at;
}

/* The same where X does not fit: one rank a node, since all of them read the file; threads as many
 * as make it faster. */
static layout advise_streamed(const plan *p, int threads_given) {
    layout best = judge_streamed(p, 1, 1, threads_given > 0 ? threads_given : 1);
    for (int nodes = 1; nodes <= p->bounds.nodes; nodes++)
        for (int threads = 1; threads <= p->bounds.cores; threads++) {
            layout at = judge_streamed(p, nodes, 1, threads);
            if ((threads_given == 0 || threads == threads_given) && better(p, &best, &at))
                best = at;
        }
    return best;
}

static void print_duration(double seconds) {
    if (seconds < 120)
        printf("%.2g s", seconds);
    else if (seconds < 7200)
        printf("%.0f min", seconds / 60);
    else
        printf("%.1f h", seconds / 3600);
}

static void print_problem(const plan *p) {
    const ri_problem *problem = &p->setup.problem;
    const ri_dataset *dataset = p->setup.dataset;
    printf("Problem     %s: %lld samples with a response, %lld features (%s); %lld fits of %lld "
           "alphas\n",
           dataset->path, (long long)p->setup.kept, (long long)dataset->p,
           ri_storage_name(problem->x.storage),
           (long long)(problem->l1_ratios * (problem->folds + 1) * (int64_t)p->responses),
           (long long)problem->alphas);
    printf(
        "Files       %.1f MB to read; X takes %.1f MB in memory, once a node; the result about "
        "%.1f MB\n",
        (double)dataset->file_bytes / 1e6, p->x_bytes / 1e6,
        1e-6 * (double)problem->l1_ratios *
            (8 * (double)problem->alphas * (double)problem->x.n +
             16 * (problem->folds + 1) * (double)problem->alphas * ri_memory_support(problem) / 2 +
             16 * (double)problem->x.p));
    ri_team one = {.ranks = 1, .ranks_on_node = 1, .threads = 1};
    if (p->cost.by_moments)
        printf("Way         second moments of all features, formed once on each rank\n");
    else
        printf("Way         passes over X, about %.0f, that the fits of a rank share; %.3g GFLOP\n",
               ri_memory_reads(problem, &one),
               1e-9 * p->cost.flops * (double)(problem->l1_ratios * (problem->folds + 1)));
    if (p->cost.may_by_moments && !p->cost.by_moments)
        printf("            or second moments of all features, where no feature goes much with the "
               "response: memory is\n            that of these, and time what is expected\n");
}

static void print_basis(const plan *p) {
    const ri_calibration *c = &p->calibration;
    if (p->calibrated)
        printf("Basis       this machine as measured on %s (%s, %s): %.0f GFLOP/s and %.1f GB/s on "
               "%d cores; a small cross-validation took %.2f times as long as where the model is "
               "from\n",
               c->measured, c->host, c->simd, c->limits.gflops, c->limits.gbytes, c->cores,
               c->slowness);
    else
        printf("Basis       the machine that the model was made on; 'riata plan --calibrate' "
               "measures this one in seconds\n");
    printf("            Time is that of solving, without the first reading, for cores of our own; "
           "expect it "
           "within a factor of 2, and memory within 15 %%\n");
}

static void print_layout(const char *title, const layout *at) {
    printf("%-11s %d node%s x %d rank%s x %d thread%s: ", title, at->nodes,
           at->nodes == 1 ? "" : "s", at->ranks, at->ranks == 1 ? "" : "s", at->threads,
           at->threads == 1 ? "" : "s");
    print_duration(at->seconds);
    printf(", %.0f MB a node%s", at->memory / 1e6, at->shard > 1 ? "" : "\n");
    if (at->shard > 1)
        printf(", --shard %d\n", at->shard);
}

static void print_stream(const plan *p, const layout *at, bool asked) {
    if (!asked)
        printf("Stream      X (%.0f MB) does not fit beside the fits: give --memory %.0fM, or "
               "nothing, which then "
               "comes "
               "to the same. About %.0f MB of them will be taken; it is ",
               p->x_bytes / 1e6, at->memory / 1e6, at->stream.taken / 1e6);
    else
        printf("Stream      X (%.0f MB) stays in its file; about %.0f MB will be taken. It is ",
               p->x_bytes / 1e6, at->stream.taken / 1e6);
    printf("read about %.0f times (%.0f MB)", at->stream.passes,
           (double)p->setup.dataset->file_bytes / 1e6);
    if (at->stream.inflations > 0) {
        printf(", inflated %.0f times, ", at->stream.inflations);
        print_duration(at->stream.inflating);
    }
    if (at->stream.reading > 0) {
        printf(", ");
        print_duration(at->stream.reading);
        printf(" at the %.2g GB/s measured past the system's cache\n", p->calibration.read_gbytes);
    } else {
        printf("; how fast that is, 'riata plan --calibrate DATA' measures: until then no time of "
               "reading is counted\n");
    }
}

/* What the model of time does not know. */
static void print_unknown(const plan *p) {
    const ri_loss *loss = ri_problem_loss(&p->setup.problem);
    if (loss)
        printf("            Not estimated: the time of --family %s; what is said is that of a "
               "gaussian response, and other losses take several times as long\n",
               loss->name);
}

static void print_reason(const plan *p, const layout *at) {
    const ri_problem *problem = &p->setup.problem;
    int64_t units = ri_cost_units(problem);
    int all = at->nodes * at->ranks;
    ri_team team = team_of(at, at->shard);
    ri_memory m = ri_memory_of(problem, &team, RI_MEMORY_EXPECTED);
    printf("Memory      a node: X %.0f MB, facts of features %.0f MB, program %.0f MB; a rank %.0f "
           "MB, a thread %.1f MB, a fit in hand %.1f MB\n",
           p->x_bytes / at->shard / 1e6, m.shared / 1e6, m.program / 1e6,
           (m.a_rank + m.columns) / 1e6, m.a_thread / 1e6, m.a_fit / 1e6);
    if (at->shard > 1)
        printf("Shards      X, %.0f MB, is split over %d nodes%s\n", p->x_bytes / 1e6, at->shard,
               p->shard > 0 ? ": --shard" : ", the fewest that have the memory for it");
    printf("Why         %lld units over %d rank%s: %lld at most on one, %d side by side",
           (long long)units, all, all == 1 ? "" : "s", (long long)((units + all - 1) / all),
           at->threads);
    printf("; twice the cores would have to be %.1f times as fast", WORTHWHILE);
    if (units < (int64_t)all * at->threads * 2 && problem->blocks == 1 &&
        p->cost.screening > p->cost.descent)
        printf("; --alpha-blocks makes more units");
    printf("\n");
}

/* A job may have what is expected and something to spare, within the bounds. */
static ri_status write_job(const ri_session *session, const plan *p, const layout *at,
                           ri_error *err) {
    double minutes = ceil(fmax(LEAST_MINUTES, at->seconds * TIME_SPARE / 60));
    double megabytes = 100 * ceil((at->memory * MEMORY_SPARE + 100e6) / 100e6);
    minutes = fmax(1, fmin(minutes, floor(p->bounds.seconds / 60)));
    megabytes = fmin(megabytes, floor(p->bounds.memory / 1e6));
    ri_job_file job = {.nodes = at->nodes,
                       .ranks_per_node = at->ranks,
                       .threads = at->threads,
                       .minutes = (int64_t)minutes,
                       .megabytes = (int64_t)megabytes,
                       .dataset = session->arguments.operand[0],
                       .output = session->arguments.output,
                       .shard = at->shard,
                       .argc = session->argc,
                       .argv = session->argv};
    RI_TRY(ri_job_file_write(&job, session->arguments.write, err));
    printf("Job         %s: sbatch %s\n", session->arguments.write, session->arguments.write);
    return RI_OK;
}

/* Memory of a node with which one rank a node could do it, to within a hundredth. */
static double least_memory(const plan *p, int threads, bool held, bool streams) {
    plan other = *p;
    int nodes = p->bounds.nodes;
    for (;; other.bounds.memory *= 1.01) {
        if (held && judge_layout(&other, nodes, 1, threads).memory <= other.bounds.memory)
            return other.bounds.memory;
        if (streams && judge_streamed(&other, 1, 1, threads).memory <= other.bounds.memory)
            return other.bounds.memory;
    }
}

static ri_status refuse_memory(const ri_session *session, const plan *p, double least,
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

static ri_status check_fit(const ri_session *session, const plan *p, const layout *at,
                           ri_error *err) {
    const ri_arguments *given = &session->arguments;
    bool streams = given->shard <= 1 && ri_load_can_stream(session, &p->setup);
    int threads = given->threads > 0 ? (int)given->threads : 1;
    if (at->memory > p->bounds.memory)
        return refuse_memory(session, p, least_memory(p, threads, !given->stream, streams), err);
    if (at->seconds > p->bounds.seconds)
        return ri_fail(err, RI_BAD_INPUT,
                       "--time: about %.0f s are needed on %d nodes, and %.0f are allowed; allow "
                       "more time or more nodes",
                       at->seconds, p->bounds.nodes, p->bounds.seconds);
    return RI_OK;
}

/* A split of X that is asked for is refused where the run would. */
static ri_status check_shard(const ri_session *session, const plan *p, ri_error *err) {
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

static ri_status plan_run(ri_session *session, plan *p, ri_error *err) {
    const ri_arguments *given = &session->arguments;
    RI_TRY(take_bounds(session, p, err));
    session->command = "cv"; /* whose options these are */
    RI_TRY(ri_setup_open(session, &p->setup, err));
    const ri_problem *problem = &p->setup.problem;
    if (given->calibrate && p->setup.dataset->compressed && !p->setup.dataset->sparse)
        RI_TRY(ri_calibration_inflate(p->setup.dataset, &p->calibration, err));
    p->cost = ri_cost_of(problem);
    p->x_bytes = (double)p->setup.dataset->p * (double)problem->x.stride;
    if (p->setup.dataset->sparse)
        p->x_bytes = (double)p->setup.dataset->file_bytes;
    p->responses = fmax(1, (double)p->setup.responses.count);
    p->shard = given->shard > 1 ? (int)given->shard : 0;
    p->splits = !p->cost.may_by_moments && ri_load_can_shard(session, &p->setup);
    RI_TRY(check_shard(session, p, err));
    int threads = given->threads > 0 ? (int)given->threads : 0;
    layout one = judge_layout(p, 1, 1, threads > 0 ? threads : 1), best = advise(p, threads);
    if ((best.memory > p->bounds.memory || given->stream) && given->shard <= 1 &&
        ri_load_can_stream(session, &p->setup))
        one = judge_streamed(p, 1, 1, threads > 0 ? threads : 1),
        best = advise_streamed(p, threads);
    RI_TRY(check_fit(session, p, &best, err));
    print_problem(p);
    print_layout("One core", &one);
    print_layout("Advice", &best);
    if (best.streamed)
        print_stream(p, &best, given->stream);
    else
        print_reason(p, &best);
    print_basis(p);
    print_unknown(p);
    return given->write ? write_job(session, p, &best, err) : RI_OK;
}

static ri_status run_command(ri_session *session, ri_error *err) {
    plan p = {0};
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
