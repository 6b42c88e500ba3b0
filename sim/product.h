/* sim/product.h - matrix products of batch runs: oneDNN or a plain loop. */
#ifndef EBB_SIM_PRODUCT_H
#define EBB_SIM_PRODUCT_H

#include "core/real.h"
#include "sim/low.h"

#include <stdbool.h>
#include <stddef.h>

/** Shape of a product: `rows` ticks (times samples) through a dense layer. */
struct ebb_product {
    size_t rows;
    size_t sources, targets; /* size of the weights [sources, targets] */
    size_t source_stride;    /* numbers between rows of F */
    size_t target_stride;    /* numbers between rows of V */
    struct ebb_low *low; /* float: factors are rounded to bf16; NULL: they are
                            not */
};

/** Which implementation serves float: "oneDNN 2.6.3" or "plain". */
const char *ebb_product_name(void);

#define EBB_REAL_BITS 32
#include "core/real_begin.inc"
#include "sim/product.inc"
#include "core/real_end.inc"

#define EBB_REAL_BITS 64
#include "core/real_begin.inc"
#include "sim/product.inc"
#include "core/real_end.inc"

#endif
