/* io/values_write.c - data sets of values, written sample by sample. */
#include "io/values_write.h"

#include "core/memory.h"
#include "io/dataset_values.h"
#include "io/h5.h"

#include <math.h>

enum { CHUNK = 1 << 16 }; /* values of a chunk, about */

struct ebb_values_writer {
    char *path;
    hid_t file, values, data;
    size_t channels;
    bool bytes;
    uint64_t frames;
    size_t longest;
    double *mean, *square; /* [channels] of training frames; Welford 1962 */
    double training;       /* frames */
    uint64_t *offset;      /* [samples + 1] */
    uint32_t *label;       /* [samples] */
    uint8_t *split;        /* [samples] */
    size_t samples, offset_room, label_room, split_room;
};

static ebb_status create_data(struct ebb_values_writer *w)
{
    size_t rows = 1 + CHUNK / w->channels;
    hsize_t none[2] = {0, w->channels};
    hsize_t most[2] = {H5S_UNLIMITED, w->channels};
    hsize_t chunk[2] = {rows, w->channels};
    hid_t space = H5Screate_simple(2, none, most);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plan, false);
    H5Pset_chunk(plan, 2, chunk);
    H5Pset_shuffle(plan);
    H5Pset_deflate(plan, 4);
    w->data =
        H5Dcreate2(w->values, "data", w->bytes ? H5T_STD_U8LE : H5T_IEEE_F32LE,
                   space, H5P_DEFAULT, plan, H5P_DEFAULT);
    H5Pclose(plan);
    H5Sclose(space);
    return w->data >= 0 ? EBB_OK : EBB_FAIL(EBB_ERR_IO, "cannot write 'data'");
}

static ebb_status begin(struct ebb_values_writer *w, const char *origin)
{
    w->mean = ebb_mem_calloc(w->channels, sizeof(*w->mean));
    w->square = ebb_mem_calloc(w->channels, sizeof(*w->square));
    if (!w->path || !w->mean || !w->square) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a data set");
    }
    EBB_TRY(ebb_mem_grow(&w->offset, &w->offset_room, 1, sizeof(*w->offset)));
    EBB_TRY(ebb_h5_begin(&w->file, w->path));
    EBB_TRY(ebb_h5_put_text(w->file, "format", "ebb dataset"));
    EBB_TRY(ebb_h5_put_count(w->file, "version", 2));
    if (origin) {
        EBB_TRY(ebb_h5_put_text(w->file, "origin", origin));
    }
    EBB_TRY(ebb_h5_group_create(&w->values, w->file, "values"));
    return create_data(w);
}

ebb_status ebb_values_writer_create(struct ebb_values_writer **out,
                                    const char *path, size_t channels,
                                    bool bytes, const char *origin)
{
    *out = NULL;
    struct ebb_values_writer *w = ebb_mem_calloc(1, sizeof(*w));
    if (!w) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a data set");
    }
    w->file = w->values = w->data = -1;
    w->path = ebb_mem_strdup(path);
    w->channels = channels;
    w->bytes = bytes;
    ebb_status status = begin(w, origin);
    if (status != EBB_OK) {
        ebb_values_writer_abandon(w);
        return status;
    }
    *out = w;
    return EBB_OK;
}

static ebb_status append(struct ebb_values_writer *w,
                         const struct ebb_series *s)
{
    hsize_t size[2] = {w->frames + s->frames, w->channels};
    hsize_t from[2] = {w->frames, 0}, n[2] = {s->frames, w->channels};
    herr_t result = H5Dset_extent(w->data, size);
    hid_t space = H5Dget_space(w->data);
    hid_t memory = H5Screate_simple(2, n, NULL);
    if (result >= 0) {
        H5Sselect_hyperslab(space, H5S_SELECT_SET, from, NULL, n, NULL);
        result = H5Dwrite(
            w->data, w->bytes ? H5T_NATIVE_UINT8 : H5T_NATIVE_FLOAT, memory,
            space, H5P_DEFAULT, w->bytes ? (const void *)s->bytes : s->at);
    }
    H5Sclose(memory);
    H5Sclose(space);
    return result >= 0
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_IO,
                          "%s: cannot be written: is the disk full?", w->path);
}

/* Mean and squares about it, one frame more. */
static void note_frame(struct ebb_values_writer *w, const float *x)
{
    w->training++;
    for (size_t c = 0; c < w->channels; c++) {
        double off = (double)x[c] - w->mean[c];
        w->mean[c] += off / w->training;
        w->square[c] += off * ((double)x[c] - w->mean[c]);
    }
}

static ebb_status check_values(const struct ebb_values_writer *w,
                               const struct ebb_series *s)
{
    for (size_t k = 0; s->at && k < s->frames * w->channels; k++) {
        if (!isfinite(s->at[k])) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "frame %zu: value %zu is no finite number",
                            k / w->channels, k % w->channels);
        }
    }
    return EBB_OK;
}

ebb_status ebb_values_writer_add(struct ebb_values_writer *w,
                                 const struct ebb_series *s, uint32_t label,
                                 enum ebb_split split)
{
    size_t n = w->samples + 1;
    EBB_TRY(check_values(w, s));
    EBB_TRY(
        ebb_mem_grow(&w->offset, &w->offset_room, n + 1, sizeof(*w->offset)));
    EBB_TRY(ebb_mem_grow(&w->label, &w->label_room, n, sizeof(*w->label)));
    EBB_TRY(ebb_mem_grow(&w->split, &w->split_room, n, sizeof(*w->split)));
    if (s->frames > 0) {
        EBB_TRY(append(w, s));
    }
    for (size_t k = 0; s->at && split == EBB_SPLIT_TRAIN && k < s->frames;
         k++) {
        note_frame(w, s->at + k * w->channels);
    }
    w->frames += s->frames;
    w->longest = s->frames > w->longest ? s->frames : w->longest;
    w->label[w->samples] = label;
    w->split[w->samples] = (uint8_t)split;
    w->samples = n;
    w->offset[n] = w->frames;
    return EBB_OK;
}

size_t ebb_values_writer_longest(const struct ebb_values_writer *w)
{
    return w->longest;
}

/* `centre` and `scale` in place of mean and squares; a channel that never
 * changes keeps its scale. */
static void settle_norm(struct ebb_values_writer *w, enum ebb_values_norm norm)
{
    for (size_t c = 0; c < w->channels; c++) {
        double scale = norm == EBB_VALUES_BYTES ? 255 : 1;
        if (norm == EBB_VALUES_STANDARD && w->square[c] > 0) {
            scale = sqrt(w->square[c] / w->training);
        }
        w->mean[c] = norm == EBB_VALUES_STANDARD ? w->mean[c] : 0;
        w->square[c] = scale;
    }
}

static ebb_status write_about(struct ebb_values_writer *w,
                              const struct ebb_values_about *about)
{
    struct ebb_encoder *encoder;
    struct ebb_h5_shape channels = ebb_h5_shape_1(w->channels);
    settle_norm(w, about->norm);
    EBB_TRY(ebb_encoder_create(&encoder, &about->encoder, w->channels,
                               about->ticks, w->mean, w->square));
    size_t inputs = ebb_encoder_inputs(encoder);
    ebb_encoder_destroy(encoder);
    EBB_TRY(ebb_h5_put_count(w->file, "inputs", inputs));
    EBB_TRY(ebb_h5_put_count(w->file, "ticks", about->ticks));
    if (about->tick_s > 0) {
        EBB_TRY(ebb_h5_put_number(w->file, "tick_s", about->tick_s));
    }
    EBB_TRY(ebb_dataset_values_put(w->values, &about->encoder));
    EBB_TRY(ebb_h5_write(w->values, "centre", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                         &channels, w->mean, false));
    return ebb_h5_write(w->values, "scale", H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE,
                        &channels, w->square, false);
}

static ebb_status write_lists(struct ebb_values_writer *w)
{
    struct ebb_h5_shape offsets = ebb_h5_shape_1(w->samples + 1);
    struct ebb_h5_shape samples = ebb_h5_shape_1(w->samples);
    EBB_TRY(ebb_h5_write(w->file, "sample_offsets", H5T_STD_U64LE,
                         H5T_NATIVE_UINT64, &offsets, w->offset, true));
    EBB_TRY(ebb_h5_write(w->file, "label", H5T_STD_U32LE, H5T_NATIVE_UINT32,
                         &samples, w->label, true));
    return ebb_h5_write(w->file, "split", H5T_STD_U8LE, H5T_NATIVE_UINT8,
                        &samples, w->split, true);
}

static void close_parts(struct ebb_values_writer *w)
{
    if (w->data >= 0) {
        H5Dclose(w->data);
    }
    if (w->values >= 0) {
        H5Gclose(w->values);
    }
    w->data = w->values = -1;
}

static void destroy(struct ebb_values_writer *w)
{
    ebb_mem_free(w->path);
    ebb_mem_free(w->mean);
    ebb_mem_free(w->square);
    ebb_mem_free(w->offset);
    ebb_mem_free(w->label);
    ebb_mem_free(w->split);
    ebb_mem_free(w);
}

ebb_status ebb_values_writer_finish(struct ebb_values_writer *w,
                                    const struct ebb_values_about *about)
{
    ebb_status status = write_about(w, about);
    status = status ? status : write_lists(w);
    if (status != EBB_OK) {
        ebb_values_writer_abandon(w);
        return status;
    }
    close_parts(w);
    status = ebb_h5_commit(w->file, w->path);
    destroy(w);
    return status;
}

void ebb_values_writer_abandon(struct ebb_values_writer *w)
{
    if (w) {
        close_parts(w);
        if (w->file >= 0) {
            ebb_h5_abandon(w->file, w->path);
        }
        destroy(w);
    }
}
