/* models/edges.h - networks made of lists of synapses that came from
 * elsewhere. */
#ifndef EBB_MODELS_EDGES_H
#define EBB_MODELS_EDGES_H

#include "models/network.h"

/** One synapse. */
struct ebb_edge {
    uint32_t source, target; /* neurons of their populations */
    float weight;
    uint32_t delay_ticks;
};

struct ebb_spool;

/**
 * A list of them, of any length: `room` at most are held in memory, the others
 * wait in a temporary file, in sorted pieces of so many. Zero-initialise;
 * finish with ebb_edges_finish().
 */
struct ebb_edges {
    struct ebb_edge *at; /* [n] those that were pushed last */
    size_t n, capacity;
    size_t room;             /* 0: EBB_EDGES_ROOM */
    struct ebb_spool *spool; /* NULL: all are in memory */
    uint64_t count;          /* all that were pushed */
    uint32_t highest_source, highest_target;
};

enum {
    EBB_EDGES_ROOM = 1 << 20,   /* 16 MiB, and as much again to sort them */
    EBB_EDGES_DELAYS_MAX = 1024 /* delays told apart */
};

/** Before `n` are added to an empty list: is there room for those that will
 *  wait in a temporary file? Errors: EBB_ERR_IO with the way out. */
EBB_NODISCARD ebb_status ebb_edges_expect(const struct ebb_edges *list,
                                          uint64_t n);

/** Add one. Errors: EBB_ERR_NOMEM, EBB_ERR_IO (the temporary file). */
EBB_NODISCARD ebb_status ebb_edges_push(struct ebb_edges *list,
                                        struct ebb_edge edge);

/** Free the memory. */
void ebb_edges_finish(struct ebb_edges *list);

/** What a list of synapses does not tell. */
struct ebb_edge_neurons {
    double lambda, theta, v_th;
    enum ebb_reset reset;
    ebb_tick refractory_ticks;
    struct ebb_kernel_spec kernel; /* in ticks */
    ebb_tick delay_ticks;          /* where no synapse tells its own */
    double tick_s;
    double cue; /* weight from an input channel to the neuron of its number */
};

/** Neurons that sum: no membrane, Vth 1, hybrid reset; no kernel, delay of one
 *  tick of 1 ms; input of 1.25 Vth. */
struct ebb_edge_neurons ebb_edge_neurons_default(void);

/** Add neurons of that kind. Errors: as of ebb_network_add_population(). */
EBB_NODISCARD ebb_status
ebb_edges_add_neurons(struct ebb_network *net, const char *name, size_t n,
                      const struct ebb_edge_neurons *how, size_t *index);

/** Add an input `input` with a channel for each neuron of a population, joined
 *  by the projection `cue`. Errors: as of ebb_network_add_projection(). */
EBB_NODISCARD ebb_status
ebb_edges_add_input(struct ebb_network *net, size_t population,
                    const struct ebb_edge_neurons *how);

/** Give a projection the kernel and a delay. Errors: as of
 *  ebb_kernel_expand(). */
EBB_NODISCARD ebb_status
ebb_edges_set_kernel(struct ebb_network *net, size_t projection,
                     const struct ebb_edge_neurons *how, ebb_tick delay_ticks);

/**
 * Add synapses as sparse projections of float weights in compact rows
 * (models/network_rows.h), one for each delay: `name`, or `name_<ticks>` where
 * delays differ. Rows are sorted by target, then weight; nothing is taken
 * twice or left out. The list takes no more edges afterwards.
 *
 * Memory: the rows, one row uncompressed, and `room` edges, twice where they
 * are sorted. The list is gone through three or four times for each delay's
 * part of it, O(n log n) in all.
 * Errors: EBB_ERR_ARG (a neuron beyond its population, more delays than
 * EBB_EDGES_DELAYS_MAX), EBB_ERR_NOMEM, EBB_ERR_IO.
 */
EBB_NODISCARD ebb_status ebb_edges_add(struct ebb_network *net,
                                       const char *name, size_t source,
                                       size_t target, struct ebb_edges *list,
                                       const struct ebb_edge_neurons *how);

/** Is a number of neurons that follows from the highest number in a list of
 *  `edges` believable? One line of text must not make us take gigabytes.
 *  Errors: EBB_ERR_FORMAT naming the way out. */
EBB_NODISCARD ebb_status ebb_edges_check_size(size_t neurons, size_t edges);

#endif
