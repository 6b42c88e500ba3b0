/* models/association.c - associative memories of any size as networks. */
#include "models/association.h"

#include "models/association_row.h"
#include "models/network_rows.h"
#include "models/willshaw.h"

#include <math.h>

enum {
    RISE_TICKS_MAX = 1000000, /* of a kernel */
    INHIBITORY_MAX = 65536
};
static const double CUE_STRENGTH = 1.25; /* thresholds; fires from rest */

static const char *const names[] = {"willshaw", "hopfield", "attractor"};

const char *ebb_association_name(size_t kind)
{
    return kind < EBB_ASSOCIATIONS ? names[kind] : NULL;
}

struct ebb_association_params ebb_association_params_default(void)
{
    return (struct ebb_association_params){.kind = EBB_ASSOCIATION_WILLSHAW,
                                           .connect = 0.5,
                                           .delay_ticks = 5,
                                           .kernel = {.shape = EBB_KERNEL_NONE,
                                                      .tau_m = 5,
                                                      .tau_s = 1,
                                                      .input_lag = 1},
                                           .reset = EBB_RESET_HYBRID,
                                           .tick_s = 1e-3,
                                           .inhibitory = 32,
                                           .inhibition = 0.5,
                                           .seed = 1};
}

static ebb_status check_number(const char *field, double value, double low,
                               double high)
{
    return value >= low && value <= high
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG,
                          "%s = %g; it must be a number of %g to "
                          "%g",
                          field, value, low, high);
}

static ebb_status check(const struct ebb_association_params *p)
{
    EBB_TRY(check_number("connect", p->connect, 1e-9, 1));
    EBB_TRY(check_number("lambda", p->lambda, 0, 0.999999));
    EBB_TRY(check_number("theta", p->theta, 0, 1));
    EBB_TRY(check_number("threshold", p->threshold, 0.6, 1e9));
    EBB_TRY(check_number("inhibition", p->inhibition, 0, 100));
    EBB_TRY(check_number("tick", p->tick_s, 1e-15, 1e15));
    if (p->delay_ticks < 1 || p->delay_ticks > 1000000) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "a delay of %llu ticks; it must be 1 to 1000000",
                        (unsigned long long)p->delay_ticks);
    }
    if (p->kind == EBB_ASSOCIATION_ATTRACTOR &&
        (p->inhibitory < 1 || p->inhibitory > INHIBITORY_MAX)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%zu neurons of the inhibition; give 1 to %d",
                        p->inhibitory, INHIBITORY_MAX);
    }
    bool hopfield = p->kind == EBB_ASSOCIATION_HOPFIELD;
    if (p->weight_bits != 0 && (p->weight_bits != 8 || !hopfield)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "weights of %u bits; those of a Hopfield memory can be "
                        "of 8, those of others are all 1",
                        p->weight_bits);
    }
    return EBB_OK;
}

/* For cues of 4 in 5 cells. */
static double best_threshold(const struct ebb_association_params *p,
                             const struct ebb_assemblies *a)
{
    struct ebb_willshaw w = {.neurons = a->neurons,
                             .cells = a->cells,
                             .cue = a->cells - a->cells / 5,
                             .connect = p->connect};
    return (double)ebb_willshaw_best_threshold(&w, a->n);
}

ebb_status ebb_association_settle(struct ebb_association_params *p,
                                  const struct ebb_assemblies *a)
{
    double whole = p->connect * (double)(a->cells - 1);
    bool open = p->threshold == 0;
    if (open && p->kind == EBB_ASSOCIATION_WILLSHAW) {
        p->threshold = best_threshold(p, a);
    } else if (open) {
        double share = p->kind == EBB_ASSOCIATION_HOPFIELD  ? 0.5
                       : p->kernel.shape == EBB_KERNEL_NONE ? 0.1
                                                            : 0.16;
        p->threshold = fmax(1, nearbyint(share * whole));
    }
    return check(p);
}

/* What one spike of weight 1 does to V: the largest value, and ticks to it. */
struct response {
    double peak;
    ebb_tick rise;
};

/* V after a spike at tick 0, until it falls. α and β are of order 2 at most,
 * so one maximum is all there is. */
static ebb_status follow(struct response *out, const struct ebb_kernel *k,
                         double lambda)
{
    double f1 = 0, f2 = 0, v = 0;
    *out = (struct response){0, 0};
    for (ebb_tick t = 0; t < RISE_TICKS_MAX; t++) {
        double f = t <= k->order_q ? k->beta[t] : 0;
        f += k->order_p > 0 ? k->alpha[0] * f1 : 0;
        f += k->order_p > 1 ? k->alpha[1] * f2 : 0;
        f2 = f1;
        f1 = f;
        v = lambda * v + f;
        if (v > out->peak) {
            *out = (struct response){v, t};
        } else if (out->peak > 0) {
            return EBB_OK;
        }
    }
    return EBB_FAIL(EBB_ERR_ARG,
                    "what a spike evokes still rises after %d ticks; give "
                    "shorter time constants",
                    RISE_TICKS_MAX);
}

static ebb_status respond(struct response *out,
                          const struct ebb_kernel_spec *spec, double lambda,
                          double tick_s)
{
    struct ebb_arena *arena;
    struct ebb_kernel kernel = {.order_p = 0};
    EBB_TRY(ebb_arena_create(&arena));
    ebb_status status = ebb_kernel_expand(&kernel, arena, spec, 1, tick_s);
    if (status == EBB_OK) {
        status = follow(out, &kernel, lambda);
    }
    ebb_arena_destroy(arena);
    return status;
}

ebb_status ebb_association_period(ebb_tick *out,
                                  const struct ebb_association_params *p)
{
    struct response r;
    EBB_TRY(respond(&r, &p->kernel, p->lambda, p->tick_s));
    *out = p->delay_ticks + r.rise;
    return EBB_OK;
}

/* A network on its way. */
struct build {
    struct ebb_network *net;
    const struct ebb_association_params *params;
    const struct ebb_assemblies *patterns;
    unsigned threads;
    const struct ebb_rows_watch *watch;
    double step; /* of rounded weights */
    struct response response;
    size_t input, memory, inhibition;
};

static ebb_status add_neurons(struct build *b, const char *name, size_t n,
                              size_t *index)
{
    const struct ebb_association_params *p = b->params;
    EBB_TRY(ebb_network_add_population(b->net, name, n, false, index));
    struct ebb_population *population = &b->net->populations[*index];
    population->reset = p->reset;
    population->refractory_ticks = p->refractory_ticks;
    population->refractory_s = (double)p->refractory_ticks * p->tick_s;
    population->theta.v[0] = p->theta;
    return EBB_OK;
}

static ebb_status add_populations(struct build *b)
{
    const struct ebb_association_params *p = b->params;
    size_t n = b->patterns->neurons;
    EBB_TRY(ebb_network_add_population(b->net, "input", n, true, &b->input));
    if (p->kind == EBB_ASSOCIATION_ATTRACTOR) {
        EBB_TRY(add_neurons(b, "inhibition", p->inhibitory, &b->inhibition));
        struct ebb_population *all = &b->net->populations[b->inhibition];
        EBB_TRY(ebb_network_values(b->net, &all->v_th, p->inhibitory));
        double each = 4 * (double)b->patterns->cells / (double)p->inhibitory;
        for (size_t k = 0; k < p->inhibitory; k++) {
            all->v_th.v[k] = ((double)k + 0.5) * each;
        }
    }
    EBB_TRY(add_neurons(b, "memory", n, &b->memory));
    struct ebb_population *memory = &b->net->populations[b->memory];
    memory->lambda.v[0] = p->lambda;
    memory->v_th.v[0] = (p->threshold - 0.5) * b->response.peak;
    return EBB_OK;
}

static ebb_status set_synapses(struct build *b, size_t index,
                               const struct ebb_kernel_spec *spec,
                               ebb_tick delay)
{
    struct ebb_projection *q = &b->net->projections[index];
    q->delay_ticks = delay;
    q->delay_s = (double)delay * b->params->tick_s;
    return ebb_kernel_expand(&q->kernel, b->net->arena, spec, 1,
                             b->params->tick_s);
}

/* Channel i makes neuron i fire at once. */
static ebb_status add_cue(struct build *b)
{
    static const struct ebb_kernel_spec none = {.shape = EBB_KERNEL_NONE};
    size_t index = 0, n = b->patterns->neurons;
    EBB_TRY(ebb_network_add_projection(b->net, "cue", b->input, b->memory,
                                       EBB_PROJECTION_SPARSE, EBB_FLOAT32, n,
                                       &index));
    struct ebb_projection *q = &b->net->projections[index];
    double v_th = b->net->populations[b->memory].v_th.v[0];
    for (size_t i = 0; i < n; i++) {
        q->indptr[i] = i;
        q->indices[i] = (uint32_t)i;
        ((float *)q->weight)[i] = (float)(CUE_STRENGTH * v_th);
    }
    q->indptr[n] = n;
    return set_synapses(b, index, &none, 0);
}

ebb_status ebb_association_step(double *out,
                                const struct ebb_association_params *p,
                                const struct ebb_assemblies *a)
{
    struct ebb_association_row row;
    *out = 0;
    if (p->weight_bits == 0) {
        return EBB_OK;
    }
    EBB_TRY(ebb_association_row_init(&row, p, a, 0));
    *out = ebb_association_row_largest(&row) / 127;
    ebb_association_row_finish(&row);
    return EBB_OK;
}

static ebb_status begin_rows(void *self, void **thread)
{
    const struct build *b = self;
    struct ebb_association_row *row = ebb_mem_calloc(1, sizeof(*row));
    if (!row) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to draw a row");
    }
    ebb_status status =
        ebb_association_row_init(row, b->params, b->patterns, b->step);
    if (status != EBB_OK) {
        ebb_mem_free(row);
        return status;
    }
    *thread = row;
    return EBB_OK;
}

static void end_rows(void *self, void *thread)
{
    (void)self;
    ebb_association_row_finish(thread);
    ebb_mem_free(thread);
}

static ebb_status draw_row(void *self, void *thread, size_t source,
                           uint32_t *target, void *weight, size_t *n)
{
    (void)self;
    *n = ebb_association_row_draw(thread, (uint32_t)source, target, weight);
    return EBB_OK;
}

static ebb_status add_recall(struct build *b)
{
    size_t index = 0, n = b->patterns->neurons;
    struct ebb_rows_shape shape = {
        .sources = n, .targets = n, .threads = b->threads};
    struct ebb_row_source source = {.self = b,
                                    .most = n,
                                    .number = EBB_FLOAT32,
                                    .begin = begin_rows,
                                    .end = end_rows,
                                    .row = draw_row};
    struct ebb_rows *rows = NULL;
    EBB_TRY(ebb_association_step(&b->step, b->params, b->patterns));
    EBB_TRY(ebb_rows_build(&rows, &shape, &source, b->watch));
    EBB_TRY(ebb_network_add_rows(b->net, "recall", b->memory, b->memory, rows,
                                 &index));
    return set_synapses(b, index, &b->params->kernel, b->params->delay_ticks);
}

/* Each neuron reaches all others, with one weight. */
struct to_all {
    size_t targets;
    float weight;
};

static ebb_status draw_to_all(void *self, void *thread, size_t source,
                              uint32_t *target, void *weight, size_t *n)
{
    const struct to_all *all = self;
    (void)thread;
    (void)source;
    for (size_t i = 0; i < all->targets; i++) {
        target[i] = (uint32_t)i;
        ((float *)weight)[i] = all->weight;
    }
    *n = all->targets;
    return EBB_OK;
}

/* As rows, not as a matrix: those are divided among threads and processes. */
static ebb_status add_to_all(struct build *b, const char *name, size_t from,
                             size_t to, double weight, size_t *index)
{
    struct to_all all = {.targets = b->net->populations[to].n,
                         .weight = (float)weight};
    struct ebb_rows_shape shape = {.sources = b->net->populations[from].n,
                                   .targets = all.targets,
                                   .threads = b->threads};
    struct ebb_row_source source = {.self = &all,
                                    .most = all.targets,
                                    .number = EBB_FLOAT32,
                                    .row = draw_to_all};
    struct ebb_rows *rows = NULL;
    EBB_TRY(ebb_rows_build(&rows, &shape, &source, NULL));
    return ebb_network_add_rows(b->net, name, from, to, rows, index);
}

/* The count must not lag: spikes count at once and, where the kernel lasts, for
 * its time constant. */
static ebb_status add_inhibition(struct build *b)
{
    const struct ebb_association_params *p = b->params;
    struct ebb_kernel_spec counts = {.shape = EBB_KERNEL_EXPONENTIAL,
                                     .tau_m = p->kernel.tau_m,
                                     .seconds = p->kernel.seconds};
    if (p->kernel.shape == EBB_KERNEL_NONE) {
        counts.shape = EBB_KERNEL_NONE;
    }
    size_t index = 0;
    EBB_TRY(add_to_all(b, "count", b->memory, b->inhibition, 1, &index));
    EBB_TRY(set_synapses(b, index, &counts, 1));
    double each = 4 * (double)b->patterns->cells / (double)p->inhibitory;
    double weight = -each * p->inhibition * p->connect;
    EBB_TRY(add_to_all(b, "inhibit", b->inhibition, b->memory, weight, &index));
    return set_synapses(b, index, &p->kernel, p->delay_ticks - 1);
}

static ebb_status fill(struct build *b)
{
    const struct ebb_association_params *p = b->params;
    EBB_TRY(check(p));
    EBB_TRY(respond(&b->response, &p->kernel, p->lambda, p->tick_s));
    b->net->tick_s = p->tick_s;
    EBB_TRY(add_populations(b));
    EBB_TRY(add_cue(b));
    EBB_TRY(add_recall(b));
    if (p->kind == EBB_ASSOCIATION_ATTRACTOR) {
        EBB_TRY(add_inhibition(b));
    }
    return ebb_network_finish(b->net);
}

ebb_status ebb_association_build(struct ebb_network **out,
                                 const struct ebb_association_params *p,
                                 const struct ebb_assemblies *a,
                                 unsigned threads,
                                 const struct ebb_rows_watch *watch)
{
    *out = NULL;
    struct build b = {
        .params = p, .patterns = a, .threads = threads, .watch = watch};
    EBB_TRY(ebb_network_create(&b.net));
    ebb_status status = fill(&b);
    if (status != EBB_OK) {
        ebb_network_destroy(b.net);
        return status;
    }
    *out = b.net;
    return EBB_OK;
}

ebb_status ebb_association_set_threshold(struct ebb_network *net,
                                         const struct ebb_association_params *p,
                                         double threshold)
{
    struct response r;
    EBB_TRY(check_number("threshold", threshold, 0.6, 1e9));
    size_t memory = ebb_network_find_population(net, "memory");
    size_t cue = ebb_network_find_projection(net, "cue");
    if (memory == net->n_populations || cue == net->n_projections ||
        net->projections[cue].number != EBB_FLOAT32) {
        return EBB_FAIL(EBB_ERR_ARG, "the network has no population 'memory' "
                                     "and projection 'cue' of float weights");
    }
    EBB_TRY(respond(&r, &p->kernel, p->lambda, p->tick_s));
    EBB_TRY(ebb_network_unpack(net, cue));
    double v_th = (threshold - 0.5) * r.peak;
    for (size_t i = 0; i < net->populations[memory].v_th.n; i++) {
        net->populations[memory].v_th.v[i] = v_th;
    }
    struct ebb_projection *q = &net->projections[cue];
    for (size_t k = 0; k < q->synapses; k++) {
        ((float *)q->weight)[k] = (float)(CUE_STRENGTH * v_th);
    }
    return ebb_network_finish(net);
}
