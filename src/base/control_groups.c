/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/control_groups.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_ROOM = 4096 };

double ri_number_in(const char *path, const char *key) {
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
    double limit = ri_number_in(path, "");
    snprintf(path, sizeof path, "%s/%s", folder, groups->usage);
    double usage = ri_number_in(path, "");
    snprintf(path, sizeof path, "%s/memory.stat", folder);
    double reclaimable = ri_number_in(path, groups->reclaimable);
    if (isnan(limit) || isnan(usage)) /* "max", or not there */
        return INFINITY;
    return fmax(0, limit - usage + (isnan(reclaimable) ? 0 : reclaimable));
}

/* The least room of the group `name` below `mount` and of its parents. Inside a container the name
 * may be that of the host's tree: then only the mount itself is there. */
static double tree_room(const control_groups *groups, const char *root, const char *mount,
                        const char *name) {
    char folder[PATH_ROOM / 2];
    double room = INFINITY;
    int least = snprintf(folder, sizeof folder, "%s/sys/fs/cgroup%s", root, mount);
    if (least + (int)strlen(name) >= (int)sizeof folder)
        return INFINITY;
    strcpy(folder + least, name);
    while (true) {
        room = fmin(room, group_room(groups, folder));
        char *slash = strrchr(folder + least, '/');
        if (!slash)
            break;
        *slash = '\0';
    }
    return room;
}

/* Lines of /proc/self/cgroup: "0::/name" (version 2), "4:memory:/name" (version 1). */
double ri_control_groups_room(const char *root) {
    char line[PATH_ROOM / 4];
    double room = INFINITY;
    snprintf(line, sizeof line, "%s/proc/self/cgroup", root);
    FILE *file = fopen(line, "r");
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
            room = fmin(room, tree_room(&version_2, root, "", name));
            room = fmin(room, tree_room(&version_2, root, "/unified", name));
        } else if (strstr(controllers, "memory")) {
            room = fmin(room, tree_room(&version_1, root, "/memory", name));
        }
    }
    fclose(file);
    return room;
}
