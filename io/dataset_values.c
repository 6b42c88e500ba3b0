/* io/dataset_values.c - samples that are held as values. */
#include "io/dataset_values.h"

#include <math.h>
#include <string.h>

/* Attributes that are numbers, and those that are counts. */
struct number {
    const char *name;
    double *at;
};

struct whole {
    const char *name;
    uint64_t *at;
};

enum { NUMBERS = 6 };

static void numbers_of(struct number out[NUMBERS], struct ebb_encoder_params *p)
{
    const struct number all[NUMBERS] = {{"gain", &p->gain},
                                        {"spread", &p->spread},
                                        {"shift", &p->shift},
                                        {"threshold", &p->threshold},
                                        {"hysteresis", &p->hysteresis},
                                        {"tau", &p->tau}};
    memcpy(out, all, sizeof(all));
}

ebb_status ebb_dataset_values_put(hid_t at,
                                  const struct ebb_encoder_params *params)
{
    struct ebb_encoder_params p = *params;
    struct number number[NUMBERS];
    numbers_of(number, &p);
    EBB_TRY(ebb_h5_put_text(at, "encoder", ebb_encoding_name(p.kind)));
    for (size_t k = 0; k < NUMBERS; k++) {
        EBB_TRY(ebb_h5_put_number(at, number[k].name, *number[k].at));
    }
    EBB_TRY(ebb_h5_put_count(at, "polarities", p.polarities));
    EBB_TRY(ebb_h5_put_count(at, "inputs", p.inputs));
    EBB_TRY(ebb_h5_put_count(at, "seed", p.seed));
    return ebb_h5_put_count(at, "frame_ticks", p.frame_ticks);
}

static ebb_status take_kind(struct ebb_encoder_params *p, hid_t at)
{
    char name[32];
    EBB_TRY(ebb_h5_get_text(name, sizeof(name), at, "encoder"));
    for (int k = 0; k < EBB_ENCODINGS; k++) {
        if (strcmp(name, ebb_encoding_name((enum ebb_encoding)k)) == 0) {
            p->kind = (enum ebb_encoding)k;
            return EBB_OK;
        }
    }
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "encoder is '%s'; it is one of analog, rate, regular, "
                    "latency, delta, current",
                    name);
}

static ebb_status take_params(struct ebb_encoder_params *p, hid_t at)
{
    struct number number[NUMBERS];
    uint64_t polarities = 0, inputs = 0;
    numbers_of(number, p);
    EBB_TRY(take_kind(p, at));
    for (size_t k = 0; k < NUMBERS; k++) {
        EBB_TRY(ebb_h5_get_number(number[k].at, at, number[k].name));
    }
    const struct whole whole[] = {{"polarities", &polarities},
                                  {"inputs", &inputs},
                                  {"seed", &p->seed},
                                  {"frame_ticks", &p->frame_ticks}};
    for (size_t k = 0; k < sizeof(whole) / sizeof(*whole); k++) {
        EBB_TRY(ebb_h5_get_count(whole[k].at, at, whole[k].name));
    }
    p->polarities = polarities <= 2 ? (unsigned)polarities : 3;
    p->inputs = (size_t)inputs;
    return EBB_OK;
}

/* Are the numbers of a dataset bytes? It was measured before. */
static bool holds_bytes(hid_t at, const char *name)
{
    hid_t dataset = H5Dopen2(at, name, H5P_DEFAULT);
    hid_t type = H5Dget_type(dataset);
    bool yes = H5Tget_class(type) == H5T_INTEGER && H5Tget_size(type) == 1 &&
               H5Tget_sign(type) == H5T_SGN_NONE;
    H5Tclose(type);
    H5Dclose(dataset);
    return yes;
}

static ebb_status take_data(struct ebb_dataset_values *v,
                            struct ebb_arena *arena, hid_t at)
{
    struct ebb_h5_shape shape;
    EBB_TRY(ebb_h5_shape(&shape, at, "data"));
    if (shape.rank != 2 || shape.size[1] < 1) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "'data' must be [frames, channels], with at least one "
                        "channel");
    }
    v->frames = (size_t)shape.size[0];
    v->channels = (size_t)shape.size[1];
    bool bytes = holds_bytes(at, "data");
    void *block = ebb_arena_calloc(arena, shape.count, bytes ? 1 : 4);
    if (!block) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu values", shape.count);
    }
    EBB_TRY(ebb_h5_read(block, at, "data",
                        bytes ? H5T_NATIVE_UINT8 : H5T_NATIVE_FLOAT,
                        shape.count));
    v->bytes = bytes ? block : NULL;
    v->at = bytes ? NULL : block;
    for (size_t k = 0; v->at && k < shape.count; k++) {
        if (!isfinite(v->at[k])) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "data[%zu, %zu] is no finite number",
                            k / v->channels, k % v->channels);
        }
    }
    return EBB_OK;
}

static ebb_status take_offsets(struct ebb_dataset_values *v,
                               struct ebb_arena *arena, hid_t file,
                               size_t samples)
{
    uint64_t *offset = ebb_arena_calloc(arena, samples + 1, sizeof(*offset));
    if (!offset) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu samples", samples);
    }
    EBB_TRY(ebb_h5_read(offset, file, "sample_offsets", H5T_NATIVE_UINT64,
                        samples + 1));
    v->offset = offset;
    if (offset[0] != 0 || offset[samples] != v->frames) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "the offsets must run from 0 to the %zu frames",
                        v->frames);
    }
    for (size_t k = 0; k < samples; k++) {
        if (offset[k] > offset[k + 1]) {
            return EBB_FAIL(EBB_ERR_FORMAT, "offset %zu does not rise", k + 1);
        }
    }
    return EBB_OK;
}

static ebb_status prepare(struct ebb_dataset_values *v, struct ebb_arena *arena,
                          hid_t at, uint64_t ticks)
{
    double *centre = ebb_arena_calloc(arena, v->channels, sizeof(*centre));
    double *scale = ebb_arena_calloc(arena, v->channels, sizeof(*scale));
    if (!centre || !scale) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu channels",
                        v->channels);
    }
    EBB_TRY(ebb_h5_read(centre, at, "centre", H5T_NATIVE_DOUBLE, v->channels));
    EBB_TRY(ebb_h5_read(scale, at, "scale", H5T_NATIVE_DOUBLE, v->channels));
    return ebb_encoder_create(&v->encoder, &v->params, v->channels, ticks,
                              centre, scale);
}

ebb_status ebb_dataset_values_read(struct ebb_dataset_values *out,
                                   struct ebb_arena *arena, hid_t file,
                                   size_t samples, uint64_t ticks)
{
    hid_t at;
    EBB_TRY(ebb_h5_group(&at, file, "values"));
    ebb_status status = take_params(&out->params, at);
    status = status ? status : take_data(out, arena, at);
    status = status ? status : prepare(out, arena, at, ticks);
    H5Gclose(at);
    status = status ? status : take_offsets(out, arena, file, samples);
    return ebb_error_prefix(status, "/values: ");
}

ebb_status ebb_dataset_values_encode(const struct ebb_dataset_values *v,
                                     size_t sample, uint64_t epoch,
                                     struct ebb_events *out)
{
    size_t first = (size_t)v->offset[sample] * v->channels;
    const struct ebb_series series = {
        .at = v->at ? v->at + first : NULL,
        .bytes = v->bytes ? v->bytes + first : NULL,
        .frames = (size_t)(v->offset[sample + 1] - v->offset[sample])};
    return ebb_encoder_run(v->encoder, &series, epoch, sample, out);
}
