/* sim/learn/train_bytes.c - what training takes, before it is taken. */
#include "sim/learn/train_parts.h"

#include "sim/projection_run.h"

/* Cells of 4 bytes; numbers beyond all memory stay numbers. */
static double cells_of_population(const struct ebb_trainer *t, size_t i,
                                  bool neuron_gradients)
{
    const struct ebb_population *p = &t->net->populations[i];
    const struct ebb_train_options *how = &t->options;
    double each = p->input ? 1 : 4; /* O; V, dE/dO, dE/dV */
    each += neuron_gradients && !p->input ? 1 : 0;
    each += p->refractory_ticks > 0 ? 0.25 : 0;
    each += how->dropout && how->dropout[i] > 0 ? 2 : 0; /* a, a O */
    return each * (double)p->n;
}

static double cells_of_projection(const struct ebb_trainer *t, size_t q)
{
    const struct ebb_projection *p = &t->net->projections[q];
    double pooled = p->pool.kind == EBB_POOL_NONE ? 0 : 2 * (double)p->n_inputs;
    return 2 * (double)t->net->populations[p->source].n + pooled;
}

static double bytes_of_thread(const struct ebb_trainer *t)
{
    const struct ebb_learn *learn = &t->options.learn;
    bool neurons = learn->lambda || learn->theta || learn->v_th;
    double cells = 0, work = 0, factor = 0;
    size_t rows = t->per_run * (size_t)t->source->ticks;
    if (t->options.bf16) {
        factor = (double)ebb_network_factor(t->net, rows);
    }
    for (size_t i = 0; i < t->net->n_populations; i++) {
        cells += cells_of_population(t, i, neurons);
    }
    for (size_t q = 0; q < t->net->n_projections; q++) {
        double own = (double)ebb_projection_work(&t->net->projections[q]);
        work = own > work ? own : work;
        cells += cells_of_projection(t, q);
    }
    return 4 * (cells * (double)t->per_run * (double)t->source->ticks + work +
                factor); /* two of 2 bytes */
}

/* Parameters, their gradient and two moments; a gradient for each tile. */
static double bytes_of_gradients(const struct ebb_trainer *t)
{
    double all = 0;
    for (size_t i = 0; i < t->net->n_populations; i++) {
        const struct ebb_population *p = &t->net->populations[i];
        all += p->input ? 0 : 4 * (double)p->n;
    }
    for (size_t q = 0; q < t->net->n_projections; q++) {
        const struct ebb_projection *p = &t->net->projections[q];
        const struct ebb_model_projection_f32 *m = &t->model->projections[q];
        double axons = (double)m->filter.stride;
        all += (double)p->synapses +
               (double)(m->filter.order_p + m->filter.taps) * axons;
    }
    return 4 * (all * (double)t->n_tiles + 4 * (double)t->parameters->n);
}

static size_t whole(double bytes)
{
    return bytes < (double)SIZE_MAX / 2 ? (size_t)bytes : SIZE_MAX / 2;
}

struct ebb_train_bytes ebb_train_bytes(const struct ebb_trainer *t)
{
    return (struct ebb_train_bytes){.thread = whole(bytes_of_thread(t)),
                                    .threads = t->n_workers,
                                    .shared = whole(bytes_of_gradients(t))};
}

ebb_status ebb_train_check_memory(const struct ebb_trainer *t, size_t machine)
{
    const struct ebb_train_bytes b = ebb_train_bytes(t);
    double all = (double)b.thread * (double)b.threads + (double)b.shared;
    if (machine == 0 || all <= (double)machine) {
        return EBB_OK;
    }
    return EBB_FAIL(EBB_ERR_NOMEM,
                    "training takes %.1f GiB: %.1f for each of %zu threads "
                    "(%zu samples of %llu ticks) and %.1f for gradients of a "
                    "batch of %zu; this machine has %.1f GiB. Fewer --threads, "
                    "longer ticks and so fewer of them, strides or pooling in "
                    "the first layers take less",
                    all / 0x1p30, (double)b.thread / 0x1p30, b.threads,
                    t->per_run, (unsigned long long)t->source->ticks,
                    (double)b.shared / 0x1p30, t->options.batch,
                    (double)machine / 0x1p30);
}
