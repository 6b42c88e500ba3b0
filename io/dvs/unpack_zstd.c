/* io/dvs/unpack_zstd.c - frames of Zstandard. */
#include "io/dvs/unpack.h"

#include <zstd.h>

enum { WINDOW_LOG = 24 }; /* what EBB_PLAIN_MAX can need */

static ebb_status unpack(ZSTD_DCtx *context, struct ebb_plain *out,
                         const uint8_t *from, size_t n)
{
    ZSTD_inBuffer in = {from, n, 0};
    size_t hint = 1;
    out->n = 0;
    EBB_TRY(ebb_plain_reserve(out, 4 * n < EBB_PLAIN_MAX ? 4 * n : n));
    while (hint != 0) {
        if (out->n == out->room) {
            EBB_TRY(ebb_plain_reserve(out, out->n + 1));
        }
        ZSTD_outBuffer to = {out->at + out->n, out->room - out->n, 0};
        size_t before = in.pos;
        hint = ZSTD_decompressStream(context, &to, &in);
        if (ZSTD_isError(hint)) {
            return EBB_FAIL(EBB_ERR_FORMAT, "damaged Zstandard: %s",
                            ZSTD_getErrorName(hint));
        }
        out->n += to.pos;
        if (to.pos == 0 && in.pos == before) {
            break;
        }
    }
    return hint == 0
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT, "its Zstandard frame is cut short");
}

ebb_status ebb_unpack_zstd(struct ebb_plain *out, const uint8_t *from, size_t n)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    if (!context || ZSTD_isError(ZSTD_DCtx_setParameter(
                        context, ZSTD_d_windowLogMax, WINDOW_LOG))) {
        ZSTD_freeDCtx(context);
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for Zstandard");
    }
    ebb_status status = unpack(context, out, from, n);
    ZSTD_freeDCtx(context);
    return status;
}
