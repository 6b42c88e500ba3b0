/* tests/recorded_network.h - a small network that is worth recording: a
 * recurrent layer with refractory ticks, delays, and graded input. */
#ifndef EBB_TESTS_RECORDED_NETWORK_H
#define EBB_TESTS_RECORDED_NETWORK_H

#include "core/events.h"
#include "models/network.h"

enum { INPUTS = 5, HIDDEN = 20, OUTPUTS = 3 };

/** Populations in, hidden, out; projections in_hidden, hidden_hidden,
 *  hidden_out. */
struct ebb_network *recorded_network(void);

/** Events for `ticks` ticks, added to a list. */
void recorded_input(struct ebb_events *input, ebb_tick ticks);

#endif
