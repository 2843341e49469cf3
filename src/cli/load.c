/* SPDX-License-Identifier: BSD-3-Clause */
#include "cli/load.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "cli/adaptive.h"
#include "cv/memory.h"
#include "cv/plan.h"

/* Of --memory, for the blocks of a streamed X; least and most bytes. */
static const double STREAM_PART = 32, LEAST_STREAM = 24e6, MOST_STREAM = 1e9;
/* Where no --memory is given. */
static const double FREE_STREAM = 100e6;

static const double RESERVE = 0.1;

/* On the node with most ranks and threads, since all nodes have to decide alike. Collective. */
static ri_team team_of(const ri_session *session, int threads) {
    const ri_cluster *cluster = session->cluster;
    return (ri_team){.ranks = ri_cluster_ranks(cluster),
                     .ranks_on_node = ri_cluster_most(cluster, ri_cluster_ranks_on_node(cluster)),
                     .threads = ri_cluster_most(cluster, threads),
                     .shard = (int)session->arguments.shard};
}

double ri_load_reserve(void) {
    return RESERVE;
}

size_t ri_load_stream_bytes(const ri_dataset *dataset, double x_bytes, int ranks, double memory) {
    double wanted =
        isinf(memory) ? FREE_STREAM : fmin(fmax(memory / STREAM_PART, LEAST_STREAM), MOST_STREAM);
    wanted = fmin(wanted, x_bytes / 2); /* where more is free, X fits */
    double least = (double)ri_stream_least_bytes(dataset, (size_t)(wanted / ranks)) * ranks;
    return (size_t)fmax(wanted, least);
}

static bool is_adaptive(const ri_session *session) {
    return strcmp(session->command, "cv") == 0 && ri_adaptive_given(session);
}

/* The option, if any, that works with an X in memory only. */
static const char *holding_option(const ri_session *session) {
    const ri_arguments *given = &session->arguments;
    if (is_adaptive(session))
        return "--adaptive";
    return given->relax ? "--relax" : given->replicates > 0 ? "--replicates" : NULL;
}

/* What is too little for one fit at a time, and what `needed` bytes of a node are enough for. */
static ri_status refuse_memory(const ri_session *session, const ri_setup *setup,
                               const ri_team *team, const ri_load *load, bool held, double memory,
                               double needed, ri_error *err) {
    const char *option = held ? holding_option(session) : NULL;
    double x_megabytes = ri_matrix_bytes(&setup->problem.x) / 1e6;
    int ranks = team->ranks_on_node, threads = team->threads;
    char where[64];
    if (option)
        snprintf(where, sizeof where, "in memory for %s", option);
    else
        snprintf(where, sizeof where, "%s",
                 !held                    ? "left in the file"
                 : setup->dataset->sparse ? "in memory, being sparse,"
                                          : "in memory");
    if (load->kept_to > 0)
        return ri_fail(err, RI_SYSTEM,
                       "%s: not enough memory: %.0f MB may be used, and with X (%.0f MB) %s "
                       "and one fit at a time about %.0f MB are needed; use fewer ranks a "
                       "node, fewer threads, or more memory",
                       setup->dataset->path, memory / 1e6, x_megabytes, where, ceil(needed / 1e6));
    return ri_fail(err, RI_BAD_INPUT,
                   "--memory %s is too little: with X (%.0f MB) %s and one fit at a time %d rank%s "
                   "with %d thread%s need%s about %.0f MB",
                   session->arguments.memory, x_megabytes, where, ranks, ranks > 1 ? "s" : "",
                   threads, threads > 1 ? "s" : "", ranks > 1 ? "" : "s", ceil(needed / 1e6));
}

/* X stays in the file. `memory`: INFINITY where there is no bound. `held`: what would be needed
 * with X in memory, which may be less; INFINITY where that is ruled out. */
static ri_status plan_stream(const ri_session *session, ri_setup *setup, const ri_team *team,
                             double memory, double held, ri_load *load, ri_error *err) {
    ri_problem *problem = &setup->problem;
    const ri_dataset *dataset = setup->dataset;
    int ranks = team->ranks_on_node;
    ri_team streamed = *team;
    double needed;
    load->stream_bytes = ri_load_stream_bytes(dataset, ri_matrix_bytes(&problem->x), ranks, memory);
    if (isinf(memory))
        return RI_OK;
    double beside =
        ranks * (ri_moments_buffer(problem) + team->threads * ri_stream_thread_bytes(dataset));
    streamed.streamed = true;
    if (ri_memory_bound(problem, (double)load->stream_bytes + beside, &streamed, memory, &needed))
        return RI_OK;
    return refuse_memory(session, setup, team, load, held < needed, memory, fmin(held, needed),
                         err);
}

/* --stream, where X cannot stay in its file. */
static ri_status check_stream(const ri_session *session, const ri_dataset *dataset, ri_error *err) {
    const char *option = holding_option(session);
    if (dataset->sparse)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s:%s is sparse, and a sparse X is always held in memory; give no --stream",
                       dataset->path, dataset->x_path);
    if (option)
        return ri_fail(err, RI_BAD_INPUT, "%s needs X in memory; give no --stream", option);
    return RI_OK;
}

ri_status ri_load_check_shard(const ri_session *session, const ri_setup *setup, ri_error *err) {
    const ri_dataset *dataset = setup->dataset;
    long long nodes = (long long)session->arguments.shard;
    if (session->arguments.stream)
        return ri_fail(err, RI_BAD_INPUT,
                       "--shard %lld and --stream: X is either split over nodes or left in the "
                       "file; give one of them",
                       nodes);
    if (dataset->sparse)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s:%s is sparse, and a sparse X is not split over nodes: give no --shard",
                       dataset->path, dataset->x_path);
    const char *option = holding_option(session);
    if (option)
        return ri_fail(err, RI_BAD_INPUT, "--shard %lld: %s needs all of X on every node", nodes,
                       option);
    if (ri_problem_decomposes(&setup->problem))
        return ri_fail(err, RI_BAD_INPUT,
                       "--shard %lld: ridge and least squares are solved with all of X on every "
                       "node; give --solver newton, which works with passes over X",
                       nodes);
    return RI_OK;
}

bool ri_load_can_shard(const ri_session *session, const ri_setup *setup) {
    ri_error why;
    return ri_load_check_shard(session, setup, &why) == RI_OK;
}

bool ri_load_can_stream(const ri_session *session, const ri_setup *setup) {
    return !setup->dataset->sparse && !holding_option(session);
}

/* Nothing is said of memory: bytes of a node to keep to, where what is free is not enough to hold
 * X; else infinite. Where the run cannot do with less, reading X says what is missing. Collective.
 */
static double keep_to_free(ri_session *session, const ri_setup *setup, const ri_team *team,
                           double x_bytes, ri_load *load) {
    double available = ri_cluster_free_memory(session->cluster), memory = (1 - RESERVE) * available;
    double fits = ri_memory_estimate(&setup->problem, team);
    if (x_bytes + fits <= memory || !ri_load_can_stream(session, setup))
        return INFINITY;
    load->kept_to = memory;
    ri_console_note(&session->console,
                    "X (%.0f MB) and the fits (about %.0f MB) do not fit into the %.0f MB that are "
                    "free on a node: going on as with --memory %.0fM",
                    x_bytes / 1e6, fits / 1e6, available / 1e6, memory / 1e6);
    return memory;
}

ri_status ri_load_given_memory(const char *given, double *memory, ri_error *err) {
    if (!ri_parse_bytes(given, memory))
        return ri_fail(err, RI_BAD_INPUT,
                       "--memory: '%s' is not allowed; give a number of bytes, such as 700M or 8G",
                       given);
    return RI_OK;
}

/* What more than one run after the other takes: for each feature weights, and records that are kept
 * beside each other, which of --adaptive have predictions of a path for each of its first alphas
 * (8 bytes each, and what lies between).
 * Measured: 270 bytes a feature of --adaptive lasso and some 220 on each further rank, 20 to 70 of
 * the others. */
static double again_bytes(const ri_session *session, const ri_setup *setup, const ri_team *team) {
    const ri_problem *problem = &setup->problem;
    double n = (double)problem->x.n, p = (double)ri_matrix_features(&problem->x);
    if (!is_adaptive(session))
        return holding_option(session) ? 150 * p : 0;
    double given = (double)session->arguments.adaptive_alpha.count;
    double first = given > 0 ? given : RI_ADAPTIVE_ALPHAS;
    return (400 + 300.0 * (team->ranks_on_node - 1)) * p +
           10 * n * first * (1 + (double)problem->alphas);
}

/* What a node holds of X, where it is held in memory, and what options take beside it. */
static double held_bytes(const ri_session *session, const ri_setup *setup, const ri_team *team) {
    const ri_matrix *x = &setup->problem.x;
    double p = (double)ri_matrix_features(x), again = again_bytes(session, setup, team);
    if (setup->dataset
            ->sparse) /* each rank has columns of its own, and while it reads their places */
        return again + x->entry_bytes + 8 * p + team->ranks_on_node * p * ((double)x->stride + 8);
    return again + (double)x->stride * ri_cluster_shard_features(session->cluster, setup->dataset);
}

/* Whether X is held in memory, and how many fits a rank has in hand at a time. */
static ri_status limit_memory(ri_session *session, ri_setup *setup, const ri_team *team,
                              ri_load *load, ri_error *err) {
    ri_problem *problem = &setup->problem;
    const char *given = session->arguments.memory;
    double memory = INFINITY, needed;
    if (session->arguments.stream)
        RI_TRY(check_stream(session, setup->dataset, err));
    if (given)
        RI_TRY(ri_load_given_memory(given, &memory, err));
    double x_bytes = held_bytes(session, setup, team);
    if (!given && !session->arguments.stream && !load->sharded)
        memory = keep_to_free(session, setup, team, x_bytes, load);
    bool fits = isinf(memory) || ri_memory_bound(problem, x_bytes, team, memory, &needed);
    if (load->sharded && !fits)
        return ri_fail(err, RI_BAD_INPUT,
                       "--memory %s is too little: with X split over %lld nodes (%.0f MB on each) "
                       "and one fit at a time a node needs about %.0f MB; give more, or a larger "
                       "--shard",
                       given, (long long)session->arguments.shard, x_bytes / 1e6,
                       ceil(needed / 1e6));
    if (session->arguments.stream)
        return plan_stream(session, setup, team, memory, INFINITY, load, err);
    if (fits)
        return RI_OK;
    if (!ri_load_can_stream(session, setup))
        return refuse_memory(session, setup, team, load, true, memory, needed, err);
    return plan_stream(session, setup, team, memory, needed, load, err);
}

static ri_status open_x(ri_session *session, const ri_setup *setup, const ri_team *team,
                        ri_load *load, ri_error *err) {
    const ri_problem *problem = &setup->problem;
    bool allow_missing = problem->settings.missing_mean;
    double extra = ri_memory_estimate(problem, team) / team->ranks_on_node;
    if (load->sharded)
        return ri_cluster_shard_x(session->cluster, setup->dataset, allow_missing, extra, &load->x,
                                  &load->missing, err);
    if (load->stream_bytes == 0)
        return ri_cluster_read_x(session->cluster, setup->dataset, allow_missing, extra, &load->x,
                                 &load->missing, err);
    load->looks = 1;
    return ri_cluster_stream_x(session->cluster, setup->dataset, allow_missing, load->stream_bytes,
                               &load->x, &load->missing, err);
}

static void tell_shards(ri_session *session, const ri_dataset *dataset, const ri_problem *problem) {
    double features = ri_cluster_shard_features(session->cluster, dataset);
    long long nodes = (long long)session->arguments.shard, all = ri_cluster_nodes(session->cluster);
    ri_console_note(&session->console,
                    "X is split over %lld nodes%s: at most %.0f features and %.1f MB on each",
                    nodes, all > nodes ? ", in each of several groups" : "", features,
                    features * (double)problem->x.stride / 1e6);
}

ri_status ri_load_x(ri_session *session, ri_setup *setup, int threads, ri_load *out,
                    ri_error *err) {
    ri_problem *problem = &setup->problem;
    ri_team team = team_of(session, threads);
    *out = (ri_load){.sharded = session->arguments.shard > 1};
    setup->dataset->readers = threads;
    if (out->sharded) {
        RI_TRY(ri_load_check_shard(session, setup, err));
        RI_TRY(ri_cluster_shard(session->cluster, (int)session->arguments.shard, err));
    }
    RI_TRY(ri_cluster_agree(session->cluster, limit_memory(session, setup, &team, out, err), err));
    double started = ri_seconds();
    RI_TRY(open_x(session, setup, &team, out, err));
    out->seconds = ri_seconds() - started;
    out->x.extras = problem->x.extras;
    out->x.extra = problem->x.extra;
    out->x.p += out->x.extras;
    problem->x = out->x;
    ri_console_note(&session->console, "%s X: %.1f MB in %.2f s, %lld missing values",
                    out->x.stream && !out->sharded ? "looked through" : "read",
                    ri_matrix_bytes(&problem->x) / 1e6, out->seconds, (long long)out->missing);
    if (out->sharded)
        tell_shards(session, setup->dataset, problem);
    else if (out->x.stream)
        ri_console_note(&session->console,
                        "X stays in the file: every pass reads it, through %.0f MB of memory",
                        (double)out->stream_bytes / 1e6);
    return RI_OK;
}

void ri_load_tell(ri_session *session, const ri_load *load) {
    ri_shard_facts f;
    double inflated = load->x.stream ? ri_dataset_inflated(load->x.stream->dataset) : 0;
    if (inflated > 0 && !load->sharded)
        ri_console_note(&session->console, "chunks of X were inflated %.1f times over so far",
                        inflated / ri_matrix_bytes(&load->x));
    if (!load->sharded)
        return;
    ri_cluster_shard_facts(session->cluster, &f);
    ri_console_note(&session->console,
                    "%.0f rounds of the nodes so far; %.1f MB went between them: %.2f of columns, "
                    "%.2f of residuals, %.3f of gradients, %.2f of moments",
                    f.rounds, (f.columns + f.residuals + f.gradients + f.moments) / 1e6,
                    f.columns / 1e6, f.residuals / 1e6, f.gradients / 1e6, f.moments / 1e6);
}

void ri_load_free(ri_load *load) {
    ri_stream_free(load->x.stream);
    *load = (ri_load){0};
}
