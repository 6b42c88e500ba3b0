/* io/dvs/plain.c - room for packets as they are unpacked. */
#include "core/memory.h"
#include "io/dvs/unpack.h"

ebb_status ebb_plain_reserve(struct ebb_plain *plain, size_t want)
{
    if (want > EBB_PLAIN_MAX) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "more than %d bytes when unpacked, which no camera "
                        "writes",
                        EBB_PLAIN_MAX);
    }
    return ebb_mem_grow(&plain->at, &plain->room, want, 1);
}
