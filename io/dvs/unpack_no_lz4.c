/* io/dvs/unpack_no_lz4.c - in place of LZ4 where it is not built in. */
#include "io/dvs/unpack.h"

ebb_status ebb_unpack_lz4(struct ebb_plain *out, const uint8_t *from, size_t n)
{
    (void)out;
    (void)from;
    (void)n;
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "compressed with LZ4, which this ebb was built without; "
                    "install liblz4-dev and build with -Dlz4=enabled");
}
