/* SPDX-License-Identifier: BSD-3-Clause
 * The ledger of a run as a table for the log. */
#include <math.h>

#include "result/result.h"

/* "  12.3 (45 %)" of what the node can do, or the figure alone where that is not known. */
static void print_rate(FILE *out, double rate, double most) {
    if (!isfinite(rate))
        fprintf(out, "  %14s", "-");
    else if (most > 0)
        fprintf(out, "  %6.1f (%3.0f %%)", rate, 100 * rate / most);
    else
        fprintf(out, "  %14.1f", rate);
}

void ri_ledger_print(const ri_record *record, const ri_limits *limits, FILE *out) {
    const ri_run_facts *run = &record->run;
    if (!run->ledger)
        return;
    double share = 1.0 / (run->ranks_on_node > 0 ? run->ranks_on_node : 1);
    fprintf(
        out,
        "\nLedger: seconds of each rank; X that its passes read, and what they multiplied, a "
        "second of screening\n"
        "rank  reading  planning  screening  descent  waiting  units   GB read            GB/s  "
        "       GFLOP/s\n");
    for (int32_t r = 0; r < run->ranks; r++) {
        const ri_ledger *l = &run->ledger[r];
        fprintf(out, "%4d  %7.2f  %8.2f  %9.2f  %7.2f  %7.2f  %5.0f  %8.2f", r, l->reading,
                l->planning, l->screening, l->descent, l->waiting, l->units, l->bytes / 1e9);
        print_rate(out, 1e-9 * l->bytes / l->screening, limits->gbytes * share);
        print_rate(out, 1e-9 * l->flops / l->screening, limits->gflops * share);
        fputc('\n', out);
    }
    fprintf(out, "Imbalance: the busiest rank worked %.0f %% longer than the mean",
            100 * ri_ledger_imbalance(run->ledger, run->ranks));
    if (limits->gbytes > 0)
        fprintf(out,
                "; in parentheses the share of a rank's part of what this machine was measured to "
                "do, %.1f GB/s and %.0f GFLOP/s\n",
                limits->gbytes, limits->gflops);
    else
        fprintf(out, "; 'riata plan --calibrate' measures what the machine could do\n");
}
