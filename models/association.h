/* models/association.h - associative memories of any size as networks.
 *
 * A pattern μ is a set of M cells, ξ_i = 1 for those and 0 for the others of N
 * neurons, f = M / N. Each pair of neurons, none with itself, is connected with
 * probability Z; a synapse from j to i that exists has the weight
 *
 *     Willshaw, attractor   min(1, Σ_μ ξ_i ξ_j)   0: not kept             (1)
 *     Hopfield              Σ_μ (ξ_i - f)(ξ_j - f) / (1 - f)²             (2)
 *
 * (1) Willshaw, Buneman, Longuet-Higgins 1969, Nature 222:960-962; (2) Tsodyks,
 * Feigelman 1988, Europhys. Lett. 6:101-105. Both count coincidences: two cells
 * of one pattern alone have the weight 1. A neuron fires on K coincident
 * spikes, Vth = (K - 1/2) V_1, V_1 being the largest V that one spike evokes
 * through kernel and membrane.
 *
 * `input` has a channel for each neuron, which makes it fire within the tick.
 * An attractor has a global inhibition as well: each of n more neurons counts
 * the spikes of all, the k-th fires on (k + 1/2) 4M/n of them, and takes 4M/n g
 * Z off the coincidences of all neurons when those spikes arrive. So a neuron
 * needs K coincidences beyond a share g of the spikes that it can see, up to
 * 4M of them. */
#ifndef EBB_MODELS_ASSOCIATION_H
#define EBB_MODELS_ASSOCIATION_H

#include "models/assemblies.h"
#include "models/network.h"
#include "models/rows.h"

enum ebb_association_kind {
    EBB_ASSOCIATION_WILLSHAW,
    EBB_ASSOCIATION_HOPFIELD,
    EBB_ASSOCIATION_ATTRACTOR
};

enum { EBB_ASSOCIATIONS = EBB_ASSOCIATION_ATTRACTOR + 1 };

/** "willshaw", "hopfield", "attractor"; NULL beyond. */
const char *ebb_association_name(size_t kind);

/** What to build. */
struct ebb_association_params {
    enum ebb_association_kind kind;
    double connect;   /* Z, 0 < Z <= 1 */
    double threshold; /* K, coincident spikes; 0: a share of a whole pattern */
    ebb_tick delay_ticks; /* of the synapses; >= 1 */
    struct ebb_kernel_spec kernel;
    double lambda; /* membrane decay per tick, 0 <= λ < 1 */
    double theta;  /* reset decay per tick, filter reset only */
    enum ebb_reset reset;
    ebb_tick refractory_ticks; /* hybrid reset only */
    double tick_s;
    size_t inhibitory;    /* attractor: n, neurons of the global inhibition */
    double inhibition;    /* attractor: g */
    uint64_t seed;        /* of the connections */
    unsigned weight_bits; /* Hopfield: 8: weights are rounded to whole multiples
                             -127..127 of ebb_association_step(); 0: float */
};

/** A Willshaw memory: Z = 0.5, delay 5 ticks of 1 ms, no kernel, no membrane,
 *  hybrid reset without refractory ticks; n = 32 and g = 0.5 for attractors. */
struct ebb_association_params ebb_association_params_default(void);

/** Check against patterns, and put what is left open: the threshold. That of a
 *  Willshaw memory is the one of fewest errors where cues are of 4 in 5 cells
 *  (models/willshaw.h); else 0.5 (attractor: 0.1, with a kernel 0.16) of the
 *  (M - 1) Z coincidences of a whole pattern, at least 1. Errors: EBB_ERR_ARG
 *  naming the field. */
EBB_NODISCARD ebb_status ebb_association_settle(
    struct ebb_association_params *p, const struct ebb_assemblies *a);

/** The step to which 8-bit weights are rounded, the largest |weight| that a
 *  pair could have / 127; so none is off by more than half of it. 0: they are
 *  not rounded. O(P M²). Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status
ebb_association_step(double *out, const struct ebb_association_params *p,
                     const struct ebb_assemblies *a);

/**
 * Build the network: populations `input`, `memory` and, of an attractor,
 * `inhibition`; the synapses are the sparse projection `recall`, in compact
 * rows. Row j is a function of the patterns, the seed and j alone. It is drawn
 * twice or three times, to be measured and to be kept, so that memory holds
 * each synapse once.
 *
 *     p        settled
 *     threads  to build with, 0: all cores; the network is the same
 *     watch    or NULL
 *
 * Each time: a draw for each synapse, a mark for each cell of each pattern of
 * each neuron (P M² in all), and N² / 4096 words.
 * Errors: EBB_ERR_ARG, EBB_ERR_NOMEM, and what watch reports.
 */
EBB_NODISCARD ebb_status ebb_association_build(
    struct ebb_network **out, const struct ebb_association_params *p,
    const struct ebb_assemblies *a, unsigned threads,
    const struct ebb_rows_watch *watch);

/** Ticks from one wave of spikes to the next: the delay and the time in which
 *  a spike's V rises to its largest. Errors: as of ebb_kernel_expand(). */
EBB_NODISCARD ebb_status
ebb_association_period(ebb_tick *out, const struct ebb_association_params *p);

/** Give a network that was built so another threshold K, and cues that still
 *  reach it; p->threshold is left alone. Errors: EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_association_set_threshold(
    struct ebb_network *net, const struct ebb_association_params *p,
    double threshold);

#endif
