/* models/held_out.c - a part of the training samples, for validation. */
#include "models/augment.h"

#include "core/memory.h"
#include "core/random.h"

#include <math.h>

struct ebb_held_out {
    struct ebb_sample_source source;
    uint32_t *members[2]; /* training samples of the source that are for
                             training and for validation, rising */
    size_t size[2];
};

/* What is known of the training samples. */
struct roll {
    uint32_t *label; /* [n] */
    uint32_t *order; /* [n] of one class, shuffled */
    uint8_t *out;    /* [n] held out */
    size_t n;
};

static ebb_status read_labels(struct roll *roll,
                              const struct ebb_sample_source *source)
{
    struct ebb_sample s = {.label = 0};
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < roll->n && status == EBB_OK; k++) {
        status = source->read(source->self, EBB_SPLIT_TRAIN, 0, k, &s);
        roll->label[k] = (uint32_t)s.label;
    }
    ebb_events_finish(&s.input);
    ebb_events_finish(&s.target);
    return status;
}

/* Hold out a class's share: the first of its members in shuffled order. */
static void draw_class(struct roll *roll, uint32_t class, double share,
                       uint64_t seed)
{
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_HELD_OUT, class);
    size_t n = 0;
    for (size_t k = 0; k < roll->n; k++) {
        if (roll->label[k] == class) {
            roll->order[n++] = (uint32_t)k;
        }
    }
    size_t wanted = (size_t)nearbyint(share * (double)n);
    for (size_t k = 0; k < wanted; k++) {
        size_t at = k + ebb_random_below(&r, (uint32_t)(n - k));
        uint32_t drawn = roll->order[at];
        roll->order[at] = roll->order[k];
        roll->out[drawn] = 1;
    }
}

static ebb_status sort_out(struct ebb_held_out *h, const struct roll *roll,
                           double share)
{
    for (size_t k = 0; k < roll->n; k++) {
        size_t side = roll->out[k];
        h->members[side][h->size[side]++] = (uint32_t)k;
    }
    return h->size[0] > 0 && h->size[1] > 0
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG,
                          "a share of %g of %zu training samples leaves %zu "
                          "for training and %zu for validation",
                          share, roll->n, h->size[0], h->size[1]);
}

static ebb_status fill(struct ebb_held_out *h, struct roll *roll, double share,
                       uint64_t seed)
{
    size_t classes = h->source.classes > 0 ? h->source.classes : 1;
    for (size_t k = 0; k < 2; k++) {
        h->members[k] = ebb_mem_calloc(roll->n + 1, sizeof(uint32_t));
    }
    roll->label = ebb_mem_calloc(roll->n + 1, sizeof(*roll->label));
    roll->order = ebb_mem_calloc(roll->n + 1, sizeof(*roll->order));
    roll->out = ebb_mem_calloc(roll->n + 1, 1);
    if (!h->members[0] || !h->members[1] || !roll->label || !roll->order ||
        !roll->out) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu samples", roll->n);
    }
    EBB_TRY(read_labels(roll, &h->source));
    for (size_t k = 0; k < classes; k++) {
        draw_class(roll, (uint32_t)k, share, seed);
    }
    return sort_out(h, roll, share);
}

ebb_status ebb_held_out_create(struct ebb_held_out **out,
                               const struct ebb_sample_source *source,
                               double share, uint64_t seed)
{
    *out = NULL;
    struct roll roll = {.n = source->size[EBB_SPLIT_TRAIN]};
    if (source->size[EBB_SPLIT_VALIDATION] > 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "there are %zu validation samples already; hold out "
                        "no others",
                        source->size[EBB_SPLIT_VALIDATION]);
    }
    if (!(share > 0 && share < 1) || roll.n > UINT32_MAX) {
        return EBB_FAIL(EBB_ERR_ARG, "a share of %g of %zu training samples",
                        share, roll.n);
    }
    struct ebb_held_out *h = ebb_mem_calloc(1, sizeof(*h));
    if (!h) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to hold out samples");
    }
    h->source = *source;
    ebb_status status = fill(h, &roll, share, seed);
    ebb_mem_free(roll.label);
    ebb_mem_free(roll.order);
    ebb_mem_free(roll.out);
    if (status != EBB_OK) {
        ebb_held_out_destroy(h);
        return status;
    }
    *out = h;
    return EBB_OK;
}

void ebb_held_out_destroy(struct ebb_held_out *h)
{
    if (h) {
        ebb_mem_free(h->members[0]);
        ebb_mem_free(h->members[1]);
        ebb_mem_free(h);
    }
}

static ebb_status read_member(void *self, enum ebb_split split, uint64_t epoch,
                              size_t index, struct ebb_sample *out)
{
    const struct ebb_held_out *h = self;
    if (split == EBB_SPLIT_TEST) {
        return h->source.read(h->source.self, split, epoch, index, out);
    }
    size_t side = split == EBB_SPLIT_VALIDATION;
    if (index >= h->size[side]) {
        return EBB_FAIL(EBB_ERR_ARG, "sample %zu; there are %zu", index,
                        h->size[side]);
    }
    return h->source.read(h->source.self, EBB_SPLIT_TRAIN, epoch,
                          h->members[side][index], out);
}

static ebb_status read_prototype(void *self, size_t label,
                                 struct ebb_events *out)
{
    const struct ebb_held_out *h = self;
    return h->source.prototype(h->source.self, label, out);
}

struct ebb_sample_source ebb_held_out_source(struct ebb_held_out *h)
{
    struct ebb_sample_source s = h->source;
    s.self = h;
    s.size[EBB_SPLIT_TRAIN] = h->size[0];
    s.size[EBB_SPLIT_VALIDATION] = h->size[1];
    s.read = read_member;
    s.prototype = s.prototype ? read_prototype : NULL;
    return s;
}
