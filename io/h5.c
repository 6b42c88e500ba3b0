/* io/h5.c - HDF5 behind status codes. */
#include "io/h5.h"

#include "core/memory.h"
#include "io/h5_blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CHUNK_BYTES = 1 << 20,
    DEFLATE_RATIO_MAX = 1032,
    PATH_BYTES = 4096,
    HEADER_BYTES = 512, /* of an object, at most; divides a page */
    READ_ATTEMPTS = 5   /* more wait long for what a kill has torn */
};
enum { NUMBER_BYTES_MAX = 16 };

/* Before anything else of HDF5: after a failed write its own way out at exit
 * walks freed memory (1.10.8). Every file is closed by hand. */
static void silence(void)
{
    H5dont_atexit();
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

static ebb_status check_readable(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        return EBB_FAIL(EBB_ERR_IO, "cannot read '%s': %s", path,
                        strerror(errno));
    }
    if (!S_ISREG(info.st_mode)) {
        return EBB_FAIL(EBB_ERR_IO, "'%s' is no file", path);
    }
    if (H5Fis_hdf5(path) <= 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "'%s' is no HDF5 file", path);
    }
    return EBB_OK;
}

ebb_status ebb_h5_open(hid_t *out, const char *path)
{
    *out = -1;
    silence();
    EBB_TRY(check_readable(path));
    *out = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (*out < 0) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "'%s' cannot be opened: it is damaged or truncated, "
                        "or somebody is writing to it",
                        path);
    }
    return EBB_OK;
}

ebb_status ebb_h5_open_growing(hid_t *out, const char *path)
{
    *out = -1;
    silence();
    EBB_TRY(check_readable(path));
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_metadata_read_attempts(access, READ_ATTEMPTS);
    H5Pset_file_locking(access, false, true);
    *out = H5Fopen(path, H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, access);
    H5Pclose(access);
    return *out >= 0 ? EBB_OK
                     : EBB_FAIL(EBB_ERR_FORMAT,
                                "'%s' cannot be opened: it is damaged or "
                                "truncated",
                                path);
}

/* Seen before HDF5 tries, for its reason. */
static ebb_status claim(const char *name, bool replace)
{
    int file = open(
        name, O_WRONLY | O_CREAT | O_CLOEXEC | (replace ? O_TRUNC : O_EXCL),
        0666);
    if (file < 0) {
        return EBB_FAIL(EBB_ERR_IO, "cannot write '%s': %s", name,
                        strerror(errno));
    }
    close(file);
    return EBB_OK;
}

ebb_status ebb_h5_create_growing(hid_t *out, const char *path, bool replace)
{
    *out = -1;
    silence();
    EBB_TRY(claim(path, replace));
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    /* A reader that looks too early would lock it against us. */
    H5Pset_file_locking(access, false, true);
    /* A kill cuts a write where pages of the kernel meet: what has a checksum
     * must not lie across one. */
    H5Pset_alignment(access, HEADER_BYTES / 4, HEADER_BYTES);
    *out = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    if (*out < 0) {
        unlink(path);
        return EBB_FAIL(EBB_ERR_IO, "cannot write '%s'", path);
    }
    return EBB_OK;
}

static void temporary_name(char *out, const char *path)
{
    snprintf(out, PATH_BYTES, "%s.tmp", path);
}

static ebb_status begin(hid_t *out, const char *path, bool latest)
{
    char name[PATH_BYTES];
    silence();
    *out = -1;
    if (strlen(path) + 5 > sizeof(name)) {
        return EBB_FAIL(EBB_ERR_IO, "the name '%.60s…' is too long", path);
    }
    temporary_name(name, path);
    EBB_TRY(claim(name, true));
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (latest) {
        H5Pset_libver_bounds(access, H5F_LIBVER_LATEST, H5F_LIBVER_LATEST);
    }
    *out = H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    if (*out < 0) {
        unlink(name);
        return EBB_FAIL(EBB_ERR_IO, "cannot write '%s'", name);
    }
    return EBB_OK;
}

ebb_status ebb_h5_begin(hid_t *out, const char *path)
{
    return begin(out, path, false);
}

ebb_status ebb_h5_begin_latest(hid_t *out, const char *path)
{
    return begin(out, path, true);
}

static int sync_name(const char *name)
{
    int file = open(name, O_RDONLY | O_CLOEXEC);
    int result = file < 0 ? -1 : fsync(file);
    if (file >= 0) {
        close(file);
    }
    return result;
}

ebb_status ebb_h5_sync(const char *name)
{
    return sync_name(name) == 0 ? EBB_OK
                                : EBB_FAIL(EBB_ERR_IO, "cannot write '%s': %s",
                                           name, strerror(errno));
}

/* The folder that holds a name, so that the rename itself is on the disk. */
static void sync_folder(const char *path)
{
    char folder[PATH_BYTES];
    snprintf(folder, sizeof(folder), "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash == folder) {
        slash[1] = '\0';
    } else if (slash) {
        *slash = '\0';
    }
    (void)sync_name(slash ? folder : ".");
}

ebb_status ebb_h5_publish(const char *name, const char *path)
{
    if (sync_name(name) != 0 || rename(name, path) != 0) {
        return EBB_FAIL(EBB_ERR_IO, "cannot write '%s': %s", path,
                        strerror(errno));
    }
    sync_folder(path);
    return EBB_OK;
}

ebb_status ebb_h5_commit(hid_t file, const char *path)
{
    char name[PATH_BYTES];
    temporary_name(name, path);
    bool written = H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0;
    written = H5Fclose(file) >= 0 && written;
    ebb_status status =
        written ? ebb_h5_publish(name, path)
                : EBB_FAIL(EBB_ERR_IO,
                           "cannot write '%s': is the disk full? free some "
                           "space",
                           path);
    if (status != EBB_OK) {
        unlink(name);
    }
    return status;
}

void ebb_h5_abandon(hid_t file, const char *path)
{
    char name[PATH_BYTES];
    temporary_name(name, path);
    H5Fclose(file);
    unlink(name);
}

bool ebb_h5_has(hid_t at, const char *name)
{
    H5L_info_t link;
    return H5Lexists(at, name, H5P_DEFAULT) > 0 &&
           H5Lget_info(at, name, &link, H5P_DEFAULT) >= 0 &&
           link.type == H5L_TYPE_HARD;
}

ebb_status ebb_h5_group(hid_t *out, hid_t at, const char *name)
{
    *out = ebb_h5_has(at, name) ? H5Gopen2(at, name, H5P_DEFAULT) : -1;
    return *out >= 0
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT, "the group '%s' is missing", name);
}

ebb_status ebb_h5_group_create(hid_t *out, hid_t at, const char *name)
{
    *out = H5Gcreate2(at, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    return *out >= 0
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_IO, "cannot write the group '%s'", name);
}

/* Numbers that a processor knows, held in this very file: HDF5 reads beyond
 * its chunks where a damaged file claims numbers of kilobytes. */
static bool is_plain(hid_t dataset)
{
    hid_t type = H5Dget_type(dataset);
    hid_t plan = H5Dget_create_plist(dataset);
    H5T_class_t kind = H5Tget_class(type);
    bool plain = (kind == H5T_INTEGER || kind == H5T_FLOAT) &&
                 H5Tget_size(type) <= NUMBER_BYTES_MAX &&
                 H5Pget_layout(plan) != H5D_VIRTUAL &&
                 H5Pget_external_count(plan) == 0;
    H5Pclose(plan);
    H5Tclose(type);
    return plain;
}

/* Where a dataset is in one piece, is all of it there? HDF5 believes a damaged
 * layout and reads beyond it. Nothing at all is a dataset never written. */
static bool is_all_there(hid_t dataset, size_t count)
{
    hid_t type = H5Dget_type(dataset);
    hid_t plan = H5Dget_create_plist(dataset);
    H5D_layout_t layout = H5Pget_layout(plan);
    hsize_t stored = H5Dget_storage_size(dataset);
    bool there = stored >= (hsize_t)count * H5Tget_size(type) ||
                 (stored == 0 && layout != H5D_COMPACT);
    H5Pclose(plan);
    H5Tclose(type);
    return layout == H5D_CHUNKED || there;
}

static ebb_status measure(struct ebb_h5_shape *out, hid_t dataset,
                          const char *name)
{
    hid_t space = H5Dget_space(dataset);
    int rank = H5Sget_simple_extent_ndims(space);
    if (rank >= 0 && rank <= EBB_H5_RANK_MAX) {
        H5Sget_simple_extent_dims(space, out->size, NULL);
    }
    H5Sclose(space);
    if (rank < 0 || rank > EBB_H5_RANK_MAX) {
        return EBB_FAIL(EBB_ERR_FORMAT, "'%s' has %d dimensions", name, rank);
    }
    hsize_t bytes = 0;
    hid_t file = H5Iget_file_id(dataset);
    H5Fget_filesize(file, &bytes);
    H5Fclose(file);
    hsize_t most = bytes * DEFLATE_RATIO_MAX;
    out->rank = rank;
    out->count = 1;
    for (int k = 0; k < rank; k++) {
        if (out->size[k] != 0 && out->count > most / out->size[k]) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "'%s' claims more numbers than a file of %llu "
                            "bytes can hold",
                            name, (unsigned long long)bytes);
        }
        out->count *= out->size[k];
    }
    return is_all_there(dataset, out->count)
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT,
                          "'%s' is damaged: not all of its %zu numbers are in "
                          "the file",
                          name, out->count);
}

static ebb_status open_dataset(hid_t *out, hid_t at, const char *name)
{
    *out = ebb_h5_has(at, name) ? H5Dopen2(at, name, H5P_DEFAULT) : -1;
    if (*out < 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the dataset '%s' is missing", name);
    }
    if (!is_plain(*out)) {
        H5Dclose(*out);
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "the dataset '%s' holds no numbers in this file", name);
    }
    return EBB_OK;
}

ebb_status ebb_h5_shape(struct ebb_h5_shape *out, hid_t at, const char *name)
{
    hid_t dataset;
    EBB_TRY(open_dataset(&dataset, at, name));
    ebb_status status = measure(out, dataset, name);
    H5Dclose(dataset);
    return status;
}

ebb_status ebb_h5_shape_of_weights(struct ebb_h5_shape *out, bool *single,
                                   hid_t at, const char *name)
{
    hid_t dataset;
    EBB_TRY(open_dataset(&dataset, at, name));
    ebb_status status = measure(out, dataset, name);
    hid_t type = H5Dget_type(dataset);
    *single =
        H5Tget_class(type) == H5T_FLOAT && H5Tget_size(type) <= sizeof(float);
    H5Tclose(type);
    H5Dclose(dataset);
    return status;
}

/* HDF5 would turn -1 into 0 and 2.5 into 2 where whole numbers are wanted. */
static H5T_conv_ret_t refuse(H5T_conv_except_t what, hid_t from, hid_t to,
                             void *number, void *converted, void *refused)
{
    (void)what;
    (void)from;
    (void)number;
    (void)converted;
    if (H5Tget_class(to) != H5T_INTEGER) {
        return H5T_CONV_UNHANDLED;
    }
    *(bool *)refused = true;
    return H5T_CONV_ABORT;
}

/* All numbers, or those of `file_space` into the start of `out`. */
static ebb_status read_numbers(void *out, hid_t dataset, const char *name,
                               hid_t type, hid_t space, hid_t file_space)
{
    bool refused = false;
    hid_t plan = H5Pcreate(H5P_DATASET_XFER);
    H5Pset_type_conv_cb(plan, refuse, &refused);
    herr_t result = H5Dread(dataset, type, space, file_space, plan, out);
    H5Pclose(plan);
    if (refused) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "'%s' holds a number that is negative, too large or "
                        "no whole one; it must be whole, from 0",
                        name);
    }
    return result >= 0 ? EBB_OK
                       : EBB_FAIL(EBB_ERR_IO, "'%s' cannot be read", name);
}

/* Block by block, each to its place in the rectangle. */
static ebb_status read_blocks(void *out, hid_t dataset, const char *name,
                              hid_t type, struct h5_blocks *b)
{
    hid_t space = H5Dget_space(dataset);
    hid_t memory = H5Screate_simple(b->rank, b->size, NULL);
    ebb_status status;
    do {
        status = ebb_error_prefix(h5_blocks_select(b, space, memory),
                                  "'%s': ", name);
        status = status ? status
                        : read_numbers(out, dataset, name, type, memory, space);
    } while (status == EBB_OK && h5_blocks_next(b));
    H5Sclose(memory);
    H5Sclose(space);
    return status;
}

static ebb_status read_all(void *out, hid_t dataset, const char *name,
                           hid_t type, const struct ebb_h5_shape *shape)
{
    struct h5_blocks b;
    h5_blocks_init(&b, dataset, shape);
    return h5_blocks_is_one(&b)
               ? read_numbers(out, dataset, name, type, H5S_ALL, H5S_ALL)
               : read_blocks(out, dataset, name, type, &b);
}

ebb_status ebb_h5_read_rectangle(void *out, hid_t dataset, const char *name,
                                 hid_t type, int rank, const hsize_t *origin,
                                 const hsize_t *size)
{
    struct h5_blocks b;
    for (int k = 0; k < rank; k++) {
        if (size[k] == 0) {
            return EBB_OK;
        }
    }
    h5_blocks_init_in(&b, dataset, rank, origin, size);
    return read_blocks(out, dataset, name, type, &b);
}

ebb_status ebb_h5_read(void *out, hid_t at, const char *name, hid_t type,
                       size_t count)
{
    hid_t dataset;
    struct ebb_h5_shape shape;
    EBB_TRY(open_dataset(&dataset, at, name));
    ebb_status status = measure(&shape, dataset, name);
    if (status == EBB_OK && shape.count != count) {
        status = EBB_FAIL(EBB_ERR_FORMAT, "'%s' holds %zu numbers, not %zu",
                          name, shape.count, count);
    }
    if (status == EBB_OK && count > 0) {
        status = read_all(out, dataset, name, type, &shape);
    }
    H5Dclose(dataset);
    return status;
}

ebb_status ebb_h5_open_list(hid_t *out, size_t *n, hid_t at, const char *name)
{
    struct ebb_h5_shape shape;
    EBB_TRY(open_dataset(out, at, name));
    ebb_status status = measure(&shape, *out, name);
    if (status == EBB_OK && shape.rank != 1) {
        status = EBB_FAIL(EBB_ERR_FORMAT, "'%s' has %d dimensions, not 1", name,
                          shape.rank);
    }
    if (status != EBB_OK) {
        H5Dclose(*out);
        *out = -1;
        return status;
    }
    *n = shape.count;
    return EBB_OK;
}

ebb_status ebb_h5_read_piece(void *out, hid_t dataset, const char *name,
                             hid_t type, size_t from, size_t n)
{
    const hsize_t origin = from, size = n;
    return ebb_h5_read_rectangle(out, dataset, name, type, 1, &origin, &size);
}

struct ebb_h5_shape ebb_h5_shape_1(size_t n)
{
    return (struct ebb_h5_shape){.rank = 1, .size = {n}, .count = n};
}

struct ebb_h5_shape ebb_h5_shape_2(size_t rows, size_t columns)
{
    return (struct ebb_h5_shape){
        .rank = 2, .size = {rows, columns}, .count = rows * columns};
}

/* Chunks of whole rows of about a megabyte. */
static hid_t plan_for(hid_t type, const struct ebb_h5_shape *shape,
                      bool deflate)
{
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plan, false); /* equal contents, equal files */
    size_t bytes = shape->count * H5Tget_size(type);
    if (!deflate || bytes <= 4096) {
        return plan;
    }
    hsize_t chunk[EBB_H5_RANK_MAX];
    size_t row = bytes / (size_t)shape->size[0];
    hsize_t rows = row >= CHUNK_BYTES ? 1 : CHUNK_BYTES / row;
    memcpy(chunk, shape->size, sizeof(chunk));
    chunk[0] = rows < shape->size[0] ? rows : shape->size[0];
    H5Pset_chunk(plan, shape->rank, chunk);
    H5Pset_shuffle(plan);
    H5Pset_deflate(plan, 4);
    return plan;
}

ebb_status ebb_h5_create_dataset(hid_t *out, hid_t at, const char *name,
                                 hid_t file_type,
                                 const struct ebb_h5_shape *shape)
{
    hid_t space = H5Screate_simple(shape->rank, shape->size, NULL);
    hid_t plan = plan_for(file_type, shape, true);
    *out =
        H5Dcreate2(at, name, file_type, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    H5Pclose(plan);
    H5Sclose(space);
    return *out >= 0 ? EBB_OK
                     : EBB_FAIL(EBB_ERR_IO,
                                "cannot write '%s': is the disk full?", name);
}

ebb_status ebb_h5_write(hid_t at, const char *name, hid_t file_type, hid_t type,
                        const struct ebb_h5_shape *shape, const void *data,
                        bool deflate)
{
    hid_t space = H5Screate_simple(shape->rank, shape->size, NULL);
    hid_t plan = plan_for(file_type, shape, deflate);
    hid_t dataset =
        H5Dcreate2(at, name, file_type, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    herr_t result = dataset < 0 ? -1 : 0;
    if (result >= 0 && shape->count > 0) {
        result = H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
    }
    if (dataset >= 0) {
        herr_t closed = H5Dclose(dataset);
        result = result < 0 ? result : closed;
    }
    H5Pclose(plan);
    H5Sclose(space);
    return result >= 0 ? EBB_OK
                       : EBB_FAIL(EBB_ERR_IO,
                                  "cannot write '%s': is the disk full?", name);
}

size_t ebb_h5_members(hid_t at)
{
    H5G_info_t info;
    return H5Gget_info(at, &info) >= 0 ? (size_t)info.nlinks : 0;
}

ebb_status ebb_h5_member(char *out, size_t size, hid_t at, size_t index)
{
    ssize_t n = H5Lget_name_by_idx(at, ".", H5_INDEX_NAME, H5_ITER_INC,
                                   (hsize_t)index, out, size, H5P_DEFAULT);
    return n > 0 && (size_t)n < size
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT, "a member has a name that is too "
                                          "long");
}
