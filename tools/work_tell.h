/* tools/work_tell.h - what a run cost, for people and for programs. */
#ifndef EBB_TOOLS_WORK_TELL_H
#define EBB_TOOLS_WORK_TELL_H

#include "sim/work.h"
#include "tools/json.h"

/** A measurement that goes with it. */
struct ebb_work_measured {
    double seconds; /* that the run took; 0: not measured */
    double joules;  /* of the machine (tools/energy_meter.h); NaN: none */
};

/** Print the work of `samples` runs, per sample and, where ticks have a
 *  length, per second of the network's time. */
void ebb_work_print(const struct ebb_work *work, size_t samples,
                    const struct ebb_work_measured *measured);

/** Add it to an object: NAME_per_sample in J, and the rest as sums of one
 *  sample. */
void ebb_work_json(struct ebb_json *out, const struct ebb_work *work,
                   size_t samples, const struct ebb_work_measured *measured);

#endif
