/* SPDX-License-Identifier: BSD-3-Clause
 * How much memory is left for this process: the least of what the system has, what each of its
 * control groups (containers, Slurm jobs; versions 1 and 2) still allows, what Slurm gave the job
 * on this node, whether or not it has control groups to see to that, and what `ulimit -v` leaves of
 * address space. */
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/control_groups.h"
#include "cluster/group.h"

/* A positive number of the environment; NaN where there is none. */
static double number_of(const char *name) {
    const char *text = getenv(name);
    char *end;
    double value = text ? strtod(text, &end) : NAN;
    return text && end != text && value > 0 ? value : NAN;
}

/* The memory of the job on this node: --mem (0 means all of the node) or --mem-per-cpu, in MB as
 * Slurm counts them. What else the job runs beside riata is not known. */
static double slurm_room(void) {
    double node = number_of("SLURM_MEM_PER_NODE");
    double cores = number_of("SLURM_MEM_PER_CPU") * number_of("SLURM_CPUS_ON_NODE");
    double room = !isnan(node) ? node : cores;
    return isnan(room) ? INFINITY : room * 1048576;
}

/* Threads set address space aside, for stacks and heaps, that they do not use. */
static const double SET_ASIDE = 200e6;

/* Of this process alone; program and libraries have their part of it already. */
static double address_room(void) {
    struct rlimit limit;
    double used = ri_number_in("/proc/self/statm", "") * (double)sysconf(_SC_PAGESIZE);
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || isnan(used))
        return INFINITY;
    return fmax(0, (double)limit.rlim_cur - used - SET_ASIDE);
}

double ri_memory_available(void) {
    double system = 1024 * ri_number_in("/proc/meminfo", "MemAvailable:");
    double job = fmin(ri_control_groups_room(""), slurm_room());
    return fmin(fmin(isnan(system) ? INFINITY : system, job), address_room());
}
