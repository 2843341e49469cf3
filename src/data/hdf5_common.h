/* SPDX-License-Identifier: BSD-3-Clause
 * What reading and writing HDF5 have in common: silence (HDF5 prints its error stack unless told
 * not to), the system's reason for a failure, and how files are opened and names are linked. */
#ifndef RI_DATA_HDF5_COMMON_H
#define RI_DATA_HDF5_COMMON_H

#include <hdf5.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/kernel.h"

/* What HDF5 would have called on an error; put back when our call is over. */
typedef struct ri_hdf5_quiet {
    H5E_auto2_t handler;
    void *data;
} ri_hdf5_quiet;

ri_hdf5_quiet ri_hdf5_silence(void);
void ri_hdf5_restore(ri_hdf5_quiet before);

/* The system's reason for the last failed HDF5 call ("No space left on device"), or `otherwise`
 * where the stack names none. To be asked before the next HDF5 call. Returns `text`. */
const char *ri_hdf5_reason(char *text, size_t size, const char *otherwise);

/* File access list for our files: no locks (parallel file systems often have none, and all
 * reading is read-only), small reads gathered up to `sieve` bytes. Negative on failure. */
hid_t ri_hdf5_access(size_t sieve);

/* The name under which a response or group is linked: HDF5 takes '/' for a path and "." for the
 * group itself, so that both become '_'. Caller frees; NULL without memory. */
char *ri_hdf5_link_name(const char *name);

/* An element of a stored column in memory: one of HDF5's own types, not to be closed. */
hid_t ri_hdf5_memory_type(ri_storage storage);

/* Reads entries [from, from + count) of a vector, as `type`; false on failure. */
bool ri_hdf5_read_part(hid_t vector, int64_t from, int64_t count, hid_t type, void *out);

#endif
