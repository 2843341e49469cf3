/* SPDX-License-Identifier: BSD-3-Clause
 * What riata is and what it runs on. */
#include <omp.h>

#include "cli/help.h"
#include "kernel/kernel.h"

void ri_version_print(FILE *out) {
    fprintf(out, "riata %s\n", RIATA_VERSION);
    fprintf(out, "MPI       %s\n", ri_cluster_mpi_version());
    fprintf(out, "HDF5      %s\n", RIATA_HDF5_VERSION);
    fprintf(out, "OpenMP    %d (%d threads here)\n", _OPENMP, omp_get_max_threads());
    fprintf(out, "SIMD      %s\n", ri_kernel_get()->name);
#ifdef __clang__
    fprintf(out, "compiler  %s\n", __VERSION__);
#else
    fprintf(out, "compiler  GCC %s\n", __VERSION__);
#endif
}
