/* SPDX-License-Identifier: BSD-3-Clause
 * Another way of HDF5 to the bytes of X than its own: for a program whose HDF5 has one, such as
 * MPI-IO, which this room knows nothing of. */
#ifndef RI_DATA_ROUTE_H
#define RI_DATA_ROUTE_H

#include <hdf5.h>

#include "base/status.h"
#include "data/dataset.h"

/* From now on X is read by HDF5 alone (data/raw.h steps aside), from a file opened a second time
 * with the file access list `access`, each read with the transfer list `transfer`; both are
 * borrowed, `transfer` until ri_dataset_close_route. Nothing changes for a sparse dataset and for
 * one that is not in an HDF5 file. RI_SYSTEM where the file cannot be opened so: X is then read as
 * before. */
RI_MUST_USE ri_status ri_dataset_open_route(const ri_dataset *dataset, hid_t access, hid_t transfer,
                                            ri_error *err);

/* Back to the usual way; harmless where no other one is open. */
void ri_dataset_close_route(const ri_dataset *dataset);

#endif
