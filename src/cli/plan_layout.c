/* SPDX-License-Identifier: BSD-3-Clause
 * Layouts of a run: what each would take, and which is best within the bounds. */
#include <math.h>

#include "cli/load.h"
#include "cli/planning.h"

const double ri_layout_worthwhile = 1.4;
const double ri_layout_time_spare = 3;

ri_team ri_layout_team(const ri_plan_layout *at, int shard) {
    return (ri_team){.ranks = at->nodes * at->ranks,
                     .ranks_on_node = at->ranks,
                     .threads = at->threads,
                     .shard = shard};
}

/* Bytes of a node when X is split over so many. `bounded` is the problem as a run takes it up: with
 * --memory it has as many fits in hand as are certain to fit. */
static double memory_of(const ri_planning *p, const ri_plan_layout *at, int shard,
                        ri_problem *bounded) {
    ri_team team = ri_layout_team(at, shard);
    double x = p->x_bytes / shard, kept = 1 - ri_load_reserve(), needed;
    *bounded = p->setup.problem;
    if (p->bounds.asked && !ri_memory_bound(bounded, x, &team, kept * p->bounds.memory, &needed))
        return fmax(needed / kept, p->bounds.memory * 1.01);
    return x + ri_memory_estimate(bounded, &team);
}

/* Nodes that are to hold X together, at least; 1 where no number of them has the memory. */
static int choose_shard(const ri_planning *p, const ri_plan_layout *at) {
    if (p->shard > 0)
        return p->shard;
    ri_problem bounded;
    for (int k = 1; k <= at->nodes && p->splits; k++)
        if (at->nodes % k == 0 && memory_of(p, at, k, &bounded) <= p->bounds.memory)
            return k;
    return 1;
}

ri_plan_layout ri_layout_judge(const ri_planning *p, int nodes, int ranks, int threads) {
    ri_problem bounded;
    ri_plan_layout at = {.nodes = nodes, .ranks = ranks, .threads = threads};
    at.shard = choose_shard(p, &at);
    ri_team team = ri_layout_team(&at, at.shard);
    at.memory = memory_of(p, &at, at.shard, &bounded);
    at.reads = ri_memory_reads(&bounded, &team);
    at.seconds =
        p->responses * p->calibration.slowness * ri_cost_seconds(&bounded, &p->cost, &team);
    return at;
}

/* True where `b` is worth taking in place of `a`, which has no more cores and fits. */
static bool better(const ri_planning *p, const ri_plan_layout *a, const ri_plan_layout *b) {
    if (b->memory > p->bounds.memory)
        return false;
    if (a->memory > p->bounds.memory)
        return true;
    double cores_a = (double)a->nodes * a->ranks * a->threads;
    double cores_b = (double)b->nodes * b->ranks * b->threads;
    double asked = cores_b > cores_a ? pow(ri_layout_worthwhile, log2(cores_b / cores_a)) : 1.02;
    bool late = a->seconds * ri_layout_time_spare / 2 > p->bounds.seconds;
    return a->seconds / b->seconds > (late && b->seconds < a->seconds ? 1 : asked);
}

/* The best layout within the bounds: nodes x ranks x threads, all cores of a node or, where there
 * are fewer fits, some of them. */
ri_plan_layout ri_layout_advise(const ri_planning *p, int threads_given) {
    int least = p->shard > 0 ? p->shard : 1;
    ri_plan_layout best = ri_layout_judge(p, least, 1, threads_given > 0 ? threads_given : 1);
    for (int nodes = least; nodes <= p->bounds.nodes; nodes += least)
        for (int ranks = 1; ranks <= p->bounds.cores; ranks++) {
            int most = p->bounds.cores / ranks;
            for (int threads = 1; threads <= most; threads++) {
                if (threads_given > 0 && threads != threads_given)
                    continue;
                ri_plan_layout at = ri_layout_judge(p, nodes, ranks, threads);
                if (better(p, &best, &at))
                    best = at;
            }
        }
    return best;
}

ri_plan_layout ri_layout_judge_streamed(const ri_planning *p, int nodes, int ranks, int threads) {
    ri_team team = {.ranks = nodes * ranks, .ranks_on_node = ranks, .threads = threads};
    ri_plan_layout at = {.nodes = nodes, .ranks = ranks, .threads = threads, .streamed = true};
    double memory = (1 - ri_load_reserve()) * p->bounds.memory;
    bool possible = ri_plan_stream_judge(&p->setup.problem, p->setup.dataset, &team, memory,
                                         &p->calibration, &at.stream);
    at.stream.cached = p->bounds.node - p->bounds.memory >= (double)p->setup.dataset->file_bytes;
    double computing = p->calibration.slowness * at.stream.passing + at.stream.inflating;
    double first = at.stream.reading / fmax(1, at.stream.passes);
    at.seconds = p->calibration.slowness * at.stream.rest +
                 (at.stream.cached ? computing + at.stream.copying + first
                                   : fmax(computing, at.stream.reading));
    at.seconds *= p->responses;
    at.reads = at.stream.passes;
    at.memory = possible ? memory : fmax(at.stream.needed, p->bounds.memory * 1.01);
    return at;
}

/* The same where X does not fit: one rank a node, since all of them read the file; threads as many
 * as make it faster. */
ri_plan_layout ri_layout_advise_streamed(const ri_planning *p, int threads_given) {
    ri_plan_layout best = ri_layout_judge_streamed(p, 1, 1, threads_given > 0 ? threads_given : 1);
    for (int nodes = 1; nodes <= p->bounds.nodes; nodes++)
        for (int threads = 1; threads <= p->bounds.cores; threads++) {
            ri_plan_layout at = ri_layout_judge_streamed(p, nodes, 1, threads);
            if ((threads_given == 0 || threads == threads_given) && better(p, &best, &at))
                best = at;
        }
    return best;
}

/* Memory of a node with which one rank a node could do it, to within a hundredth. */
double ri_layout_least_memory(const ri_planning *p, int threads, bool held, bool streams) {
    ri_planning other = *p;
    int nodes = p->bounds.nodes;
    for (;; other.bounds.memory *= 1.01) {
        if (held && ri_layout_judge(&other, nodes, 1, threads).memory <= other.bounds.memory)
            return other.bounds.memory;
        if (streams &&
            ri_layout_judge_streamed(&other, 1, 1, threads).memory <= other.bounds.memory)
            return other.bounds.memory;
    }
}

/* So many reads of X that more memory is worth having, and how much is tried. */
enum { MANY_READS = 40 };
static const double MORE_MEMORY = 1.02, MOST_MEMORY = 100;

double ri_layout_enough_memory(const ri_planning *p, const ri_plan_layout *at, double *reads) {
    ri_planning other = *p;
    *reads = at->reads;
    if (*reads < MANY_READS || p->cost.by_moments)
        return 0;
    other.bounds.asked = false;
    if (ri_layout_judge(&other, at->nodes, at->ranks, at->threads).reads >= MANY_READS)
        return 0;
    for (other.bounds.asked = true; other.bounds.memory < MOST_MEMORY * p->bounds.memory;) {
        other.bounds.memory *= MORE_MEMORY;
        ri_plan_layout more = ri_layout_judge(&other, at->nodes, at->ranks, at->threads);
        if (at->streamed && more.memory > other.bounds.memory)
            more = ri_layout_judge_streamed(&other, at->nodes, at->ranks, at->threads);
        *reads = more.reads;
        if (more.memory <= other.bounds.memory && *reads < MANY_READS)
            return (1 - ri_load_reserve()) * other.bounds.memory;
    }
    return 0;
}
