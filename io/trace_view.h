/* io/trace_view.h - recorded runs (*.trace.h5), looked at without the network
 * that ran: what they hold, single rows, spikes. */
#ifndef EBB_IO_TRACE_VIEW_H
#define EBB_IO_TRACE_VIEW_H

#include "core/error.h"
#include "core/events.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EBB_TRACE_NAME_BYTES = 160 };

/** A population whose spikes a trace holds. */
struct ebb_trace_population {
    char name[EBB_TRACE_NAME_BYTES];
    bool input;
    uint64_t index;  /* its place in the network */
    uint64_t n;      /* neurons or channels; 0: the file does not say */
    uint64_t spikes; /* in the whole run */
};

/** A recorded state. */
struct ebb_trace_state {
    char place[EBB_TRACE_NAME_BYTES]; /* population; projection for F */
    char letter[2];                   /* "V", "R", "I", "F" */
    size_t rows;                      /* neurons or axons recorded */
    size_t points;                    /* values of each */
    ebb_tick first;                   /* tick of the first value */
    ebb_tick every;                   /* ticks from one value to the next */
};

/** What a trace holds. */
struct ebb_trace_about {
    ebb_tick first;       /* tick that it begins with: of a run gone on with */
    ebb_tick ticks;       /* of the run */
    ebb_tick committed;   /* of which so many are in the file */
    ebb_tick intended;    /* more than ticks where it was stopped */
    uint64_t rank, ranks; /* of a job; 0 of 1 */
    double tick_s;        /* length of a tick; 0: not given */
    char network_hash[32];
    char origin[640];                         /* "": not given */
    struct ebb_trace_population *populations; /* in the network's order */
    size_t n_populations;
    struct ebb_trace_state *states; /* by place, then letter */
    size_t n_states;
};

/** An open trace. One thread at a time. */
struct ebb_trace_view;

/** Open a trace and read what it holds. Errors: EBB_ERR_IO, EBB_ERR_FORMAT,
 *  EBB_ERR_NOMEM, all with the path. */
EBB_NODISCARD ebb_status ebb_trace_view_open(struct ebb_trace_view **out,
                                             const char *path);

/** Close it. NULL is allowed. */
void ebb_trace_view_close(struct ebb_trace_view *view);

/** What it holds; valid as long as the view. */
const struct ebb_trace_about *
ebb_trace_view_about(const struct ebb_trace_view *view);

/** Neurons or axons of a state's rows: ids [rows], rising. Errors: EBB_ERR_IO,
 *  EBB_ERR_FORMAT. */
EBB_NODISCARD ebb_status
ebb_trace_view_nodes(struct ebb_trace_view *view,
                     const struct ebb_trace_state *state, uint32_t *ids);

/** Points from .. from + n of one row of a state; point k is of the tick
 *  first + k * every. Errors: EBB_ERR_IO, EBB_ERR_FORMAT. */
EBB_NODISCARD ebb_status ebb_trace_view_row(struct ebb_trace_view *view,
                                            const struct ebb_trace_state *state,
                                            size_t row, size_t from, size_t n,
                                            double *out);

/** Thresholds of a population: v_th [n]. *told gets false, and v_th is left
 *  alone, where the file has none. Errors: EBB_ERR_FORMAT, EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_trace_view_v_th(
    struct ebb_trace_view *view, const struct ebb_trace_population *population,
    double *v_th, bool *told);

/** All spikes of a population, sorted; the list is cleared first, values are
 *  1. Errors: EBB_ERR_IO, EBB_ERR_FORMAT, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_trace_view_spikes(
    struct ebb_trace_view *view, const struct ebb_trace_population *population,
    struct ebb_events *out);

#endif
