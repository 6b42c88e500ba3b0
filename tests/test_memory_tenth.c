/* tests/test_memory_tenth.c - a tenth of the largest memory: 10^5 neurons with
 * 1000 synapses each, by counters. */
#include "core/memory.h"
#include "tests/run_suite.h"
#include "tools/bench/large_memory.h"

#include <hdf5.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { NEURONS = 100000, TICKS = 1000, PEAK_MIB = 400 };

static char folder[] = "/tmp/ebb_tenth_XXXXXX";
static char trace[64], state[64];
static struct ebb_large_memory memory = {
    .neurons = NEURONS, .patterns = NEURONS / 5, .cued = NEURONS / 20000};

/* What one half of a run fired. */
struct half {
    uint64_t spikes, sum;
};

static void must(ebb_status status)
{
    ck_assert_msg(status == EBB_OK, "%s", ebb_error_message());
}

static struct half run_half(struct ebb_large_run *r, ebb_tick until)
{
    r->spikes = r->sum = 0;
    must(ebb_cluster_run(r->cluster, until));
    return (struct half){r->spikes, r->sum};
}

static void check_half(const struct half *a, const struct half *b)
{
    ck_assert_uint_eq(a->spikes, b->spikes);
    ck_assert_uint_eq(a->sum, b->sum);
}

static uint64_t spikes_in_trace(void)
{
    hid_t file = H5Fopen(trace, H5F_ACC_RDONLY, H5P_DEFAULT);
    ck_assert(file >= 0);
    hid_t times = H5Dopen2(file, "/spikes/memory/timestamps", H5P_DEFAULT);
    ck_assert(times >= 0);
    hid_t space = H5Dget_space(times);
    hssize_t n = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    H5Dclose(times);
    H5Fclose(file);
    ck_assert_int_ge(n, 0);
    return (uint64_t)n;
}

static void check_counters(const struct ebb_large_run *r, uint64_t spikes)
{
    struct ebb_counters c = ebb_cluster_counters(r->cluster);
    printf("%llu spikes, %llu synaptic operations, %zu MiB\n",
           (unsigned long long)c.spikes,
           (unsigned long long)c.synaptic_operations, ebb_mem_peak() >> 20);
    ck_assert_uint_eq(c.spikes, spikes);
    ck_assert_uint_ge(c.spikes, NEURONS * 9 / 10);
    ck_assert_uint_le(c.spikes, NEURONS * 11 / 10);
    ck_assert_uint_ge(c.synaptic_operations, 70000000);
    ck_assert_uint_le(c.synaptic_operations, 150000000);
}

static void check_recall(const struct ebb_large_run *r)
{
    double completion, falsely;
    must(ebb_large_run_score(r, &completion, &falsely));
    ck_assert_double_ge(completion, 0.99);
    ck_assert_double_le(falsely, 0.01);
}

/* Recorded, and saved at half time. */
static void run_whole(struct half half[2])
{
    struct ebb_large_run r = {.spikes = 0};
    must(ebb_large_run_begin(&r, &memory, 2, TICKS, trace, NULL));
    half[0] = run_half(&r, TICKS / 2);
    must(ebb_large_run_save(&r, TICKS, state));
    half[1] = run_half(&r, TICKS);
    must(ebb_large_run_record(&r));
    check_counters(&r, half[0].spikes + half[1].spikes);
    check_recall(&r);
    ck_assert_uint_eq(spikes_in_trace(), half[0].spikes + half[1].spikes);
    ebb_large_run_finish(&r);
}

static void run_others(const struct half half[2])
{
    struct ebb_large_run one = {.spikes = 0}, resumed = {.spikes = 0};
    must(ebb_large_run_begin(&one, &memory, 1, TICKS, NULL, NULL));
    struct half first = run_half(&one, TICKS / 2);
    struct half second = run_half(&one, TICKS);
    ebb_large_run_finish(&one);
    check_half(&first, &half[0]);
    check_half(&second, &half[1]);
    must(ebb_large_run_begin(&resumed, &memory, 3, TICKS, NULL, state));
    ck_assert_uint_eq(ebb_cluster_now(resumed.cluster), TICKS / 2);
    second = run_half(&resumed, TICKS);
    check_recall(&resumed);
    ebb_large_run_finish(&resumed);
    check_half(&second, &half[1]);
}

START_TEST(a_hundred_million_synapses_run_record_save_and_go_on)
{
    struct half half[2];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(trace, sizeof(trace), "%s/x.trace.h5", folder);
    snprintf(state, sizeof(state), "%s/x.state.h5", folder);
    must(ebb_large_memory_build(&memory, NULL));
    size_t synapses = ebb_large_memory_synapses(&memory);
    ck_assert_uint_ge(synapses, (size_t)NEURONS * 950);
    ck_assert_uint_le(ebb_large_memory_bytes(&memory), 3 * synapses);
    run_whole(half);
    run_others(half);
    ck_assert_uint_le(ebb_mem_peak() >> 20, PEAK_MIB);
    ebb_large_memory_finish(&memory);
    remove(trace);
    remove(state);
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

RUN_SUITE("tools", "memory_tenth",
          a_hundred_million_synapses_run_record_save_and_go_on)
