/* tests/test_conv_run.c - convolutions in float: as the reference, and row by
 * row apart. */
#include "core/random.h"
#include "sim/projection_run.h"
#include "tests/reference_projection.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 5 };

static const struct {
    struct ebb_conv conv;
    struct ebb_grid in;
    size_t channels;
} shapes[] = {
    {{{3, 3}, {1, 1}, {1, 1}, {1, 1}, 1}, {2, 10, 9}, 3},
    {{{5, 5}, {2, 2}, {0, 0}, {1, 1}, 1}, {2, 34, 34}, 4},
    {{{3, 2}, {1, 2}, {2, 1}, {2, 3}, 2}, {4, 9, 8}, 6},
    {{{3, 3}, {1, 1}, {1, 1}, {1, 1}, 4}, {4, 5, 5}, 4},
    {{{2, 2}, {3, 3}, {4, 4}, {1, 1}, 1}, {1, 2, 2}, 1}, /* mostly padding */
};

/* One convolution, and numbers to run it on. */
struct trial {
    struct ebb_network *net;
    const struct ebb_projection *p;
    struct ebb_model_projection_f32 run;
    struct ebb_product shape;
    float *f, *v, *d_f, *d_weight, *work;
};

static float *numbers(size_t n, struct ebb_random *r)
{
    float *x = calloc(n, sizeof(*x));
    ck_assert_ptr_nonnull(x);
    for (size_t i = 0; r && i < n; i++) {
        x[i] = (float)ebb_random_normal(r);
    }
    return x;
}

static struct trial trial_open(size_t k)
{
    struct trial t = {.net = NULL};
    struct ebb_random r = ebb_random_stream(k, EBB_RANDOM_TEST, 81);
    struct ebb_spatial space = {.conv = &shapes[k].conv};
    struct ebb_grid out;
    size_t source, target, q;
    ck_assert_int_eq(
        ebb_conv_grid(&out, &shapes[k].conv, shapes[k].in, shapes[k].channels),
        EBB_OK);
    size_t n = ebb_grid_size(shapes[k].in), m = ebb_grid_size(out);
    ck_assert_int_eq(ebb_network_create(&t.net), EBB_OK);
    ck_assert_int_eq(ebb_network_add_population(t.net, "a", n, true, &source),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_add_population(t.net, "b", m, false, &target),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_set_grid(t.net, source, shapes[k].in), EBB_OK);
    ck_assert_int_eq(ebb_network_set_grid(t.net, target, out), EBB_OK);
    ck_assert_int_eq(ebb_network_add_spatial(t.net, "q", source, target, &space,
                                             EBB_FLOAT32, &q),
                     EBB_OK);
    t.p = &t.net->projections[q];
    float *weight = t.p->weight;
    for (size_t s = 0; s < t.p->synapses; s++) {
        weight[s] = (float)ebb_random_normal(&r);
    }
    t.run = (struct ebb_model_projection_f32){.from = t.p, .weight = weight};
    t.shape = (struct ebb_product){ROWS, n, m, n, m, NULL};
    t.f = numbers(ROWS * n, &r);
    t.v = numbers(ROWS * m, &r);
    t.d_f = numbers(ROWS * n, NULL);
    t.d_weight = numbers(t.p->synapses, NULL);
    t.work = numbers(ebb_projection_work(t.p), NULL);
    return t;
}

static void trial_close(struct trial *t)
{
    free(t->f);
    free(t->v);
    free(t->d_f);
    free(t->d_weight);
    free(t->work);
    ebb_network_destroy(t->net);
}

START_TEST(forward_is_as_the_reference_to_the_rounding_of_floats)
{
    for (size_t k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++) {
        struct trial t = trial_open(k);
        size_t n = t.shape.sources, m = t.shape.targets;
        double *f = calloc(n, sizeof(*f));
        ebb_conv_run_f32.forward(&t.run, &t.shape, t.v, t.f, false, t.work);
        for (size_t row = 0; row < ROWS; row++) {
            double *sum = calloc(m, sizeof(*sum));
            double *size = calloc(m, sizeof(*size));
            for (size_t j = 0; j < n; j++) {
                f[j] = (double)t.f[row * n + j];
            }
            reference_project(t.p, f, sum, size);
            for (size_t i = 0; i < m; i++) {
                double v = (double)t.v[row * m + i];
                CHECK_EACH(fabs(v - sum[i]) <= 1e-6 * size[i],
                           "shape %zu row %zu target %zu: %.9g, not %.9g", k,
                           row, i, v, sum[i]);
            }
            free(sum);
            free(size);
        }
        free(f);
        trial_close(&t);
    }
}
END_TEST

static double inner(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)a[i] * (double)b[i];
    }
    return sum;
}

/* <v, C f> = <Cᵀ v, f> = <dC, w>: what makes an adjoint one. */
START_TEST(backward_and_weight_are_the_adjoint_of_forward)
{
    for (size_t k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++) {
        struct trial t = trial_open(k);
        size_t n = ROWS * t.shape.sources, m = ROWS * t.shape.targets;
        float *v = numbers(m, NULL);
        ebb_conv_run_f32.forward(&t.run, &t.shape, v, t.f, false, t.work);
        ebb_conv_run_f32.backward(&t.run, &t.shape, t.d_f, t.v, t.work);
        ebb_conv_run_f32.weight(&t.run, &t.shape, t.d_weight, t.f, t.v, true,
                                t.work);
        double wanted = inner(t.v, v, m),
               size = sqrt(inner(v, v, m) * (double)m);
        ck_assert_double_eq_tol(inner(t.d_f, t.f, n), wanted, 1e-6 * size);
        ck_assert_double_eq_tol(inner(t.d_weight, t.run.weight, t.p->synapses),
                                wanted, 1e-6 * size);
        free(v);
        trial_close(&t);
    }
}
END_TEST

START_TEST(a_row_has_the_same_bits_alone_and_among_others)
{
    for (size_t k = 0; k < sizeof(shapes) / sizeof(shapes[0]); k++) {
        struct trial t = trial_open(k);
        size_t n = t.shape.sources, m = t.shape.targets;
        struct ebb_product one = t.shape;
        float *v = numbers(ROWS * m, NULL), *d_f = numbers(ROWS * n, NULL);
        one.rows = 1;
        ebb_conv_run_f32.backward(&t.run, &t.shape, t.d_f, t.v, t.work);
        for (size_t row = ROWS; row-- > 0;) {
            ebb_conv_run_f32.backward(&t.run, &one, d_f + row * n,
                                      t.v + row * m, t.work);
            ebb_conv_run_f32.forward(&t.run, &one, v + row * m, t.f + row * n,
                                     false, t.work);
        }
        ebb_conv_run_f32.forward(&t.run, &t.shape, t.v, t.f, false, t.work);
        ck_assert_int_eq(memcmp(v, t.v, ROWS * m * sizeof(*v)), 0);
        ck_assert_int_eq(memcmp(d_f, t.d_f, ROWS * n * sizeof(*v)), 0);
        free(v);
        free(d_f);
        trial_close(&t);
    }
}
END_TEST

START_TEST(forward_adds_to_what_is_there_when_asked)
{
    struct trial t = trial_open(0);
    size_t m = ROWS * t.shape.targets;
    float *v = numbers(m, NULL), *kept = numbers(m, NULL);
    memcpy(kept, t.v, m * sizeof(*v));
    ebb_conv_run_f32.forward(&t.run, &t.shape, v, t.f, false, t.work);
    ebb_conv_run_f32.forward(&t.run, &t.shape, t.v, t.f, true, t.work);
    for (size_t i = 0; i < m; i++) {
        CHECK_EACH(fabsf(t.v[i] - (kept[i] + v[i])) <= 1e-4F,
                   "target %zu: %g + %g is %g", i, (double)kept[i],
                   (double)v[i], (double)t.v[i]);
    }
    free(v);
    free(kept);
    trial_close(&t);
}
END_TEST

RUN_SUITE("sim", "conv_run",
          forward_is_as_the_reference_to_the_rounding_of_floats,
          backward_and_weight_are_the_adjoint_of_forward,
          a_row_has_the_same_bits_alone_and_among_others,
          forward_adds_to_what_is_there_when_asked)
