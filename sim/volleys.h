/* sim/volleys.h - spikes of a window on their way between the shares of a
 * network, as words.
 *
 * A volley, the spikes of one population in one tick, is three words and then
 * its neurons, rising:
 *
 *     ticks since the window began, place of the population in the order within
 *     a tick (net->order), neurons, neuron, neuron, …
 *
 * Volleys stand in order of tick and place. Shares of one population that
 * follow each other have neurons that do: in the order of shares they are
 * sorted. */
#ifndef EBB_SIM_VOLLEYS_H
#define EBB_SIM_VOLLEYS_H

#include "models/network.h"

/** Words that one share wrote. Zero-initialise; free `at`. */
struct volley_words {
    uint32_t *at;
    size_t n, room;
};

/** Add a volley. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status volleys_write(struct volley_words *words,
                                       ebb_tick since, size_t place,
                                       const ebb_neuron_id *node, size_t n);

/** Words of one share, read from `next` on. */
struct volley_part {
    const uint32_t *at;
    size_t n, next;
};

/** A volley put together: neurons of all shares. */
struct merged_volley {
    ebb_tick tick;
    size_t population;
    size_t from, n; /* among node[] */
};

/** Volleys of a window, in order of tick and place. Zero-initialise. */
struct volley_book {
    struct merged_volley *volley;
    size_t n, room;
    ebb_neuron_id *node;
    size_t n_nodes, node_room;
};

/** Forget the volleys, keep the memory. */
void volleys_clear(struct volley_book *book);

/** Free the memory. */
void volleys_finish(struct volley_book *book);

/**
 * Put what the shares wrote behind what the book has.
 *
 *     part   [n]  in and out  in order of shares; read to their ends
 *     start  tick at which the window began
 *     ticks  in it
 *
 * O(spikes + volleys x shares). Errors: EBB_ERR_NOMEM; EBB_ERR_FORMAT (words
 * that make no sense: parts come from other processes).
 */
EBB_NODISCARD ebb_status volleys_merge(struct volley_book *book,
                                       const struct ebb_network *net,
                                       struct volley_part *part, size_t n,
                                       ebb_tick start, ebb_tick ticks);

#endif
