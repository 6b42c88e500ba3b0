/* tools/bench/scatter_loop.h - the bare loop that `bench delivery` is held
 * against: plain compressed rows (CSR), added target by target. Built for each
 * processor kind. */
#ifndef EBB_TOOLS_BENCH_SCATTER_LOOP_H
#define EBB_TOOLS_BENCH_SCATTER_LOOP_H

#include <stddef.h>
#include <stdint.h>

/** sum[indices[s]] += x weight[s] for all synapses s of rows row[0..n). */
typedef void ebb_scatter_loop_fn(double *sum, const uint64_t *indptr,
                                 const uint32_t *indices, const float *weight,
                                 const uint32_t *row, size_t n, float x);

ebb_scatter_loop_fn ebb_scatter_loop_baseline, ebb_scatter_loop_avx2,
    ebb_scatter_loop_avx512;

#endif
