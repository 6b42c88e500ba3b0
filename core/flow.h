/* core/flow.h - where sim/ and io/ meet: sources and sinks of samples, spikes
 * and states. Small structs of function pointers; whoever implements one
 * includes no one who uses it. */
#ifndef EBB_CORE_FLOW_H
#define EBB_CORE_FLOW_H

#include "core/error.h"
#include "core/events.h"

#include <stddef.h>
#include <stdint.h>

/** One sample of a data set. Zero-initialise; the lists are reused. */
struct ebb_sample {
    struct ebb_events input;
    struct ebb_events target; /* wanted output spikes, where given */
    size_t label;             /* class */
};

/** Which part of a data set. */
enum ebb_split { EBB_SPLIT_TRAIN, EBB_SPLIT_VALIDATION, EBB_SPLIT_TEST };

/** A data set, from a file or drawn anew for each epoch. */
struct ebb_sample_source {
    void *self;
    size_t inputs;  /* channels */
    size_t outputs; /* output trains; 0 when only labels are given */
    size_t classes; /* labels are below this */
    ebb_tick ticks; /* length of a sample */
    size_t size[3]; /* samples of each split */
    /**
     * Fill *out with sample `index` of `split` as it is in `epoch` (sources
     * that draw noise give another one in each). Lists are cleared first.
     * A pure function of its arguments; callable from many threads.
     */
    ebb_status (*read)(void *self, enum ebb_split split, uint64_t epoch,
                       size_t index, struct ebb_sample *out);
    /**
     * The output that stands for a class (what a memory should recall), added
     * to *out in order; NULL when classes have none.
     */
    ebb_status (*prototype)(void *self, size_t label, struct ebb_events *out);
};

#endif
