/* SPDX-License-Identifier: BSD-3-Clause
 * How many threads a rank runs, and on which cores. mpirun binds each rank of a small job to one
 * core; all threads of a rank inherit that. An explicit request for more threads than the mask has
 * cores widens it to the cores that the launcher itself may use. What srun bound stays: there the
 * mask is what the job was given. */
#define _GNU_SOURCE 1 /* processor affinity */
#include <dirent.h>
#include <omp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "cluster/group.h"

enum { MOST_THREADS = 4096, SETS = 8, MOST_CORES = SETS * CPU_SETSIZE, MOST_ANCESTORS = 16 };

/* Room for 8192 cores; cpu_set_t alone has 1024. */
typedef struct cores {
    cpu_set_t set[SETS];
} cores;

static int count_cores(const cores *mask) {
    return CPU_COUNT_S(sizeof *mask, mask->set);
}

static bool read_mask(pid_t process, cores *mask) {
    memset(mask, 0, sizeof *mask);
    return sched_getaffinity(process, sizeof *mask, mask->set) == 0 && count_cores(mask) > 0;
}

/* What this process was given. Under OMP_PROC_BIND its first thread is bound to one of OpenMP's
 * places before main begins; all of them together are what there is. */
static bool read_own_mask(cores *mask) {
    int core[MOST_CORES], places = omp_get_num_places();
    if (!read_mask(0, mask))
        return false;
    for (int k = 0; k < places; k++) {
        int count = omp_get_place_num_procs(k);
        if (count > MOST_CORES)
            return false;
        omp_get_place_proc_ids(k, core);
        for (int i = 0; i < count; i++)
            CPU_SET_S((size_t)core[i], sizeof *mask, mask->set);
    }
    return true;
}

/* Name and parent of a process; false where it cannot be seen. */
static bool look_up(pid_t process, char name[64], pid_t *parent) {
    char path[64], line[512] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", (long)process);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    if (!fgets(line, sizeof line, file))
        line[0] = '\0';
    fclose(file);
    char *open = strchr(line, '('), *close = strrchr(line, ')');
    long above;
    if (!open || !close || sscanf(close + 1, " %*c %ld", &above) != 1)
        return false;
    *close = '\0';
    snprintf(name, 64, "%s", open + 1);
    *parent = (pid_t)above;
    return true;
}

typedef enum launcher { LAUNCHER_NONE, LAUNCHER_MPIRUN, LAUNCHER_SLURM } launcher;

/* The nearest launcher among our ancestors (a script may stand between), and its mask. */
static launcher find_launcher(cores *mask) {
    static const char *const mpirun[] = {"mpirun", "mpiexec", "orterun", "orted", "prte", "hydra"};
    pid_t process = getppid();
    for (int i = 0; i < MOST_ANCESTORS && process > 0; i++) {
        char name[64];
        pid_t parent;
        if (!look_up(process, name, &parent))
            break;
        if (strcmp(name, "slurmstepd") == 0)
            return LAUNCHER_SLURM;
        for (size_t k = 0; k < sizeof mpirun / sizeof *mpirun; k++)
            if (strncmp(name, mpirun[k], strlen(mpirun[k])) == 0)
                return read_mask(process, mask) ? LAUNCHER_MPIRUN : LAUNCHER_NONE;
        process = parent;
    }
    const char *bound = getenv("SLURM_CPU_BIND"); /* srun inside a container: no ancestor is seen */
    return bound && *bound && !strstr(bound, "none") ? LAUNCHER_SLURM : LAUNCHER_NONE;
}

/* Every thread there is: those started before (OpenMP's, if a parallel region has run already)
 * have their own masks, those to come inherit the caller's. The kernel keeps the result inside the
 * job's cpuset. */
static void widen(const cores *mask) {
    DIR *tasks = opendir("/proc/self/task");
    if (!tasks) {
        sched_setaffinity(0, sizeof *mask, mask->set);
        return;
    }
    for (struct dirent *entry = readdir(tasks); entry; entry = readdir(tasks)) {
        long task = strtol(entry->d_name, NULL, 10);
        if (task > 0)
            sched_setaffinity((pid_t)task, sizeof *mask, mask->set);
    }
    closedir(tasks);
}

/* The first number of a variable such as OMP_NUM_THREADS=4,2; 0 where there is none. */
static int threads_in(const char *name) {
    const char *text = getenv(name);
    long threads = text ? strtol(text, NULL, 10) : 0;
    return threads > 0 && threads <= MOST_THREADS ? (int)threads : 0;
}

/* One rank's place on its node. */
typedef struct place {
    launcher by;
    cores mask;    /* this rank's */
    cores job;     /* what its launcher may use */
    int own;       /* cores of the mask */
    int node_own;  /* the same, added over the node's ranks */
    int node_mask; /* cores in any rank's mask */
    int node_job;  /* cores in any launcher's */
} place;

static int union_of(MPI_Comm comm, cores mask) {
    if (comm != MPI_COMM_NULL) {
        MPI_Request request;
        MPI_Iallreduce(MPI_IN_PLACE, &mask, sizeof mask, MPI_BYTE, MPI_BOR, comm, &request);
        ri_group_wait(&request, NULL, NULL);
    }
    return count_cores(&mask);
}

static int sum_of(MPI_Comm comm, int value) {
    double sum = value;
    ri_group_reduce(comm, &sum, 1, MPI_SUM);
    return (int)sum;
}

static const char *plural(int count) {
    return count == 1 ? "" : "s";
}

/* Collective over the node. */
static void measure(const ri_cluster *cluster, place *at) {
    at->own = count_cores(&at->mask);
    at->node_own = sum_of(cluster->node, at->own);
    at->node_mask = union_of(cluster->node, at->mask);
    at->node_job = union_of(cluster->node, at->job);
}

static int choose_threads(const place *at, int asked) {
    if (asked > 0)
        return at->by == LAUNCHER_SLURM && asked > at->own ? at->own : asked;
    int threads = threads_in("OMP_NUM_THREADS");
    if (!threads)
        threads = threads_in("SLURM_CPUS_PER_TASK");
    if (!threads) /* ranks that share cores share them evenly */
        threads = (int)((int64_t)at->node_mask * at->own / at->node_own);
    return threads > 1 ? threads : 1;
}

/* What was done about an explicit request; empty where it fitted. */
static void explain(const place *at, int asked, int before, char *note, size_t size) {
    if (at->own > before)
        snprintf(note, size,
                 "mpirun had bound each rank to %d core%s; for --threads %d it may now use %d%s",
                 before, plural(before), asked, at->own,
                 getenv("OMP_PROC_BIND") ? " (OMP_PROC_BIND is set and may undo this)" : "");
    else if (at->by == LAUNCHER_SLURM && asked > at->own)
        snprintf(
            note, size,
            "--threads %d is cut to the %d core%s that Slurm gave each task; ask for more with "
            "--cpus-per-task",
            asked, at->own, plural(at->own));
}

/* More threads than cores, or fewer where cores idle; `threads_on_node` of all its ranks. */
static void advise(const ri_cluster *cluster, const place *at, int asked, int threads,
                   int threads_on_node, char *note, size_t size) {
    int ranks = cluster->node_ranks, each = at->node_job / ranks;
    bool bound = at->by == LAUNCHER_MPIRUN && at->node_job > at->node_mask && !asked;
    const char *way_out = bound
                              ? " that mpirun bound them to; give --threads as an option to use all"
                              : ", which is slow; use fewer ranks or threads";
    if (threads_on_node > at->node_mask)
        snprintf(note, size, "%d threads (%d rank%s) share %d core%s%s", threads_on_node, ranks,
                 plural(ranks), at->node_mask, plural(at->node_mask), way_out);
    else if (threads > at->own)
        snprintf(note, size, "each rank's %d threads share %d core%s%s", threads, at->own,
                 plural(at->own), way_out);
    else if (at->by == LAUNCHER_MPIRUN && !asked && each > threads)
        snprintf(note, size,
                 "mpirun bound each rank to %d of %d cores; --threads %d would use all of them",
                 at->own, at->node_job, each);
}

/* The note of the lowest rank that has one becomes everybody's. */
static void share_note(const ri_cluster *cluster, char *note, size_t size) {
    double lowest = *note ? cluster->rank : cluster->ranks;
    ri_group_reduce(cluster->world, &lowest, 1, MPI_MIN);
    if (lowest < cluster->ranks)
        ri_group_share(cluster->world, note, size, (int)lowest);
}

ri_status ri_cluster_threads(ri_cluster *cluster, int asked, int *threads, char *note, size_t size,
                             ri_error *err) {
    place at = {.by = LAUNCHER_NONE};
    char done[512] = "", warning[512] = "";
    ri_status status = RI_OK;
    *threads = 1;
    note[0] = '\0';
    if (asked > MOST_THREADS || asked < 0)
        status = ri_fail(err, RI_BAD_INPUT, "--threads %d: from 1 to %d are possible", asked,
                         MOST_THREADS);
    else if (!read_own_mask(&at.mask))
        status = ri_fail(err, RI_SYSTEM, "the cores of this process cannot be read");
    RI_TRY(ri_cluster_agree(cluster, status, err));
    at.by = find_launcher(&at.job);
    if (at.by != LAUNCHER_MPIRUN)
        at.job = at.mask;
    int before = count_cores(&at.mask);
    if (asked > before && count_cores(&at.job) > before) {
        widen(&at.job);
        read_own_mask(&at.mask);
    }
    measure(cluster, &at);
    *threads = choose_threads(&at, asked);
    explain(&at, asked, before, done, sizeof done);
    advise(cluster, &at, asked, *threads, sum_of(cluster->node, *threads), warning, sizeof warning);
    if (*done || *warning)
        snprintf(note, size, "%s: %s%s%s", cluster->host, done, *done && *warning ? "; " : "",
                 warning);
    share_note(cluster, note, size);
    return RI_OK;
}
