/* sim/exchange_none.c - a build without MPI: every process is alone. */
#include "sim/exchange.h"

#include <stdlib.h>

int ebb_exchange_is_launched(void)
{
    const char *size = getenv("OMPI_COMM_WORLD_SIZE");
    size = size ? size : getenv("PMI_SIZE");
    return size && atol(size) > 1;
}

ebb_status ebb_exchange_join(struct ebb_exchange *out)
{
    *out = ebb_exchange_alone();
    return ebb_exchange_is_launched()
               ? EBB_FAIL(EBB_ERR_ARG,
                          "an MPI launcher started several processes, but "
                          "this ebb was built without MPI: each would run the "
                          "whole network; build with -Dmpi=enabled")
               : EBB_OK;
}

void ebb_exchange_leave(struct ebb_exchange *exchange)
{
    (void)exchange;
}

void ebb_exchange_abort(struct ebb_exchange *exchange, int exit_status)
{
    (void)exchange;
    (void)exit_status;
}
