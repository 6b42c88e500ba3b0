/* tools/bench/team_net.c - a large network for several threads or processes. */
#include "tools/bench/team_net.h"

#include "core/random.h"

enum { NEURONS = EBB_TEAM_NEURONS };

static ebb_status add_neurons(struct ebb_network *net)
{
    size_t index;
    EBB_TRY(ebb_network_add_population(net, "input", NEURONS, true, &index));
    EBB_TRY(ebb_network_add_population(net, "memory", NEURONS, false, &index));
    net->populations[index].reset = EBB_RESET_HYBRID;
    net->populations[index].lambda.v[0] = 0.9;
    net->tick_s = 1e-3;
    return EBB_OK;
}

static ebb_status add_synapses(struct ebb_network *net, const char *name,
                               size_t source, size_t fan_out, double weight)
{
    bool cue = source == 0; /* makes a neuron fire once */
    struct ebb_kernel_spec spec = {
        .shape = cue ? EBB_KERNEL_NONE : EBB_KERNEL_EXPONENTIAL, .tau_m = 5};
    size_t index, n = (size_t)NEURONS * fan_out;
    EBB_TRY(ebb_network_add_projection(
        net, name, source, 1, EBB_PROJECTION_SPARSE, EBB_FLOAT32, n, &index));
    struct ebb_projection *p = &net->projections[index];
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, index);
    uint32_t step = (uint32_t)(NEURONS / fan_out);
    for (size_t s = 0; s < n; s++) { /* one somewhere in each step */
        size_t j = s / fan_out;
        p->indices[s] = fan_out == 1 ? (uint32_t)j
                                     : (uint32_t)(s % fan_out) * step +
                                           ebb_random_below(&r, step);
        ((float *)p->weight)[s] = (float)weight;
    }
    for (size_t j = 0; j <= NEURONS; j++) {
        p->indptr[j] = j * fan_out;
    }
    p->delay_ticks = cue ? 0 : EBB_TEAM_DELAY;
    return ebb_kernel_expand(&p->kernel, net->arena, &spec, 1, 0);
}

ebb_status ebb_team_net_create(struct ebb_network **out)
{
    EBB_TRY(ebb_network_create(out));
    EBB_TRY(add_neurons(*out));
    EBB_TRY(add_synapses(*out, "cue", 0, 1, 10));
    EBB_TRY(add_synapses(*out, "recall", 1, EBB_TEAM_FAN_OUT, 1e-4));
    return ebb_network_finish(*out);
}

ebb_status ebb_team_net_input(struct ebb_events *input, double rate)
{
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, 99);
    uint32_t gaps = (uint32_t)(2000 / rate) - 1; /* 1 to this many apart */
    for (ebb_tick tick = 0; tick < EBB_TEAM_TICKS; tick++) {
        for (uint32_t node = ebb_random_below(&r, gaps); node < NEURONS;
             node += 1 + ebb_random_below(&r, gaps)) {
            struct ebb_event e = {.tick = tick, .node = node, .value = 1};
            EBB_TRY(ebb_events_push(input, e));
        }
    }
    return EBB_OK;
}
