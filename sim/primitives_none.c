/* sim/primitives_none.c - where there is no oneDNN, there are no primitives. */
#include "sim/primitives.h"

ebb_status ebb_primitives_create(struct ebb_primitives **out,
                                 const struct ebb_network *net, size_t index,
                                 size_t rows, bool data)
{
    (void)data;
    *out = NULL;
    return EBB_FAIL(EBB_ERR_ARG,
                    "built without oneDNN: no primitives of %zu rows for '%s'",
                    rows, net->projections[index].name);
}

void ebb_primitives_destroy(struct ebb_primitives *p)
{
    (void)p;
}

ebb_status ebb_primitives_run(struct ebb_primitives *p)
{
    (void)p;
    return EBB_OK;
}
