/* io/state_write.c - checkpoints, written. */
#include "io/state_parts.h"

#include "io/disk_space.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    ROOM_FIXED = 256 << 10, /* bytes of what HDF5 keeps beside the numbers */
    ROOM_ARRAY = 4 << 10
};

/* Being written. */
struct writing {
    hid_t share; /* group */
    uint64_t bytes;
};

ebb_status state_file_name(char out[STATE_PATH_BYTES], const char *path,
                           size_t rank, size_t ranks)
{
    int n = ranks > 1 ? snprintf(out, STATE_PATH_BYTES, "%s.%zuof%zu", path,
                                 rank + 1, ranks)
                      : snprintf(out, STATE_PATH_BYTES, "%s", path);
    return n >= 0 && n + 8 < STATE_PATH_BYTES
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG, "the name '%.60s…' is too long", path);
}

static ebb_status count(void *self, const char *name,
                        enum ebb_snapshot_type type, const void *data, size_t n)
{
    struct writing *w = self;
    (void)name;
    (void)data;
    w->bytes += ROOM_ARRAY + n * ebb_snapshot_bytes(type);
    return EBB_OK;
}

static herr_t write_array(hid_t dataset, enum ebb_snapshot_type type,
                          const void *data, size_t n)
{
    uint64_t sum =
        state_sum(state_sum_start, data, n * ebb_snapshot_bytes(type));
    if (n > 0 && H5Dwrite(dataset, state_native_type(type), H5S_ALL, H5S_ALL,
                          H5P_DEFAULT, data) < 0) {
        return -1;
    }
    return ebb_h5_put_count(dataset, "sum", sum) == EBB_OK ? 0 : -1;
}

/* Groups on the way are made as they come. */
static ebb_status put(void *self, const char *name, enum ebb_snapshot_type type,
                      const void *data, size_t n)
{
    struct writing *w = self;
    hsize_t size = n;
    hid_t space = H5Screate_simple(1, &size, NULL);
    hid_t links = H5Pcreate(H5P_LINK_CREATE);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    H5Pset_obj_track_times(plan, false);
    hid_t dataset = H5Dcreate2(w->share, name, state_file_type(type), space,
                               links, plan, H5P_DEFAULT);
    herr_t result = dataset < 0 ? -1 : write_array(dataset, type, data, n);
    if (dataset >= 0) {
        herr_t closed = H5Dclose(dataset);
        result = result < 0 ? result : closed;
    }
    H5Pclose(plan);
    H5Pclose(links);
    H5Sclose(space);
    return result >= 0 ? EBB_OK
                       : EBB_FAIL(EBB_ERR_IO,
                                  "cannot write '%s': is the disk full?", name);
}

static ebb_status put_about(hid_t run, const struct ebb_state_about *a)
{
    char hash[32];
    const struct {
        const char *name;
        uint64_t value;
    } rows[] = {{"tick", a->tick},
                {"intended_ticks", a->intended},
                {"input_events", a->input_events},
                {"rank", a->rank},
                {"ranks", a->ranks},
                {"shares", a->shares}};
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        EBB_TRY(ebb_h5_put_count(run, rows[k].name, rows[k].value));
    }
    const struct {
        const char *name;
        uint64_t value;
    } hashes[] = {{"network_hash", a->network_hash},
                  {"run", a->run},
                  {"input_hash", a->input_hash}};
    for (size_t k = 0; k < sizeof(hashes) / sizeof(hashes[0]); k++) {
        snprintf(hash, sizeof(hash), "%016llx",
                 (unsigned long long)hashes[k].value);
        EBB_TRY(ebb_h5_put_text(run, hashes[k].name, hash));
    }
    EBB_TRY(ebb_h5_put_number(run, "tick_s", a->tick_s));
    return ebb_h5_put_text(run, "origin", a->origin);
}

static ebb_status write_share(hid_t file, size_t share,
                              const struct ebb_state_giver *giver)
{
    char name[32];
    struct writing w = {.share = -1};
    snprintf(name, sizeof(name), "share_%zu", share);
    EBB_TRY(ebb_h5_group_create(&w.share, file, name));
    const struct ebb_snapshot_sink sink = {.self = &w, .put = put};
    ebb_status status = giver->save(giver->self, share, &sink);
    H5Gclose(w.share);
    return status;
}

static ebb_status write_all(hid_t file, const struct ebb_state_about *about,
                            const struct ebb_state_giver *giver)
{
    hid_t run;
    EBB_TRY(ebb_h5_put_text(file, "format", "ebb state"));
    EBB_TRY(ebb_h5_put_count(file, "version", STATE_FILE_VERSION));
    EBB_TRY(ebb_h5_group_create(&run, file, "run"));
    ebb_status status = put_about(run, about);
    H5Gclose(run);
    for (size_t k = 0; k < about->shares && status == EBB_OK; k++) {
        status = write_share(file, k, giver);
    }
    return status;
}

static ebb_status measure(const struct ebb_state_about *about,
                          const struct ebb_state_giver *giver, uint64_t *bytes)
{
    struct writing w = {.bytes = ROOM_FIXED};
    const struct ebb_snapshot_sink sink = {.self = &w, .put = count};
    for (size_t k = 0; k < about->shares; k++) {
        EBB_TRY(giver->save(giver->self, k, &sink));
    }
    *bytes = w.bytes;
    return EBB_OK;
}

static ebb_status reserve(struct ebb_disk_space *space, const char *name,
                          uint64_t bytes)
{
    EBB_TRY(ebb_disk_space_init(space, name));
    return ebb_disk_space_reserve(space, 0, bytes);
}

/* The file is there and nothing of it has been written. */
static ebb_status fill(hid_t file, const char *name,
                       const struct ebb_state_about *about,
                       const struct ebb_state_giver *giver, bool *broken)
{
    struct ebb_disk_space space = {.file = -1};
    uint64_t bytes = 0;
    ebb_status status = measure(about, giver, &bytes);
    status = status ? status : reserve(&space, name, bytes);
    if (status != EBB_OK) {
        ebb_disk_space_finish(&space);
        H5Fclose(file);
        return status;
    }
    status = write_all(file, about, giver);
    bool failed = status != EBB_OK || H5Fflush(file, H5F_SCOPE_GLOBAL) < 0;
    if (failed && (status == EBB_OK || status == EBB_ERR_IO)) {
        *broken = true; /* closing it would not end well */
        status = status ? status : EBB_FAIL(EBB_ERR_IO, "it cannot be written");
    } else if (H5Fclose(file) < 0 && status == EBB_OK) {
        *broken = true;
        status = EBB_FAIL(EBB_ERR_IO, "it cannot be closed");
    }
    ebb_disk_space_finish(&space);
    return status;
}

ebb_status ebb_state_file_write(const char *path,
                                const struct ebb_state_about *about,
                                const struct ebb_state_giver *giver,
                                bool *broken)
{
    char name[STATE_PATH_BYTES], beside[STATE_PATH_BYTES + 8];
    hid_t file;
    *broken = false;
    EBB_TRY(state_file_name(name, path, about->rank, about->ranks));
    snprintf(beside, sizeof(beside), "%s.tmp", name);
    EBB_TRY(ebb_h5_begin_latest(&file, name));
    ebb_status status = fill(file, beside, about, giver, broken);
    status = status ? status : ebb_h5_sync(beside);
    if (status != EBB_OK) {
        unlink(beside);
    }
    return ebb_error_prefix(status, "%s: ", name);
}

/* The one before gets out of the way: the new one follows at once. */
static void keep_older(const char *name)
{
    char older[STATE_PATH_BYTES + 8];
    snprintf(older, sizeof(older), "%s.old", name);
    (void)!rename(name, older); /* there may be none */
}

ebb_status ebb_state_file_publish(const char *path, size_t rank, size_t ranks)
{
    char name[STATE_PATH_BYTES], beside[STATE_PATH_BYTES + 8];
    EBB_TRY(state_file_name(name, path, rank, ranks));
    snprintf(beside, sizeof(beside), "%s.tmp", name);
    if (ranks > 1) {
        keep_older(name);
    }
    return ebb_h5_publish(beside, name);
}

void ebb_state_file_discard(const char *path, size_t rank, size_t ranks)
{
    char name[STATE_PATH_BYTES], beside[STATE_PATH_BYTES + 8];
    if (state_file_name(name, path, rank, ranks) == EBB_OK) {
        snprintf(beside, sizeof(beside), "%s.tmp", name);
        unlink(beside);
    }
}
