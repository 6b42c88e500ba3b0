/* tests/test_bench_nets.c - benchmark networks give their known spikes.
 *
 * The expected rasters are those on which three independent simulators agree.
 * The event engine, alone and as two threads, is held against all of them,
 * spike for spike. */
#include "io/h5.h"
#include "io/import_bench_net.h"
#include "core/memory.h"
#include "sim/cluster.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <unistd.h>

#define FOLDER EBB_SOURCE "/../shared/data/nets"

/* Spikes of one raster, walked through tick by tick. */
struct raster {
    uint64_t *tick;
    uint32_t *node;
    size_t n, at;
    uint32_t first; /* nodes of the file that are sources */
    size_t output;  /* population whose spikes these are */
};

static void read_raster(struct raster *r, const char *path, const char *group)
{
    hid_t file, all, one;
    struct ebb_h5_shape shape;
    uint64_t sources = 0;
    ck_assert_int_eq(ebb_h5_open(&file, path), EBB_OK);
    ck_assert_int_eq(ebb_h5_get_count(&sources, file, "n_src"), EBB_OK);
    ck_assert_int_eq(ebb_h5_group(&all, file, "expected_spikes"), EBB_OK);
    ck_assert_int_eq(ebb_h5_group(&one, all, group), EBB_OK);
    ck_assert_int_eq(ebb_h5_shape(&shape, one, "tick"), EBB_OK);
    r->n = shape.count;
    r->first = (uint32_t)sources;
    r->tick = ebb_mem_calloc(r->n, sizeof(*r->tick));
    r->node = ebb_mem_calloc(r->n, sizeof(*r->node));
    ck_assert_int_eq(ebb_h5_read(r->tick, one, "tick", H5T_NATIVE_UINT64, r->n),
                     EBB_OK);
    ck_assert_int_eq(ebb_h5_read(r->node, one, "node", H5T_NATIVE_UINT32, r->n),
                     EBB_OK);
    H5Gclose(one);
    H5Gclose(all);
    H5Fclose(file);
}

static ebb_status compare(void *self, size_t population, ebb_tick tick,
                          const ebb_neuron_id *node, const double *value,
                          size_t n)
{
    struct raster *r = self;
    (void)value;
    for (size_t k = 0; population == r->output && k < n; k++, r->at++) {
        CHECK_EACH(r->at < r->n, "more than %zu spikes", r->n);
        CHECK_EACH(
            r->tick[r->at] == tick && r->node[r->at] == node[k] + r->first,
            "spike %zu: tick %llu node %u, expected is tick %llu node %u",
            r->at, (unsigned long long)tick, node[k] + r->first,
            (unsigned long long)r->tick[r->at], r->node[r->at]);
    }
    return EBB_OK;
}

static void check(const char *path, const char *group, double tick_s)
{
    if (access(path, R_OK) != 0) {
        printf("skipped: there is no %s\n", path);
        return;
    }
    struct raster r = {.n = 0};
    struct ebb_network *net = NULL;
    struct ebb_events input = {0};
    struct ebb_counters counters;
    read_raster(&r, path, group);
    ck_assert_msg(ebb_bench_net_read(&net, path, tick_s) == EBB_OK, "%s",
                  ebb_error_message());
    ck_assert_int_eq(ebb_bench_net_input(&input, path, tick_s), EBB_OK);
    ebb_tick ticks = r.tick[r.n - 1] + 1;
    while (input.n > 0 && input.at[input.n - 1].tick >= ticks) {
        input.n--;
    }
    r.output = ebb_network_output(net);
    struct ebb_engine_options how = ebb_engine_options_default();
    how.sink = (struct ebb_run_sink){.self = &r, .spikes = compare};
    ck_assert_msg(ebb_engine_simulate(&counters, net, &how, input.at, input.n,
                                      ticks) == EBB_OK,
                  "%s", ebb_error_message());
    ck_assert_uint_gt(r.at, 100);
    ck_assert_uint_eq(r.at, r.n);
    ck_assert_uint_eq(counters.spikes, r.n);
    r.at = 0;
    how.slice = 256; /* so that both engines have some of it */
    const struct ebb_cluster_options two = {.engine = how, .threads = 2};
    ck_assert_msg(ebb_cluster_simulate(&counters, net, &two, input.at, input.n,
                                       ticks) == EBB_OK,
                  "%s", ebb_error_message());
    ck_assert_uint_eq(r.at, r.n);
    ck_assert_uint_eq(counters.spikes, r.n);
    ebb_events_finish(&input);
    ebb_network_destroy(net);
    ebb_mem_free(r.tick);
    ebb_mem_free(r.node);
}

START_TEST(engine_spikes_as_three_simulators_say_on_n1_cuba)
{
    check(FOLDER "/n1_cuba.h5", "dt_0p1ms", 1e-4);
}
END_TEST

START_TEST(engine_spikes_as_three_simulators_say_on_n3_assoc)
{
    check(FOLDER "/n3_assoc.h5", "dt_1ms", 1e-3);
    check(FOLDER "/n3_assoc.h5", "dt_0p1ms", 1e-4);
}
END_TEST

RUN_SUITE("io", "bench_nets", engine_spikes_as_three_simulators_say_on_n1_cuba,
          engine_spikes_as_three_simulators_say_on_n3_assoc)
