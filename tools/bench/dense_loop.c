/* tools/bench/dense_loop.c - every neuron at every tick; built once per
 * precision. */
#include "tools/bench/dense_loop.h"

#include "tools/bench/dense_state.h"

#include "core/real_build.inc"

#include "core/memory.h"

#include <string.h>

typedef EBB_REAL real;
typedef struct EBB_NAME(dense_state) state;
typedef struct EBB_NAME(ebb_dense_loop) loop;

/* One projection: rows and what an addition goes to. */
struct rows {
    const struct ebb_projection *p;
    bool input;
    ebb_tick lag;
    size_t current;
    real gain;
};

/* Spikes of the last ticks. */
struct ring {
    uint32_t *node; /* [slots][n] */
    size_t *n;      /* [slots] */
    size_t slots, width;
};

struct EBB_NAME(ebb_dense_loop) {
    struct ebb_arena *arena;
    const struct ebb_population *neurons;
    state s;
    struct rows *rows;
    size_t n_rows;
    struct ring ring, inputs;
};

static ebb_status another_kind(const char *what)
{
    return EBB_FAIL(EBB_ERR_ARG,
                    "the dense loop does not do this network: %s (it wants "
                    "one population, kernels of one pole and one tap, hybrid "
                    "reset, and one parameter for all neurons)",
                    what);
}

static ebb_status find_current(state *s, real alpha, size_t *index)
{
    for (size_t k = 0; k < s->currents; k++) {
        if (s->alpha[k] == alpha) {
            *index = k;
            return EBB_OK;
        }
    }
    if (s->currents == DENSE_CURRENTS) {
        return another_kind("more than two kernels");
    }
    s->alpha[s->currents] = alpha;
    *index = s->currents++;
    return EBB_OK;
}

static ebb_status lay_rows(loop *l, const struct ebb_network *net, size_t k)
{
    const struct ebb_projection *p = &net->projections[k];
    struct rows *r = &l->rows[k];
    unsigned q = 0;
    if (p->kind != EBB_PROJECTION_SPARSE || p->kernel.n != 1 ||
        p->kernel.order_p != 1 || p->number != EBB_FLOAT32) {
        return another_kind(p->name);
    }
    while (q < p->kernel.order_q && p->kernel.beta[q] == 0.0) {
        q++;
    }
    *r = (struct rows){.p = p,
                       .input = net->populations[p->source].input,
                       .lag = p->delay_ticks + q,
                       .gain = (real)p->kernel.beta[q]};
    size_t *slots = r->input ? &l->inputs.slots : &l->ring.slots;
    *slots = r->lag + 1 > *slots ? r->lag + 1 : *slots;
    return find_current(&l->s, (real)p->kernel.alpha[0], &r->current);
}

static ebb_status alloc_ring(loop *l, struct ring *ring, size_t width)
{
    ring->slots += ring->slots == 0;
    ring->width = width;
    ring->n = ebb_arena_calloc(l->arena, ring->slots, sizeof(*ring->n));
    ring->node =
        ebb_arena_calloc(l->arena, ring->slots * width, sizeof(*ring->node));
    return ring->n && ring->node
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_NOMEM, "no memory for the dense loop");
}

static ebb_status lay_neurons(loop *l, const struct ebb_population *p)
{
    state *s = &l->s;
    if (p->lambda.n != 1 || p->bias.n != 1 || p->v_th.n != 1 ||
        p->v_reset.n != 1 || p->reset != EBB_RESET_HYBRID) {
        return another_kind(p->name);
    }
    l->neurons = p;
    s->n = (p->n + 63) / 64 * 64;
    s->lambda = (real)p->lambda.v[0];
    s->bias = (real)p->bias.v[0];
    s->v_th = (real)p->v_th.v[0];
    s->v_reset = (real)p->v_reset.v[0];
    s->v = ebb_arena_calloc(l->arena, s->n, sizeof(real));
    s->refractory = (int32_t)p->refractory_ticks;
    s->left = ebb_arena_calloc(l->arena, s->n, sizeof(*s->left));
    s->held = ebb_arena_calloc(l->arena, s->n, sizeof(*s->held));
    s->fired = ebb_arena_calloc(l->arena, s->n, 1);
    bool short_of_memory = !s->v || !s->left || !s->held || !s->fired;
    for (size_t k = 0; k < 2; k++) {
        s->current[k] = ebb_arena_calloc(l->arena, s->n, sizeof(real));
        short_of_memory = short_of_memory || !s->current[k];
    }
    return short_of_memory
               ? EBB_FAIL(EBB_ERR_NOMEM, "no memory for the dense loop")
               : EBB_OK;
}

static ebb_status lay_out(loop *l, const struct ebb_network *net)
{
    size_t output = ebb_network_output(net);
    size_t input = ebb_network_input(net);
    EBB_TRY(ebb_arena_create(&l->arena));
    l->n_rows = net->n_projections;
    l->rows = ebb_arena_calloc(l->arena, l->n_rows, sizeof(*l->rows));
    if (!l->rows) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the dense loop");
    }
    for (size_t k = 0; k < net->n_projections; k++) {
        EBB_TRY(lay_rows(l, net, k));
    }
    if (net->n_populations > (input < net->n_populations ? 2u : 1u)) {
        return another_kind("more than one population");
    }
    EBB_TRY(lay_neurons(l, &net->populations[output]));
    EBB_TRY(alloc_ring(l, &l->ring, net->populations[output].n));
    return input < net->n_populations
               ? alloc_ring(l, &l->inputs, net->populations[input].n)
               : EBB_OK;
}

ebb_status EBB_NAME(ebb_dense_loop_create)(loop **out,
                                           const struct ebb_network *net)
{
    *out = NULL;
    loop *l = ebb_mem_calloc(1, sizeof(*l));
    if (!l) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the dense loop");
    }
    ebb_status status = lay_out(l, net);
    if (status != EBB_OK) {
        EBB_NAME(ebb_dense_loop_destroy)(l);
        return status;
    }
    *out = l;
    return EBB_OK;
}

void EBB_NAME(ebb_dense_loop_destroy)(loop *l)
{
    if (l) {
        ebb_arena_destroy(l->arena);
        ebb_mem_free(l);
    }
}

static void start(loop *l)
{
    state *s = &l->s;
    for (size_t i = 0; i < l->neurons->n; i++) {
        s->v[i] = (real)ebb_value_at(l->neurons->v0, i);
    }
    for (size_t i = l->neurons->n; i < s->n; i++) {
        s->v[i] = s->v_reset; /* padding */
    }
    memset(s->left, 0, s->n * sizeof(*s->left));
    memset(s->held, 0, s->n * sizeof(*s->held));
    for (size_t i = l->neurons->n; i < s->n; i++) {
        s->left[i] = INT32_MAX; /* padding never fires */
        s->held[i] = (real)1e30;
    }
    for (size_t k = 0; k < s->currents; k++) {
        memset(s->current[k], 0, s->n * sizeof(real));
    }
    memset(l->ring.n, 0, l->ring.slots * sizeof(*l->ring.n));
    if (l->inputs.n) {
        memset(l->inputs.n, 0, l->inputs.slots * sizeof(*l->inputs.n));
    }
}

static void deliver(const loop *l, const struct rows *r, ebb_tick now)
{
    const struct ring *ring = r->input ? &l->inputs : &l->ring;
    real *restrict to = l->s.current[r->current];
    const float *restrict weight = r->p->weight;
    const uint32_t *restrict target = r->p->indices;
    size_t slot = (size_t)((now - r->lag) % ring->slots);
    for (size_t k = 0; k < ring->n[slot]; k++) {
        size_t j = ring->node[slot * ring->width + k];
        for (uint64_t s = r->p->indptr[j]; s < r->p->indptr[j + 1]; s++) {
            to[target[s]] += r->gain * (real)weight[s];
        }
    }
}

static void collect(loop *l, ebb_tick now)
{
    size_t slot = (size_t)(now % l->ring.slots), n = 0;
    uint32_t *node = l->ring.node + slot * l->ring.width;
    for (size_t i = 0; i < l->s.n; i += 8) {
        uint64_t word;
        memcpy(&word, l->s.fired + i, sizeof(word));
        for (size_t k = 0; word && k < 8; k++) {
            if (l->s.fired[i + k]) {
                node[n++] = (uint32_t)(i + k);
            }
        }
    }
    l->ring.n[slot] = n;
}

static EBB_NAME(dense_pass) * choose(const char *isa)
{
#if EBB_STEP_X86
    if (strcmp(isa, "avx512") == 0) {
        return EBB_PASTE(EBB_NAME(dense_pass), _avx512);
    }
    if (strcmp(isa, "avx2") == 0) {
        return EBB_PASTE(EBB_NAME(dense_pass), _avx2);
    }
#endif
    (void)isa;
    return EBB_PASTE(EBB_NAME(dense_pass), _baseline);
}

uint64_t EBB_NAME(ebb_dense_loop_run)(loop *l, const struct ebb_event *input,
                                      size_t n, ebb_tick ticks, bool tuned,
                                      const char *isa)
{
    EBB_NAME(dense_pass) *pass = choose(isa);
    l->s.tuned = tuned;
    uint64_t spikes = 0;
    size_t next = 0;
    start(l);
    for (ebb_tick now = 0; now < ticks; now++) {
        if (l->inputs.n) {
            size_t slot = (size_t)(now % l->inputs.slots), held = 0;
            while (next < n && input[next].tick == now &&
                   held < l->inputs.width) {
                l->inputs.node[slot * l->inputs.width + held++] =
                    input[next++].node;
            }
            l->inputs.n[slot] = held;
        }
        for (size_t k = 0; k < l->n_rows; k++) {
            if (now >= l->rows[k].lag) {
                deliver(l, &l->rows[k], now);
            }
        }
        l->s.now = (real)now;
        l->s.until = (real)(now + 1 + l->neurons->refractory_ticks);
        pass(&l->s);
        collect(l, now);
        spikes += l->ring.n[now % l->ring.slots];
    }
    return spikes;
}
