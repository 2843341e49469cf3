/* SPDX-License-Identifier: BSD-3-Clause
 * Vectors and attributes of a source. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "data/source.h"

enum { MAX_ATTRIBUTE_TEXT = 1 << 16 };

static const char *describe_class(H5T_class_t class) {
    switch (class) {
    case H5T_STRING:
        return "text";
    case H5T_COMPOUND:
        return "records (or complex numbers)";
    case H5T_FLOAT:
        return "floats of an unusual size";
    case H5T_INTEGER:
        return "integers of an unusual size";
    case H5T_REFERENCE:
        return "references";
    case H5T_VLEN:
    case H5T_ARRAY:
        return "arrays";
    default:
        return "data of no known type";
    }
}

static bool takes_double(H5T_class_t class, size_t size) {
    return (class == H5T_INTEGER && (size == 1 || size == 2 || size == 4 || size == 8)) ||
           (class == H5T_FLOAT && (size == 2 || size == 4 || size == 8));
}

ri_status ri_source_numeric(const ri_source *source, const char *path, const ri_source_set *set,
                            ri_error *err) {
    if (takes_double(set->class, set->size))
        return RI_OK;
    return ri_fail(err, RI_BAD_INPUT,
                   "%s:%s: holds %s; f64, f32 or integers of 8 to 64 bits are needed", source->name,
                   path, describe_class(set->class));
}

/* Length of a vector, also of a matrix with one row or column. */
static ri_status check_length(const ri_source *source, const char *path, const ri_source_set *set,
                              int64_t *count, const char *unit, ri_error *err) {
    if (set->dims[0] != 1 && set->dims[1] != 1)
        return ri_fail(err, RI_BAD_INPUT, "%s:%s: is a matrix of %llu x %llu; a vector is needed",
                       source->name, path, (unsigned long long)set->dims[0],
                       (unsigned long long)set->dims[1]);
    hsize_t length = set->dims[0] != 1 ? set->dims[0] : set->dims[1];
    if (*count >= 0 && length != (hsize_t)*count)
        return ri_fail(err, RI_BAD_INPUT, "%s:%s: has %llu values where X has %lld %s",
                       source->name, path, (unsigned long long)length, (long long)*count, unit);
    *count = (int64_t)length;
    return RI_OK;
}

/* Reads all of a numeric vector as `memory`, of elements of 8 bytes. */
static ri_status read_numbers(const ri_source *source, const char *path, ri_source_set *set,
                              hid_t memory, int64_t *count, const char *unit, void **out,
                              ri_error *err) {
    RI_TRY(ri_source_numeric(source, path, set, err));
    RI_TRY(check_length(source, path, set, count, unit, err));
    void *values = ri_alloc((size_t)*count, 8);
    if (!values)
        return ri_fail_memory(err, path, (unsigned long long)*count * 8);
    if (*count > 0 && H5Dread(set->id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
        free(values);
        return ri_fail(err, RI_BAD_INPUT,
                       "%s: dataset %s cannot be read; the file may be truncated", source->name,
                       path);
    }
    *out = values;
    return RI_OK;
}

ri_status ri_source_doubles(const ri_source *source, const char *path, int64_t *count,
                            const char *unit, double **out, ri_error *err) {
    *out = NULL;
    ri_source_set set;
    void *values = NULL;
    RI_TRY(ri_source_dataset(source, path, &set, err));
    ri_status status =
        read_numbers(source, path, &set, H5T_NATIVE_DOUBLE, count, unit, &values, err);
    ri_source_set_close(&set);
    *out = values;
    for (int64_t i = 0; status == RI_OK && set.integer_na && i < *count; i++)
        if ((*out)[i] == (double)INT32_MIN)
            (*out)[i] = (double)NAN;
    return status;
}

ri_status ri_source_integers(const ri_source *source, const char *path, int64_t *count,
                             const char *unit, int64_t **out, ri_error *err) {
    *out = NULL;
    ri_source_set set;
    void *values = NULL;
    RI_TRY(ri_source_dataset(source, path, &set, err));
    ri_status status;
    if (set.class == H5T_INTEGER)
        status = read_numbers(source, path, &set, H5T_NATIVE_INT64, count, unit, &values, err);
    else
        status = ri_fail(err, RI_BAD_INPUT, "%s:%s: holds %s; integers are needed", source->name,
                         path, set.class == H5T_FLOAT ? "floats" : describe_class(set.class));
    ri_source_set_close(&set);
    *out = values;
    return status;
}

/* Text of fixed length: cut at the first NUL, or before the padding spaces. */
static ri_status read_fixed(const ri_source_set *set, hid_t type, int64_t count, ri_names *out,
                            bool *ok, ri_error *err) {
    char *block = ri_calloc((size_t)count, set->size);
    if (!block)
        return ri_fail_memory(err, "a list of names", (unsigned long long)count * set->size);
    *ok = H5Dread(set->id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, block) >= 0;
    bool spaces = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
    ri_status status = RI_OK;
    for (int64_t i = 0; i < count && *ok && status == RI_OK; i++) {
        const char *text = block + (size_t)i * set->size;
        size_t length = strnlen(text, set->size);
        while (spaces && length > 0 && text[length - 1] == ' ')
            length--;
        status = ri_names_add(out, text, length, err);
    }
    free(block);
    return status;
}

static ri_status read_variable(const ri_source *source, const ri_source_set *set, hid_t type,
                               int64_t count, ri_names *out, bool *ok, ri_error *err) {
    bool chunked = set->layout == H5D_CHUNKED, starved = false;
    *ok = (chunked || set->layout == H5D_CONTIGUOUS) &&
          ri_source_heap_holds(source, set->id, chunked, count, &starved);
    if (starved)
        return ri_fail_memory(err, "a list of names", 8ULL * (unsigned long long)count);
    if (!*ok)
        return RI_OK;
    char **text = ri_calloc((size_t)count, sizeof *text);
    if (!text)
        return ri_fail_memory(err, "a list of names", (unsigned long long)count * sizeof *text);
    *ok = H5Dread(set->id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text) >= 0;
    ri_status status = RI_OK;
    for (int64_t i = 0; i < count && *ok && status == RI_OK; i++)
        status = ri_names_add(out, text[i] ? text[i] : "", text[i] ? strlen(text[i]) : 0, err);
    hid_t space = H5Dget_space(set->id);
    H5Dvlen_reclaim(type, space, H5P_DEFAULT, text);
    H5Sclose(space);
    free(text);
    return status;
}

ri_status ri_source_names(const ri_source *source, const char *path, int64_t count,
                          const char *unit, ri_names *out, ri_error *err) {
    ri_source_set set;
    hid_t type = -1;
    bool ok = true;
    RI_TRY(ri_source_dataset(source, path, &set, err));
    ri_status status;
    RI_GO(check_length(source, path, &set, &count, unit, err));
    if (set.class != H5T_STRING) {
        status = ri_fail(err, RI_BAD_INPUT, "%s:%s: holds no text; names are needed", source->name,
                         path);
        goto done;
    }
    type = H5Dget_type(set.id);
    if (count > 0)
        RI_GO(H5Tis_variable_str(type) > 0 ? read_variable(source, &set, type, count, out, &ok, err)
                                           : read_fixed(&set, type, count, out, &ok, err));
    if (!ok)
        status =
            ri_fail(err, RI_BAD_INPUT, "%s: dataset %s cannot be read; the file may be truncated",
                    source->name, path);
done:
    if (type >= 0)
        H5Tclose(type);
    ri_source_set_close(&set);
    if (status != RI_OK)
        ri_names_free(out);
    return status;
}

/* The attribute, of one element; negative where there is none, with `*status` set where it is of
 * another kind. `*type` is its type. */
static hid_t open_attribute(const ri_source *source, hid_t object, const char *path,
                            const char *name, hid_t *type, ri_status *status, ri_error *err) {
    *status = RI_OK;
    *type = -1;
    htri_t exists = H5Aexists(object, name);
    if (exists == 0)
        return -1;
    hid_t attribute = exists > 0 ? H5Aopen(object, name, H5P_DEFAULT) : -1;
    hid_t space = attribute >= 0 ? H5Aget_space(attribute) : -1;
    bool single = space >= 0 && H5Sget_simple_extent_npoints(space) == 1;
    if (space >= 0)
        H5Sclose(space);
    if (single)
        *type = H5Aget_type(attribute);
    if (*type >= 0)
        return attribute;
    if (attribute >= 0)
        H5Aclose(attribute);
    *status = ri_fail(err, RI_BAD_INPUT, "%s:%s: attribute %s cannot be read as one value",
                      source->name, path, name);
    return -1;
}

/* Reads a numeric attribute as `memory`, of 8 bytes; with `integer`, floats are refused. */
static ri_status read_number(const ri_source *source, hid_t object, const char *path,
                             const char *name, hid_t memory, bool integer, void *value, bool *found,
                             ri_error *err) {
    hid_t type;
    ri_status status;
    hid_t attribute = open_attribute(source, object, path, name, &type, &status, err);
    *found = attribute >= 0;
    if (attribute < 0)
        return status;
    H5T_class_t class = H5Tget_class(type);
    bool fits = takes_double(class, H5Tget_size(type)) && !(integer && class != H5T_INTEGER);
    if (!fits || H5Aread(attribute, memory, value) < 0)
        status = ri_fail(err, RI_BAD_INPUT, "%s:%s: attribute %s is not %s", source->name, path,
                         name, integer ? "an integer" : "a number");
    H5Tclose(type);
    H5Aclose(attribute);
    return status;
}

ri_status ri_source_integer(const ri_source *source, hid_t object, const char *path,
                            const char *name, int64_t *value, bool *found, ri_error *err) {
    return read_number(source, object, path, name, H5T_NATIVE_INT64, true, value, found, err);
}

ri_status ri_source_real(const ri_source *source, hid_t object, const char *path, const char *name,
                         double *value, bool *found, ri_error *err) {
    return read_number(source, object, path, name, H5T_NATIVE_DOUBLE, false, value, found, err);
}

/* Text of an attribute; NULL where it cannot be read. */
static char *read_text(hid_t attribute, hid_t type) {
    if (H5Tget_class(type) != H5T_STRING)
        return NULL;
    if (H5Tis_variable_str(type) > 0) {
        char *text = NULL;
        if (H5Aread(attribute, type, &text) < 0)
            return NULL;
        char *copy = strdup(text ? text : "");
        H5free_memory(text);
        return copy;
    }
    size_t size = H5Tget_size(type);
    char *text = size <= MAX_ATTRIBUTE_TEXT ? calloc(size + 1, 1) : NULL;
    if (text && H5Aread(attribute, type, text) < 0) {
        free(text);
        return NULL;
    }
    return text;
}

ri_status ri_source_text(const ri_source *source, hid_t object, const char *path, const char *name,
                         char **value, ri_error *err) {
    hid_t type;
    ri_status status;
    *value = NULL;
    hid_t attribute = open_attribute(source, object, path, name, &type, &status, err);
    if (attribute < 0)
        return status;
    *value = read_text(attribute, type);
    if (!*value)
        status =
            ri_fail(err, RI_BAD_INPUT, "%s:%s: attribute %s is not text", source->name, path, name);
    H5Tclose(type);
    H5Aclose(attribute);
    return status;
}
