/* SPDX-License-Identifier: BSD-3-Clause
 * The ledger of a run as two tables for the log: seconds, and passes. */
#include <math.h>

#include "result/result.h"

/* A rate, and how much that is of the most that can be, where that is known. */
static void print_rate(FILE *out, double rate, double most) {
    if (!isfinite(rate))
        fprintf(out, "  %7s  %9s", "-", "-");
    else if (most > 0)
        fprintf(out, "  %7.1f  %7.0f %%", rate, 100 * rate / most);
    else
        fprintf(out, "  %7.1f  %9s", rate, "-");
}

static void print_seconds(const ri_run_facts *run, FILE *out) {
    fputs("\nLedger: seconds of each rank, and the units it did\n"
          "rank  reading  planning  screening  descent  waiting  units\n",
          out);
    for (int32_t r = 0; r < run->ranks; r++) {
        const ri_ledger *l = &run->ledger[r];
        fprintf(out, "%4d  %7.2f  %8.2f  %9.2f  %7.2f  %7.2f  %5.0f\n", r, l->reading, l->planning,
                l->screening, l->descent, l->waiting, l->units);
    }
    fprintf(
        out,
        "reading: X from its file; planning: means, deviations; screening: passes over X\n"
        "and what else goes through it; descent: fits between the passes; waiting: for others\n"
        "Imbalance: the busiest rank worked (screening, descent) %.0f %% longer than the mean\n",
        100 * ri_ledger_imbalance(run->ledger, run->ranks));
}

static void print_passes(const ri_run_facts *run, double x_bytes, const ri_limits *limits,
                         FILE *out) {
    double share = 1.0 / (run->ranks_on_node > 0 ? run->ranks_on_node : 1);
    double bytes = 0, flops = 0;
    fputs("\nPasses of each rank: X that they read, what they multiplied, in all and a second\n"
          "rank   passes   GB read     GB/s  of memory      GFLOP  GFLOP/s    of peak\n",
          out);
    for (int32_t r = 0; r < run->ranks; r++) {
        const ri_ledger *l = &run->ledger[r];
        fprintf(out, "%4d  %7.1f  %8.2f", r, l->bytes / x_bytes, l->bytes / 1e9);
        print_rate(out, 1e-9 * l->bytes / l->screening, limits->gbytes * share);
        fprintf(out, "  %9.2f", l->flops / 1e9);
        print_rate(out, 1e-9 * l->flops / l->screening, limits->gflops * share);
        fputc('\n', out);
        bytes += l->bytes;
        flops += l->flops;
    }
    if (run->ranks > 1)
        fprintf(out, " all  %7.1f  %8.2f  %7s  %9s  %9.2f\n", bytes / x_bytes, bytes / 1e9, "", "",
                flops / 1e9);
    if (limits->gbytes > 0)
        fprintf(
            out,
            "a second: of screening; of memory, of peak: of a rank's part of what this machine\n"
            "was measured to do, %.1f GB/s and %.0f GFLOP/s\n",
            limits->gbytes, limits->gflops);
    else
        fputs("a second: of screening; of memory, of peak: not known, 'riata plan --calibrate'\n"
              "measures this machine\n",
              out);
}

void ri_ledger_print(const ri_record *record, double x_bytes, const ri_limits *limits, FILE *out) {
    const ri_run_facts *run = &record->run;
    if (!run->ledger)
        return;
    print_seconds(run, out);
    print_passes(run, x_bytes, limits, out);
}
