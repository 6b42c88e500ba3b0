/* tests/test_train_bytes.c - what training takes is known beforehand. */
#include "sim/learn/train_parts.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <string.h>

enum { TICKS = 60, CLASSES = 3 };

static ebb_status read_nothing(void *self, enum ebb_split split, uint64_t epoch,
                               size_t index, struct ebb_sample *out)
{
    (void)self, (void)split, (void)epoch;
    ebb_events_clear(&out->input);
    ebb_events_clear(&out->target);
    out->label = index % CLASSES;
    return EBB_OK;
}

static const struct ebb_sample_source source = {.inputs = 2 * 20 * 20,
                                                .classes = CLASSES,
                                                .ticks = TICKS,
                                                .size = {12, 0, 0},
                                                .read = read_nothing};

static size_t add(struct ebb_network *net, const char *name,
                  struct ebb_grid grid)
{
    size_t index;
    ck_assert_int_eq(ebb_network_add_population(net, name, ebb_grid_size(grid),
                                                net->n_populations == 0,
                                                &index),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_set_grid(net, index, grid), EBB_OK);
    return index;
}

static void link(struct ebb_network *net, size_t to, struct ebb_spatial space)
{
    const struct ebb_kernel_spec spec = {.shape = EBB_KERNEL_ALPHA, .tau_m = 4};
    size_t q;
    ck_assert_msg(ebb_network_add_spatial(net, net->populations[to].name,
                                          to - 1, to, &space, EBB_FLOAT32,
                                          &q) == EBB_OK,
                  "%s", ebb_error_message());
    struct ebb_projection *p = &net->projections[q];
    ck_assert_int_eq(ebb_kernel_expand(&p->kernel, net->arena, &spec,
                                       net->populations[to - 1].n, 0),
                     EBB_OK);
}

/* A convolution, pooling and a dense layer. */
static struct ebb_network *make(void)
{
    struct ebb_network *net;
    struct ebb_conv conv = ebb_conv_default(3, 3);
    struct ebb_pool pool = {
        .kind = EBB_POOL_MAX, .size = {2, 2}, .stride = {2, 2}};
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    (void)add(net, "input", (struct ebb_grid){2, 20, 20});
    link(net, add(net, "c", (struct ebb_grid){8, 18, 18}),
         (struct ebb_spatial){.conv = &conv});
    net->populations[1].reset = EBB_RESET_HYBRID;
    net->populations[1].refractory_ticks = 2;
    net->populations[1].v_reset.v[0] = 0;
    net->populations[1].v_th.v[0] = 1;
    link(net, add(net, "output", (struct ebb_grid){CLASSES, 1, 1}),
         (struct ebb_spatial){.pool = pool});
    ck_assert_msg(ebb_network_finish(net) == EBB_OK, "%s", ebb_error_message());
    return net;
}

static struct ebb_trainer *train(struct ebb_network *net, const double *dropout,
                                 bool theta)
{
    const struct ebb_train_options how = {
        .epochs = 1,
        .batch = 12,
        .loss = {.kind = EBB_LOSS_RATE},
        .optimiser = ebb_optimiser_default(),
        .learn = {.kernels = EBB_KERNELS_FREE, .bias = true, .theta = theta},
        .dropout = dropout,
        .threads = dropout ? 1 : 3};
    struct ebb_trainer *t;
    struct ebb_train_step step;
    ck_assert_msg(ebb_trainer_create(&t, net, &source, &how) == EBB_OK, "%s",
                  ebb_error_message());
    /* Rooms for dropout are made by the threads as they need them, which one
     * that gets no tile does not. */
    ck_assert_int_eq(ebb_trainer_step(t, 0, 0, &step), EBB_OK);
    return t;
}

START_TEST(estimate_is_what_training_takes)
{
    const double dropout[3] = {0.5, 0.2, 0};
    struct ebb_network *net = make();
    size_t most = 0; /* 3, or 1 where there is no OpenMP */
    for (int k = 0; k < 4; k++) {
        struct ebb_trainer *t =
            train(net, k & 1 ? dropout : NULL, (k & 2) != 0);
        const struct ebb_train_bytes b = ebb_train_bytes(t);
        most = k == 0 ? b.threads : most;
        ck_assert(most == 3 || most == 1);
        ck_assert_uint_eq(b.threads, k & 1 ? 1 : most);
        double wanted = (double)(b.thread * b.threads + b.shared);
        double taken = (double)ebb_trainer_bytes(t);
        ck_assert_msg(taken > wanted && taken < 1.1 * wanted,
                      "%d: %g bytes, estimated %g", k, taken, wanted);
        ebb_trainer_destroy(t);
    }
    ebb_network_destroy(net);
}
END_TEST

START_TEST(too_little_memory_is_told_with_numbers_and_ways_out)
{
    struct ebb_network *net = make();
    struct ebb_trainer *t = train(net, NULL, false);
    const struct ebb_train_bytes b = ebb_train_bytes(t);
    size_t all = b.thread * b.threads + b.shared;
    ck_assert_int_eq(ebb_train_check_memory(t, all), EBB_OK);
    ck_assert_int_eq(ebb_train_check_memory(t, 0), EBB_OK); /* not known */
    ck_assert_int_eq(ebb_train_check_memory(t, all - 1), EBB_ERR_NOMEM);
    const char *says = ebb_error_message();
    char threads[40];
    snprintf(threads, sizeof(threads), "each of %zu threads", b.threads);
    ck_assert_msg(strstr(says, threads) && strstr(says, "of 60 ticks") &&
                      strstr(says, "Fewer --threads"),
                  "%s", says);
    ebb_trainer_destroy(t);
    ebb_network_destroy(net);
}
END_TEST

RUN_SUITE("sim", "train_bytes", estimate_is_what_training_takes,
          too_little_memory_is_told_with_numbers_and_ways_out)
