/* io/dvs/unpack_lz4.c - frames of LZ4. */
#include "io/dvs/unpack.h"

#include <lz4frame.h>

static ebb_status unpack(LZ4F_dctx *context, struct ebb_plain *out,
                         const uint8_t *from, size_t n)
{
    size_t hint = 1;
    out->n = 0;
    EBB_TRY(ebb_plain_reserve(out, 4 * n < EBB_PLAIN_MAX ? 4 * n : n));
    while (hint != 0 && n > 0) {
        if (out->n == out->room) {
            EBB_TRY(ebb_plain_reserve(out, out->n + 1));
        }
        size_t made = out->room - out->n, used = n;
        hint = LZ4F_decompress(context, out->at + out->n, &made, from, &used,
                               NULL);
        if (LZ4F_isError(hint)) {
            return EBB_FAIL(EBB_ERR_FORMAT, "damaged LZ4: %s",
                            LZ4F_getErrorName(hint));
        }
        out->n += made;
        from += used;
        n -= used;
        if (made == 0 && used == 0) {
            break;
        }
    }
    return hint == 0 ? EBB_OK
                     : EBB_FAIL(EBB_ERR_FORMAT, "its LZ4 frame is cut short");
}

ebb_status ebb_unpack_lz4(struct ebb_plain *out, const uint8_t *from, size_t n)
{
    LZ4F_dctx *context = NULL;
    if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION))) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for LZ4");
    }
    ebb_status status = unpack(context, out, from, n);
    LZ4F_freeDecompressionContext(context);
    return status;
}
