/* tests/fuzz/h5_made.c - small HDF5 files whose contents a fuzzer chooses. */
#include "tests/fuzz/h5_made.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    IMAGE_MAX = 1 << 20,
    VALUES_MAX = 1 << 16, /* bytes of a dataset */
    LONG = 70000,         /* numbers, more than a block of events holds */
    LISTS_MAX = 64,
    MANY_LISTS = 300,
    KEPT = 1 << 24 /* bytes */
};

/* What is the same in every file. */
static struct {
    hid_t access, half, wide, text, pair;
    int fd;
    char path[256];
    uint8_t *image;
} made;

static void require(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "h5_made: %s\n", what);
        abort();
    }
}

/* IEEE half precision, which HDF5 1.10 has no name for. */
static hid_t make_half(void)
{
    hid_t half = H5Tcopy(H5T_IEEE_F32LE);
    H5Tset_fields(half, 15, 10, 5, 0, 10);
    H5Tset_size(half, 2);
    H5Tset_ebias(half, 15);
    return half;
}

static void remove_file(void)
{
    unlink(made.path);
}

static void begin_once(void)
{
    if (made.access > 0) {
        return;
    }
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    /* Caches of half a megabyte a file: kept, not mapped anew each time. */
    H5set_free_list_limits(KEPT, KEPT / 4, KEPT, KEPT / 4, KEPT, KEPT / 4);
    made.access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(made.access, 1 << 14, false);
    made.half = make_half();
    made.wide = H5Tcopy(H5T_STD_U64LE);
    H5Tset_size(made.wide, 24);
    made.text = H5Tcopy(H5T_C_S1);
    H5Tset_size(made.text, 5);
    made.pair = H5Tcreate(H5T_COMPOUND, 4);
    H5Tinsert(made.pair, "x", 0, H5T_STD_U16LE);
    const char *folder = getenv("TMPDIR");
    snprintf(made.path, sizeof(made.path), "%s/ebb_fuzz_XXXXXX",
             folder ? folder : "/tmp");
    made.fd = mkstemp(made.path);
    made.image = malloc(IMAGE_MAX);
    atexit(remove_file);
    require(made.fd >= 0 && made.image && made.pair >= 0, "cannot begin");
}

hid_t h5_made_begin(void)
{
    begin_once();
    hid_t file = H5Fcreate("made", H5F_ACC_TRUNC, H5P_DEFAULT, made.access);
    require(file >= 0, "no file");
    return file;
}

const char *h5_made_end(hid_t file)
{
    H5Fflush(file, H5F_SCOPE_GLOBAL);
    ssize_t n = H5Fget_file_image(file, made.image, IMAGE_MAX);
    require(n > 0, "no image");
    H5Fclose(file);
    require(ftruncate(made.fd, 0) == 0 &&
                pwrite(made.fd, made.image, (size_t)n, 0) == n,
            "cannot write");
    return made.path;
}

static hid_t number_type(struct choices *c)
{
    const hid_t types[] = {
        H5T_STD_U16LE,  H5T_STD_U8LE,  H5T_STD_I8LE,   H5T_STD_I16LE,
        H5T_STD_U32LE,  H5T_STD_I32LE, H5T_STD_U64LE,  H5T_STD_I64LE,
        H5T_STD_I64BE,  H5T_STD_U16BE, H5T_IEEE_F32LE, H5T_IEEE_F64LE,
        H5T_IEEE_F64BE, H5T_STD_B16LE, made.half,      made.wide,
        made.text,      made.pair,     H5T_STD_REF_OBJ};
    return types[choose(c, sizeof(types) / sizeof(types[0]))];
}

/* Mostly one row of n, which the file may say grows. */
static hid_t space_of(size_t *n, size_t many, struct choices *c)
{
    hsize_t size[6] = {*n, 1, 1, 1, 1, 1}, any = H5S_UNLIMITED;
    switch (choose_mostly_first(c, 8)) {
    case 1:
        *n = 1;
        return H5Screate(H5S_SCALAR);
    case 2:
        *n = 0;
        return H5Screate(H5S_NULL);
    case 3:
        return H5Screate_simple(2, size, NULL);
    case 4:
        return H5Screate_simple(6, size, NULL);
    case 5:
        return H5Screate_simple(1, size, &any);
    case 6:
        size[0] = *n = *n + 1;
        return H5Screate_simple(1, size, NULL);
    case 7:
        size[0] = *n = many;
        return H5Screate_simple(1, size, NULL);
    default:
        return H5Screate_simple(1, size, NULL);
    }
}

static void set_filters(hid_t plan, struct choices *c)
{
    unsigned which = choose_mostly_first(c, 16);
    if (which & 1) {
        H5Pset_shuffle(plan);
    }
    if (which & 2) {
        H5Pset_deflate(plan, 1);
    }
    if (which & 4) {
        H5Pset_fletcher32(plan);
    }
    if (which & 8) {
        H5Pset_filter(plan, 32000, H5Z_FLAG_OPTIONAL, 0, NULL);
    }
}

static void set_layout(hid_t plan, hid_t space, struct choices *c)
{
    hsize_t chunk[6] = {1 + choose(c, 64), 1, 1, 1, 1, 1};
    int rank = H5Sget_simple_extent_ndims(space);
    switch (choose_mostly_first(c, 6)) {
    case 1:
        H5Pset_layout(plan, H5D_COMPACT);
        break;
    case 2:
    case 3:
        H5Pset_chunk(plan, rank > 0 ? rank : 1, chunk);
        set_filters(plan, c);
        break;
    case 4:
        H5Pset_external(plan, "/dev/null", 0, H5F_UNLIMITED);
        break;
    case 5:
        H5Pset_virtual(plan, space, "/dev/null", "/a", space);
        break;
    default:
        break;
    }
}

/* What HDF5 refuses to make is not there. */
static hid_t create(hid_t at, const char *name, hid_t type, size_t *n,
                    struct choices *c)
{
    bool lists = H5Tget_class(type) == H5T_VLEN;
    hid_t space = space_of(n, lists ? MANY_LISTS : LONG, c);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    set_layout(plan, space, c);
    hid_t set =
        H5Dcreate2(at, name, type, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    H5Pclose(plan);
    H5Sclose(space);
    return set;
}

/* Something else in place of a member? */
static bool made_otherwise(hid_t at, const char *name, struct choices *c)
{
    hid_t group;
    switch (choose_mostly_first(c, 32)) {
    case 1:
        return true;
    case 2:
        H5Lcreate_soft("/labels", at, name, H5P_DEFAULT, H5P_DEFAULT);
        return true;
    case 3:
        H5Lcreate_external("/dev/null", "/a", at, name, H5P_DEFAULT,
                           H5P_DEFAULT);
        return true;
    case 4:
        group = H5Gcreate2(at, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        H5Gclose(group);
        return true;
    default:
        return false;
    }
}

/* Bytes of numbers: small steps mostly, or whatever comes. */
static void fill(uint8_t *out, size_t n, size_t size, struct choices *c)
{
    bool raw = choose(c, 2);
    memset(out, 0, n * size);
    for (size_t k = 0; k < n && c->n > 0; k++) {
        choose_bytes(c, out + k * size, raw ? size : 1);
    }
}

void h5_made_numbers(hid_t at, const char *name, size_t n, struct choices *c)
{
    static uint8_t values[VALUES_MAX];
    if (made_otherwise(at, name, c)) {
        return;
    }
    hid_t type = number_type(c);
    hid_t set = create(at, name, type, &n, c);
    size_t size = H5Tget_size(type);
    if (set >= 0 && n * size <= sizeof(values) &&
        choose_mostly_first(c, 8) != 1) {
        fill(values, n, size, c);
        H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    }
    if (set >= 0) {
        H5Dclose(set);
    }
}

/* Up to 255 numbers a list, 0 to 15 mostly. */
static void write_lists(hid_t set, hid_t base, hid_t type, size_t n,
                        struct choices *c)
{
    static uint8_t values[VALUES_MAX];
    hvl_t lists[LISTS_MAX];
    size_t size = H5Tget_size(base), used = 0;
    for (size_t k = 0; k < n; k++) {
        size_t want =
            choose_mostly_first(c, 2) ? choose(c, 256) : choose(c, 16);
        want = used + want * size > sizeof(values) ? 0 : want;
        fill(values + used, want, size, c);
        lists[k] = (hvl_t){.len = want, .p = values + used};
        used += want * size;
    }
    H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, lists);
}

void h5_made_lists(hid_t at, const char *name, size_t n, struct choices *c)
{
    if (made_otherwise(at, name, c)) {
        return;
    }
    if (choose_mostly_first(c, 32) == 1) {
        h5_made_numbers(at, name, n, c);
        return;
    }
    hid_t base = number_type(c);
    hid_t type = H5Tvlen_create(base);
    hid_t set = create(at, name, type, &n, c);
    if (set >= 0 && n <= LISTS_MAX && choose_mostly_first(c, 8) != 1) {
        write_lists(set, base, type, n, c);
    }
    if (set >= 0) {
        H5Dclose(set);
    }
    H5Tclose(type);
}

hid_t h5_made_group(hid_t at, const char *name, struct choices *c)
{
    return made_otherwise(at, name, c)
               ? -1
               : H5Gcreate2(at, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
}

void h5_made_attribute(hid_t at, const char *name, struct choices *c)
{
    uint8_t value[64 * 24];
    size_t n = 1;
    if (choose(c, 2)) {
        return;
    }
    hid_t type = number_type(c);
    hid_t space = space_of(&n, 3, c);
    fill(value, n < 64 ? n : 64, H5Tget_size(type), c);
    hid_t attribute =
        n <= 64 ? H5Acreate2(at, name, type, space, H5P_DEFAULT, H5P_DEFAULT)
                : -1;
    if (attribute >= 0) {
        H5Awrite(attribute, type, value);
        H5Aclose(attribute);
    }
    H5Sclose(space);
}

void h5_made_check_closed(void)
{
    require(H5Fget_obj_count((hid_t)H5F_OBJ_ALL,
                             H5F_OBJ_FILE | H5F_OBJ_DATASET | H5F_OBJ_GROUP |
                                 H5F_OBJ_ATTR) == 0,
            "a reader leaves objects of HDF5 open");
}
