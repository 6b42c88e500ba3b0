/* io/h5_attribute.c - small facts beside HDF5 groups and datasets. */
#include "io/h5.h"

#include <math.h>
#include <string.h>

static ebb_status put(hid_t at, const char *name, hid_t file_type, hid_t type,
                      const void *value)
{
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute =
        H5Acreate2(at, name, file_type, space, H5P_DEFAULT, H5P_DEFAULT);
    herr_t result = attribute < 0 ? -1 : H5Awrite(attribute, type, value);
    if (attribute >= 0) {
        H5Aclose(attribute);
    }
    H5Sclose(space);
    return result >= 0 ? EBB_OK
                       : EBB_FAIL(EBB_ERR_IO, "cannot write '%s'", name);
}

ebb_status ebb_h5_put_text(hid_t at, const char *name, const char *text)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, strlen(text) + 1);
    H5Tset_cset(type, H5T_CSET_UTF8);
    ebb_status status = put(at, name, type, type, text);
    H5Tclose(type);
    return status;
}

ebb_status ebb_h5_put_number(hid_t at, const char *name, double value)
{
    return put(at, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

ebb_status ebb_h5_put_count(hid_t at, const char *name, uint64_t value)
{
    return put(at, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value);
}

/* A scalar attribute of one class of type, or a failure that names it. */
static ebb_status open_scalar(hid_t *out, hid_t at, const char *name, bool text)
{
    *out = H5Aexists(at, name) > 0 ? H5Aopen(at, name, H5P_DEFAULT) : -1;
    if (*out < 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the attribute '%s' is missing", name);
    }
    hid_t space = H5Aget_space(*out);
    hid_t type = H5Aget_type(*out);
    H5T_class_t kind = H5Tget_class(type);
    bool single = H5Sget_simple_extent_npoints(space) == 1;
    bool right = text ? kind == H5T_STRING && H5Tis_variable_str(type) <= 0
                      : kind == H5T_INTEGER || kind == H5T_FLOAT;
    H5Tclose(type);
    H5Sclose(space);
    if (!single || !right) {
        H5Aclose(*out);
        return EBB_FAIL(EBB_ERR_FORMAT, "the attribute '%s' is no %s", name,
                        text ? "text of fixed length" : "single number");
    }
    return EBB_OK;
}

ebb_status ebb_h5_get_text(char *out, size_t size, hid_t at, const char *name)
{
    hid_t attribute;
    EBB_TRY(open_scalar(&attribute, at, name, true));
    hid_t type = H5Aget_type(attribute);
    size_t length = H5Tget_size(type);
    herr_t result = -1;
    if (length < size) {
        memset(out, 0, size);
        result = H5Aread(attribute, type, out);
    }
    H5Tclose(type);
    H5Aclose(attribute);
    return result >= 0 ? EBB_OK
                       : EBB_FAIL(EBB_ERR_FORMAT,
                                  "the attribute '%s' is longer than %zu bytes",
                                  name, size - 1);
}

static ebb_status get(void *out, hid_t at, const char *name, hid_t type)
{
    hid_t attribute;
    EBB_TRY(open_scalar(&attribute, at, name, false));
    herr_t result = H5Aread(attribute, type, out);
    H5Aclose(attribute);
    return result >= 0 ? EBB_OK
                       : EBB_FAIL(EBB_ERR_FORMAT,
                                  "the attribute '%s' is unreadable", name);
}

ebb_status ebb_h5_get_number(double *out, hid_t at, const char *name)
{
    return get(out, at, name, H5T_NATIVE_DOUBLE);
}

static bool is_unsigned(hid_t at, const char *name)
{
    hid_t attribute = H5Aopen(at, name, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute);
    bool plain =
        H5Tget_class(type) == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_NONE;
    H5Tclose(type);
    H5Aclose(attribute);
    return plain;
}

ebb_status ebb_h5_get_count(uint64_t *out, hid_t at, const char *name)
{
    double x = 0;
    EBB_TRY(get(&x, at, name, H5T_NATIVE_DOUBLE));
    if (is_unsigned(at, name)) {
        return get(out, at, name, H5T_NATIVE_UINT64);
    }
    /* HDF5 would turn -1 into 0 and 2.5 into 2. */
    if (!(x >= 0 && x <= 0x1p53 && floor(x) == x)) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "the attribute '%s' is %g; it must be a whole number "
                        "from 0",
                        name, x);
    }
    *out = (uint64_t)x;
    return EBB_OK;
}

/* HDF5 allocates the text; it is ours to give back. */
static ebb_status get_variable_text(char *out, size_t size, hid_t attribute,
                                    hid_t type, const char *name)
{
    char *text = NULL;
    hid_t space = H5Aget_space(attribute);
    bool read = H5Sget_simple_extent_npoints(space) == 1 &&
                H5Aread(attribute, type, &text) >= 0 && text;
    bool fits = read && strlen(text) < size;
    if (fits) {
        memcpy(out, text, strlen(text) + 1);
    }
    H5free_memory(text);
    H5Sclose(space);
    return fits ? EBB_OK
                : EBB_FAIL(EBB_ERR_FORMAT,
                           "the attribute '%s' is no text of less than %zu "
                           "bytes",
                           name, size);
}

ebb_status ebb_h5_get_any_text(char *out, size_t size, hid_t at,
                               const char *name)
{
    hid_t attribute =
        H5Aexists(at, name) > 0 ? H5Aopen(at, name, H5P_DEFAULT) : -1;
    if (attribute < 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the attribute '%s' is missing", name);
    }
    hid_t type = H5Aget_type(attribute);
    bool variable = H5Tis_variable_str(type) > 0;
    ebb_status status =
        variable ? get_variable_text(out, size, attribute, type, name) : EBB_OK;
    H5Tclose(type);
    H5Aclose(attribute);
    return variable ? status : ebb_h5_get_text(out, size, at, name);
}

ebb_status ebb_h5_get_counts(uint64_t *out, size_t n, hid_t at,
                             const char *name)
{
    enum { MOST = 8 };
    double x[MOST];
    hid_t attribute =
        H5Aexists(at, name) > 0 ? H5Aopen(at, name, H5P_DEFAULT) : -1;
    if (attribute < 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the attribute '%s' is missing", name);
    }
    hid_t space = H5Aget_space(attribute);
    hid_t type = H5Aget_type(attribute);
    bool right = n <= MOST && H5Tget_class(type) == H5T_INTEGER &&
                 H5Sget_simple_extent_npoints(space) == (hssize_t)n &&
                 H5Aread(attribute, H5T_NATIVE_DOUBLE, x) >= 0;
    for (size_t k = 0; k < n && right; k++) {
        right = x[k] >= 0 && x[k] <= 0x1p53;
        out[k] = right ? (uint64_t)x[k] : 0;
    }
    H5Tclose(type);
    H5Sclose(space);
    H5Aclose(attribute);
    return right ? EBB_OK
                 : EBB_FAIL(EBB_ERR_FORMAT,
                            "the attribute '%s' is no list of %zu whole "
                            "numbers from 0",
                            name, n);
}
