/* io/dvs/dsec_write.c - recordings in HDF5 as DSEC lays them out. */
#include "io/dvs/dsec.h"

#include "core/memory.h"

#include <string.h>

enum { PARTS = 4, CHUNK = 1 << 16, DEFLATE = 4 };

static ebb_status failure(void)
{
    return EBB_FAIL(EBB_ERR_IO, "cannot write the recording; is the disk "
                                "full?");
}

static hid_t create_list(hid_t at, const char *name, hid_t type)
{
    hsize_t none = 0, any = H5S_UNLIMITED, chunk = CHUNK;
    hid_t space = H5Screate_simple(1, &none, &any);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(plan, 1, &chunk);
    H5Pset_shuffle(plan);
    H5Pset_deflate(plan, DEFLATE);
    H5Pset_obj_track_times(plan, false); /* equal contents, equal files */
    hid_t list =
        H5Dcreate2(at, name, type, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    H5Pclose(plan);
    H5Sclose(space);
    return list;
}

ebb_status ebb_dsec_begin(struct ebb_dvs_writer *w)
{
    struct ebb_dsec_writer *s = w->state;
    const hid_t types[PARTS] = {H5T_STD_U32LE, H5T_STD_U16LE, H5T_STD_U16LE,
                                H5T_STD_U8LE};
    static const char *const names[PARTS] = {"t", "x", "y", "p"};
    s->file = s->events = -1;
    for (size_t k = 0; k < PARTS; k++) {
        s->part[k] = -1;
    }
    EBB_TRY(ebb_h5_begin(&s->file, w->path));
    EBB_TRY(ebb_h5_group_create(&s->events, s->file, "events"));
    for (size_t k = 0; k < PARTS; k++) {
        s->part[k] = create_list(s->events, names[k], types[k]);
        if (s->part[k] < 0) {
            return failure();
        }
    }
    if (w->about.width) {
        EBB_TRY(ebb_h5_put_count(s->file, "width", w->about.width));
        EBB_TRY(ebb_h5_put_count(s->file, "height", w->about.height));
    }
    return EBB_OK;
}

static ebb_status append(hid_t list, hid_t type, uint64_t at, const void *from,
                         size_t n)
{
    hsize_t start = at, count = n, size = at + n;
    if (H5Dset_extent(list, &size) < 0) {
        return failure();
    }
    hid_t file_space = H5Dget_space(list);
    hid_t space = H5Screate_simple(1, &count, NULL);
    H5Sselect_hyperslab(file_space, H5S_SELECT_SET, &start, NULL, &count, NULL);
    herr_t result = H5Dwrite(list, type, space, file_space, H5P_DEFAULT, from);
    H5Sclose(space);
    H5Sclose(file_space);
    return result < 0 ? failure() : EBB_OK;
}

/* Times of the block without the offset, and the index of milliseconds. */
static ebb_status take_times(struct ebb_dvs_writer *w,
                             const struct ebb_dvs_block *b)
{
    struct ebb_dsec_writer *s = w->state;
    EBB_TRY(ebb_mem_grow(&s->t, &s->t_room, b->n, sizeof(*s->t)));
    for (size_t k = 0; k < b->n; k++) {
        int64_t t = b->t[k] - s->offset;
        if (t > UINT32_MAX) {
            return ebb_dvs_too_far(w, b->t[k]);
        }
        s->t[k] = (uint32_t)t;
        size_t ms = (size_t)(t / 1000) + 1;
        if (ms > s->ms) {
            EBB_TRY(ebb_mem_grow(&s->ms_to_idx, &s->ms_room, ms,
                                 sizeof(*s->ms_to_idx)));
        }
        for (; s->ms < ms; s->ms++) {
            s->ms_to_idx[s->ms] = s->n + k;
        }
    }
    return EBB_OK;
}

ebb_status ebb_dsec_write(struct ebb_dvs_writer *w,
                          const struct ebb_dvs_block *b)
{
    struct ebb_dsec_writer *s = w->state;
    if (b->n == 0) {
        return EBB_OK;
    }
    if (s->n == 0) {
        s->offset = b->t[0];
    }
    EBB_TRY(take_times(w, b));
    EBB_TRY(append(s->part[0], H5T_NATIVE_UINT32, s->n, s->t, b->n));
    EBB_TRY(append(s->part[1], H5T_NATIVE_UINT16, s->n, b->x, b->n));
    EBB_TRY(append(s->part[2], H5T_NATIVE_UINT16, s->n, b->y, b->n));
    EBB_TRY(append(s->part[3], H5T_NATIVE_UINT8, s->n, b->p, b->n));
    s->n += b->n;
    return EBB_OK;
}

static void close_all(struct ebb_dsec_writer *s)
{
    for (size_t k = 0; k < PARTS; k++) {
        if (s->part[k] >= 0) {
            H5Dclose(s->part[k]);
        }
        s->part[k] = -1;
    }
    if (s->events >= 0) {
        H5Gclose(s->events);
    }
    s->events = -1;
}

ebb_status ebb_dsec_end(struct ebb_dvs_writer *w)
{
    struct ebb_dsec_writer *s = w->state;
    struct ebb_h5_shape ms = ebb_h5_shape_1(s->ms);
    const struct ebb_h5_shape one = {.rank = 0, .count = 1};
    EBB_TRY(ebb_h5_write(s->file, "ms_to_idx", H5T_STD_U64LE, H5T_NATIVE_UINT64,
                         &ms, s->ms_to_idx, true));
    EBB_TRY(ebb_h5_write(s->file, "t_offset", H5T_STD_I64LE, H5T_NATIVE_INT64,
                         &one, &s->offset, false));
    close_all(s);
    hid_t file = s->file;
    s->file = -1;
    return ebb_h5_commit(file, w->path);
}

void ebb_dsec_drop(struct ebb_dvs_writer *w)
{
    struct ebb_dsec_writer *s = w->state;
    if (s->file >= 0) {
        close_all(s);
        ebb_h5_abandon(s->file, w->path);
    }
    ebb_mem_free(s->ms_to_idx);
    ebb_mem_free(s->t);
}
