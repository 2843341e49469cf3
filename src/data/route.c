/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/route.h"

#include "data/dataset_file.h"
#include "data/hdf5_common.h"

static void close_route(ri_route *route) {
    if (route->x >= 0)
        H5Dclose(route->x);
    if (route->file >= 0)
        H5Fclose(route->file);
    *route = ri_route_none;
}

ri_status ri_dataset_open_route(const ri_dataset *dataset, hid_t access, hid_t transfer,
                                ri_error *err) {
    ri_dataset_file *file = dataset->file;
    if (file->backing != &ri_backing_hdf5 || dataset->sparse)
        return RI_OK;
    ri_hdf5_quiet before = ri_hdf5_silence();
    ri_route route = {
        .file = H5Fopen(dataset->path, H5F_ACC_RDONLY, access), .x = -1, .transfer = transfer};
    hid_t list = H5Dget_access_plist(file->x.id); /* the chunk cache */
    if (route.file >= 0 && list >= 0)
        route.x = H5Dopen2(route.file, dataset->x_path, list);
    if (list >= 0)
        H5Pclose(list);
    const bool open = route.x >= 0;
    if (open)
        file->route = route;
    else
        close_route(&route);
    ri_hdf5_restore(before);
    if (!open)
        return ri_fail(err, RI_SYSTEM,
                       "%s: cannot be opened through MPI-IO; use a riata that was built without "
                       "parallel HDF5, or see to the MPI library's support for this file system",
                       dataset->path);
    return RI_OK;
}

void ri_dataset_close_route(const ri_dataset *dataset) {
    ri_hdf5_quiet before = ri_hdf5_silence();
    close_route(&dataset->file->route);
    ri_hdf5_restore(before);
}
