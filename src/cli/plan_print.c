/* SPDX-License-Identifier: BSD-3-Clause
 * What `riata plan` prints. */
#include <math.h>
#include <stdio.h>

#include "cli/planning.h"
#include "data/matrix.h"

static void print_duration(double seconds) {
    if (seconds < 10)
        printf("%.2g s", seconds);
    else if (seconds < 120)
        printf("%.0f s", seconds);
    else if (seconds < 7200)
        printf("%.0f min", seconds / 60);
    else
        printf("%.1f h", seconds / 3600);
}

static void print_problem(const ri_planning *p, const ri_plan_layout *one) {
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
    if (p->cost.by_moments)
        printf("Way         second moments of all features, formed once on each rank\n");
    else
        printf("Way         passes over X, about %.0f, that the fits of a rank share; %.3g GFLOP\n",
               one->reads,
               1e-9 * p->cost.flops * (double)(problem->l1_ratios * (problem->folds + 1)));
    if (p->cost.may_by_moments && !p->cost.by_moments)
        printf("            or second moments of all features, where no feature goes much with the "
               "response: memory is\n            that of these, and time what is expected\n");
}

static void print_basis(const ri_planning *p) {
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
           "expect it within a factor of 2, and memory within 15 %%. Of features that go strongly "
           "with each other, as markers of few founders do, lassos took 0.8 to 1.2 times the "
           "memory, elastic nets up to twice, and several times the time\n");
}

static void print_layout(const char *title, const ri_plan_layout *at) {
    printf("%-11s %d node%s x %d rank%s x %d thread%s: ", title, at->nodes,
           at->nodes == 1 ? "" : "s", at->ranks, at->ranks == 1 ? "" : "s", at->threads,
           at->threads == 1 ? "" : "s");
    print_duration(at->seconds);
    printf(", %.0f MB a node%s", at->memory / 1e6, at->shard > 1 ? "" : "\n");
    if (at->shard > 1)
        printf(", --shard %d\n", at->shard);
}

/* Of a run whose reads the system's cache answers, all of them. */
static double cached_seconds(const ri_planning *p, const ri_plan_layout *at) {
    const ri_plan_stream *s = &at->stream;
    return p->responses *
           (p->calibration.slowness * (s->rest + s->passing) + s->inflating + s->copying);
}

static void print_stream(const ri_planning *p, const ri_plan_layout *at, bool asked) {
    if (!asked)
        printf("Stream      X (%.0f MB) does not fit beside the fits: give --memory %.0fM, or "
               "nothing, which then comes to the same. About %.0f MB of them will be taken",
               p->x_bytes / 1e6, at->memory / 1e6, at->stream.taken / 1e6);
    else
        printf("Stream      X (%.0f MB) stays in its file; about %.0f MB will be taken",
               p->x_bytes / 1e6, at->stream.taken / 1e6);
    if (!p->setup.dataset->compressed)
        printf(", up to %.0f MB less where the file is in the system's cache",
               at->stream.blocks / 1e6);
    printf("; it is ");
    printf("read about %.0f times (%.0f MB)", at->stream.passes,
           (double)p->setup.dataset->file_bytes / 1e6);
    if (at->stream.inflations > 0) {
        printf(", inflated %.0f times, ", at->stream.inflations);
        print_duration(at->stream.inflating);
    }
    if (at->stream.reading > 0) {
        printf(", ");
        print_duration(at->stream.reading);
        printf(" at the %.2g GB/s measured past the system's cache%s; with the file in that cache "
               "all of it takes ",
               p->calibration.read_gbytes,
               at->stream.cached ? ", which has memory for the file, so that only the first read "
                                   "is counted"
                                 : "");
        print_duration(cached_seconds(p, at));
        printf("\n");
    } else {
        printf("; how fast that is, 'riata plan --calibrate DATA' measures: until then no time of "
               "reading is counted\n");
    }
}

/* Of a run that memory makes read X over and over. */
static void print_tight(const ri_planning *p, const ri_plan_layout *at) {
    double fewer, memory = ri_layout_enough_memory(p, at, &fewer);
    if (memory > 0)
        printf("Tight       few fits have room together, so that X is read about %.0f times; with "
               "--memory %.0fM about %.0f times\n",
               at->reads, ceil(memory / 1e6), fewer);
}

/* What the model of time does not know. */
static void print_unknown(const ri_planning *p) {
    const ri_loss *loss = ri_problem_loss(&p->setup.problem);
    if (loss)
        printf("            Not estimated: the time of --family %s; what is said is that of a "
               "gaussian response, and other losses take several times as long\n",
               loss->name);
}

static void print_reason(const ri_planning *p, const ri_plan_layout *at) {
    const ri_problem *problem = &p->setup.problem;
    int64_t units = ri_cost_units(problem);
    int all = at->nodes * at->ranks;
    ri_team team = ri_layout_team(at, at->shard);
    ri_memory m = ri_memory_of(problem, &team, RI_MEMORY_EXPECTED);
    printf("Memory      a node: X %.0f MB, facts of features %.0f MB, program %.0f MB; a rank %.0f "
           "MB, a thread %.1f MB, a fit in hand %.1f MB\n",
           p->x_bytes / at->shard / 1e6, m.shared / 1e6, m.program / 1e6,
           (m.a_rank + m.done + m.columns) / 1e6, m.a_thread / 1e6, m.a_fit / 1e6);
    if (at->shard > 1)
        printf("Shards      X, %.0f MB, is split over %d nodes%s\n", p->x_bytes / 1e6, at->shard,
               p->shard > 0 ? ": --shard" : ", the fewest that have the memory for it");
    printf("Why         %lld units over %d rank%s: %lld at most on one, %d side by side",
           (long long)units, all, all == 1 ? "" : "s", (long long)((units + all - 1) / all),
           at->threads);
    printf("; twice the cores would have to be %.1f times as fast", ri_layout_worthwhile);
    if (units < (int64_t)all * at->threads * 2 && problem->blocks == 1 &&
        p->cost.screening > p->cost.descent)
        printf("; --alpha-blocks makes more units");
    printf("\n");
}

void ri_planning_print(const ri_planning *p, const ri_plan_layout *one, const ri_plan_layout *best,
                       bool asked) {
    print_problem(p, one);
    print_layout("One core", one);
    print_layout("Advice", best);
    if (best->streamed)
        print_stream(p, best, asked);
    else
        print_reason(p, best);
    print_tight(p, best);
    print_basis(p);
    print_unknown(p);
}
