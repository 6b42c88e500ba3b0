/* io/dataset_file.c - data sets of spikes in HDF5. */
#include "io/dataset_file.h"

#include "core/memory.h"
#include "io/dataset_values.h"
#include "io/h5.h"

#include <math.h>
#include <string.h>

/* Events of all samples, one after the other. */
struct lists {
    uint64_t *tick;   /* [n] */
    uint32_t *node;   /* [n] */
    double *value;    /* [n]; NULL: all 1 */
    uint64_t *offset; /* [samples + 1] */
    size_t n;
};

struct ebb_dataset {
    uint64_t inputs, outputs, ticks;
    double tick_s; /* 0: not told */
    size_t samples, classes;
    struct lists input, target;       /* target.offset NULL: none */
    struct ebb_dataset_values values; /* in place of input, where encoder */
    uint32_t *label;                  /* [samples]; NULL: none */
    uint32_t *split;                  /* [samples] */
    size_t *of_class;                 /* [classes] samples of each */
    size_t *members[3];               /* samples of each split */
    size_t size[3];
    struct ebb_arena *arena;
};

/* A whole dataset of numbers as `type` of `size` bytes each. */
static ebb_status take(void *out, size_t *n, struct ebb_dataset *d, hid_t at,
                       const char *name, hid_t type, size_t size)
{
    struct ebb_h5_shape shape;
    EBB_TRY(ebb_h5_shape(&shape, at, name));
    if (*n == SIZE_MAX) {
        *n = shape.count;
    }
    void *block = ebb_arena_calloc(d->arena, *n, size);
    if (!block) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for '%s'", name);
    }
    EBB_TRY(ebb_h5_read(block, at, name, type, *n));
    *(void **)out = block;
    return EBB_OK;
}

static ebb_status check_offsets(const struct lists *l, size_t samples)
{
    if (l->offset[0] != 0 || l->offset[samples] != l->n) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "the offsets must run from 0 to the %zu events", l->n);
    }
    for (size_t k = 0; k < samples; k++) {
        if (l->offset[k] > l->offset[k + 1]) {
            return EBB_FAIL(EBB_ERR_FORMAT, "offset %zu does not rise", k + 1);
        }
    }
    return EBB_OK;
}

static ebb_status check_events(const struct lists *l, uint64_t nodes,
                               uint64_t ticks)
{
    for (size_t k = 0; k < l->n; k++) {
        if (l->node[k] >= nodes || l->tick[k] >= ticks ||
            (l->value && !isfinite(l->value[k]))) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "event %zu (tick %llu, node %u) is beyond %llu "
                            "ticks of %llu nodes, or has no finite value",
                            k, (unsigned long long)l->tick[k], l->node[k],
                            (unsigned long long)ticks,
                            (unsigned long long)nodes);
        }
    }
    return EBB_OK;
}

static ebb_status take_lists(struct ebb_dataset *d, struct lists *l, hid_t at,
                             hid_t offsets_at, const char *offsets,
                             uint64_t nodes)
{
    size_t n_offsets = d->samples + 1;
    l->n = SIZE_MAX;
    EBB_TRY(take(&l->tick, &l->n, d, at, "tick", H5T_NATIVE_UINT64,
                 sizeof(uint64_t)));
    EBB_TRY(take(&l->node, &l->n, d, at, "node", H5T_NATIVE_UINT32,
                 sizeof(uint32_t)));
    if (ebb_h5_has(at, "value")) {
        EBB_TRY(take(&l->value, &l->n, d, at, "value", H5T_NATIVE_DOUBLE,
                     sizeof(double)));
    }
    EBB_TRY(take(&l->offset, &n_offsets, d, offsets_at, offsets,
                 H5T_NATIVE_UINT64, sizeof(uint64_t)));
    EBB_TRY(check_offsets(l, d->samples));
    return check_events(l, nodes, d->ticks);
}

static ebb_status take_labels(struct ebb_dataset *d, hid_t file)
{
    EBB_TRY(take(&d->label, &d->samples, d, file, "label", H5T_NATIVE_UINT32,
                 sizeof(uint32_t)));
    for (size_t k = 0; k < d->samples; k++) {
        if (d->label[k] > 1000000) {
            return EBB_FAIL(EBB_ERR_FORMAT, "label[%zu] = %u is no class", k,
                            d->label[k]);
        }
        size_t least = (size_t)d->label[k] + 1;
        d->classes = d->classes > least ? d->classes : least;
    }
    d->of_class = ebb_arena_calloc(d->arena, d->classes, sizeof(*d->of_class));
    if (!d->of_class) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu classes", d->classes);
    }
    for (size_t k = 0; k < d->samples; k++) {
        d->of_class[d->label[k]]++;
    }
    return EBB_OK;
}

static ebb_status sort_splits(struct ebb_dataset *d)
{
    for (size_t k = 0; k < 3; k++) {
        d->members[k] =
            ebb_arena_calloc(d->arena, d->samples, sizeof(*d->members[k]));
        if (!d->members[k]) {
            return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu samples",
                            d->samples);
        }
    }
    for (size_t k = 0; k < d->samples; k++) {
        uint32_t split = d->split[k];
        if (split > 2) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "split[%zu] = %u; it is 0 (training), 1 "
                            "(validation) or 2 (test)",
                            k, split);
        }
        d->members[split][d->size[split]++] = k;
    }
    return EBB_OK;
}

static ebb_status take_group(struct ebb_dataset *d, struct lists *l, hid_t file,
                             const char *name, bool own_offsets, uint64_t nodes)
{
    hid_t at;
    EBB_TRY(ebb_h5_group(&at, file, name));
    ebb_status status =
        own_offsets ? take_lists(d, l, at, at, "offsets", nodes)
                    : take_lists(d, l, at, file, "sample_offsets", nodes);
    H5Gclose(at);
    return ebb_error_prefix(status, "/%s: ", name);
}

static ebb_status check_format(hid_t file)
{
    char format[32];
    EBB_TRY(ebb_h5_get_text(format, sizeof(format), file, "format"));
    return strcmp(format, "ebb dataset") == 0
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT,
                          "this is '%s', but a data set ('ebb dataset') is "
                          "wanted",
                          format);
}

static ebb_status take_tick(struct ebb_dataset *d, hid_t file)
{
    if (H5Aexists(file, "tick_s") <= 0) {
        return EBB_OK;
    }
    EBB_TRY(ebb_h5_get_number(&d->tick_s, file, "tick_s"));
    return d->tick_s > 0 && d->tick_s <= 1e9
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT,
                          "tick_s = %g; a tick is longer than 0 s, or not "
                          "told",
                          d->tick_s);
}

/* Events, or values that become events. */
static ebb_status take_input(struct ebb_dataset *d, hid_t file)
{
    if (!ebb_h5_has(file, "values")) {
        return take_group(d, &d->input, file, "events", false, d->inputs);
    }
    EBB_TRY(ebb_dataset_values_read(&d->values, d->arena, file, d->samples,
                                    d->ticks));
    size_t inputs = ebb_encoder_inputs(d->values.encoder);
    return inputs == d->inputs
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT,
                          "inputs = %llu, but the encoder of /values feeds %zu",
                          (unsigned long long)d->inputs, inputs);
}

static ebb_status fill(struct ebb_dataset *d, hid_t file)
{
    EBB_TRY(check_format(file));
    EBB_TRY(ebb_h5_get_count(&d->inputs, file, "inputs"));
    EBB_TRY(ebb_h5_get_count(&d->ticks, file, "ticks"));
    if (d->ticks == 0 || d->ticks > UINT32_MAX || d->inputs == 0) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "inputs = %llu, ticks = %llu; both must be at least 1 "
                        "and ticks below 2^32",
                        (unsigned long long)d->inputs,
                        (unsigned long long)d->ticks);
    }
    EBB_TRY(take_tick(d, file));
    d->samples = SIZE_MAX;
    EBB_TRY(take(&d->split, &d->samples, d, file, "split", H5T_NATIVE_UINT32,
                 sizeof(uint32_t)));
    EBB_TRY(sort_splits(d));
    EBB_TRY(take_input(d, file));
    bool targets = ebb_h5_has(file, "target");
    if (targets) {
        EBB_TRY(ebb_h5_get_count(&d->outputs, file, "outputs"));
        EBB_TRY(take_group(d, &d->target, file, "target", true, d->outputs));
    }
    if (ebb_h5_has(file, "label")) {
        return take_labels(d, file);
    }
    return targets ? EBB_OK
                   : EBB_FAIL(EBB_ERR_FORMAT,
                              "neither /label nor /target: nothing to learn");
}

ebb_status ebb_dataset_read(struct ebb_dataset **out, const char *path)
{
    *out = NULL;
    hid_t file;
    EBB_TRY(ebb_h5_open(&file, path));
    struct ebb_dataset *d = ebb_mem_calloc(1, sizeof(*d));
    ebb_status status =
        d ? ebb_arena_create(&d->arena) : EBB_FAIL(EBB_ERR_NOMEM, "no memory");
    if (status == EBB_OK) {
        status = fill(d, file);
    }
    H5Fclose(file);
    if (status != EBB_OK) {
        ebb_dataset_destroy(d);
        return ebb_error_prefix(status, "%s: ", path);
    }
    *out = d;
    return EBB_OK;
}

void ebb_dataset_destroy(struct ebb_dataset *d)
{
    if (d) {
        ebb_encoder_destroy(d->values.encoder);
        ebb_arena_destroy(d->arena);
        ebb_mem_free(d);
    }
}

/* Take a number into a range of such numbers; 0..0 before the first. */
static void widen(size_t *least, size_t *most, size_t number, bool first)
{
    *least = first || number < *least ? number : *least;
    *most = number > *most ? number : *most;
}

struct ebb_dataset_about ebb_dataset_about(const struct ebb_dataset *d)
{
    struct ebb_dataset_about a = {.samples = d->samples,
                                  .events = d->input.n,
                                  .targets = d->target.n,
                                  .labelled = d->label != NULL,
                                  .targeted = d->target.offset != NULL,
                                  .graded = d->input.value != NULL};
    const bool encoded = d->values.encoder != NULL;
    const uint64_t *offset = encoded ? d->values.offset : d->input.offset;
    if (encoded) {
        a.encoder = &d->values.params;
        a.frames = d->values.frames;
        a.channels = d->values.channels;
    }
    for (size_t k = 0; k < d->samples; k++) {
        size_t n = (size_t)(offset[k + 1] - offset[k]);
        widen(&a.fewest, &a.most, n, k == 0);
    }
    for (size_t k = 0; k < d->classes; k++) {
        widen(&a.smallest, &a.largest, d->of_class[k], k == 0);
    }
    return a;
}

static ebb_status copy_events(struct ebb_events *out, const struct lists *l,
                              size_t sample)
{
    ebb_events_clear(out);
    for (uint64_t k = l->offset[sample]; k < l->offset[sample + 1]; k++) {
        struct ebb_event e = {l->tick[k], l->node[k],
                              l->value ? l->value[k] : 1};
        EBB_TRY(ebb_events_push(out, e));
    }
    return ebb_events_sort(out);
}

static ebb_status read_sample(void *self, enum ebb_split split, uint64_t epoch,
                              size_t index, struct ebb_sample *out)
{
    const struct ebb_dataset *d = self;
    if (index >= d->size[split]) {
        return EBB_FAIL(EBB_ERR_ARG, "sample %zu; there are %zu", index,
                        d->size[split]);
    }
    size_t sample = d->members[split][index];
    out->label = d->label ? d->label[sample] : 0;
    EBB_TRY(d->values.encoder ? ebb_dataset_values_encode(&d->values, sample,
                                                          epoch, &out->input)
                              : copy_events(&out->input, &d->input, sample));
    if (d->target.offset) {
        return copy_events(&out->target, &d->target, sample);
    }
    ebb_events_clear(&out->target);
    return EBB_OK;
}

double ebb_dataset_tick(const struct ebb_dataset *d)
{
    return d->tick_s;
}

struct ebb_sample_source ebb_dataset_source(struct ebb_dataset *d)
{
    return (struct ebb_sample_source){
        .self = d,
        .inputs = d->inputs,
        .outputs = d->outputs,
        .classes = d->classes,
        .ticks = d->ticks,
        .size = {d->size[0], d->size[1], d->size[2]},
        .read = read_sample};
}
