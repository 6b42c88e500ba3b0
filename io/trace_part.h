/* io/trace_part.h - a trace that still grows, or whose writer was killed: what
 * has been committed, and only that. The file is never changed. */
#ifndef EBB_IO_TRACE_PART_H
#define EBB_IO_TRACE_PART_H

#include "io/trace_plan.h"

/** A growing trace being read. One thread at a time. */
struct ebb_trace_part;

/** Open it and read its last commit. Errors: EBB_ERR_IO, EBB_ERR_FORMAT (no
 *  growing trace of ebb, or damaged), EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_trace_part_open(struct ebb_trace_part **out,
                                             const char *path);

/** Close it. NULL is allowed. */
void ebb_trace_part_close(struct ebb_trace_part *part);

/** What the recording holds; its `ticks` are those committed, `intended` those
 *  of the run. Valid until the next call. */
const struct ebb_trace_plan *
ebb_trace_part_plan(const struct ebb_trace_part *part);

/** Look for a newer commit. Errors: EBB_ERR_FORMAT; the old one stays. */
EBB_NODISCARD ebb_status ebb_trace_part_refresh(struct ebb_trace_part *part);

/** Spikes of a population in the committed ticks. */
uint64_t ebb_trace_part_spikes(const struct ebb_trace_part *part,
                               size_t population);

/**
 * States of points [from, from + n) of a series, which are committed:
 * value [n, neurons]. The writer may go on meanwhile. Errors: EBB_ERR_FORMAT.
 */
EBB_NODISCARD ebb_status ebb_trace_part_read_states(struct ebb_trace_part *part,
                                                    size_t series,
                                                    uint64_t from, size_t n,
                                                    double *value);

/**
 * Spikes [from, from + n) of a population, which are committed.
 *
 *     tick, node  [n]  out
 *     value       [n]  out  1 where the population is no input
 *
 * Errors: EBB_ERR_FORMAT.
 */
EBB_NODISCARD ebb_status ebb_trace_part_read_spikes(
    struct ebb_trace_part *part, size_t population, uint64_t from, size_t n,
    uint64_t *tick, uint32_t *node, double *value);

#endif
