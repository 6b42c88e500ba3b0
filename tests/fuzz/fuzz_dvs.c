/* tests/fuzz/fuzz_dvs.c - a recording of the format FORMAT from bytes that
 * libFuzzer makes up. */
#include "io/dvs/dvs.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ebb_dvs_reader *reader;
    struct ebb_dvs_block block;
    struct ebb_dvs_options as = ebb_dvs_options_default();
    void *copy = malloc(size + 1);
    FILE *stream = copy && size ? fmemopen(copy, size, "rb") : NULL;
    as.format = FORMAT;
    if (stream) {
        memcpy(copy, data, size);
        if (ebb_dvs_open_stream(&reader, stream, "fuzz", &as) == EBB_OK &&
            ebb_dvs_block_init(&block, 64) == EBB_OK) {
            while (ebb_dvs_read(reader, &block) == EBB_OK && block.n > 0) {
            }
            ebb_dvs_block_finish(&block);
            ebb_dvs_close(reader);
        }
    }
    free(copy);
    return 0;
}
