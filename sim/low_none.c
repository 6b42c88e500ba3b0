/* sim/low_none.c - where there is no oneDNN, products are float. */
#include "sim/low.h"

ebb_status ebb_low_create(struct ebb_low **out, size_t most)
{
    (void)most;
    *out = NULL;
    return EBB_FAIL(EBB_ERR_ARG,
                    "built without oneDNN, which has the products of bf16; "
                    "leave out --bf16");
}

void ebb_low_destroy(struct ebb_low *low)
{
    (void)low;
}

bool ebb_low_multiply(struct ebb_low *low, const struct ebb_low_factor *a,
                      const struct ebb_low_factor *b, float *c, size_t stride,
                      bool add)
{
    (void)low;
    (void)a;
    (void)b;
    (void)c;
    (void)stride;
    (void)add;
    return false;
}
