/* sim/state_parts.h - names of what is saved, for the sources that save and
 * load it. */
#ifndef EBB_SIM_STATE_PARTS_H
#define EBB_SIM_STATE_PARTS_H

#include "core/snapshot.h"
#include "sim/engine_parts.h"

#include <stdio.h>

enum { STATE_VERSION = 1 };

/* Numbers of the whole run. */
struct state_about {
    uint64_t version, tick, network_hash, mode, single;
    double tick_s, drop;
};

/** "populations/<name>/<what>". */
static inline void state_name_crowd(char *out, const struct crowd *c,
                                    const char *what)
{
    snprintf(out, EBB_SNAPSHOT_NAME_BYTES, "populations/%s/%s", c->p->name,
             what);
}

/** "projections/<name>/<what>". */
static inline void state_name_drive(char *out, const struct drive *d,
                                    const char *what)
{
    snprintf(out, EBB_SNAPSHOT_NAME_BYTES, "projections/%s/%s", d->p->name,
             what);
}

/** The windows of a max pooling by winners. Errors: EBB_ERR_NOMEM, what the
 *  sink reports. */
EBB_NODISCARD ebb_status windows_save(const struct drive *d,
                                      const struct ebb_snapshot_sink *sink);

/** Counters as one array. */
enum {
    STATE_COUNTERS = sizeof(struct ebb_counters) / sizeof(uint64_t),
    STATE_TILE = 5 /* numbers of a tile: done, idle, patience, grace, closed */
};

#endif
