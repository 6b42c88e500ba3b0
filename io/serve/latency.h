/* io/serve/latency.h - how long packets took, as a histogram. */
#ifndef EBB_IO_SERVE_LATENCY_H
#define EBB_IO_SERVE_LATENCY_H

#include <stdint.h>

enum { EBB_LATENCY_BINS = 216 }; /* 8 an octave, from 1 us to 134 s */

/** Counts by duration: bin k ends at 1 us * 2^((k + 1) / 8); the last one is
 *  open. Zero-initialise. */
struct ebb_latency {
    uint64_t count[EBB_LATENCY_BINS];
    uint64_t n;
    double sum_s, max_s;
};

/** Where a bin ends, s. */
double ebb_latency_bin_end(unsigned k);

void ebb_latency_add(struct ebb_latency *l, double seconds);

/** The duration that a share of 0..1 stays below, s, to 9 %; 0: nothing was
 *  measured. */
double ebb_latency_at(const struct ebb_latency *l, double share);

#endif
