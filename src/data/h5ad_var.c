/* SPDX-License-Identifier: BSD-3-Clause */
#include "data/h5ad_var.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/output.h"
#include "data/annotation.h"
#include "data/hdf5_common.h"
#include "data/unique_names.h"

enum { COPY_BYTES = 1 << 20, SIEVE_BYTES = 64 << 10 };
static const char ORDER[] = "column-order";

/* --- the file as it is --- */

static ri_status copy_bytes(const char *input, const char *output, ri_error *err) {
    int from = open(input, O_RDONLY | O_CLOEXEC), to = -1;
    char *block = ri_alloc(COPY_BYTES, 1);
    const char *failed = NULL;
    if (from < 0)
        failed = input;
    else if ((to = open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) < 0 || !block)
        failed = output;
    while (!failed) {
        ssize_t got = read(from, block, COPY_BYTES);
        if (got <= 0) {
            failed = got < 0 ? input : NULL;
            break;
        }
        for (ssize_t at = 0, put; at < got && !failed; at += put)
            if ((put = write(to, block + at, (size_t)(got - at))) < 0)
                failed = output;
    }
    int reason = errno;
    free(block);
    if (from >= 0)
        close(from);
    if (to >= 0 && close(to) != 0 && !failed) {
        failed = output;
        reason = errno;
    }
    return failed ? ri_fail(err, RI_SYSTEM, "%s: cannot be copied: %s", failed, strerror(reason))
                  : RI_OK;
}

/* --- what belongs to which feature --- */

/* Values in the order of var; caller frees. */
static ri_status match(const ri_source *source, const ri_var_column *column, double **out,
                       ri_var_report *report, ri_error *err) {
    ri_names raw = {0}, var = {0};
    ri_name_index *known = NULL, *there = NULL;
    ri_status status;
    RI_GO(ri_h5ad_index(source, "/var", &raw, err));
    RI_GO(ri_names_unique(&raw, &var, NULL, err));
    RI_GO(ri_name_index_new(column->feature, &known, NULL, err));
    RI_GO(ri_name_index_new(&var, &there, NULL, err));
    *out = ri_alloc((size_t)var.count, sizeof **out);
    if (!*out) {
        status = ri_fail_memory(err, "a column of var", 8ULL * (size_t)var.count);
        goto done;
    }
    report->features = var.count;
    for (int64_t j = 0; j < var.count; j++) {
        int64_t found = ri_name_index_find(known, ri_names_get(&var, j));
        report->matched += found >= 0;
        (*out)[j] = found >= 0 ? column->value[found] : column->truth ? 0 : (double)NAN;
    }
    for (int64_t k = 0; k < column->feature->count; k++) {
        const char *name = ri_names_get(column->feature, k);
        if (column->value[k] == 0 || ri_name_index_find(there, name) >= 0)
            continue;
        if (report->lost++ == 0)
            snprintf(report->first_lost, sizeof report->first_lost, "%s", name);
    }
    if (report->matched == 0)
        status = ri_fail(err, RI_BAD_INPUT,
                         "%s: none of its %lld features is one of the result, such as '%.60s': is "
                         "it the file that the data came from?",
                         source->name, (long long)var.count, ri_names_get(column->feature, 0));
done:
    ri_name_index_free(known);
    ri_name_index_free(there);
    ri_names_free(&raw);
    ri_names_free(&var);
    return status;
}

/* --- writing --- */

static hid_t text_type(void) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

static bool put_text(hid_t object, const char *name, const char *text) {
    hid_t type = text_type(), space = H5Screate(H5S_SCALAR);
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    bool ok = attribute >= 0 && H5Awrite(attribute, type, &text) >= 0;
    ok = (attribute < 0 || H5Aclose(attribute) >= 0) && ok;
    H5Sclose(space);
    H5Tclose(type);
    return ok;
}

/* Truth values as h5py and anndata write them: an enumeration FALSE = 0, TRUE = 1 of bytes. */
static hid_t truth_type(void) {
    hid_t type = H5Tenum_create(H5T_STD_I8LE);
    int8_t no = 0, yes = 1;
    H5Tenum_insert(type, "FALSE", &no);
    H5Tenum_insert(type, "TRUE", &yes);
    return type;
}

static bool put_values(hid_t var, const ri_var_column *column, const double *value, int64_t p) {
    hsize_t length = (hsize_t)p;
    hid_t type = column->truth ? truth_type() : H5Tcopy(H5T_IEEE_F64LE);
    hid_t space = H5Screate_simple(1, &length, NULL);
    hid_t set = H5Dcreate2(var, column->name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    int8_t *flag = ri_alloc(column->truth ? (size_t)p : 0, 1);
    bool ok = set >= 0 && flag;
    for (int64_t j = 0; ok && column->truth && j < p; j++)
        flag[j] = value[j] != 0;
    ok = ok && (column->truth
                    ? H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, flag)
                    : H5Dwrite(set, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, value)) >= 0;
    ok =
        ok && put_text(set, "encoding-type", "array") && put_text(set, "encoding-version", "0.2.0");
    if (set >= 0)
        ok = H5Dclose(set) >= 0 && ok;
    free(flag);
    H5Sclose(space);
    H5Tclose(type);
    return ok;
}

/* Texts of an attribute: `*block` holds `count` of them, by pointer (variable length) or in place
 * (`*width` bytes each). False where it is no list of texts, unless it is empty. */
static bool read_order(hid_t attribute, hsize_t *count, size_t *width, void **block) {
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    hssize_t points = space >= 0 ? H5Sget_simple_extent_npoints(space) : -1;
    bool text = type >= 0 && H5Tget_class(type) == H5T_STRING;
    bool variable = text && H5Tis_variable_str(type) > 0;
    *count = points > 0 ? (hsize_t)points : 0;
    *width = variable ? 0 : type >= 0 ? H5Tget_size(type) : 0;
    *block = NULL;
    bool ok = points >= 0 && (text || points == 0);
    if (ok && points > 0) {
        *block = ri_calloc((size_t)points, variable ? sizeof(char *) : *width);
        ok = *block && H5Aread(attribute, type, *block) >= 0;
    }
    if (type >= 0)
        H5Tclose(type);
    if (space >= 0)
        H5Sclose(space);
    return ok;
}

/* The texts of `block`, and `last`, as the attribute's new value. */
static bool write_order(hid_t var, hsize_t count, size_t width, void *block, const char *last) {
    hsize_t length = count + 1;
    char **text = ri_calloc((size_t)length, sizeof *text), *empty = "";
    char *copy = ri_calloc((size_t)count, width + 1);
    hid_t type = text_type(), space = H5Screate_simple(1, &length, NULL), attribute = -1;
    bool ok = text && copy;
    for (hsize_t k = 0; ok && k < count; k++) {
        char *own = copy + k * (width + 1);
        if (width > 0)
            memcpy(own, (char *)block + k * width, width);
        text[k] = width > 0 ? own : ((char **)block)[k] ? ((char **)block)[k] : empty;
    }
    if (ok) {
        text[count] = (char *)(uintptr_t)last;
        H5Adelete(var, ORDER);
        attribute = H5Acreate2(var, ORDER, type, space, H5P_DEFAULT, H5P_DEFAULT);
        ok = attribute >= 0 && H5Awrite(attribute, type, text) >= 0;
    }
    if (attribute >= 0)
        ok = H5Aclose(attribute) >= 0 && ok;
    H5Sclose(space);
    H5Tclose(type);
    free(copy);
    free(text);
    return ok;
}

/* Readers list the columns of var by this attribute. Files without it need none. */
static bool extend_order(hid_t var, const char *name) {
    hsize_t count;
    size_t width;
    void *block;
    if (H5Aexists(var, ORDER) <= 0)
        return true;
    hid_t attribute = H5Aopen(var, ORDER, H5P_DEFAULT);
    bool ok = attribute >= 0 && read_order(attribute, &count, &width, &block);
    if (attribute >= 0)
        H5Aclose(attribute);
    if (!ok)
        return false;
    ok = write_order(var, count, width, block, name);
    for (hsize_t k = 0; block && width == 0 && k < count; k++)
        H5free_memory(((char **)block)[k]);
    free(block);
    return ok;
}

static ri_status write_column(const char *file, const ri_var_column *column, const double *value,
                              int64_t p, ri_error *err) {
    hid_t list = ri_hdf5_access(SIEVE_BYTES);
    hid_t at = list >= 0 ? H5Fopen(file, H5F_ACC_RDWR, list) : -1;
    hid_t var = at >= 0 ? H5Gopen2(at, "/var", H5P_DEFAULT) : -1;
    bool ok = var >= 0 && put_values(var, column, value, p) && extend_order(var, column->name);
    if (var >= 0)
        H5Gclose(var);
    if (at >= 0)
        ok = H5Fclose(at) >= 0 && ok;
    if (list >= 0)
        H5Pclose(list);
    char reason[256];
    return ok ? RI_OK
              : ri_fail(err, RI_SYSTEM, "%s: the column '%s' of var cannot be written: %s", file,
                        column->name, ri_hdf5_reason(reason, sizeof reason, "HDF5 refuses it"));
}

static ri_status check_names(const ri_source *source, const char *output,
                             const ri_var_column *column, ri_error *err) {
    struct stat in, out;
    char path[512];
    if (stat(output, &out) == 0 && stat(source->name, &in) == 0 && in.st_dev == out.st_dev &&
        in.st_ino == out.st_ino)
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: would be written over itself; give the copy another name", output);
    if (column->name[0] == '\0' || column->name[0] == '.' || column->name[0] == '_' ||
        strchr(column->name, '/') ||
        snprintf(path, sizeof path, "/var/%s", column->name) >= (int)sizeof path)
        return ri_fail(err, RI_BAD_INPUT,
                       "'%.60s' is no name of a column: at most 500 bytes, no '/', and no '.' or "
                       "'_' in front",
                       column->name);
    if (ri_source_has(source, path))
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: var has a column '%s' already; give the new one another name",
                       source->name, column->name);
    return RI_OK;
}

static ri_status read_input(const char *input, const char *output, const ri_var_column *column,
                            double **value, ri_var_report *report, ri_error *err) {
    ri_source source;
    RI_TRY(ri_source_open(input, &source, err));
    ri_status status = match(&source, column, value, report, err);
    if (status == RI_OK)
        status = check_names(&source, output, column, err);
    ri_source_close(&source);
    return status;
}

ri_status ri_h5ad_add_var(const char *input, const char *output, const ri_var_column *column,
                          ri_var_report *report, ri_error *err) {
    ri_hdf5_quiet before = ri_hdf5_silence();
    double *value = NULL;
    char *temporary = NULL;
    *report = (ri_var_report){0};
    ri_status status;
    RI_GO(read_input(input, output, column, &value, report, err));
    RI_GO(ri_output_prepare(output, err));
    temporary = ri_output_temporary(output);
    if (!temporary) {
        status = ri_fail_memory(err, "a file name", strlen(output));
        goto done;
    }
    status = copy_bytes(input, temporary, err);
    if (status == RI_OK)
        status = write_column(temporary, column, value, report->features, err);
    if (status == RI_OK)
        status = ri_output_commit(temporary, output, err);
    else
        unlink(temporary);
done:
    free(temporary);
    free(value);
    ri_hdf5_restore(before);
    return status;
}
