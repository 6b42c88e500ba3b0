/* tools/bench/scatter_loop.c - bare loop; built once per processor kind. */
#include "tools/bench/scatter_loop.h"

#include "core/real.h"

#ifndef EBB_STEP_ISA
#define EBB_STEP_ISA baseline
#endif

#define LOOP EBB_PASTE(ebb_scatter_loop_, EBB_STEP_ISA)

void LOOP(double *restrict sum, const uint64_t *restrict indptr,
          const uint32_t *restrict indices, const float *restrict weight,
          const uint32_t *restrict row, size_t n, float x)
{
    for (size_t k = 0; k < n; k++) {
        const uint64_t end = indptr[row[k] + 1];
        for (uint64_t s = indptr[row[k]]; s < end; s++) {
            sum[indices[s]] += (double)(x * weight[s]);
        }
    }
}
