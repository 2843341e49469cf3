/* SPDX-License-Identifier: BSD-3-Clause
 * How much memory is left for this process: the least of what the system has, what each of its
 * control groups (containers, Slurm jobs; versions 1 and 2) still allows, what Slurm gave the job
 * on this node, whether or not it has control groups to see to that, and what `ulimit -v` leaves of
 * address space. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cluster/group.h"

enum { PATH_ROOM = 4096 };

/* The number after `key` at the start of a line ("" matches the first line); NaN where the file,
 * the line or a number is missing. */
static double number_in(const char *path, const char *key) {
    char line[256];
    double value = NAN;
    FILE *file = fopen(path, "r");
    if (!file)
        return NAN;
    while (isnan(value) && fgets(line, sizeof line, file)) {
        char *end;
        if (strncmp(line, key, strlen(key)) != 0)
            continue;
        double number = strtod(line + strlen(key), &end);
        if (end != line + strlen(key))
            value = number;
        if (!*key)
            break;
    }
    fclose(file);
    return value;
}

/* The files of one version of control groups. Limits are on "this group and all below", so every
 * parent counts too. */
typedef struct control_groups {
    const char *limit, *usage;
    const char *reclaimable; /* key in memory.stat: cached file pages that are given up on demand */
} control_groups;

static const control_groups version_1 = {"memory.limit_in_bytes", "memory.usage_in_bytes",
                                         "total_inactive_file "};
static const control_groups version_2 = {"memory.max", "memory.current", "inactive_file "};

static double group_room(const control_groups *groups, const char *folder) {
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "%s/%s", folder, groups->limit);
    double limit = number_in(path, "");
    snprintf(path, sizeof path, "%s/%s", folder, groups->usage);
    double usage = number_in(path, "");
    snprintf(path, sizeof path, "%s/memory.stat", folder);
    double reclaimable = number_in(path, groups->reclaimable);
    if (isnan(limit) || isnan(usage)) /* "max", or not there */
        return INFINITY;
    return fmax(0, limit - usage + (isnan(reclaimable) ? 0 : reclaimable));
}

/* The least room of the group `name` below `mount` and of its parents. Inside a container the name
 * may be that of the host's tree: then only the mount itself is there. */
static double tree_room(const control_groups *groups, const char *mount, const char *name) {
    char folder[PATH_ROOM / 2];
    double room = INFINITY;
    if (snprintf(folder, sizeof folder, "%s%s", mount, name) >= (int)sizeof folder)
        return INFINITY;
    for (size_t least = strlen(mount); strlen(folder) >= least;) {
        room = fmin(room, group_room(groups, folder));
        char *slash = strrchr(folder + least, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
    return room;
}

/* Lines of /proc/self/cgroup: "0::/name" (version 2), "4:memory:/name" (version 1). */
static double groups_room(void) {
    char line[PATH_ROOM / 4];
    double room = INFINITY;
    FILE *file = fopen("/proc/self/cgroup", "r");
    if (!file)
        return room;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        char *controllers = strchr(line, ':');
        char *name = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!name)
            continue;
        *name++ = '\0';
        if (controllers[1] == '\0') {
            room = fmin(room, tree_room(&version_2, "/sys/fs/cgroup", name));
            room = fmin(room, tree_room(&version_2, "/sys/fs/cgroup/unified", name));
        } else if (strstr(controllers, "memory")) {
            room = fmin(room, tree_room(&version_1, "/sys/fs/cgroup/memory", name));
        }
    }
    fclose(file);
    return room;
}

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
    double used = number_in("/proc/self/statm", "") * (double)sysconf(_SC_PAGESIZE);
    if (getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || isnan(used))
        return INFINITY;
    return fmax(0, (double)limit.rlim_cur - used - SET_ASIDE);
}

double ri_memory_available(void) {
    double system = 1024 * number_in("/proc/meminfo", "MemAvailable:");
    double job = fmin(groups_room(), slurm_room());
    return fmin(fmin(isnan(system) ? INFINITY : system, job), address_room());
}
