/* SPDX-License-Identifier: BSD-3-Clause
 * Files for fuzz targets: the readers under test take names, not bytes. One folder a process,
 * removed at its end. */
#ifndef RI_FUZZ_WORKSHOP_H
#define RI_FUZZ_WORKSHOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* Path of file `name` in the folder; valid until the program ends, for at most 8 names. */
const char *workshop_path(const char *name);

/* Writes the bytes to file `name` and returns its path. */
const char *workshop_put(const char *name, const void *bytes, size_t length);

/* True where the program would go on with the HDF5 file: those that HDF5 itself crashes on are
 * refused before anything else is done with them (data/hdf5_screen.h). */
bool workshop_screen(const char *file);

#endif
