/* io/dataset_write.c - data sets of spikes, written sample by sample. */
#include "io/dataset_write.h"

#include "core/memory.h"
#include "io/h5.h"

#include <assert.h>

enum { CHUNK = 1 << 16 }; /* events that are written together */

struct ebb_dataset_writer {
    char *path;
    hid_t file, tick_set, node_set;
    size_t inputs;
    ebb_tick ticks;
    double tick_s;
    uint32_t *tick, *node; /* [CHUNK] not yet written */
    size_t held;
    uint64_t written;
    uint64_t *offset; /* [samples + 1] */
    uint32_t *label;  /* [samples] */
    uint8_t *split;   /* [samples] */
    size_t samples, offset_room, label_room, split_room;
};

static ebb_status create_growing(hid_t *out, hid_t at, const char *name)
{
    hsize_t none = 0, most = H5S_UNLIMITED, chunk = CHUNK;
    hid_t space = H5Screate_simple(1, &none, &most);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plan, false);
    H5Pset_chunk(plan, 1, &chunk);
    H5Pset_shuffle(plan);
    H5Pset_deflate(plan, 4);
    *out = H5Dcreate2(at, name, H5T_STD_U32LE, space, H5P_DEFAULT, plan,
                      H5P_DEFAULT);
    H5Pclose(plan);
    H5Sclose(space);
    return *out >= 0 ? EBB_OK : EBB_FAIL(EBB_ERR_IO, "cannot write '%s'", name);
}

static ebb_status begin(struct ebb_dataset_writer *w, const char *origin)
{
    hid_t events;
    w->tick = ebb_mem_calloc(CHUNK, sizeof(*w->tick));
    w->node = ebb_mem_calloc(CHUNK, sizeof(*w->node));
    if (!w->path || !w->tick || !w->node) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a data set");
    }
    EBB_TRY(ebb_mem_grow(&w->offset, &w->offset_room, 1, sizeof(*w->offset)));
    EBB_TRY(ebb_h5_begin(&w->file, w->path));
    EBB_TRY(ebb_h5_put_text(w->file, "format", "ebb dataset"));
    EBB_TRY(ebb_h5_put_count(w->file, "version", 1));
    EBB_TRY(ebb_h5_put_count(w->file, "inputs", w->inputs));
    EBB_TRY(ebb_h5_put_count(w->file, "ticks", w->ticks));
    if (w->tick_s > 0) {
        EBB_TRY(ebb_h5_put_number(w->file, "tick_s", w->tick_s));
    }
    if (origin) {
        EBB_TRY(ebb_h5_put_text(w->file, "origin", origin));
    }
    EBB_TRY(ebb_h5_group_create(&events, w->file, "events"));
    ebb_status status = create_growing(&w->tick_set, events, "tick");
    status = status ? status : create_growing(&w->node_set, events, "node");
    H5Gclose(events);
    return status;
}

ebb_status ebb_dataset_writer_create(struct ebb_dataset_writer **out,
                                     const char *path, size_t inputs,
                                     ebb_tick ticks, double tick_s,
                                     const char *origin)
{
    *out = NULL;
    struct ebb_dataset_writer *w = ebb_mem_calloc(1, sizeof(*w));
    if (!w) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a data set");
    }
    w->file = w->tick_set = w->node_set = -1;
    w->path = ebb_mem_strdup(path);
    w->inputs = inputs;
    w->ticks = ticks;
    w->tick_s = tick_s;
    ebb_status status = begin(w, origin);
    if (status != EBB_OK) {
        ebb_dataset_writer_abandon(w);
        return status;
    }
    *out = w;
    return EBB_OK;
}

static ebb_status append(struct ebb_dataset_writer *w, hid_t set,
                         const uint32_t *data)
{
    hsize_t size = w->written + w->held, from = w->written, n = w->held;
    herr_t result = H5Dset_extent(set, &size);
    hid_t space = H5Dget_space(set), memory = H5Screate_simple(1, &n, NULL);
    if (result >= 0) {
        H5Sselect_hyperslab(space, H5S_SELECT_SET, &from, NULL, &n, NULL);
        result =
            H5Dwrite(set, H5T_NATIVE_UINT32, memory, space, H5P_DEFAULT, data);
    }
    H5Sclose(memory);
    H5Sclose(space);
    return result >= 0
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_IO,
                          "%s: cannot be written: is the disk full?", w->path);
}

static ebb_status flush(struct ebb_dataset_writer *w)
{
    if (w->held == 0) {
        return EBB_OK;
    }
    EBB_TRY(append(w, w->tick_set, w->tick));
    EBB_TRY(append(w, w->node_set, w->node));
    w->written += w->held;
    w->held = 0;
    return EBB_OK;
}

ebb_status ebb_dataset_writer_add(struct ebb_dataset_writer *w,
                                  const struct ebb_events *events,
                                  uint32_t label, enum ebb_split split)
{
    size_t n = w->samples + 1;
    EBB_TRY(ebb_events_check(events, w->inputs, w->ticks));
    EBB_TRY(
        ebb_mem_grow(&w->offset, &w->offset_room, n + 1, sizeof(*w->offset)));
    EBB_TRY(ebb_mem_grow(&w->label, &w->label_room, n, sizeof(*w->label)));
    EBB_TRY(ebb_mem_grow(&w->split, &w->split_room, n, sizeof(*w->split)));
    for (size_t k = 0; k < events->n; k++) {
        w->tick[w->held] = (uint32_t)events->at[k].tick;
        w->node[w->held++] = events->at[k].node;
        if (w->held == CHUNK) {
            EBB_TRY(flush(w));
        }
    }
    w->label[w->samples] = label;
    w->split[w->samples] = (uint8_t)split;
    w->samples = n;
    w->offset[n] = w->written + w->held;
    return EBB_OK;
}

void ebb_dataset_writer_move(struct ebb_dataset_writer *w, size_t first,
                             size_t n, enum ebb_split split)
{
    assert(first <= w->samples && n <= w->samples - first);
    for (size_t k = first; k < first + n; k++) {
        w->split[k] = (uint8_t)split;
    }
}

static ebb_status write_lists(struct ebb_dataset_writer *w)
{
    struct ebb_h5_shape offsets = ebb_h5_shape_1(w->samples + 1);
    struct ebb_h5_shape samples = ebb_h5_shape_1(w->samples);
    EBB_TRY(flush(w));
    EBB_TRY(ebb_h5_write(w->file, "sample_offsets", H5T_STD_U64LE,
                         H5T_NATIVE_UINT64, &offsets, w->offset, true));
    EBB_TRY(ebb_h5_write(w->file, "label", H5T_STD_U32LE, H5T_NATIVE_UINT32,
                         &samples, w->label, true));
    return ebb_h5_write(w->file, "split", H5T_STD_U8LE, H5T_NATIVE_UINT8,
                        &samples, w->split, true);
}

static void close_sets(struct ebb_dataset_writer *w)
{
    if (w->tick_set >= 0) {
        H5Dclose(w->tick_set);
    }
    if (w->node_set >= 0) {
        H5Dclose(w->node_set);
    }
}

static void destroy(struct ebb_dataset_writer *w)
{
    ebb_mem_free(w->path);
    ebb_mem_free(w->tick);
    ebb_mem_free(w->node);
    ebb_mem_free(w->offset);
    ebb_mem_free(w->label);
    ebb_mem_free(w->split);
    ebb_mem_free(w);
}

ebb_status ebb_dataset_writer_finish(struct ebb_dataset_writer *w)
{
    ebb_status status = write_lists(w);
    if (status != EBB_OK) {
        ebb_dataset_writer_abandon(w);
        return status;
    }
    close_sets(w);
    status = ebb_h5_commit(w->file, w->path);
    destroy(w);
    return status;
}

void ebb_dataset_writer_abandon(struct ebb_dataset_writer *w)
{
    if (w) {
        close_sets(w);
        if (w->file >= 0) {
            ebb_h5_abandon(w->file, w->path);
        }
        destroy(w);
    }
}
