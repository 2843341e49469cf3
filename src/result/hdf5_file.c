/* SPDX-License-Identifier: BSD-3-Clause
 * The result file as a whole: made under a temporary name and renamed; recognised before it is
 * read. What is in it: hdf5.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/output.h"
#include "result/hdf5_io.h"
#include "result/result.h"

enum { FORMAT = 1 };

/* A file is this process's own while open (a temporary, or read-only): locks, which some cluster
 * file systems refuse, are not needed. The format of HDF5 1.8 keeps the groups of many folds
 * small. */
static hid_t file_access(void) {
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (access >= 0) {
        H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
        H5Pset_file_locking(access, false, true);
    }
    return access;
}

/* HDF5 would print an error stack of its own: ours is the sentence in `err`. */
typedef struct quiet {
    H5E_auto2_t handler;
    void *data;
} quiet;

static quiet begin_quiet(void) {
    quiet saved = {NULL, NULL};
    H5Eget_auto2(H5E_DEFAULT, &saved.handler, &saved.data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return saved;
}

static void end_quiet(quiet saved) {
    H5Eset_auto2(H5E_DEFAULT, saved.handler, saved.data);
}

/* What a new file is filled with. */
typedef struct filling {
    const char *format; /* name of the attribute that says what the file is */
    ri_h5_fill *fill;
    void *context;
} filling;

static ri_status write_file(const ri_h5 *h5, const char *temporary, const filling *with) {
    int64_t format = FORMAT;
    char version[] = RIATA_VERSION;
    hid_t access = file_access(), creation = H5Pcreate(H5P_FILE_CREATE), file = H5I_INVALID_HID;
    if (creation >= 0 && H5Pset_obj_track_times(creation, false) >= 0)
        file = H5Fcreate(temporary, H5F_ACC_TRUNC, creation, access);
    if (creation >= 0)
        H5Pclose(creation);
    if (access >= 0)
        H5Pclose(access);
    if (file < 0)
        return ri_fail(h5->err, RI_SYSTEM, "%s: cannot be written: %s", h5->path, strerror(errno));
    ri_status status;
    RI_GO(h5->way->number(h5, file, with->format, RI_H5_I64, &format));
    RI_GO(h5->way->text(h5, file, "riata_version", version, sizeof version));
    status = with->fill(h5, file, with->context);
done:
    if (H5Fclose(file) < 0 && status == RI_OK)
        status = ri_fail(h5->err, RI_SYSTEM, "%s: cannot be written (is the disk full?)", h5->path);
    return status;
}

ri_status ri_h5_create(const char *path, const char *format, ri_h5_fill *fill, void *context,
                       ri_error *err) {
    ri_h5 h5 = {.way = &ri_h5_writing, .path = path, .err = err};
    filling with = {.format = format, .fill = fill, .context = context};
    char *temporary = ri_output_temporary(path);
    if (!temporary)
        return ri_fail_memory(err, "a file name", strlen(path));
    quiet saved = begin_quiet();
    ri_status status = write_file(&h5, temporary, &with);
    end_quiet(saved);
    if (status == RI_OK)
        status = ri_output_commit(temporary, path, err);
    else
        unlink(temporary);
    free(temporary);
    return status;
}

static ri_status walk_record(const ri_h5 *h5, hid_t file, void *record) {
    return ri_h5_walk(h5, file, record);
}

ri_status ri_result_write(const ri_record *record, const char *path, ri_error *err) {
    ri_record copy = *record; /* the walk takes a record it may fill; writing only looks */
    return ri_h5_create(path, "riata_result_format", walk_record, &copy, err);
}

ri_status ri_h5_check_format(const ri_h5 *h5, hid_t file, const char *what) {
    int64_t format = 0;
    char name[64];
    snprintf(name, sizeof name, "riata_%s_format", what);
    RI_TRY(h5->way->number(h5, file, name, RI_H5_I64, &format));
    if (format > FORMAT)
        return ri_fail(h5->err, RI_BAD_INPUT,
                       "%s: has %s format %lld, but this riata (%s) reads up to %d; use a "
                       "newer riata",
                       h5->path, what, (long long)format, RIATA_VERSION, FORMAT);
    return ri_h5_check_count(h5, file, name, format, FORMAT, FORMAT);
}

static ri_status read_file(ri_h5 *h5, ri_h5_fill *walk, void *context) {
    if (H5Fis_hdf5(h5->path) <= 0)
        return ri_fail(h5->err, RI_BAD_INPUT,
                       "%s: is not an HDF5 file; give the .h5 file that riata wrote", h5->path);
    hid_t access = file_access(), file = H5Fopen(h5->path, H5F_ACC_RDONLY, access);
    if (access >= 0)
        H5Pclose(access);
    if (file < 0)
        return ri_fail(h5->err, RI_BAD_INPUT,
                       "%s: cannot be opened as HDF5; the file is cut short or damaged", h5->path);
    h5->file = file;
    ri_status status = walk(h5, file, context);
    H5Fclose(file);
    return status;
}

ri_status ri_h5_load(const char *path, ri_h5_fill *walk, void *context, ri_error *err) {
    struct stat info;
    if (stat(path, &info) != 0 || access(path, R_OK) != 0)
        return ri_fail(err, RI_BAD_INPUT, "%s: cannot be read: %s", path, strerror(errno));
    ri_h5 h5 = {
        .way = &ri_h5_reading, .path = path, .file_bytes = (uint64_t)info.st_size, .err = err};
    quiet saved = begin_quiet();
    ri_status status = read_file(&h5, walk, context);
    end_quiet(saved);
    return status;
}

/* Says what a file without our format attribute is, as far as one can see. */
static ri_status read_record(const ri_h5 *h5, hid_t file, void *record) {
    static const char give[] = "give the .h5 file written by riata cv, path or fit";
    if (H5Aexists(file, "riata_comparison_format") > 0)
        return ri_fail(h5->err, RI_BAD_INPUT,
                       "%s: is the table of riata compare, not a result; %s (riata report RESULT "
                       "--compare FILE shows the table)",
                       h5->path, give);
    if (H5Aexists(file, "riata_result_format") <= 0)
        return ri_fail(h5->err, RI_BAD_INPUT, "%s: %s; %s", h5->path,
                       H5Aexists(file, "riata_format") > 0
                           ? "is a riata dataset, not a result"
                           : "is not a riata result (it has no attribute riata_result_format)",
                       give);
    RI_TRY(ri_h5_check_format(h5, file, "result"));
    return ri_h5_walk(h5, file, record);
}

ri_status ri_result_read(const char *path, ri_record **out, ri_error *err) {
    *out = NULL;
    ri_record *record = ri_calloc(1, sizeof *record);
    if (!record)
        return ri_fail_memory(err, "a result", sizeof *record);
    ri_status status = ri_h5_load(path, read_record, record, err);
    if (status != RI_OK) {
        ri_record_free(record);
        return status;
    }
    *out = record;
    return RI_OK;
}
