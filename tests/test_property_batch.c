/* tests/test_property_batch.c - batch runs against the dense reference, on
 * networks of every kind. */
#include "sim/batch.h"
#include "tests/dense_reference.h"
#include "tests/random_network.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void load(struct ebb_batch_f64 *batch, const struct random_network *n)
{
    ebb_batch_clear_f64(batch);
    double *o = ebb_batch_o_f64(batch, 0, 0);
    for (size_t k = 0; k < n->input.n; k++) {
        const struct ebb_event *e = &n->input.at[k];
        o[e->tick * n->net->populations[0].n + e->node] += e->value;
    }
}

static double largest(const double *a, size_t n)
{
    double most = 1;
    for (size_t i = 0; i < n; i++) {
        most = fmax(most, fabs(a[i]));
    }
    return most;
}

static void compare(struct ebb_batch_f64 *batch, const struct random_network *n,
                    const struct dense_reference *d, uint64_t seed)
{
    for (size_t k = 1; k < n->net->n_populations; k++) {
        size_t width = n->net->populations[k].n, cells = n->ticks * width;
        const double *o = ebb_batch_o_f64(batch, k, 0);
        const double *v = ebb_batch_v_f64(batch, k, 0);
        double scale = largest(d->v[k], cells);
        for (size_t i = 0; i < cells; i++) {
            CHECK_EACH(o[i] == d->o[k][i],
                       "seed %llu: population %zu neuron %zu tick %zu: "
                       "spike %g, the reference has %g",
                       (unsigned long long)seed, k, i % width, i / width, o[i],
                       d->o[k][i]);
            CHECK_EACH(fabs(v[i] - d->v[k][i]) <= 1e-9 * scale,
                       "seed %llu: population %zu neuron %zu tick %zu: "
                       "V = %.17g, the reference has %.17g",
                       (unsigned long long)seed, k, i % width, i / width, v[i],
                       d->v[k][i]);
        }
    }
}

static void check(const struct random_network *n,
                  const struct dense_reference *d, uint64_t seed)
{
    struct ebb_model_f64 *model;
    struct ebb_batch_f64 *batch;
    struct ebb_batch_options options = {.ticks = n->ticks, .samples = 1};
    ck_assert_int_eq(ebb_model_create_f64(&model, n->net, false), EBB_OK);
    ck_assert_int_eq(ebb_batch_create_f64(&batch, model, &options), EBB_OK);
    load(batch, n);
    ebb_batch_forward_f64(batch);
    compare(batch, n, d, seed);
    ebb_batch_destroy_f64(batch);
    ebb_model_destroy_f64(model);
}

static void check_networks(struct random_network (*draw)(uint64_t seed),
                           uint64_t networks)
{
    const char *start = getenv("EBB_SEED");
    uint64_t first = start ? strtoull(start, NULL, 10) : 0;
    size_t rejected = 0, firing = 0;
    double nearest = INFINITY;
    for (uint64_t seed = first; seed < first + networks; seed++) {
        struct random_network n = draw(seed);
        struct dense_reference d =
            dense_reference_run(n.net, &n.input, n.ticks);
        firing += d.spikes > 0;
        if (d.nearest <= 1e-10) { /* any order of additions may decide */
            rejected++;
        } else {
            nearest = fmin(nearest, d.nearest);
            check(&n, &d, seed);
        }
        dense_reference_finish(&d);
        random_network_finish(&n);
    }
    printf("%llu networks, %zu fire, %zu rejected; nearest |V - Vth| %.3g\n",
           (unsigned long long)networks, firing, rejected, nearest);
    ck_assert_msg(rejected * 50 <= networks, "%zu networks rejected", rejected);
    ck_assert_msg(firing * 10 >= networks * 8, "only %zu fire", firing);
}

static uint64_t networks_or(uint64_t standard)
{
    const char *asked = getenv("EBB_NETWORKS");
    return asked ? strtoull(asked, NULL, 10) : standard;
}

START_TEST(batch_run_equals_the_dense_reference_on_random_networks)
{
    check_networks(random_network_draw, networks_or(2000));
}
END_TEST

START_TEST(batch_run_equals_the_dense_reference_where_networks_convolve)
{
    check_networks(random_network_draw_spatial, networks_or(500));
}
END_TEST

RUN_SUITE("property", "batch",
          batch_run_equals_the_dense_reference_on_random_networks,
          batch_run_equals_the_dense_reference_where_networks_convolve)
