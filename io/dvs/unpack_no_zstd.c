/* io/dvs/unpack_no_zstd.c - in place of Zstandard where it is not built in. */
#include "io/dvs/unpack.h"

ebb_status ebb_unpack_zstd(struct ebb_plain *out, const uint8_t *from, size_t n)
{
    (void)out;
    (void)from;
    (void)n;
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "compressed with Zstandard, which this ebb was built "
                    "without; install libzstd-dev and build with "
                    "-Dzstd=enabled");
}
