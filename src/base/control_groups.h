/* SPDX-License-Identifier: BSD-3-Clause
 * What control groups (containers, Slurm jobs; versions 1 and 2) still allow this process. */
#ifndef RI_BASE_CONTROL_GROUPS_H
#define RI_BASE_CONTROL_GROUPS_H

/* Bytes of memory: the least of what the group and its parents allow; INFINITY where nothing is
 * limited or known. `root` stands before /proc/self/cgroup and /sys/fs/cgroup: "". */
double ri_control_groups_room(const char *root);

/* The number after `key` at the start of a line ("" matches the first line); NaN where the file,
 * the line or a number is missing. */
double ri_number_in(const char *path, const char *key);

#endif
