/* SPDX-License-Identifier: BSD-3-Clause
 * Stand-ins for cross-validation and for the dataset reader, so that the cluster room is tested by
 * itself: what every rank must have seen is known in closed form, and any rank can be made to fail
 * at any stage. */
#ifndef RI_TEST_FAKES_H
#define RI_TEST_FAKES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"
#include "data/dataset.h"

enum { NOT_ANY = -1 };

typedef enum stage {
    STAGE_NONE,
    STAGE_PLAN_FIRST,  /* before any collective part of the plan */
    STAGE_PLAN_MIDDLE, /* after the allocation, before `complete` */
    STAGE_PLAN_LAST,
    STAGE_UNITS,
    STAGE_PACK,
    STAGE_ASSEMBLE,
    STAGE_COUNT
} stage;

typedef struct scenario {
    int rank;         /* this rank */
    stage fail_stage; /* where `fail_rank` returns RI_SYSTEM */
    int fail_rank;
    int uncertified_rank; /* its units return RI_UNCERTIFIED */
    int64_t units;
    int64_t payload; /* predictions of unit u: payload * (u + 1) */
    int64_t hand;    /* units that a rank can have in hand together; 0: any number */
    int rounds;      /* of every ri_units_run: a millisecond and a call of the hook each */
    int64_t missing_column, infinite_column; /* of the dataset; NOT_ANY */
    int64_t damaged_column;                  /* cannot be read by a stream; NOT_ANY */
} scenario;

/* Borrowed until the next call. */
void fakes_play(const scenario *now);

/* Value (row i, column j) of the fake dataset. */
double fake_value(int64_t i, int64_t j);

/* "rank R failed at stage S": the sentence of the rank that was made to fail. */
void fake_sentence(char *text, size_t size, int rank, stage at);

#endif
