/* io/merge_parts.h - what the sources of ebb_trace_merge() share. */
#ifndef EBB_IO_MERGE_PARTS_H
#define EBB_IO_MERGE_PARTS_H

#include "core/memory.h"
#include "io/trace_merge.h"
#include "io/trace_part.h"
#include "io/trace_write.h"

/** One file. */
struct merge_file {
    const char *path;
    struct ebb_trace_part *part;
    const struct ebb_trace_plan *plan;
    size_t *series; /* of each series of the whole: its own; SIZE_MAX: none */
    size_t *row; /* of a series at work: where its neurons stand in the whole */
};

/** The files of all ranks that began at one tick. */
struct merge_span {
    struct merge_file *file; /* [n] ranks rising */
    size_t n;
    ebb_tick first, held; /* all of its ranks hold first <= tick < held */
};

/** Ticks of the whole that are taken from one span: that of those which hold
 *  them that began last. */
struct merge_piece {
    const struct merge_span *span;
    ebb_tick from, to;
};

struct merge {
    struct merge_file *file; /* [n] by first tick, then rank */
    size_t n;
    struct merge_span *span; /* [n_spans] first ticks rising */
    size_t n_spans;
    struct merge_piece *piece; /* [n_pieces] one after the other */
    size_t n_pieces;
    struct ebb_trace_plan plan; /* of the whole */
    struct ebb_arena *arena;
    struct ebb_run_sink sink;
    struct ebb_trace_merge *result;
};

/** Open the files, see that they are pieces of one run and sort them out: spans
 *  without gaps, the plan of the whole. Errors: as ebb_trace_merge(). */
EBB_NODISCARD ebb_status merge_open(struct merge *m, const char *const *part,
                                    size_t n);

/** All points of one series, in order. */
EBB_NODISCARD ebb_status merge_series(struct merge *m, size_t series);

/** All spikes of one population, in order; what a span holds that is taken from
 *  another is compared with that. */
EBB_NODISCARD ebb_status merge_spikes(struct merge *m, size_t population);

static inline ebb_status merge_no_memory(void)
{
    return EBB_FAIL(EBB_ERR_NOMEM, "no memory for joining traces");
}

#endif
