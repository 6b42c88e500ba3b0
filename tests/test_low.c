/* tests/test_low.c - products of factors rounded to bf16: exact where nothing
 * is to be rounded, near float elsewhere, and so the gradients of a network. */
#include "core/memory.h"
#include "core/random.h"
#include "sim/batch.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST = 20000, TICKS = 20, SAMPLES = 3 };

static struct ebb_random draw;

/* Room for products; NULL where there are none, which is told. */
static struct ebb_low *begin(void)
{
    struct ebb_low *low = NULL;
    draw = ebb_random_stream(1, EBB_RANDOM_TEST, 0);
    if (ebb_low_create(&low, MOST) != EBB_OK) {
        ck_assert_ptr_null(low);
        ck_assert_ptr_nonnull(strstr(ebb_error_message(), "leave out --bf16"));
        printf("skipped: %s\n", ebb_error_message());
    }
    return low;
}

/* c = a b, or c += a b, by the definition; factors as they are. */
static void multiply(const struct ebb_low_factor *a,
                     const struct ebb_low_factor *b, double *c, double *size)
{
    size_t m = a->transposed ? a->columns : a->rows;
    size_t k = a->transposed ? a->rows : a->columns;
    size_t n = b->transposed ? b->rows : b->columns;
    for (size_t i = 0; i < m * n; i++) {
        size_t r = i / n, s = i % n;
        size[i] = 0;
        for (size_t j = 0; j < k; j++) {
            double x =
                (double)a
                    ->at[a->transposed ? j * a->stride + r : r * a->stride + j];
            double y =
                (double)b
                    ->at[b->transposed ? s * b->stride + j : j * b->stride + s];
            c[i] += x * y;
            size[i] += fabs(x * y);
        }
    }
}

/* A factor that is m x n once read; its rows are 3 numbers apart. */
static struct ebb_low_factor factor_of(float *at, size_t m, size_t n,
                                       bool transposed, bool whole)
{
    size_t rows = transposed ? n : m, columns = transposed ? m : n;
    for (size_t i = 0; i < rows * (columns + 3); i++) {
        at[i] = whole ? (float)ebb_random_below(&draw, 65) - 32
                      : (float)ebb_random_normal(&draw);
    }
    return (struct ebb_low_factor){at, rows, columns, columns + 3, transposed};
}

/* One product of each kind; `bound` times Σ|a b| is how far it may be off. */
static void compare(struct ebb_low *low, size_t how, bool whole, double bound)
{
    static float a_at[MOST], b_at[MOST], c[MOST];
    static double wanted[MOST], size[MOST];
    bool add = how & 1, turn_a = how & 2, turn_b = how & 4;
    size_t m = 1 + ebb_random_below(&draw, 70);
    size_t n = 1 + ebb_random_below(&draw, 70);
    size_t k = 1 + ebb_random_below(&draw, 70), stride = n + 5;
    struct ebb_low_factor a = factor_of(a_at, m, k, turn_a, whole);
    struct ebb_low_factor b = factor_of(b_at, k, n, turn_b, whole);
    for (size_t i = 0; i < m * stride; i++) {
        c[i] = (float)(i % 7);
    }
    for (size_t i = 0; i < m * n; i++) {
        wanted[i] = add ? (double)c[i / n * stride + i % n] : 0;
    }
    multiply(&a, &b, wanted, size);
    ck_assert(ebb_low_multiply(low, &a, &b, c, stride, add));
    for (size_t i = 0; i < m * stride; i++) {
        size_t at = i / stride * n + i % stride;
        bool inside = i % stride < n;
        double off = inside ? fabs((double)c[i] - wanted[at])
                            : fabs((double)c[i] - (double)(i % 7));
        CHECK_EACH(off <= (inside ? bound * (size[at] + 0x1p-10) : 0),
                   "cell %zu", i);
    }
}

START_TEST(products_of_small_whole_numbers_are_exact)
{
    struct ebb_low *low = begin();
    for (size_t k = 0; low && k < 200; k++) { /* more shapes than are kept */
        compare(low, k % 8, true, 0);
    }
    ebb_low_destroy(low);
}
END_TEST

START_TEST(products_are_off_by_no_more_than_their_rounded_factors)
{
    struct ebb_low *low = begin();
    for (size_t k = 0; low && k < 64; k++) {
        compare(low, k % 8, false, 0x1.02p-7); /* 2^-8 a factor */
    }
    ebb_low_destroy(low);
}
END_TEST

START_TEST(a_factor_beyond_its_room_is_refused)
{
    struct ebb_low *low = begin();
    static float at[2 * MOST], c[2 * MOST];
    struct ebb_low_factor a = {at, MOST + 1, 1, 1, false};
    struct ebb_low_factor b = {at, 1, 1, 1, false};
    if (low) {
        c[0] = 5;
        ck_assert(!ebb_low_multiply(low, &a, &b, c, 1, false));
        ck_assert_float_eq(c[0], 5);
    }
    ebb_low_destroy(low);
}
END_TEST

static size_t add_population(struct ebb_network *net, const char *name,
                             struct ebb_grid grid)
{
    size_t k;
    ck_assert_int_eq(ebb_network_add_population(net, name, ebb_grid_size(grid),
                                                net->n_populations == 0, &k),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_set_grid(net, k, grid), EBB_OK);
    if (k > 0) {
        net->populations[k].v_th.v[0] = 1;
        net->populations[k].theta.v[0] = 0.8;
    }
    return k;
}

static void add_projection(struct ebb_network *net, size_t to,
                           const struct ebb_conv *conv)
{
    const struct ebb_kernel_spec spec = {.shape = EBB_KERNEL_ALPHA, .tau_m = 4};
    const struct ebb_spatial space = {.conv = conv};
    size_t q;
    ck_assert_int_eq(ebb_network_add_spatial(net, net->populations[to].name,
                                             to - 1, to, &space, EBB_FLOAT32,
                                             &q),
                     EBB_OK);
    struct ebb_projection *p = &net->projections[q];
    ck_assert_int_eq(ebb_kernel_expand(&p->kernel, net->arena, &spec, 1, 0),
                     EBB_OK);
    double most = 8 / sqrt((double)(conv ? 18 : p->n_inputs));
    for (size_t s = 0; s < p->synapses; s++) {
        ((float *)p->weight)[s] = (float)ebb_random_between(&draw, -most, most);
    }
}

static struct ebb_network *make(void)
{
    struct ebb_network *net;
    struct ebb_conv conv = ebb_conv_default(3, 3);
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    (void)add_population(net, "input", (struct ebb_grid){2, 8, 8});
    add_projection(net, add_population(net, "c", (struct ebb_grid){8, 6, 6}),
                   &conv);
    add_projection(net, add_population(net, "h", (struct ebb_grid){40, 1, 1}),
                   NULL);
    add_projection(net, add_population(net, "o", (struct ebb_grid){5, 1, 1}),
                   NULL);
    ck_assert_msg(ebb_network_finish(net) == EBB_OK, "%s", ebb_error_message());
    return net;
}

static struct ebb_batch_f32 *make_batch(const struct ebb_model_f32 *m,
                                        bool bf16)
{
    struct ebb_batch_options how = {
        .ticks = TICKS, .samples = SAMPLES, .learn = true, .bf16 = bf16};
    struct ebb_batch_f32 *b;
    ck_assert_int_eq(ebb_batch_create_f32(&b, m, &how), EBB_OK);
    return b;
}

/* A run from events drawn at random; how often the output fires. */
static double run(struct ebb_batch_f32 *b)
{
    float *o = ebb_batch_o_f32(b, 0, 0), *out = ebb_batch_o_f32(b, 3, 0);
    double spikes = 0;
    for (size_t i = 0; i < SAMPLES * TICKS * 128; i++) {
        o[i] = ebb_random_below(&draw, 8) == 0;
    }
    ebb_batch_forward_f32(b);
    for (size_t i = 0; i < SAMPLES * TICKS * 5; i++) {
        spikes += (double)out[i];
    }
    return spikes;
}

/* The same run in another batch: a spike that moved would be no error of the
 * adjoint. */
static void repeat(struct ebb_batch_f32 *to, struct ebb_batch_f32 *from,
                   const struct ebb_network *net)
{
    for (size_t k = 0; k < net->n_populations; k++) {
        size_t bytes = SAMPLES * TICKS * net->populations[k].n * sizeof(float);
        memcpy(ebb_batch_o_f32(to, k, 0), ebb_batch_o_f32(from, k, 0), bytes);
        if (k > 0) {
            memcpy(ebb_batch_v_f32(to, k, 0), ebb_batch_v_f32(from, k, 0),
                   bytes);
        }
    }
    ebb_batch_restore_f32(to);
}

/* Gradients of Σ d_o O, the same d_o each time. */
static struct ebb_gradient_f32 *go_back(struct ebb_batch_f32 *b,
                                        const struct ebb_model_f32 *m)
{
    struct ebb_gradient_f32 *g;
    struct ebb_random r = ebb_random_stream(2, EBB_RANDOM_TEST, 0);
    ck_assert_int_eq(ebb_gradient_create_f32(&g, m), EBB_OK);
    ebb_batch_clear_losses_f32(b);
    float *d_o = ebb_batch_d_o_f32(b, 3, 0);
    for (size_t i = 0; i < SAMPLES * TICKS * 5; i++) {
        d_o[i] = (float)ebb_random_normal(&r);
    }
    ebb_batch_backward_f32(b, g);
    return g;
}

static double distance(const struct ebb_gradient_f32 *a,
                       const struct ebb_gradient_f32 *b)
{
    double off = 0, size = 0;
    for (size_t i = 0; i < a->n_all; i++) {
        double d = (double)a->all[i] - (double)b->all[i];
        off += d * d;
        size += (double)a->all[i] * (double)a->all[i];
    }
    return sqrt(off / size);
}

START_TEST(gradients_of_a_run_stay_within_two_percent)
{
    struct ebb_low *low = begin();
    struct ebb_model_f32 *m;
    ebb_low_destroy(low);
    if (!low) {
        return;
    }
    struct ebb_network *net = make();
    ck_assert_int_eq(ebb_model_create_f32(&m, net, false), EBB_OK);
    struct ebb_batch_f32 *a = make_batch(m, false), *b = make_batch(m, true);
    double spikes = run(a);
    repeat(b, a, net);
    struct ebb_gradient_f32 *exact = go_back(a, m), *near = go_back(b, m);
    double off = distance(exact, near);
    printf("%g output spikes; gradients off by %.3f %%\n", spikes, 100 * off);
    ck_assert_double_ge(spikes, 5);
    ck_assert_double_gt(off, 0); /* it does round */
    ck_assert_double_le(off, 0.02);
    ebb_gradient_destroy_f32(exact);
    ebb_gradient_destroy_f32(near);
    ebb_batch_destroy_f32(a);
    ebb_batch_destroy_f32(b);
    ebb_model_destroy_f32(m);
    ebb_network_destroy(net);
}
END_TEST

RUN_SUITE("sim", "low", products_of_small_whole_numbers_are_exact,
          products_are_off_by_no_more_than_their_rounded_factors,
          a_factor_beyond_its_room_is_refused,
          gradients_of_a_run_stay_within_two_percent)
