/* models/network.h - populations, projections and the graph that they form.
 *
 * The model of Fang et al. (IJCAI 2020), equations (5a)-(5f), per population
 * of neurons i fed by projections from populations of axons j:
 *
 *     S_j[t] = a_j[t] O_j[t]
 *     F_j[t] = Σ_p α_{j,p} F_j[t-p] + Σ_q β_{j,q} S_j[t-q-delay]       (5d)
 *     I_i[t] = Σ_projections Σ_j w_ij F_j[t] + b_i                      (5b)
 *     R_i[t] = θ_i R_i[t-1] + O_i[t-1]                                  (5c)
 *     V_i[t] = λ_i V_i[t-1] + I_i[t] - Vth_i R_i[t]                     (5a)
 *     O_i[t] = 1 if V_i[t] >= Vth_i else 0                         (5e, 5f)
 *
 * All is 0 before t = 0 except V[-1] = v0. Under hybrid reset there is no R:
 * after a spike v_reset is carried instead of V, and for `refractory_ticks`
 * ticks V = v_reset is not compared. */
#ifndef EBB_MODELS_NETWORK_H
#define EBB_MODELS_NETWORK_H

#include "core/error.h"
#include "core/memory.h"
#include "core/tick.h"
#include "models/grid.h"
#include "models/kernel.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A parameter: one value for all neurons (n = 1), one each, or one for each
 *  channel of their grid. */
struct ebb_values {
    double *v;
    size_t n;
    size_t channel; /* neurons of a channel where it is one each, else 0; set
                       by ebb_network_finish() */
};

static inline double ebb_value_at(struct ebb_values values, size_t i)
{
    size_t own = values.channel ? i / values.channel : i;
    return values.v[values.n == 1 ? 0 : own];
}

enum ebb_reset {
    EBB_RESET_FILTER, /* R: a filtered copy of the spikes is subtracted */
    EBB_RESET_HYBRID  /* V is set to v_reset, with refractory ticks */
};

/** Neurons of one kind, or input channels. */
struct ebb_population {
    char *name;
    size_t n;
    struct ebb_grid grid; /* where they stand; n channels of 1 unless set */
    bool input;           /* channels fed from outside; nothing below applies */
    enum ebb_reset reset;
    ebb_tick refractory_ticks;
    struct ebb_values lambda;  /* λ, membrane decay per tick, 0..1 */
    struct ebb_values theta;   /* θ, reset decay per tick, 0..1 */
    struct ebb_values v_th;    /* Vth, threshold */
    struct ebb_values bias;    /* b, added to I at every tick */
    struct ebb_values v0;      /* V[-1] */
    struct ebb_values v_reset; /* hybrid reset; < Vth */
    double sigma;              /* width of the surrogate derivative (19) */
    /* The same in time units where it was given so, else n = 0 or 0. */
    struct ebb_values tau_lambda; /* s; λ = e^(-tick/τ) */
    struct ebb_values tau_theta;  /* s; θ = e^(-tick/τ) */
    double refractory_s;
};

enum ebb_projection_kind {
    EBB_PROJECTION_DENSE,  /* every axon reaches every neuron */
    EBB_PROJECTION_SPARSE, /* compressed rows, one row an axon */
    EBB_PROJECTION_CONV2D  /* weights shared over space */
};

enum ebb_number { EBB_FLOAT32, EBB_FLOAT64 };

struct ebb_rows;

/** All synapses from one population to another that share a kind of kernel.
 *  Weights act on the PSPs F, or on what a pooling makes of them. */
struct ebb_projection {
    char *name;
    size_t source, target; /* indices of populations */
    enum ebb_projection_kind kind;
    ebb_tick delay_ticks; /* shifts every tap of the kernel */
    double delay_s;       /* the same in seconds when given so, else 0 */
    struct ebb_kernel kernel;
    enum ebb_number number; /* type of the weights */
    void *weight;           /* dense [n_inputs][n_target]; sparse [synapses];
                     conv2d [out][in / groups][rows][columns] */
    size_t synapses;        /* numbers in weight */
    size_t n_inputs; /* PSPs that weights act on: axons, or what is pooled */
    struct ebb_pool pool;         /* EBB_POOL_NONE: F itself */
    struct ebb_conv conv;         /* conv2d only */
    struct ebb_grid from, inputs; /* where axons and inputs stand */
    struct ebb_grid to;           /* where targets stand */
    uint64_t *indptr;  /* sparse [n_source + 1], first synapse of each row */
    uint32_t *indices; /* sparse [synapses], targets rising within a row */
    /* Or, in place of indptr, indices and weight, the same compact and
     * read-only: models/network_rows.h. Owned; NULL: plain. */
    struct ebb_rows *rows;
    uint32_t *room_target; /* with rows: where one of them is read to */
    void *room_weight;
};

/** Weight of synapse k (dense: source * n_target + target); not of compact
 *  rows. */
static inline double ebb_projection_weight(const struct ebb_projection *p,
                                           size_t k)
{
    return p->number == EBB_FLOAT32 ? (double)((const float *)p->weight)[k]
                                    : ((const double *)p->weight)[k];
}

/** The network. Read freely; change through the functions below or, for
 *  numbers, in place followed by ebb_network_finish(). */
struct ebb_network {
    struct ebb_population *populations; /* [n_populations] */
    size_t n_populations;
    struct ebb_projection *projections; /* [n_projections] */
    size_t n_projections;
    double tick_s; /* length of a tick, s; 0 = not given */
    bool strict;   /* fire on V > Vth instead of V >= Vth */
    /* Set by ebb_network_finish(): */
    size_t *order; /* [n_populations] same-tick order: sources before targets */
    bool recurrent; /* some projection closes a cycle */
    struct ebb_arena *arena;
    size_t population_capacity, projection_capacity;
};

/** Empty network. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_network_create(struct ebb_network **out);

/** Free the network. NULL is allowed. */
void ebb_network_destroy(struct ebb_network *net);

/**
 * Add a population: its parameters stand for all neurons, with defaults λ = 0,
 * θ = 0, Vth = 1, b = 0, v0 = 0, v_reset = 0, σ = 0.4, filter reset.
 * *index gets its number; pointers into net->populations are stale after.
 * Errors: EBB_ERR_ARG (name taken, empty or with '/'; no neurons),
 * EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_network_add_population(struct ebb_network *net,
                                                    const char *name, size_t n,
                                                    bool input, size_t *index);

/** Give a parameter one zeroed value per neuron. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_network_values(struct ebb_network *net,
                                            struct ebb_values *values,
                                            size_t n);

/**
 * Add a projection of zero weights. Its kernel is still to be set, by
 * ebb_kernel_expand() or ebb_kernel_alloc() with net->arena.
 *
 *     synapses  sparse: how many; dense: ignored
 *
 * Errors: EBB_ERR_ARG (name, target is an input), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_network_add_projection(
    struct ebb_network *net, const char *name, size_t source, size_t target,
    enum ebb_projection_kind kind, enum ebb_number number, size_t synapses,
    size_t *index);

/**
 * Give the neurons of a population places in space, before there are
 * projections to or from it. Errors: EBB_ERR_SHAPE (more or fewer places than
 * neurons).
 */
EBB_NODISCARD ebb_status ebb_network_set_grid(struct ebb_network *net,
                                              size_t population,
                                              struct ebb_grid grid);

/** A projection through space. */
struct ebb_spatial {
    struct ebb_pool pool;        /* before the weights; kind NONE: none */
    const struct ebb_conv *conv; /* NULL: dense, from all that is pooled */
};

/**
 * Add a projection of zero weights that pools, convolves, or both; its kernel
 * is still to be set. Errors: EBB_ERR_ARG, EBB_ERR_SHAPE (grids that do not
 * fit; the message has the shape that the target should be of), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_network_add_spatial(
    struct ebb_network *net, const char *name, size_t source, size_t target,
    const struct ebb_spatial *space, enum ebb_number number, size_t *index);

/** Targets that a spike on an axon reaches, on average over axons. */
double ebb_projection_reach(const struct ebb_network *net,
                            const struct ebb_projection *p);

/** Pairs of an input (an axon, or what is pooled) and a target that a weight
 *  joins: synapses as they would be if no weight were shared. */
double ebb_projection_connections(const struct ebb_projection *p);

/** "dense", "sparse" or "conv2d". */
const char *ebb_projection_kind_name(enum ebb_projection_kind kind);

/**
 * Check the whole network and find the order of populations within a tick.
 * Errors: EBB_ERR_ARG naming population or projection, field and value: NaN,
 * out of range, v_reset >= Vth, a cycle without delay; EBB_ERR_SHAPE for CSR
 * rows that do not fit; EBB_ERR_DIVERGED for an unstable pole (layer, axon,
 * |p|).
 */
EBB_NODISCARD ebb_status ebb_network_finish(struct ebb_network *net);

/**
 * Rebuild the network at another tick length by exact integration: kernels, λ,
 * θ, delays and refractory times from their time units; where λ > 0 weights
 * and bias are scaled by (1 - λ')/(1 - λ), so that a constant current keeps
 * its effect. Weights behind a kernel `none` are charges, not currents, and
 * stay. Ends with ebb_network_finish(). Where the tick had no length it gets
 * this one, and all stays as it was.
 * Errors: EBB_ERR_ARG naming what is not given in time units, or a delay that
 * is no whole number of new ticks: the network stays as it was.
 */
EBB_NODISCARD ebb_status ebb_network_set_tick(struct ebb_network *net,
                                              double tick_s);

/** Index of the population of that name, or n_populations. */
size_t ebb_network_find_population(const struct ebb_network *net,
                                   const char *name);

/** Index of the projection of that name, or n_projections. */
size_t ebb_network_find_projection(const struct ebb_network *net,
                                   const char *name);

/** Index of the input population, or n_populations when there is none. */
size_t ebb_network_input(const struct ebb_network *net);

/** Index of the output: the last population that is not an input. */
size_t ebb_network_output(const struct ebb_network *net);

/** First tick after a spike at which a projection can change its target: the
 *  delay plus the first tap that is not zero. */
ebb_tick ebb_projection_lag(const struct ebb_projection *p);

/** 64-bit fingerprint (FNV-1a) of everything that decides what the network
 *  does; equal for equal networks on any machine of the same byte order,
 *  whichever form their synapses have. */
uint64_t ebb_network_hash(const struct ebb_network *net);

#endif
