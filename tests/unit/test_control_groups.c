/* SPDX-License-Identifier: BSD-3-Clause
 * Laws of the memory that control groups allow, on trees made for the purpose: it is limit less
 * usage, plus cached file pages; of nested groups, and of both versions, the least one counts;
 * "max", a missing file, group or tree limits nothing; where the name is that of another tree, as
 * in a container, the limit of the mount itself holds; and a group above its limit has nothing
 * left. */
#define _XOPEN_SOURCE 700 /* nftw */
#include <ftw.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/control_groups.h"

enum { PATH_ROOM = 512 };
static char root[PATH_ROOM / 2];

static int make_root(void **state) {
    (void)state;
    const char *base = getenv("TMPDIR");
    snprintf(root, sizeof root, "%s/riata-test-XXXXXX", base ? base : "/tmp");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *is, int kind, struct FTW *at) {
    (void)is, (void)kind, (void)at;
    return remove(path);
}

static int remove_root(void **state) {
    (void)state;
    return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A file below the root, and the folders it is in. */
static void put(const char *path, const char *text) {
    char whole[PATH_ROOM];
    snprintf(whole, sizeof whole, "%s%s", root, path);
    for (char *slash = strchr(whole + strlen(root) + 1, '/'); slash;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(whole, 0700);
        *slash = '/';
    }
    FILE *file = fopen(whole, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* A group of version 2, below `folder` of /sys/fs/cgroup; `stat` may be NULL. */
static void put_group(const char *folder, const char *most, const char *usage, const char *stat) {
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.max", folder);
    put(path, most);
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.current", folder);
    put(path, usage);
    snprintf(path, sizeof path, "/sys/fs/cgroup%s/memory.stat", folder);
    if (stat)
        put(path, stat);
}

/* The same of version 1. */
static void put_group_1(const char *folder, const char *most, const char *usage, const char *stat) {
    char path[PATH_ROOM];
    snprintf(path, sizeof path, "/sys/fs/cgroup/memory%s/memory.limit_in_bytes", folder);
    put(path, most);
    snprintf(path, sizeof path, "/sys/fs/cgroup/memory%s/memory.usage_in_bytes", folder);
    put(path, usage);
    snprintf(path, sizeof path, "/sys/fs/cgroup/memory%s/memory.stat", folder);
    put(path, stat);
}

static void expect_room(double bytes) {
    double room = ri_control_groups_room(root);
    if (room != bytes)
        fail_msg("room for %.0f bytes, not %.0f", room, bytes);
}

static void version_2_counts_what_is_left(void **state) {
    (void)state;
    put("/proc/self/cgroup", "0::/job\n");
    put_group("/job", "1000\n", "700\n", NULL);
    expect_room(300);
    put_group("/job", "1000\n", "700\n", "anon 500\nactive_file 7\ninactive_file 50\nfile 90\n");
    expect_room(350);
    put_group("/job", "1000\n", "1200\n", "inactive_file 50\n");
    expect_room(0);
}

static void nested_groups_all_count(void **state) {
    (void)state;
    put("/proc/self/cgroup", "0::/slurm/job_7/step_0/task_0\n");
    put_group("/slurm/job_7/step_0/task_0", "max\n", "100\n", NULL);
    put_group("/slurm/job_7/step_0", "900\n", "100\n", NULL);
    put_group("/slurm/job_7", "500\n", "150\n", "inactive_file 20\n");
    put_group("/slurm", "max\n", "4000\n", NULL);
    expect_room(370);
    put_group("/slurm", "4100\n", "4000\n", NULL);
    expect_room(100);
    put_group("/slurm/job_7/step_0/task_0", "130\n", "100\n", NULL);
    expect_room(30);
}

static void without_limit_there_is_none(void **state) {
    (void)state;
    expect_room(INFINITY); /* no /proc */
    put("/proc/self/cgroup", "0::/\n");
    expect_room(INFINITY); /* no /sys */
    put("/proc/self/cgroup", "0::/job\n");
    put_group("/job", "max\n", "700\n", "inactive_file 50\n");
    expect_room(INFINITY);
    put("/sys/fs/cgroup/job/memory.max", "");
    expect_room(INFINITY);
    put("/proc/self/cgroup", "0::/only\n");
    put("/sys/fs/cgroup/only/memory.max", "1000\n"); /* no usage */
    expect_room(INFINITY);
    put("/proc/self/cgroup", "no colons\n\n3:\n");
    expect_room(INFINITY);
}

static void a_container_has_the_mount(void **state) {
    (void)state;
    put("/proc/self/cgroup", "0::/system.slice/docker-0123.scope\n");
    put_group("", "800\n", "300\n", NULL);
    expect_room(500);
    put("/proc/self/cgroup", "0::/../../other\n");
    expect_room(500);
    put("/proc/self/cgroup", "0::/\n");
    expect_room(500);
}

static void version_1_is_its_memory_tree(void **state) {
    (void)state;
    const char *groups = "11:cpuset:/elsewhere\n4:memory:/slurm/job_7\n1:name=systemd:/x\n";
    put("/proc/self/cgroup", groups);
    put_group_1("", "9223372036854771712\n", "5000\n", "total_inactive_file 70\n");
    put_group_1("/slurm", "9223372036854771712\n", "900\n", "total_inactive_file 1\n");
    put_group_1("/slurm/job_7", "1000\n", "900\n", "inactive_file 3\ntotal_inactive_file 40\n");
    put_group_1("/elsewhere", "10\n", "5\n", "total_inactive_file 0\n");
    expect_room(140);
    put_group_1("/slurm", "950\n", "930\n", "total_inactive_file 1\n");
    expect_room(21);
}

static void both_versions_count(void **state) {
    (void)state;
    put("/proc/self/cgroup", "4:memory:/a\n0::/b\n");
    put_group_1("/a", "1000\n", "400\n", "total_inactive_file 0\n");
    put_group("/unified/b", "max\n", "400\n", NULL);
    expect_room(600);
    put_group("/unified/b", "700\n", "400\n", NULL);
    expect_room(300);
    put_group("/b", "500\n", "400\n", NULL);
    expect_room(100);
}

/* Nothing overflows, and what cannot be followed limits nothing. */
static void long_names_are_survived(void **state) {
    (void)state;
    char line[6000];
    memset(line, 'x', sizeof line);
    memcpy(line, "0::/", 4);
    strcpy(line + sizeof line - 2, "\n");
    put("/proc/self/cgroup", line);
    expect_room(INFINITY);
}

#define IN_A_TREE(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_TREE(version_2_counts_what_is_left), IN_A_TREE(nested_groups_all_count),
        IN_A_TREE(without_limit_there_is_none),   IN_A_TREE(a_container_has_the_mount),
        IN_A_TREE(version_1_is_its_memory_tree),  IN_A_TREE(both_versions_count),
        IN_A_TREE(long_names_are_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
