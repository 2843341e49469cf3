/* SPDX-License-Identifier: BSD-3-Clause
 * X read through MPI-IO, where riata was built with parallel HDF5 (parallel_hdf5.c, chosen by
 * RIATA_PARALLEL_HDF5); with serial HDF5 both do nothing (serial_hdf5.c). */
#ifndef RI_CLUSTER_MPI_IO_H
#define RI_CLUSTER_MPI_IO_H

#include "cluster/group.h"

/* Until ri_mpi_io_close this rank reads a dense X of an HDF5 file through MPI-IO. Not collective,
 * and neither are the reads: a rank may fail, stop early or have nothing to read without holding
 * up the others. A process without MPI reads as ever. RI_SYSTEM where the file cannot be opened
 * so. */
typedef struct ri_mpi_io {
    int64_t transfer; /* HDF5's number for how to read; 0: none */
} ri_mpi_io;
RI_MUST_USE ri_status ri_mpi_io_open(const ri_cluster *cluster, const ri_dataset *dataset,
                                     ri_mpi_io *out, ri_error *err);
void ri_mpi_io_close(const ri_dataset *dataset, ri_mpi_io *io); /* also after a failure */

#endif
