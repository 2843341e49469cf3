/* SPDX-License-Identifier: BSD-3-Clause
 * X for the runs of a command: held in memory, or read from its file by every pass, as --memory and
 * --stream have it; or, where neither is given and X does not fit, as --memory with what is free,
 * less a reserve, would have it. */
#ifndef RI_CLI_LOAD_H
#define RI_CLI_LOAD_H

#include "cli/setup.h"

typedef struct ri_load {
    ri_matrix x; /* with its extra columns: what problem.x becomes */
    int64_t missing;
    double seconds;
    size_t stream_bytes; /* for blocks of X; 0: X is held in memory */
    bool sharded;        /* over nodes */
    double kept_to;      /* bytes of a node, by what is free and not by options; 0: not so */
    double looks;        /* whole reads of a streamed X before its first pass */
} ri_load;

/* Sets problem.x and how much of the problem is in hand at a time. Too little --memory is
 * RI_BAD_INPUT with what is needed, said before X is read. Collective. */
RI_MUST_USE ri_status ri_load_x(ri_session *session, ri_setup *setup, int threads, ri_load *out,
                                ri_error *err);
/* After a run: what went between nodes that hold X together. Collective. */
void ri_load_tell(ri_session *session, const ri_load *load);

/* How much of the memory of a node (INFINITY: no bound) a stream's blocks take: they are to be read
 * ahead, not to hold X. */
size_t ri_load_stream_bytes(const ri_dataset *dataset, double x_bytes, int ranks, double memory);

/* True where the passes of this run can read X from its file. */
bool ri_load_can_stream(const ri_session *session, const ri_setup *setup);

/* Bytes that --memory names, or RI_BAD_INPUT. */
RI_MUST_USE ri_status ri_load_given_memory(const char *given, double *memory, ri_error *err);

/* What X split over nodes rules out, as far as options, storage and penalty say: RI_BAD_INPUT. */
RI_MUST_USE ri_status ri_load_check_shard(const ri_session *session, const ri_setup *setup,
                                          ri_error *err);
bool ri_load_can_shard(const ri_session *session, const ri_setup *setup);

/* Part of the free memory that a run leaves to others where it keeps to what is free. */
double ri_load_reserve(void);

void ri_load_free(ri_load *load); /* before ri_cluster_release */

#endif
