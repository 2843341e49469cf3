/* SPDX-License-Identifier: BSD-3-Clause
 * HDF5 1.10 follows some damaged files into memory that is not there, or round in circles. A file
 * from elsewhere is therefore looked through by a child process first. */
#ifndef RI_DATA_HDF5_SCREEN_H
#define RI_DATA_HDF5_SCREEN_H

#include "base/status.h"

/* RI_BAD_INPUT where HDF5 crashes on the file `path`, or comes to no end within seconds that
 * grow with its length; all else that may be wrong with it, or with the name, is for its reader to
 * say. To be called before MPI and threads are started, since it forks. What is looked at: all
 * links, attributes, types and chunk indices, all texts, and the first and last element of the
 * rest. */
RI_MUST_USE ri_status ri_hdf5_screen(const char *path, ri_error *err);

#endif
