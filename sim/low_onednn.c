/* sim/low_onednn.c - products of bf16 through oneDNN's matmul. */
#include "sim/low.h"

#include "core/memory.h"

#include <dnnl.h>
#include <stdint.h>
#include <string.h>

enum { FACTORS = 2, ARRAYS = 3, KEPT = 64 };

/* What tells one product from another; without padding, to be compared. */
struct shape {
    size_t m, n, k, stride, transposed_a, transposed_b, add;
};

struct product {
    struct shape shape;
    dnnl_primitive_t primitive;
    dnnl_memory_t array[ARRAYS];
};

struct ebb_low {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    uint16_t *factor[FACTORS]; /* [most] */
    size_t most;
    struct product product[KEPT];
    size_t n;
};

static bool has_bf16(void)
{
    unsigned isa = (unsigned)dnnl_get_effective_cpu_isa();
    unsigned wanted = (unsigned)dnnl_cpu_isa_avx512_core_bf16;
    return (isa & wanted) == wanted;
}

static ebb_status fill(struct ebb_low *low, size_t most)
{
    low->most = most;
    for (size_t i = 0; i < FACTORS; i++) {
        low->factor[i] = ebb_mem_calloc(most, sizeof(uint16_t));
        if (!low->factor[i]) {
            return EBB_FAIL(EBB_ERR_NOMEM, "no memory for factors of %zu",
                            most);
        }
    }
    bool made = dnnl_engine_create(&low->engine, dnnl_cpu, 0) == dnnl_success &&
                dnnl_stream_create(&low->stream, low->engine,
                                   dnnl_stream_default_flags) == dnnl_success;
    return made ? EBB_OK : EBB_FAIL(EBB_ERR_NOMEM, "oneDNN does not start");
}

ebb_status ebb_low_create(struct ebb_low **out, size_t most)
{
    *out = NULL;
    if (!has_bf16()) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "this processor has no products of bf16 (avx512_bf16 "
                        "or amx); leave out --bf16");
    }
    struct ebb_low *low = ebb_mem_calloc(1, sizeof(*low));
    if (!low) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for products of bf16");
    }
    ebb_status status = fill(low, most);
    if (status != EBB_OK) {
        ebb_low_destroy(low);
        return status;
    }
    *out = low;
    return EBB_OK;
}

static void forget(struct product *p)
{
    for (size_t i = 0; i < ARRAYS; i++) {
        dnnl_memory_destroy(p->array[i]);
    }
    dnnl_primitive_destroy(p->primitive);
    *p = (struct product){.primitive = NULL};
}

void ebb_low_destroy(struct ebb_low *low)
{
    if (!low) {
        return;
    }
    for (size_t k = 0; k < low->n; k++) {
        forget(&low->product[k]);
    }
    for (size_t i = 0; i < FACTORS; i++) {
        ebb_mem_free(low->factor[i]);
    }
    dnnl_stream_destroy(low->stream);
    dnnl_engine_destroy(low->engine);
    ebb_mem_free(low);
}

/* To the nearest, ties to even; what is no number stays none. */
static void round_row(uint16_t *restrict to, const float *restrict from,
                      size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &from[i], sizeof(bits));
        uint32_t nearest = bits + 0x7fff + (bits >> 16 & 1);
        bool number = (bits & 0x7fffffff) <= 0x7f800000;
        to[i] = (uint16_t)((number ? nearest : bits | 0x400000) >> 16);
    }
}

static void round_factor(uint16_t *to, const struct ebb_low_factor *f)
{
    for (size_t r = 0; r < f->rows; r++) {
        round_row(to + r * f->columns, f->at + r * f->stride, f->columns);
    }
}

static bool describe(dnnl_memory_desc_t *out, size_t rows, size_t columns,
                     size_t down, size_t across, dnnl_data_type_t type)
{
    const dnnl_dims_t dims = {(dnnl_dim_t)rows, (dnnl_dim_t)columns};
    const dnnl_dims_t strides = {(dnnl_dim_t)down, (dnnl_dim_t)across};
    return dnnl_memory_desc_init_by_strides(out, 2, dims, type, strides) ==
           dnnl_success;
}

static bool make_primitive(dnnl_primitive_t *out, dnnl_engine_t engine,
                           const dnnl_memory_desc_t md[ARRAYS], bool add)
{
    dnnl_matmul_desc_t d;
    dnnl_primitive_attr_t attr = NULL;
    dnnl_post_ops_t ops = NULL;
    dnnl_primitive_desc_t pd = NULL;
    bool good = dnnl_primitive_attr_create(&attr) == dnnl_success &&
                dnnl_post_ops_create(&ops) == dnnl_success &&
                (!add || dnnl_post_ops_append_sum(ops, 1) == dnnl_success) &&
                dnnl_primitive_attr_set_post_ops(attr, ops) == dnnl_success &&
                dnnl_matmul_desc_init(&d, &md[0], &md[1], NULL, &md[2]) ==
                    dnnl_success &&
                dnnl_primitive_desc_create(&pd, &d, attr, engine, NULL) ==
                    dnnl_success &&
                dnnl_primitive_create(out, pd) == dnnl_success;
    dnnl_primitive_desc_destroy(pd);
    dnnl_post_ops_destroy(ops);
    dnnl_primitive_attr_destroy(attr);
    return good;
}

static bool make(struct ebb_low *low, struct product *p, const struct shape *s)
{
    dnnl_memory_desc_t md[ARRAYS];
    bool good = describe(&md[0], s->m, s->k, s->transposed_a ? 1 : s->k,
                         s->transposed_a ? s->m : 1, dnnl_bf16) &&
                describe(&md[1], s->k, s->n, s->transposed_b ? 1 : s->n,
                         s->transposed_b ? s->k : 1, dnnl_bf16) &&
                describe(&md[2], s->m, s->n, s->stride, 1, dnnl_f32) &&
                make_primitive(&p->primitive, low->engine, md, s->add);
    for (size_t i = 0; good && i < ARRAYS; i++) {
        good = dnnl_memory_create(&p->array[i], &md[i], low->engine,
                                  DNNL_MEMORY_NONE) == dnnl_success;
    }
    p->shape = *s;
    return good;
}

/* The product of a shape; a run has a few, which stay. */
static struct product *find(struct ebb_low *low, const struct shape *s)
{
    for (size_t k = 0; k < low->n; k++) {
        if (memcmp(&low->product[k].shape, s, sizeof(*s)) == 0) {
            return &low->product[k];
        }
    }
    if (low->n == KEPT) {
        forget(&low->product[--low->n]);
    }
    struct product *p = &low->product[low->n];
    if (!make(low, p, s)) {
        forget(p);
        return NULL;
    }
    low->n++;
    return p;
}

static bool execute(struct ebb_low *low, const struct product *p, float *c)
{
    void *const at[ARRAYS] = {low->factor[0], low->factor[1], c};
    const int role[ARRAYS] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST};
    dnnl_exec_arg_t args[ARRAYS];
    for (size_t i = 0; i < ARRAYS; i++) {
        if (dnnl_memory_set_data_handle(p->array[i], at[i]) != dnnl_success) {
            return false;
        }
        args[i] = (dnnl_exec_arg_t){role[i], p->array[i]};
    }
    return dnnl_primitive_execute(p->primitive, low->stream, ARRAYS, args) ==
               dnnl_success &&
           dnnl_stream_wait(low->stream) == dnnl_success;
}

bool ebb_low_multiply(struct ebb_low *low, const struct ebb_low_factor *a,
                      const struct ebb_low_factor *b, float *c, size_t stride,
                      bool add)
{
    const struct shape s = {.m = a->transposed ? a->columns : a->rows,
                            .n = b->transposed ? b->rows : b->columns,
                            .k = a->transposed ? a->rows : a->columns,
                            .stride = stride,
                            .transposed_a = a->transposed,
                            .transposed_b = b->transposed,
                            .add = add};
    if (a->rows * a->columns > low->most || b->rows * b->columns > low->most) {
        return false;
    }
    const struct product *p = find(low, &s);
    if (!p) {
        return false;
    }
    round_factor(low->factor[0], a);
    round_factor(low->factor[1], b);
    return execute(low, p, c);
}
