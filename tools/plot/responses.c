/* tools/plot/responses.c - what a population does on many test samples. */
#include "tools/plot/responses.h"

#include "core/memory.h"
#include "core/nearest.h"
#include "io/network_file.h"
#include "sim/batch.h"

#include <stdlib.h>
#include <string.h>

enum { TILE = 8, SAMPLES = 64 };

/* A test sample on its way to its place. */
struct place {
    size_t label, index;
};

static int by_label(const void *a, const void *b)
{
    const struct place *p = a, *q = b;
    return p->label != q->label ? (p->label > q->label) - (p->label < q->label)
                                : (p->index > q->index) - (p->index < q->index);
}

/* The narrowest hidden population: what the network makes of its input. */
static size_t narrowest(const struct ebb_network *net)
{
    size_t output = ebb_network_output(net), best = output;
    for (size_t k = 0; k < net->n_populations; k++) {
        const struct ebb_population *p = &net->populations[k];
        if (!p->input && k != output &&
            (best == output || p->n < net->populations[best].n)) {
            best = k;
        }
    }
    return best;
}

static ebb_status choose_population(struct ebb_responses *r,
                                    const struct ebb_args *args)
{
    const struct ebb_network *net = r->net;
    const char *name = ebb_args_text(args, "population");
    r->population =
        name ? ebb_network_find_population(net, name) : narrowest(net);
    if (r->population == net->n_populations) {
        const char *near =
            ebb_nearest(name, (const char *const *)&net->populations[0].name,
                        net->n_populations, sizeof(net->populations[0]));
        return EBB_FAIL(EBB_ERR_ARG,
                        "--population: %s has no '%.60s'%s%s%s (ebb info lists "
                        "them)",
                        args->operand[1], name, near ? "; did you mean '" : "",
                        near ? near : "", near ? "'?" : "");
    }
    r->neurons = net->populations[r->population].n;
    return EBB_OK;
}

static ebb_status choose_samples(struct ebb_responses *r,
                                 const struct ebb_args *args)
{
    uint64_t there = r->setting.source.size[EBB_SPLIT_TEST];
    uint64_t n = there < SAMPLES ? there : SAMPLES;
    if (there == 0) {
        return EBB_FAIL(EBB_ERR_ARG, "%s has no test samples",
                        args->operand[2]);
    }
    EBB_TRY(
        ebb_args_count(args, "samples", 1, there < 1000 ? there : 1000, &n));
    r->n = (size_t)n;
    r->ticks = (size_t)r->setting.source.ticks;
    r->label = ebb_mem_calloc(r->n, sizeof(*r->label));
    r->o = ebb_mem_calloc(r->n * r->ticks, r->neurons * sizeof(*r->o));
    return r->label && r->o ? EBB_OK
                            : EBB_FAIL(EBB_ERR_NOMEM,
                                       "no memory for %zu samples; give fewer "
                                       "--samples",
                                       r->n);
}

static ebb_status read_sample(const struct ebb_responses *r, size_t index,
                              struct ebb_sample *sample)
{
    const struct ebb_sample_source *source = &r->setting.source;
    return source->read(source->self, EBB_SPLIT_TEST, 0, index, sample);
}

static ebb_status sort_samples(const struct ebb_responses *r,
                               struct place *places, struct ebb_sample *sample)
{
    for (size_t k = 0; k < r->n; k++) {
        EBB_TRY(read_sample(r, k, sample));
        places[k] = (struct place){sample->label, k};
    }
    qsort(places, r->n, sizeof(*places), by_label);
    for (size_t k = 0; k < r->n; k++) {
        r->label[k] = places[k].label;
    }
    return EBB_OK;
}

/* Samples first .. first + n through the network at once. */
static ebb_status run_tile(struct ebb_responses *r, struct ebb_batch_f32 *batch,
                           const struct place *places, size_t first, size_t n,
                           struct ebb_sample *sample)
{
    size_t input = ebb_network_input(r->net);
    size_t channels = r->net->populations[input].n;
    size_t cells = r->ticks * r->neurons;
    ebb_batch_clear_f32(batch);
    for (size_t k = 0; k < n; k++) {
        EBB_TRY(read_sample(r, places[first + k].index, sample));
        float *o = ebb_batch_o_f32(batch, input, k);
        for (size_t e = 0; e < sample->input.n; e++) {
            const struct ebb_event *event = &sample->input.at[e];
            o[event->tick * channels + event->node] += (float)event->value;
        }
    }
    ebb_batch_forward_f32(batch);
    for (size_t k = 0; k < n; k++) {
        memcpy(r->o + (first + k) * cells,
               ebb_batch_o_f32(batch, r->population, k), cells * sizeof(*r->o));
    }
    return EBB_OK;
}

static ebb_status run_tiles(struct ebb_responses *r, const struct place *places,
                            struct ebb_sample *sample)
{
    struct ebb_model_f32 *model = NULL;
    struct ebb_batch_f32 *batch = NULL;
    struct ebb_batch_options how = {.ticks = r->ticks, .samples = TILE};
    ebb_status status = ebb_model_create_f32(&model, r->net, false);
    status = status ? status : ebb_batch_create_f32(&batch, model, &how);
    for (size_t k = 0; k < r->n && status == EBB_OK; k += TILE) {
        size_t n = r->n - k < TILE ? r->n - k : TILE;
        status = run_tile(r, batch, places, k, n, sample);
    }
    ebb_batch_destroy_f32(batch);
    ebb_model_destroy_f32(model);
    return status;
}

ebb_status ebb_responses_run(struct ebb_responses *r,
                             const struct ebb_args *args)
{
    EBB_TRY(ebb_setting_init(&r->setting, args->operand[2],
                             ebb_args_text(args, "patterns")));
    EBB_TRY(ebb_network_file_read(&r->net, args->operand[1]));
    EBB_TRY(ebb_setting_check(&r->setting, r->net, args->operand[1]));
    EBB_TRY(choose_population(r, args));
    EBB_TRY(choose_samples(r, args));
    struct ebb_sample sample = {.label = 0};
    struct place *places = ebb_mem_calloc(r->n, sizeof(*places));
    ebb_status status =
        places ? sort_samples(r, places, &sample)
               : EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu samples", r->n);
    status = status ? status : run_tiles(r, places, &sample);
    ebb_events_finish(&sample.input);
    ebb_events_finish(&sample.target);
    ebb_mem_free(places);
    return status;
}

void ebb_responses_finish(struct ebb_responses *r)
{
    ebb_mem_free(r->label);
    ebb_mem_free(r->o);
    ebb_network_destroy(r->net);
    ebb_setting_finish(&r->setting);
}

/* "letter B" where the classes are drawings, else the number. */
static void put_name(FILE *to, const struct ebb_responses *r, size_t label)
{
    const char *name = r->setting.experiment->data == EBB_DATA_DRAWINGS
                           ? ebb_pattern_name(label)
                           : NULL;
    if (name) {
        fprintf(to, "'%s'", name);
    } else {
        fprintf(to, "'class %zu'", label);
    }
}

void ebb_responses_tics(FILE *to, const struct ebb_responses *r, char axis)
{
    fprintf(to, "set %ctics scale 0 %s(", axis,
            axis == 'x' ? "rotate by 45 right " : "");
    for (size_t k = 0; k < r->n;) {
        size_t end = k;
        while (end < r->n && r->label[end] == r->label[k]) {
            end++;
        }
        put_name(to, r, r->label[k]);
        fprintf(to, " %g%s", (double)(k + end - 1) / 2,
                end < r->n ? ", " : ")\n");
        k = end;
    }
}
