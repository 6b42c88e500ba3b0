/* tests/fuzz/fuzz_ingest.c - a live stream, and a datagram, from bytes that
 * libFuzzer makes up; the first one chooses encoding and pieces. */
#include "io/serve/ingest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take(void *self, const struct ebb_dvs_block *block)
{
    (void)self;
    (void)block;
}

static void stream(struct ebb_ingest *in, const uint8_t *data, size_t size,
                   size_t piece, struct ebb_dvs_block *block)
{
    ebb_status status = EBB_OK;
    for (size_t at = 0, used; at < size && status == EBB_OK; at += used) {
        size_t n = size - at < piece ? size - at : piece;
        do {
            status = ebb_ingest_push(in, data + at, n, 5, block, &used);
        } while (status == EBB_OK && used == 0 && block->n > 0);
    }
    do {
        status = status ? status : ebb_ingest_end(in, block);
    } while (status == EBB_OK && block->n > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ebb_dvs_block block = {.n = 0};
    struct ebb_ingest *in = NULL, *other = NULL;
    if (size == 0 || ebb_dvs_block_init(&block, 64) != EBB_OK) {
        return 0;
    }
    struct ebb_ingest_options as = {
        .wire = (enum ebb_wire)(1 + data[0] % (EBB_WIRE_END - 1)),
        .width = 8,
        .height = 6};
    if (ebb_ingest_create(&in, &as) == EBB_OK &&
        ebb_ingest_create(&other, &as) == EBB_OK) {
        stream(in, data + 1, size - 1, 1 + data[0] / 8U, &block);
        for (int k = 0; k < 2; k++) {
            (void)!ebb_ingest_datagram(other, data + 1, size - 1, 5, &block,
                                       take, NULL);
        }
    }
    ebb_ingest_destroy(in);
    ebb_ingest_destroy(other);
    ebb_dvs_block_finish(&block);
    return 0;
}
