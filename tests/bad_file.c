/* tests/bad_file.c - files that are wrong in one place. */
#include "tests/bad_file.h"

#include <check.h>
#include <hdf5.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PLACE_BYTES = 128, CELLS_MAX = 4096 };

void bad_file_copy(const char *to, const char *from)
{
    char buffer[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    ck_assert_msg(in && out, "cannot copy %s to %s", from, to);
    for (size_t n; (n = fread(buffer, 1, sizeof(buffer), in)) > 0;) {
        ck_assert_uint_eq(fwrite(buffer, 1, n, out), n);
    }
    fclose(in);
    ck_assert_int_eq(fclose(out), 0);
}

/* The object and the attribute of "object@attribute". */
static hid_t open_owner(hid_t file, const char *at, const char **attribute)
{
    char owner[PLACE_BYTES];
    const char *mark = strchr(at, '@');
    ck_assert_msg(mark != NULL, "'%s' names no attribute", at);
    snprintf(owner, sizeof(owner), "/%.*s", (int)(mark - at), at);
    *attribute = mark + 1;
    hid_t object = H5Oopen(file, owner, H5P_DEFAULT);
    ck_assert_msg(object >= 0, "no %s in the file", owner);
    return object;
}

static void set_attribute(hid_t file, const struct bad_edit *e)
{
    const char *name;
    hid_t owner = open_owner(file, e->at, &name);
    int64_t count = e->how == BAD_COUNT ? (int64_t)e->value : 0;
    const void *data = &e->value;
    hid_t type = H5Tcopy(H5T_NATIVE_DOUBLE);
    if (e->how == BAD_COUNT) {
        data = &count;
        H5Tclose(type);
        type = H5Tcopy(H5T_NATIVE_INT64);
    } else if (e->how == BAD_TEXT) {
        data = e->text;
        H5Tclose(type);
        type = H5Tcopy(H5T_C_S1);
        H5Tset_size(type, strlen(e->text) + 1);
    }
    if (H5Aexists(owner, name) > 0) {
        H5Adelete(owner, name);
    }
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t attribute =
        H5Acreate2(owner, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert_int_ge(H5Awrite(attribute, type, data), 0);
    H5Aclose(attribute);
    H5Sclose(space);
    H5Tclose(type);
    H5Oclose(owner);
}

static void remove_it(hid_t file, const char *at)
{
    if (!strchr(at, '@')) {
        ck_assert_msg(H5Ldelete(file, at, H5P_DEFAULT) >= 0, "no %s", at);
        return;
    }
    const char *name;
    hid_t owner = open_owner(file, at, &name);
    ck_assert_msg(H5Adelete(owner, name) >= 0, "no %s", at);
    H5Oclose(owner);
}

static void set_cell(hid_t file, const struct bad_edit *e)
{
    hid_t dataset = H5Dopen2(file, e->at, H5P_DEFAULT);
    ck_assert_msg(dataset >= 0, "no dataset %s", e->at);
    hid_t space = H5Dget_space(dataset);
    hsize_t start[4] = {0}, count[4] = {1, 1, 1, 1};
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL);
    hid_t one = H5Screate_simple(1, count, NULL);
    ck_assert_int_ge(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, one, space,
                              H5P_DEFAULT, &e->value),
                     0);
    H5Sclose(one);
    H5Sclose(space);
    H5Dclose(dataset);
}

/* The shape of a dataset, which is removed. */
static hid_t take_space(hid_t file, const char *at)
{
    hid_t dataset = H5Dopen2(file, at, H5P_DEFAULT);
    ck_assert_msg(dataset >= 0, "no dataset %s", at);
    hid_t space = H5Dget_space(dataset);
    hsize_t size[4];
    int rank = H5Sget_simple_extent_dims(space, size, NULL);
    H5Sclose(space);
    H5Dclose(dataset);
    remove_it(file, at);
    return H5Screate_simple(rank, size, NULL); /* of this very size */
}

static void put_numbers(hid_t file, const char *at, hid_t type, hid_t space,
                        double value)
{
    double data[CELLS_MAX];
    hssize_t n = H5Sget_simple_extent_npoints(space);
    ck_assert_int_le(n, CELLS_MAX);
    for (hssize_t k = 0; k < n; k++) {
        data[k] = value;
    }
    hid_t dataset = H5Dcreate2(file, at, type, space, H5P_DEFAULT, H5P_DEFAULT,
                               H5P_DEFAULT);
    ck_assert_msg(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL,
                           H5P_DEFAULT, data) >= 0,
                  "cannot put numbers at %s", at);
    H5Dclose(dataset);
}

static void put_empty(hid_t file, const char *at, hid_t type, hid_t space,
                      hid_t plan)
{
    hid_t dataset =
        H5Dcreate2(file, at, type, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    ck_assert_int_ge(dataset, 0);
    H5Dclose(dataset);
}

static void put_words(hid_t file, const char *at, hid_t space)
{
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, 8);
    put_empty(file, at, type, space, H5P_DEFAULT);
    H5Tclose(type);
}

static void put_wide(hid_t file, const char *at, hid_t space, double bytes)
{
    hid_t type = H5Tcopy(H5T_IEEE_F64LE);
    ck_assert_int_ge(H5Tset_size(type, (size_t)bytes), 0);
    put_empty(file, at, type, space, H5P_DEFAULT);
    H5Tclose(type);
}

static void put_huge(hid_t file, const char *at)
{
    hsize_t size[1] = {(hsize_t)1 << 50}, chunk[1] = {1 << 16};
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    hid_t space = H5Screate_simple(1, size, NULL);
    H5Pset_chunk(plan, 1, chunk);
    put_empty(file, at, H5T_NATIVE_DOUBLE, space, plan);
    H5Sclose(space);
    H5Pclose(plan);
}

static void put_outside(hid_t file, const char *at, hid_t space)
{
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_external(plan, "/etc/hostname", 0, H5F_UNLIMITED);
    put_empty(file, at, H5T_NATIVE_DOUBLE, space, plan);
    H5Pclose(plan);
}

/* Another dataset, or something else, in place of a dataset. */
static void replace(hid_t file, const struct bad_edit *e)
{
    hsize_t n[1] = {(hsize_t)e->value};
    hid_t space = take_space(file, e->at);
    if (e->how == BAD_SIGNED) {
        put_numbers(file, e->at, H5T_STD_I64LE, space, e->value);
    } else if (e->how == BAD_REAL) {
        put_numbers(file, e->at, H5T_IEEE_F64LE, space, e->value);
    } else if (e->how == BAD_FLAT) {
        hid_t flat = H5Screate_simple(1, n, NULL);
        put_numbers(file, e->at, H5T_STD_U32LE, flat, 0);
        H5Sclose(flat);
    } else if (e->how == BAD_WORDS) {
        put_words(file, e->at, space);
    } else if (e->how == BAD_WIDE) {
        put_wide(file, e->at, space, e->value);
    } else if (e->how == BAD_HUGE) {
        put_huge(file, e->at);
    } else if (e->how == BAD_GROUP) {
        H5Gclose(
            H5Gcreate2(file, e->at, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    } else {
        put_outside(file, e->at, space);
    }
    H5Sclose(space);
}

static void link_away(hid_t file, const struct bad_edit *e)
{
    remove_it(file, e->at);
    herr_t result =
        e->how == BAD_LINK
            ? H5Lcreate_external("net.h5", e->at, file, e->at, H5P_DEFAULT,
                                 H5P_DEFAULT)
            : H5Lcreate_soft("/nowhere", file, e->at, H5P_DEFAULT, H5P_DEFAULT);
    ck_assert_int_ge(result, 0);
}

void bad_file_edit(const char *path, const struct bad_edit *e)
{
    if (e->how == BAD_NOTHING) {
        return;
    }
    if (e->how == BAD_CUT) {
        ck_assert_int_eq(truncate(path, (off_t)e->value), 0);
        return;
    }
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    ck_assert_msg(file >= 0, "%s cannot be edited", path);
    switch (e->how) {
    case BAD_REMOVE:
        remove_it(file, e->at);
        break;
    case BAD_TEXT:
    case BAD_COUNT:
    case BAD_NUMBER:
        set_attribute(file, e);
        break;
    case BAD_CELL:
        set_cell(file, e);
        break;
    case BAD_LINK:
    case BAD_SOFT_LINK:
        link_away(file, e);
        break;
    default:
        replace(file, e);
        break;
    }
    ck_assert_int_ge(H5Fclose(file), 0);
}
