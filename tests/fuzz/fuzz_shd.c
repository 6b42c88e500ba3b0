/* tests/fuzz/fuzz_shd.c - a set of spikes in HDF5 whose contents libFuzzer
 * chooses, read as if by a child; and what a child may send. */
#include "io/spike_set.h"
#include "tests/fuzz/child_here.h"
#include "tests/fuzz/h5_made.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *make(struct choices *c)
{
    size_t n = choose(c, 24);
    hid_t file = h5_made_begin();
    hid_t spikes = h5_made_group(file, "spikes", c);
    if (spikes >= 0) {
        h5_made_lists(spikes, "times", n, c);
        h5_made_lists(spikes, "units", n, c);
        H5Gclose(spikes);
    }
    h5_made_numbers(file, "labels", n, c);
    return h5_made_end(file);
}

static void read_all(const char *path)
{
    struct ebb_spike_set *set;
    struct ebb_spike_set_sample sample;
    size_t n;
    if (ebb_spike_set_open(&set, path, &n) != EBB_OK) {
        return;
    }
    for (size_t k = 0; k < n; k++) {
        if (ebb_spike_set_read(set, &sample) != EBB_OK) {
            break;
        }
    }
    ebb_spike_set_close(set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct choices c = {data, size};
    if (choose(&c, 8) == 7) {
        child_here_sends(c.at, c.n);
        read_all("/dev/null");
        child_here_sends(NULL, 0);
        return 0;
    }
    read_all(make(&c));
    h5_made_check_closed();
    return 0;
}
