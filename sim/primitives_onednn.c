/* sim/primitives_onednn.c - bare inner products and convolutions of oneDNN. */
#include "sim/primitives.h"

#include "core/memory.h"

#include <dnnl.h>

enum { PASSES = 3, ARRAYS = 3, DIMS = 5 };

/* F, weights and V of every pass, in the layouts that it likes. */
struct pass {
    dnnl_primitive_t primitive;
    dnnl_memory_t array[ARRAYS];
};

struct ebb_primitives {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    struct pass pass[PASSES];
    size_t n;
};

static ebb_status check(dnnl_status_t got, const char *what)
{
    if (got == dnnl_success) {
        return EBB_OK;
    }
    return EBB_FAIL(got == dnnl_out_of_memory ? EBB_ERR_NOMEM : EBB_ERR_ARG,
                    "oneDNN has no %s of this shape here (its status %d)", what,
                    (int)got);
}

/* Shapes of a projection over so many rows. */
struct shapes {
    bool conv;
    dnnl_memory_desc_t f, w, v;
    dnnl_dims_t stride, padding;
};

static ebb_status describe(dnnl_memory_desc_t *out, int n,
                           const size_t dims[DIMS])
{
    dnnl_dims_t d = {0};
    for (int i = 0; i < n; i++) {
        d[i] = (dnnl_dim_t)dims[i];
    }
    return check(
        dnnl_memory_desc_init_by_tag(out, n, d, dnnl_f32, dnnl_format_tag_any),
        "array");
}

static ebb_status shapes_of_conv(struct shapes *s,
                                 const struct ebb_projection *p, size_t rows)
{
    const struct ebb_grid a = p->inputs, b = p->to;
    const size_t g = p->conv.groups;
    const size_t *size = p->conv.size;
    const size_t f[DIMS] = {rows, a.channels, a.rows, a.columns};
    const size_t v[DIMS] = {rows, b.channels, b.rows, b.columns};
    const size_t w[DIMS] = {b.channels, a.channels, size[0], size[1]};
    const size_t by_group[DIMS] = {g, b.channels / g, a.channels / g, size[0],
                                   size[1]};
    for (int i = 0; i < 2; i++) {
        s->stride[i] = (dnnl_dim_t)p->conv.stride[i];
        s->padding[i] = (dnnl_dim_t)p->conv.padding[i];
    }
    s->conv = true;
    EBB_TRY(describe(&s->f, 4, f));
    EBB_TRY(describe(&s->v, 4, v));
    return g == 1 ? describe(&s->w, 4, w) : describe(&s->w, 5, by_group);
}

static ebb_status shapes_of(struct shapes *s, const struct ebb_network *net,
                            const struct ebb_projection *p, size_t rows)
{
    size_t targets = net->populations[p->target].n;
    const size_t f[DIMS] = {rows, p->n_inputs}, v[DIMS] = {rows, targets};
    const size_t w[DIMS] = {targets, p->n_inputs};
    *s = (struct shapes){.conv = false};
    bool dilated = p->conv.dilation[0] > 1 || p->conv.dilation[1] > 1;
    if (p->kind == EBB_PROJECTION_CONV2D && !dilated) {
        return shapes_of_conv(s, p, rows);
    }
    if (p->kind != EBB_PROJECTION_DENSE) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "'%s' is neither dense nor a convolution without "
                        "dilation",
                        p->name);
    }
    EBB_TRY(describe(&s->f, 2, f));
    EBB_TRY(describe(&s->v, 2, v));
    return describe(&s->w, 2, w);
}

static dnnl_status_t conv_pass(dnnl_primitive_desc_t *out,
                               const struct shapes *s, size_t kind,
                               dnnl_engine_t engine,
                               const_dnnl_primitive_desc_t hint)
{
    dnnl_convolution_desc_t d;
    const dnnl_alg_kind_t how = dnnl_convolution_direct;
    dnnl_status_t made =
        kind == 0 ? dnnl_convolution_forward_desc_init(
                        &d, dnnl_forward_training, how, &s->f, &s->w, NULL,
                        &s->v, s->stride, s->padding, s->padding)
        : kind == 1
            ? dnnl_convolution_backward_weights_desc_init(
                  &d, how, &s->f, &s->w, NULL, &s->v, s->stride, s->padding,
                  s->padding)
            : dnnl_convolution_backward_data_desc_init(&d, how, &s->f, &s->w,
                                                       &s->v, s->stride,
                                                       s->padding, s->padding);
    return made != dnnl_success
               ? made
               : dnnl_primitive_desc_create(out, &d, NULL, engine, hint);
}

static dnnl_status_t dense_pass(dnnl_primitive_desc_t *out,
                                const struct shapes *s, size_t kind,
                                dnnl_engine_t engine,
                                const_dnnl_primitive_desc_t hint)
{
    dnnl_inner_product_desc_t d;
    dnnl_status_t made =
        kind == 0 ? dnnl_inner_product_forward_desc_init(
                        &d, dnnl_forward_training, &s->f, &s->w, NULL, &s->v)
        : kind == 1 ? dnnl_inner_product_backward_weights_desc_init(
                          &d, &s->f, &s->w, NULL, &s->v)
                    : dnnl_inner_product_backward_data_desc_init(&d, &s->f,
                                                                 &s->w, &s->v);
    return made != dnnl_success
               ? made
               : dnnl_primitive_desc_create(out, &d, NULL, engine, hint);
}

static const dnnl_query_t queries[PASSES][ARRAYS] = {
    {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md},
    {dnnl_query_src_md, dnnl_query_diff_weights_md, dnnl_query_diff_dst_md},
    {dnnl_query_diff_src_md, dnnl_query_weights_md, dnnl_query_diff_dst_md}};

static const int roles[PASSES][ARRAYS] = {
    {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
    {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST},
    {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST}};

/* Small numbers of all kinds: none is denormal, none grows. */
static ebb_status fill(dnnl_memory_t memory, size_t bytes)
{
    void *at = NULL;
    EBB_TRY(check(dnnl_memory_get_data_handle(memory, &at), "array"));
    float *x = at;
    for (size_t i = 0; i < bytes / sizeof(float); i++) {
        x[i] = (float)(i % 17) * 0x1p-10F;
    }
    return EBB_OK;
}

static ebb_status take_arrays(struct ebb_primitives *p, struct pass *pass,
                              size_t kind, const_dnnl_primitive_desc_t desc)
{
    for (size_t i = 0; i < ARRAYS; i++) {
        const dnnl_memory_desc_t *md =
            dnnl_primitive_desc_query_md(desc, queries[kind][i], 0);
        EBB_TRY(check(dnnl_memory_create(&pass->array[i], md, p->engine,
                                         DNNL_MEMORY_ALLOCATE),
                      "array"));
        EBB_TRY(fill(pass->array[i], dnnl_memory_desc_get_size(md)));
    }
    return check(dnnl_primitive_create(&pass->primitive, desc), "primitive");
}

static ebb_status build(struct ebb_primitives *p, const struct shapes *s,
                        bool data)
{
    dnnl_primitive_desc_t desc[PASSES] = {NULL};
    ebb_status status = EBB_OK;
    p->n = data ? PASSES : 2;
    for (size_t k = 0; k < p->n && status == EBB_OK; k++) {
        status = check((s->conv ? conv_pass : dense_pass)(&desc[k], s, k,
                                                          p->engine, desc[0]),
                       s->conv ? "convolution" : "inner product");
        if (status == EBB_OK) {
            status = take_arrays(p, &p->pass[k], k, desc[k]);
        }
    }
    for (size_t k = 0; k < PASSES; k++) {
        dnnl_primitive_desc_destroy(desc[k]);
    }
    return status;
}

ebb_status ebb_primitives_create(struct ebb_primitives **out,
                                 const struct ebb_network *net, size_t index,
                                 size_t rows, bool data)
{
    const struct ebb_projection *from = &net->projections[index];
    struct shapes s;
    *out = NULL;
    EBB_TRY(shapes_of(&s, net, from, rows));
    struct ebb_primitives *p = ebb_mem_calloc(1, sizeof(*p));
    if (!p) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for bare products");
    }
    ebb_status status =
        check(dnnl_engine_create(&p->engine, dnnl_cpu, 0), "engine");
    if (status == EBB_OK) {
        status = check(dnnl_stream_create(&p->stream, p->engine,
                                          dnnl_stream_default_flags),
                       "stream");
    }
    if (status == EBB_OK) {
        status = build(p, &s, data);
    }
    if (status != EBB_OK) {
        ebb_primitives_destroy(p);
        return status;
    }
    *out = p;
    return EBB_OK;
}

void ebb_primitives_destroy(struct ebb_primitives *p)
{
    if (!p) {
        return;
    }
    for (size_t k = 0; k < PASSES; k++) {
        for (size_t i = 0; i < ARRAYS; i++) {
            dnnl_memory_destroy(p->pass[k].array[i]);
        }
        dnnl_primitive_destroy(p->pass[k].primitive);
    }
    dnnl_stream_destroy(p->stream);
    dnnl_engine_destroy(p->engine);
    ebb_mem_free(p);
}

ebb_status ebb_primitives_run(struct ebb_primitives *p)
{
    for (size_t k = 0; k < p->n; k++) {
        dnnl_exec_arg_t args[ARRAYS];
        for (int i = 0; i < ARRAYS; i++) {
            args[i] = (dnnl_exec_arg_t){roles[k][i], p->pass[k].array[i]};
        }
        EBB_TRY(check(dnnl_primitive_execute(p->pass[k].primitive, p->stream,
                                             ARRAYS, args),
                      "run"));
    }
    return check(dnnl_stream_wait(p->stream), "run");
}
