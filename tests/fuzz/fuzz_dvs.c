/* tests/fuzz/fuzz_dvs.c - a recording of the format FORMAT from bytes that
 * libFuzzer makes up, from its start and from where some time begins. */
#include "io/dvs/dvs.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(struct ebb_dvs_reader *reader, struct ebb_dvs_block *block)
{
    while (ebb_dvs_read(reader, block) == EBB_OK && block->n > 0) {
    }
}

/* The bytes from an event at `begin` on. */
static void read_from(void *bytes, size_t size, int64_t begin)
{
    static struct ebb_dvs_block block; /* the same one for all inputs */
    struct ebb_dvs_reader *reader;
    struct ebb_dvs_options as = ebb_dvs_options_default();
    FILE *stream = fmemopen(bytes, size, "rb");
    as.format = FORMAT;
    as.begin = begin;
    if (stream && ebb_dvs_open_stream(&reader, stream, "fuzz", &as) == EBB_OK) {
        if (block.t || ebb_dvs_block_init(&block, 64) == EBB_OK) {
            read_all(reader, &block);
        }
        ebb_dvs_close(reader);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void *copy = malloc(size + 1);
    if (copy && size) {
        memcpy(copy, data, size);
        read_from(copy, size, INT64_MIN);
        read_from(copy, size, 1000000 + (int64_t)data[size - 1] * 16);
    }
    free(copy);
    return 0;
}
