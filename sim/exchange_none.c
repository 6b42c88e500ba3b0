/* sim/exchange_none.c - a build without MPI: every process is alone. */
#include "sim/exchange.h"

#include <stdlib.h>

int ebb_exchange_is_launched(void)
{
    static const char *const sizes[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE",
                                        "MV2_COMM_WORLD_SIZE"};
    const char *rank = getenv("PMIX_RANK"), *tasks = getenv("SLURM_NTASKS");
    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++) {
        const char *size = getenv(sizes[k]);
        if (size && atol(size) > 1) {
            return 1;
        }
    }
    return rank && (atol(rank) > 0 || (tasks && atol(tasks) > 1));
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
