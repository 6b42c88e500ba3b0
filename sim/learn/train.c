/* sim/learn/train.c - learning: batches, tiles, threads, optimiser steps.
 *
 * A batch is cut into tiles, the same ones for any number of threads. A thread
 * takes a tile, runs its samples a few at a time, forward and back, and adds
 * their gradients to the tile's own; the tiles' gradients are then added up in
 * the order of tiles. */
#include "sim/learn/train_parts.h"

#include "core/random.h"

#include <math.h>
#include <string.h>

#if EBB_HAVE_OPENMP
#include <omp.h>
#endif

static unsigned thread_count(unsigned asked)
{
#if EBB_HAVE_OPENMP
    return asked > 0 ? asked : (unsigned)omp_get_num_procs();
#else
    (void)asked;
    return 1;
#endif
}

static ebb_status check_fit(const struct ebb_network *net,
                            const struct ebb_sample_source *source)
{
    size_t input = ebb_network_input(net);
    if (input == net->n_populations) {
        return EBB_FAIL(EBB_ERR_ARG, "the network has no input to learn from");
    }
    if (net->populations[input].n != source->inputs) {
        return EBB_FAIL(EBB_ERR_ARG, "data of %zu channels for an input of %zu",
                        source->inputs, net->populations[input].n);
    }
    return EBB_OK;
}

static ebb_status create_workers(struct ebb_trainer *t)
{
    t->workers = ebb_arena_calloc(t->arena, t->n_workers, sizeof(*t->workers));
    if (!t->workers) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for threads");
    }
    struct ebb_batch_options options = {
        .ticks = (size_t)t->source->ticks,
        .samples = t->per_run,
        .learn = true,
        .bf16 = t->options.bf16,
        .neuron_gradients = t->options.learn.lambda || t->options.learn.theta ||
                            t->options.learn.v_th};
    size_t outputs = t->net->populations[ebb_network_output(t->net)].n;
    for (size_t i = 0; i < t->n_workers; i++) {
        struct ebb_worker *w = &t->workers[i];
        w->samples =
            ebb_arena_calloc(t->arena, t->per_run, sizeof(*w->samples));
        if (!w->samples) {
            return EBB_FAIL(EBB_ERR_NOMEM, "no memory for threads");
        }
        EBB_TRY(ebb_batch_create_f32(&w->batch, t->model, &options));
        EBB_TRY(ebb_judge_create(&w->judge, &t->options.loss, t->source,
                                 outputs, t->source->ticks));
    }
    return EBB_OK;
}

static ebb_status create_arrays(struct ebb_trainer *t)
{
    size_t n = t->parameters->n;
    size_t samples = t->source->size[EBB_SPLIT_TRAIN];
    t->m = ebb_arena_calloc(t->arena, n, sizeof(float));
    t->v = ebb_arena_calloc(t->arena, n, sizeof(float));
    t->order = ebb_arena_calloc(t->arena, samples, sizeof(*t->order));
    if (!t->m || !t->v || !t->order) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to train %zu parameters", n);
    }
    for (size_t i = 0; i < t->n_tiles; i++) {
        EBB_TRY(ebb_gradient_create_f32(&t->gradients[i], t->model));
    }
    return EBB_OK;
}

static ebb_status fill(struct ebb_trainer *t)
{
    EBB_TRY(check_fit(t->net, t->source));
    EBB_TRY(ebb_arena_create(&t->arena));
    EBB_TRY(ebb_model_create_f32(&t->model, t->net, false));
    EBB_TRY(ebb_parameters_create(&t->parameters, t->model, &t->options.learn));
    size_t batch = t->options.batch;
    if (batch == 0) {
        return EBB_FAIL(EBB_ERR_ARG, "a batch of 0 samples");
    }
    if (t->source->ticks == 0 || t->source->ticks > UINT32_MAX) {
        return EBB_FAIL(EBB_ERR_ARG, "samples of %llu ticks",
                        (unsigned long long)t->source->ticks);
    }
    t->n_tiles = batch < EBB_TRAIN_TILES_MAX ? batch : EBB_TRAIN_TILES_MAX;
    t->per_tile = (batch + t->n_tiles - 1) / t->n_tiles;
    t->n_tiles = (batch + t->per_tile - 1) / t->per_tile;
    t->per_run = 1 + (EBB_TRAIN_ROWS_PER_RUN - 1) / (size_t)t->source->ticks;
    t->per_run = t->per_run < t->per_tile ? t->per_run : t->per_tile;
    t->n_workers = thread_count(t->options.threads);
    EBB_TRY(ebb_train_check_memory(t, ebb_mem_machine()));
    EBB_TRY(create_workers(t));
    return create_arrays(t);
}

ebb_status ebb_trainer_create(struct ebb_trainer **out, struct ebb_network *net,
                              const struct ebb_sample_source *source,
                              const struct ebb_train_options *options)
{
    *out = NULL;
    struct ebb_trainer *t = ebb_mem_calloc(1, sizeof(*t));
    if (!t) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to train");
    }
    t->net = net;
    t->source = source;
    t->options = *options;
    ebb_status status = fill(t);
    if (status != EBB_OK) {
        ebb_trainer_destroy(t);
        return status;
    }
    *out = t;
    return EBB_OK;
}

static void destroy_worker(struct ebb_worker *w, size_t samples)
{
    for (size_t k = 0; w->samples && k < samples; k++) {
        ebb_events_finish(&w->samples[k].input);
        ebb_events_finish(&w->samples[k].target);
    }
    ebb_judge_destroy(w->judge);
    ebb_batch_destroy_f32(w->batch);
}

void ebb_trainer_destroy(struct ebb_trainer *t)
{
    if (!t) {
        return;
    }
    for (size_t i = 0; t->workers && i < t->n_workers; i++) {
        destroy_worker(&t->workers[i], t->per_run);
    }
    for (size_t i = 0; i < EBB_TRAIN_TILES_MAX; i++) {
        ebb_gradient_destroy_f32(t->gradients[i]);
    }
    ebb_parameters_destroy(t->parameters);
    ebb_model_destroy_f32(t->model);
    ebb_arena_destroy(t->arena);
    ebb_mem_free(t);
}

size_t ebb_trainer_steps(const struct ebb_trainer *t)
{
    return t->source->size[EBB_SPLIT_TRAIN] / t->options.batch;
}

/* Fisher-Yates with the epoch's own numbers. */
static void shuffle(struct ebb_trainer *t, uint64_t epoch)
{
    size_t n = t->source->size[EBB_SPLIT_TRAIN];
    if (t->shuffled && t->order_epoch == epoch) {
        return;
    }
    struct ebb_random random =
        ebb_random_stream(t->options.seed, EBB_RANDOM_SHUFFLE, epoch);
    for (size_t i = 0; i < n; i++) {
        t->order[i] = (uint32_t)i;
    }
    for (size_t i = n; i > 1; i--) {
        size_t k = ebb_random_below(&random, (uint32_t)i);
        uint32_t swap = t->order[i - 1];
        t->order[i - 1] = t->order[k];
        t->order[k] = swap;
    }
    t->order_epoch = epoch;
    t->shuffled = true;
}

/* Axons that lose a spike carry 0, the others 1/(1-p), drawn per tick. */
static ebb_status drop_spikes(struct ebb_trainer *t, struct ebb_worker *w,
                              uint64_t epoch, size_t index, size_t slot)
{
    const struct ebb_network *net = t->net;
    for (size_t i = 0; t->options.dropout && i < net->n_populations; i++) {
        double p = t->options.dropout[i];
        if (!(p > 0)) {
            continue;
        }
        float *scale;
        EBB_TRY(ebb_batch_scale_f32(w->batch, i, slot, &scale));
        struct ebb_random random = ebb_random_stream(
            t->options.seed + i, EBB_RANDOM_DROPOUT, epoch << 32 | index);
        const uint32_t limit = (uint32_t)(p * UINT32_MAX);
        const float kept = (float)(1 / (1 - p));
        size_t cells = (size_t)t->source->ticks * net->populations[i].n;
        t->model->step->drop(scale, &random, limit, kept, cells);
    }
    return EBB_OK;
}

static double mean_activity(const float *o, size_t cells)
{
    double spikes = 0;
    for (size_t k = 0; k < cells; k++) {
        spikes += (double)o[k];
    }
    return spikes / (double)cells;
}

/* What a sample's mean activity r in a population adds to the loss,
 *
 *     E = p r + w max(0, r - limit)²,
 *
 * a constant on each dE/dO. */
static double penalise_population(struct ebb_trainer *t, struct ebb_worker *w,
                                  size_t slot, size_t i, double weight)
{
    const struct ebb_train_options *how = &t->options;
    size_t cells = (size_t)t->source->ticks * t->net->populations[i].n;
    double p = how->penalty ? how->penalty[i] : 0;
    double q = how->excess ? how->excess[i] : 0;
    if (!(p > 0) && !(q > 0)) {
        return 0;
    }
    float *d_o = ebb_batch_d_o_f32(w->batch, i, slot);
    double rate = mean_activity(ebb_batch_o_f32(w->batch, i, slot), cells);
    double beyond = q > 0 ? fmax(0, rate - how->limit[i]) : 0;
    float g = (float)(weight * (p + 2 * q * beyond) / (double)cells);
    for (size_t k = 0; k < cells; k++) {
        d_o[k] += g;
    }
    return p * rate + q * beyond * beyond;
}

static double penalise(struct ebb_trainer *t, struct ebb_worker *w, size_t slot,
                       double weight)
{
    double loss = 0;
    for (size_t i = 0; i < t->net->n_populations; i++) {
        if (!t->net->populations[i].input) {
            loss += penalise_population(t, w, slot, i, weight);
        }
    }
    return loss;
}

struct run {
    unsigned epoch;
    size_t first;  /* index of the batch's first sample in t->order */
    double weight; /* 1 / batch */
};

/* Samples a <= k < b of the batch, forward and back. Slots that are left over
 * run without events and hand back no error. */
static ebb_status run_samples(struct ebb_trainer *t, struct ebb_worker *w,
                              const struct run *run, size_t tile, size_t a,
                              size_t b)
{
    size_t output = ebb_network_output(t->net);
    ebb_batch_clear_f32(w->batch);
    for (size_t k = a; k < b; k++) {
        size_t index = t->order[run->first + k];
        EBB_TRY(
            ebb_worker_load(t, w, EBB_SPLIT_TRAIN, run->epoch, index, k - a));
        EBB_TRY(drop_spikes(t, w, run->epoch, index, k - a));
    }
    ebb_batch_forward_f32(w->batch);
    ebb_batch_clear_losses_f32(w->batch);
    for (size_t k = a; k < b; k++) {
        t->loss[tile] +=
            ebb_judge_loss(w->judge, ebb_batch_d_o_f32(w->batch, output, k - a),
                           ebb_batch_o_f32(w->batch, output, k - a),
                           &w->samples[k - a], run->weight);
        t->loss[tile] += penalise(t, w, k - a, run->weight);
    }
    ebb_batch_backward_f32(w->batch, t->gradients[tile]);
    return EBB_OK;
}

static ebb_status run_tile(struct ebb_trainer *t, const struct run *run,
                           size_t tile)
{
    struct ebb_worker *w = ebb_worker_own(t);
    struct ebb_gradient_f32 *g = t->gradients[tile];
    size_t begin = tile * t->per_tile;
    size_t end = begin + t->per_tile;
    end = end < t->options.batch ? end : t->options.batch;
    ebb_gradient_clear_f32(g, t->model);
    t->loss[tile] = 0;
    for (size_t a = begin; a < end; a += t->per_run) {
        size_t b = a + t->per_run < end ? a + t->per_run : end;
        EBB_TRY(run_samples(t, w, run, tile, a, b));
    }
    return EBB_OK;
}

static ebb_status run_tiles(struct ebb_trainer *t, const struct run *run)
{
    struct ebb_outcome outcome = {0};
#if EBB_HAVE_OPENMP
#pragma omp parallel num_threads((int)t->n_workers)
#endif
    {
        ebb_worker_settle();
#if EBB_HAVE_OPENMP
#pragma omp for schedule(dynamic, 1)
#endif
        for (size_t tile = 0; tile < t->n_tiles; tile++) {
            ebb_outcome_keep(&outcome, run_tile(t, run, tile));
        }
    }
    return ebb_outcome_report(&outcome);
}

static ebb_status check_finite(const struct ebb_trainer *t, double loss)
{
    double sum = 0;
    for (size_t i = 0; i < t->parameters->n; i++) {
        sum += fabs((double)t->parameters->g[i]);
    }
    if (!isfinite(loss) || !isfinite(sum)) {
        return EBB_FAIL(EBB_ERR_DIVERGED,
                        "training has diverged: loss %g, gradient %g; lower "
                        "the learning rate, or learn kernels with `stable`",
                        loss, sum);
    }
    return EBB_OK;
}

ebb_status ebb_trainer_step(struct ebb_trainer *t, unsigned epoch, size_t step,
                            struct ebb_train_step *out)
{
    shuffle(t, epoch);
    struct run run = {.epoch = epoch,
                      .first = step * t->options.batch,
                      .weight = 1 / (double)t->options.batch};
    EBB_TRY(run_tiles(t, &run));
    double loss = 0;
    for (size_t i = 0; i < t->n_tiles; i++) {
        loss += t->loss[i];
    }
    struct ebb_parameters *p = t->parameters;
    ebb_parameters_gather(p, t->gradients, t->n_tiles);
    out->loss = loss * run.weight;
    EBB_TRY(check_finite(t, out->loss));
    double rate =
        ebb_schedule_rate(&t->options.schedule, t->options.optimiser.rate,
                          epoch, t->options.epochs);
    t->steps++;
    ebb_optimiser_step(&t->options.optimiser, p->x, t->m, t->v, p->g, p->n,
                       rate, t->steps);
    out->scaled = ebb_parameters_apply(p);
    return EBB_OK;
}

ebb_status ebb_trainer_store(struct ebb_trainer *t)
{
    const struct ebb_learn *learn = &t->options.learn;
    struct ebb_model_parts parts = {.kernels =
                                        learn->kernels != EBB_KERNELS_FIXED,
                                    .bias = learn->bias,
                                    .lambda = learn->lambda,
                                    .theta = learn->theta,
                                    .v_th = learn->v_th};
    ebb_model_store_f32(t->model, t->net, &parts);
    return ebb_network_finish(t->net);
}

struct ebb_trainer_state ebb_trainer_state(struct ebb_trainer *t)
{
    return (struct ebb_trainer_state){.x = t->parameters->x,
                                      .m = t->m,
                                      .v = t->v,
                                      .n = t->parameters->n,
                                      .steps = &t->steps};
}

void ebb_trainer_restore(struct ebb_trainer *t)
{
    /* Bounds were kept when x was made; rounding must not move it again. */
    ebb_parameters_write(t->parameters);
}

size_t ebb_trainer_bytes(const struct ebb_trainer *t)
{
    size_t bytes = ebb_arena_bytes(t->arena) +
                   ebb_arena_bytes(t->model->arena) +
                   ebb_arena_bytes(t->parameters->arena);
    for (size_t i = 0; i < t->n_workers; i++) {
        bytes += ebb_batch_bytes_f32(t->workers[i].batch);
    }
    for (size_t i = 0; i < t->n_tiles; i++) {
        bytes += ebb_arena_bytes(t->gradients[i]->arena);
    }
    return bytes;
}
