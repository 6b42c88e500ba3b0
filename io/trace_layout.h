/* io/trace_layout.h - groups, datasets and attributes of a trace: docs/files.md
 * in code. All of it is made before anybody may look at the growing file. */
#ifndef EBB_IO_TRACE_LAYOUT_H
#define EBB_IO_TRACE_LAYOUT_H

#include "io/trace_commit.h"
#include "io/trace_overview.h"
#include "io/trace_plan.h"
#include "io/trace_stream.h"

enum {
    EBB_TRACE_VERSION = 2,
    EBB_TRACE_VERSION_PIECE = 3, /* of pieces: ticks begin with /run@first_tick,
                                    neurons are those of a rank */
    EBB_STAGING_NAME_BYTES = 64
};

/* Columns of a series, of a population's spikes, of the overview. */
enum { EBB_SERIES_STATE, EBB_SERIES_TICK };
enum { EBB_TRAIN_TICK, EBB_TRAIN_NODE, EBB_TRAIN_MORE };
enum { EBB_RATE_RATE, EBB_RATE_TICK };

/** All that grows: series, then populations, then the overview. */
size_t ebb_trace_layout_streams(const struct ebb_trace_plan *plan);

/** Columns and memory of streams [ebb_trace_layout_streams()]. Errors:
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_trace_layout_plan(
    struct ebb_stream *streams, struct ebb_arena *arena,
    const struct ebb_trace_plan *plan, const struct ebb_overview *overview);

/** Make everything in an empty file. Errors: EBB_ERR_ARG (a name that is taken
 *  twice), EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_trace_layout_create(
    hid_t file, const struct ebb_trace_plan *plan, struct ebb_stream *streams,
    struct ebb_trace_commit *commit, const struct ebb_overview *overview);

/** Name of a group below /staging. */
void ebb_trace_staging_name(char name[EBB_STAGING_NAME_BYTES], const char *kind,
                            size_t index);

#endif
