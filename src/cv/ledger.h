/* SPDX-License-Identifier: BSD-3-Clause
 * Where the time of a run went: a line for each rank, and what each unit cost. Facts of the
 * machine, never part of a result. */
#ifndef RI_CV_LEDGER_H
#define RI_CV_LEDGER_H

#include <stdint.h>

/* Of one rank; all members are doubles, in the order of ri_ledger_word. Seconds are those of its
 * main thread. */
typedef struct ri_ledger {
    double reading;       /* X from its file, at first and, where it stays there, in passes */
    double planning;      /* facts of all columns, and waiting for the node's other ranks */
    double screening;     /* passes over X, second moments, copies of candidates */
    double descent;       /* fits between the passes */
    double waiting;       /* for other ranks: in passes made together, and at the end */
    double bytes, flops;  /* of X read by its passes, and floating-point operations of these */
    double units, points; /* solved */
} ri_ledger;

enum { RI_LEDGER_COLUMNS = sizeof(ri_ledger) / sizeof(double) };
extern const char *const ri_ledger_word[RI_LEDGER_COLUMNS];

/* What a unit cost: seconds of one thread, on the processor for its descent, and of its share of
 * the passes. */
typedef struct ri_unit_fact {
    int32_t path, fold, first, count; /* as in ri_unit */
    int32_t rank;                     /* that did it */
    double seconds;
} ri_unit_fact;

/* Adds the work of a second run of the same rank. */
void ri_ledger_add(ri_ledger *to, const ri_ledger *more);

/* How much longer the busiest rank worked (screening and descent) than the mean: 0 is even. */
double ri_ledger_imbalance(const ri_ledger *ledger, int64_t ranks);

#endif
