/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/hdf5_common.h"
#include "data/writer_file.h"

bool ri_writer_note(ri_writer *writer, bool ok) {
    if (!ok && writer->reason[0] == '\0')
        ri_hdf5_reason(writer->reason, sizeof writer->reason, "HDF5 refused");
    return ok;
}

ri_status ri_writer_outcome(const ri_writer *writer, bool ok, const char *what, ri_error *err) {
    if (ok)
        return RI_OK;
    return ri_fail(err, RI_SYSTEM, "%s: %s cannot be written: %s", writer->path, what,
                   writer->reason[0] ? writer->reason : "HDF5 refused");
}

static bool put_attribute(ri_writer *writer, hid_t object, const char *name, hid_t stored,
                          hid_t memory, const void *value) {
    hid_t scalar = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, stored, scalar, H5P_DEFAULT, H5P_DEFAULT);
    bool ok = ri_writer_note(writer, attribute >= 0 && H5Awrite(attribute, memory, value) >= 0);
    if (attribute >= 0)
        H5Aclose(attribute);
    H5Sclose(scalar);
    return ok;
}

bool ri_writer_put_integer(ri_writer *writer, hid_t object, const char *name, int64_t value) {
    return put_attribute(writer, object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

bool ri_writer_put_real(ri_writer *writer, hid_t object, const char *name, double value) {
    return put_attribute(writer, object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

bool ri_writer_put_text(ri_writer *writer, hid_t object, const char *name, const char *value) {
    hid_t type = H5Tcopy(H5T_C_S1);
    bool ok = ri_writer_note(writer, type >= 0 && H5Tset_size(type, strlen(value) + 1) >= 0 &&
                                         H5Tset_cset(type, H5T_CSET_UTF8) >= 0) &&
              put_attribute(writer, object, name, type, type, value);
    if (type >= 0)
        H5Tclose(type);
    return ok;
}

bool ri_writer_put_vector(ri_writer *writer, hid_t where, const char *name, int64_t count,
                          hid_t stored, hid_t memory, const void *values) {
    hsize_t dims[1] = {(hsize_t)count};
    hid_t space = H5Screate_simple(1, dims, NULL);
    hid_t set = H5Dcreate2(where, name, stored, space, H5P_DEFAULT, writer->dataset, H5P_DEFAULT);
    bool ok =
        ri_writer_note(writer, set >= 0 && (count == 0 || H5Dwrite(set, memory, H5S_ALL, H5S_ALL,
                                                                   H5P_DEFAULT, values) >= 0));
    if (set >= 0)
        H5Dclose(set);
    if (space >= 0)
        H5Sclose(space);
    return ok;
}

bool ri_writer_put_names(ri_writer *writer, hid_t where, const char *name, const ri_names *names) {
    const char **text = ri_alloc((size_t)names->count, sizeof *text);
    if (!text) {
        snprintf(writer->reason, sizeof writer->reason, "not enough memory");
        return false;
    }
    for (int64_t i = 0; i < names->count; i++)
        text[i] = ri_names_get(names, i);
    bool ok =
        ri_writer_put_vector(writer, where, name, names->count, writer->text, writer->text, text);
    free(text);
    return ok;
}

hid_t ri_writer_enter(ri_writer *writer, const char *name) {
    hid_t group = H5Lexists(writer->file, name, H5P_DEFAULT) > 0
                      ? H5Gopen2(writer->file, name, H5P_DEFAULT)
                      : H5Gcreate2(writer->file, name, H5P_DEFAULT, writer->group, H5P_DEFAULT);
    ri_writer_note(writer, group >= 0);
    return group;
}
