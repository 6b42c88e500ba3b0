/* tests/fuzz/fuzz_dsec.c - a recording in HDF5 whose contents libFuzzer
 * chooses, read as if by a child; and what a child may send. */
#include "io/dvs/dvs.h"
#include "tests/fuzz/child_here.h"
#include "tests/fuzz/h5_made.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *make(struct choices *c)
{
    size_t n = choose(c, 100);
    hid_t file = h5_made_begin();
    hid_t events = h5_made_group(file, "events", c);
    if (events >= 0) {
        h5_made_numbers(events, "t", n, c);
        h5_made_numbers(events, "x", n, c);
        h5_made_numbers(events, "y", n, c);
        h5_made_numbers(events, "p", n, c);
        h5_made_attribute(events, "width", c);
        h5_made_attribute(events, "height", c);
        H5Gclose(events);
    }
    unsigned more = choose(c, 256);
    if (more & 1) {
        h5_made_numbers(file, "t_offset", 1, c);
    }
    if (more & 2) {
        h5_made_numbers(file, "ms_to_idx", choose(c, 32), c);
    }
    if (more & 4) {
        h5_made_attribute(file, "width", c);
        h5_made_attribute(file, "height", c);
    }
    if ((more & 0xF0) == 0xF0) {
        hid_t group = h5_made_group(file, more & 8 ? "CD" : "spikes", c);
        if (group >= 0) {
            h5_made_numbers(group, "events", n, c);
            H5Gclose(group);
        }
    }
    return h5_made_end(file);
}

static void read_all(const char *path, int64_t begin)
{
    struct ebb_dvs_reader *reader;
    struct ebb_dvs_block block;
    struct ebb_dvs_options as = ebb_dvs_options_default();
    as.format = "dsec";
    as.begin = begin;
    if (ebb_dvs_block_init(&block, 64) != EBB_OK) {
        return;
    }
    if (ebb_dvs_open(&reader, path, &as) == EBB_OK) {
        while (ebb_dvs_read(reader, &block) == EBB_OK && block.n > 0) {
        }
        ebb_dvs_close(reader);
    }
    ebb_dvs_block_finish(&block);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices c = {data, size};
    unsigned how = choose(&c, 8);
    int64_t begin = choose_number(&c);
    if (how == 7) {
        child_here_sends(c.at, c.n);
        read_all("/dev/null", begin);
        child_here_sends(NULL, 0);
        return 0;
    }
    const char *path = make(&c);
    read_all(path, INT64_MIN);
    read_all(path, how < 4 ? begin % 64000 : begin);
    h5_made_check_closed();
    return 0;
}
