/* io/experiment_space.c - shapes, convolutions and pooling of an experiment. */
#include "io/experiment_parts.h"

#include <stdio.h>
#include <string.h>

enum { NEURONS_MAX = 100 * 1000 * 1000, PAIR_MAX = 1024, CHANNELS_MAX = 65536 };

/* A whole number for rows and columns alike, or two of them: 3x5. */
static ebb_status take_pair(const struct ebb_place *p, const char *field,
                            const char *text, uint64_t low, size_t pair[2])
{
    const char *cross = text ? strchr(text, 'x') : NULL;
    char rows[24];
    uint64_t y = pair[0], x = pair[1];
    if (!cross) {
        EBB_TRY(ebb_take_count(p, field, text, low, PAIR_MAX, &y));
        x = text ? y : x;
    } else if (cross - text >= (long)sizeof(rows)) {
        return ebb_place_fail(p, field, text,
                              "it must be a whole number, or rows x columns "
                              "such as 3x5");
    } else {
        snprintf(rows, sizeof(rows), "%.*s", (int)(cross - text), text);
        EBB_TRY(ebb_take_count(p, field, rows, low, PAIR_MAX, &y));
        EBB_TRY(ebb_take_count(p, field, cross + 1, low, PAIR_MAX, &x));
    }
    pair[0] = (size_t)y;
    pair[1] = (size_t)x;
    return EBB_OK;
}

static ebb_status take_pool(struct ebb_pool *out, const struct ebb_place *outer,
                            const struct ebb_doc_pool *doc)
{
    static const char *const kinds[] = {"sum", "average", "max"};
    struct ebb_place p = ebb_place_in(outer, "pool");
    size_t kind = 0;
    EBB_TRY(ebb_take_word(&p, "kind", doc->kind, kinds, 3, &kind));
    EBB_TRY(take_pair(&p, "size", doc->size, 1, out->size));
    memcpy(out->stride, out->size, sizeof(out->stride));
    EBB_TRY(take_pair(&p, "stride", doc->stride, 1, out->stride));
    out->kind = (enum ebb_pool_kind)(EBB_POOL_SUM + kind);
    return EBB_OK;
}

static ebb_status take_conv(struct ebb_conv *out, const struct ebb_place *outer,
                            const struct ebb_doc_conv *doc)
{
    struct ebb_place p = ebb_place_in(outer, "conv");
    uint64_t groups = 1;
    *out = ebb_conv_default(1, 1);
    EBB_TRY(take_pair(&p, "size", doc->size, 1, out->size));
    EBB_TRY(take_pair(&p, "stride", doc->stride, 1, out->stride));
    EBB_TRY(take_pair(&p, "padding", doc->padding, 0, out->padding));
    EBB_TRY(take_pair(&p, "dilation", doc->dilation, 1, out->dilation));
    EBB_TRY(
        ebb_take_count(&p, "groups", doc->groups, 1, CHANNELS_MAX, &groups));
    out->groups = (size_t)groups;
    return EBB_OK;
}

ebb_status ebb_experiment_take_space(struct ebb_spatial *out,
                                     struct ebb_conv *conv,
                                     const struct ebb_place *p,
                                     const struct ebb_doc_space *doc)
{
    *out = (struct ebb_spatial){.pool = {.kind = EBB_POOL_NONE}};
    if (doc->pool) {
        EBB_TRY(take_pool(&out->pool, p, doc->pool));
    }
    if (doc->conv) {
        EBB_TRY(take_conv(conv, p, doc->conv));
        out->conv = conv;
    }
    return EBB_OK;
}

/* What a check of models/ found, where the file has it. */
static ebb_status tell(const struct ebb_place *p, const char *field,
                       ebb_status status)
{
    char why[300];
    if (status == EBB_OK || status == EBB_ERR_NOMEM) {
        return status;
    }
    snprintf(why, sizeof(why), "%s", ebb_error_message());
    return ebb_place_fail(p, field, NULL, "%s", why);
}

/* What a convolution of the population before makes. */
static ebb_status grid_of_conv(struct ebb_grid *out,
                               const struct ebb_network *net,
                               const struct ebb_place *p,
                               const struct ebb_doc_space *doc)
{
    struct ebb_spatial space;
    struct ebb_conv conv;
    struct ebb_grid from;
    struct ebb_place own = ebb_place_in(p, "conv");
    uint64_t channels = 0;
    if (net->n_populations == 0) {
        return ebb_place_fail(p, "conv", NULL,
                              "there is no population before it");
    }
    if (!doc->conv->channels) {
        return ebb_place_fail(p, "conv", NULL, "'channels' is missing");
    }
    EBB_TRY(ebb_take_count(&own, "channels", doc->conv->channels, 1,
                           CHANNELS_MAX, &channels));
    EBB_TRY(ebb_experiment_take_space(&space, &conv, p, doc));
    from = net->populations[net->n_populations - 1].grid;
    EBB_TRY(tell(p, "pool", ebb_pool_grid(&from, &space.pool, from)));
    return tell(p, "conv", ebb_conv_grid(out, &conv, from, (size_t)channels));
}

static ebb_status grid_of_shape(struct ebb_grid *out, const struct ebb_place *p,
                                const struct ebb_doc_list *shape)
{
    uint64_t n[3] = {1, 1, 1};
    if (shape->n != 3) {
        return ebb_place_fail(p, "shape", NULL,
                              "%u numbers; it is [channels, rows, columns]",
                              shape->n);
    }
    for (unsigned k = 0; k < 3; k++) {
        char field[16];
        snprintf(field, sizeof(field), "shape[%u]", k);
        EBB_TRY(
            ebb_take_count(p, field, shape->item[k], 1, CHANNELS_MAX, &n[k]));
    }
    *out = (struct ebb_grid){(size_t)n[0], (size_t)n[1], (size_t)n[2]};
    return EBB_OK;
}

ebb_status ebb_experiment_take_grid(struct ebb_grid *out,
                                    const struct ebb_network *net,
                                    const struct ebb_place *p,
                                    const struct ebb_doc_population *doc)
{
    bool shaped = doc->shape.n > 0;
    uint64_t size = 0;
    *out = (struct ebb_grid){0, 0, 0};
    if (!doc->size && !shaped && !doc->space.conv) {
        return ebb_place_fail(p, NULL, NULL,
                              "'size' is missing; give size, shape or conv");
    }
    if ((doc->size != NULL) + shaped + (doc->space.conv != NULL) > 1) {
        return ebb_place_fail(p, doc->size ? "size" : "shape", NULL,
                              "give one of size, shape and conv");
    }
    EBB_TRY(ebb_take_count(p, "size", doc->size, 1, NEURONS_MAX, &size));
    *out = (struct ebb_grid){(size_t)size, 1, 1};
    if (shaped) {
        EBB_TRY(grid_of_shape(out, p, &doc->shape));
    } else if (doc->space.conv) {
        EBB_TRY(grid_of_conv(out, net, p, &doc->space));
    }
    return ebb_grid_size(*out) <= NEURONS_MAX
               ? EBB_OK
               : ebb_place_fail(p, shaped ? "shape" : "conv", NULL,
                                "%zu neurons; at most %d", ebb_grid_size(*out),
                                NEURONS_MAX);
}
