/* SPDX-License-Identifier: BSD-3-Clause
 * Laws: without a request the threads of a node's ranks fit the cores of their masks; a request is
 * granted; under mpirun an explicit request wider than the mask lets every thread, those started
 * before included, run on the launcher's cores; environment variables count in their order; more
 * threads than cores are told to all ranks in the same words. */
#define _GNU_SOURCE 1 /* processor affinity */
#include <omp.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "cluster/cluster.h"

enum { NOTE = 1024 };

static int cores_of(int process) {
    cpu_set_t mask;
    return sched_getaffinity(process, sizeof mask, &mask) == 0 ? CPU_COUNT(&mask) : 0;
}

static int ask(ri_cluster *cluster, checks *all, int asked, char note[NOTE]) {
    int threads = 0;
    ri_error err = {.text = ""};
    CHECK_EQUAL(all, ri_cluster_threads(cluster, asked, &threads, note, NOTE, &err), RI_OK);
    return threads;
}

static void check_environment(ri_cluster *cluster, checks *all) {
    char note[NOTE];
    unsetenv("OMP_NUM_THREADS");
    unsetenv("SLURM_CPUS_PER_TASK");
    int plain = ask(cluster, all, 0, note), own = cores_of(0);
    CHECK(all, plain >= 1 && plain <= own);
    setenv("SLURM_CPUS_PER_TASK", "3", 1);
    CHECK_EQUAL(all, ask(cluster, all, 0, note), 3);
    setenv("OMP_NUM_THREADS", "5,2", 1);
    CHECK_EQUAL(all, ask(cluster, all, 0, note), 5);
    CHECK(all, own >= 5 || *note);      /* they share cores: said */
    CHECK_EQUAL(all, cores_of(0), own); /* and only an option widens */
    setenv("OMP_NUM_THREADS", "many", 1);
    CHECK_EQUAL(all, ask(cluster, all, 0, note), 3);
    unsetenv("OMP_NUM_THREADS");
    unsetenv("SLURM_CPUS_PER_TASK");
}

/* `job`: cores that the launcher may use; 0 where there is none. */
static void check_widening(ri_cluster *cluster, checks *all, int job) {
    char note[NOTE];
    int before = cores_of(0), asked = before + 1, narrowest = 1 << 20;
#pragma omp parallel num_threads(2) /* threads that exist already */
    (void)omp_get_thread_num();
    CHECK_EQUAL(all, ask(cluster, all, asked, note), asked);
    int expected = job > before ? job : before;
    CHECK_EQUAL(all, cores_of(0), expected);
#pragma omp parallel num_threads(2) reduction(min : narrowest)
    narrowest = cores_of(0);
    CHECK_EQUAL(all, narrowest, expected);
    if (job > before)
        CHECK(all, strstr(note, "--threads") != NULL);
}

static void check_warning(ri_cluster *cluster, checks *all) {
    char note[NOTE], first[NOTE];
    CHECK_EQUAL(all, ask(cluster, all, 4096, note), 4096);
    CHECK(all, strstr(note, "share") != NULL);
    /* rank 0's words everywhere: agreeing on them passes its text around */
    ri_error err = {.text = ""};
    memcpy(err.text, note, NOTE);
    (void)ri_cluster_agree(cluster, RI_BAD_INPUT, &err);
    memcpy(first, err.text, NOTE);
    CHECK(all, strcmp(first, note) == 0);
    int threads;
    CHECK_EQUAL(all, ri_cluster_threads(cluster, 4097, &threads, note, NOTE, &err), RI_BAD_INPUT);
}

int main(int argc, char **argv) {
    checks all;
    const char *parent = getenv("OMPI_COMM_WORLD_SIZE");
    int job = parent ? cores_of(getppid()) : 0;
    ri_cluster *cluster = checks_start(&all, &argc, &argv);
    check_environment(cluster, &all);
    check_widening(cluster, &all, job);
    check_warning(cluster, &all);
    return checks_stop(&all, cluster);
}
