/* SPDX-License-Identifier: BSD-3-Clause
 * Keeps HDF5 from printing its error stack while our calls run, and turns the stack into words. */
#ifndef RI_DATA_HDF5_QUIET_H
#define RI_DATA_HDF5_QUIET_H

#include <hdf5.h>
#include <stddef.h>

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

#endif
