/* SPDX-License-Identifier: BSD-3-Clause
 * The only file that needs a parallel HDF5. Each rank opens the file for itself and reads its
 * columns with independent transfers: HDF5's collective ones (and its opening and closing of a
 * file that ranks share) wait for every rank, so that a damaged chunk or a failing disk on one
 * would leave the others waiting for ever. */
#include <stdlib.h>

#include "cluster/mpi_io.h"
#include "data/route.h"

/* OMPIO (seen with Open MPI 4.1.4) calls a read that failed a short one, and HDF5 takes what is
 * missing for zeros: a bad disk would be other results. ROMIO tells. What the user has set stays.
 */
static void prefer_romio(void) {
    setenv("OMPI_MCA_io", "^ompio", 0);
}

static hid_t file_access(void) {
    prefer_romio();
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    if (list >= 0 && H5Pset_fapl_mpio(list, MPI_COMM_SELF, MPI_INFO_NULL) < 0) {
        H5Pclose(list);
        return -1;
    }
    return list;
}

static hid_t independent_transfer(void) {
    hid_t list = H5Pcreate(H5P_DATASET_XFER);
    if (list >= 0 && H5Pset_dxpl_mpio(list, H5FD_MPIO_INDEPENDENT) < 0) {
        H5Pclose(list);
        return -1;
    }
    return list;
}

ri_status ri_mpi_io_open(const ri_cluster *cluster, const ri_dataset *dataset, ri_mpi_io *out,
                         ri_error *err) {
    *out = (ri_mpi_io){0};
    if (!cluster->mpi)
        return RI_OK;
    hid_t access = file_access(), transfer = independent_transfer();
    ri_status status =
        access < 0 || transfer < 0
            ? ri_fail(err, RI_SYSTEM, "%s: HDF5 has no MPI-IO to read it with", dataset->path)
            : ri_dataset_open_route(dataset, access, transfer, err);
    if (access >= 0)
        H5Pclose(access);
    if (transfer >= 0)
        out->transfer = transfer;
    return status;
}

void ri_mpi_io_close(const ri_dataset *dataset, ri_mpi_io *io) {
    ri_dataset_close_route(dataset);
    if (io->transfer > 0)
        H5Pclose((hid_t)io->transfer);
    *io = (ri_mpi_io){0};
}
