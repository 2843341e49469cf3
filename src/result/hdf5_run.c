/* SPDX-License-Identifier: BSD-3-Clause
 * The group /run of a result file: facts of the machine; its members are listed in hdf5.c. */
#include <stdlib.h>

#include "base/memory.h"
#include "result/hdf5_facts.h"

enum { UNIT_FACTS = 5 };

/* What each unit cost, between the record's structs and two arrays. */
static ri_status walk_units(const ri_h5 *h5, hid_t at, ri_run_facts *run) {
    hsize_t dims[2] = {(hsize_t)run->units, UNIT_FACTS};
    size_t units = (size_t)run->units;
    int32_t *fact = NULL;
    double *seconds = NULL;
    ri_status status = RI_OK;
    if (!h5->way->reading) {
        fact = ri_alloc(UNIT_FACTS * units, sizeof *fact);
        seconds = ri_alloc(units, sizeof *seconds);
        if (!fact || !seconds)
            RI_GO(ri_fail_memory(h5->err, "the costs of units", 28 * units));
        for (size_t u = 0; u < units; u++) {
            const ri_unit_fact *unit = &run->unit[u];
            const int32_t row[] = {unit->path, unit->fold, unit->first, unit->count, unit->rank};
            for (size_t c = 0; c < UNIT_FACTS; c++)
                fact[UNIT_FACTS * u + c] = row[c];
            seconds[u] = unit->seconds;
        }
    }
    RI_GO(h5->way->array(h5, at, "unit", RI_H5_I32, 2, dims, false, &fact));
    RI_GO(h5->way->array(h5, at, "unit_seconds", RI_H5_F64, 1, dims, false, &seconds));
    if (h5->way->reading) {
        run->unit = ri_alloc(units, sizeof *run->unit);
        if (!run->unit)
            RI_GO(ri_fail_memory(h5->err, "the costs of units", 32 * units));
        for (size_t u = 0; u < units; u++) {
            const int32_t *row = fact + UNIT_FACTS * u;
            run->unit[u] = (ri_unit_fact){row[0], row[1], row[2], row[3], row[4], seconds[u]};
        }
    }
done:
    free(fact);
    free(seconds);
    return status;
}

/* Absent from most files. */
static ri_status walk_memory(const ri_h5 *h5, hid_t at, ri_run_facts *run) {
    const hsize_t one = 1;
    double *kept_to = !h5->way->reading && run->kept_to_mb > 0 ? &run->kept_to_mb : NULL;
    RI_TRY(h5->way->array(h5, at, "kept_to_mb", RI_H5_F64, 1, &one, true, &kept_to));
    if (h5->way->reading) {
        run->kept_to_mb = kept_to ? kept_to[0] : 0;
        free(kept_to);
    }
    return RI_OK;
}

ri_status ri_h5_walk_run(const ri_h5 *h5, hid_t at, ri_run_facts *run) {
    static const ri_h5_fact fact[] = {
        RI_H5_FACT(ri_run_facts, seconds),       RI_H5_FACT(ri_run_facts, seconds_reading),
        RI_H5_FACT(ri_run_facts, passes_over_x), RI_H5_FACT(ri_run_facts, peak_rss_mb),
        RI_H5_FACT(ri_run_facts, ranks),         RI_H5_FACT(ri_run_facts, threads),
        RI_H5_FACT(ri_run_facts, host),          RI_H5_FACT(ri_run_facts, simd),
        RI_H5_FACT(ri_run_facts, started),       RI_H5_FACT(ri_run_facts, command_line)};
    const ri_h5_way *way = h5->way;
    RI_TRY(ri_h5_walk_facts(h5, at, fact, sizeof fact / sizeof *fact, run));
    RI_TRY(walk_memory(h5, at, run));
    int64_t units = run->units;
    RI_TRY(way->number(h5, at, "units", RI_H5_I64, &units));
    RI_TRY(ri_h5_check_count(h5, at, "ranks", run->ranks, 0, INT32_MAX));
    RI_TRY(ri_h5_check_count(h5, at, "units", units, 0, INT32_MAX));
    hsize_t dims[2] = {(hsize_t)run->ranks, RI_LEDGER_COLUMNS};
    RI_TRY(way->array(h5, at, "ledger", RI_H5_F64, 2, dims, true, &run->ledger));
    if (units == 0)
        return RI_OK;
    run->units = units;
    return walk_units(h5, at, run);
}
