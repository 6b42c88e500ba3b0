/* sim/low.h - float products whose factors are rounded to bf16 (8 bits of
 * mantissa); sums stay float. */
#ifndef EBB_SIM_LOW_H
#define EBB_SIM_LOW_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>

/** Room for rounded factors, and what oneDNN needs. One thread at a time. */
struct ebb_low;

/** Room for factors of at most `most` numbers each. The caller owns *out.
 *  Errors: EBB_ERR_ARG (built without oneDNN, or a processor without products
 *  of bf16: they are not emulated, which would be slower than float),
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_low_create(struct ebb_low **out, size_t most);

/** Free it. NULL is allowed. */
void ebb_low_destroy(struct ebb_low *low);

/** A factor: rows x columns, `stride` numbers between rows, read as it is or,
 *  transposed, as columns x rows. */
struct ebb_low_factor {
    const float *at;
    size_t rows, columns, stride;
    bool transposed;
};

/** c = a b, or c += when `add`; rows of c `stride` apart. False where oneDNN
 *  refuses: c is as it was, and the caller multiplies in float. */
bool ebb_low_multiply(struct ebb_low *low, const struct ebb_low_factor *a,
                      const struct ebb_low_factor *b, float *c, size_t stride,
                      bool add);

#endif
