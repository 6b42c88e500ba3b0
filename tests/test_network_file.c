/* tests/test_network_file.c - networks and patterns survive their files. */
#include "io/file_kind.h"
#include "io/gradients_file.h"
#include "io/network_file.h"
#include "io/patterns_file.h"
#include "core/random.h"
#include "tests/run_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/ebb_network_file_XXXXXX";
static char path[64];

static void begin(const char *name)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/%s", folder, name);
}

static void end(void)
{
    unlink(path);
    ck_assert_msg(rmdir(folder) == 0, "something else is in the folder");
}

static void set_csr(struct ebb_projection *p, struct ebb_random *r)
{
    static const uint64_t indptr[] = {0, 2, 2, 3, 5};
    static const uint32_t indices[] = {0, 2, 1, 0, 1};
    memcpy(p->indptr, indptr, sizeof(indptr));
    memcpy(p->indices, indices, sizeof(indices));
    for (size_t k = 0; k < 5; k++) {
        ((double *)p->weight)[k] = ebb_random_normal(r);
    }
}

/* A network with something of everything. */
static struct ebb_network *make(void)
{
    struct ebb_network *net;
    size_t in = 0, a = 0, b = 0, q = 0;
    struct ebb_random r = ebb_random_stream(5, EBB_RANDOM_TEST, 0);
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    net->tick_s = 1e-3;
    net->strict = true;
    ck_assert_int_eq(ebb_network_add_population(net, "z_in", 4, true, &in), 0);
    ck_assert_int_eq(ebb_network_add_population(net, "m", 3, false, &a), 0);
    ck_assert_int_eq(ebb_network_add_population(net, "a", 2, false, &b), 0);
    struct ebb_population *m = &net->populations[a];
    ck_assert_int_eq(ebb_network_values(net, &m->bias, 3), EBB_OK);
    m->bias.v[1] = -0.25;
    m->reset = EBB_RESET_HYBRID;
    m->refractory_ticks = 3;
    m->v_reset.v[0] = -1;
    net->populations[b].theta.v[0] = 0.7;
    struct ebb_kernel_spec dual = {.shape = EBB_KERNEL_DUAL_EXPONENTIAL,
                                   .tau_m = 8e-3,
                                   .tau_s = 2e-3,
                                   .seconds = true,
                                   .input_lag = 1};
    ck_assert_int_eq(ebb_network_add_projection(net, "one", in, a,
                                                EBB_PROJECTION_SPARSE,
                                                EBB_FLOAT64, 5, &q),
                     EBB_OK);
    set_csr(&net->projections[q], &r);
    ck_assert_int_eq(ebb_kernel_expand(&net->projections[q].kernel, net->arena,
                                       &dual, 1, 1e-3),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_add_projection(net, "all", a, b,
                                                EBB_PROJECTION_DENSE,
                                                EBB_FLOAT32, 0, &q),
                     EBB_OK);
    struct ebb_projection *all = &net->projections[q];
    all->delay_ticks = 2;
    for (size_t k = 0; k < 6; k++) {
        ((float *)all->weight)[k] = (float)ebb_random_normal(&r);
    }
    ck_assert_int_eq(ebb_kernel_alloc(&all->kernel, net->arena, 1, 2, 3), 0);
    all->kernel.spec.shape = EBB_KERNEL_IIR;
    for (size_t k = 0; k < 3; k++) {
        all->kernel.alpha[k] = 0.1 * (double)k;
        all->kernel.beta[3 + k] = 1;
    }
    ck_assert_msg(ebb_network_finish(net) == EBB_OK, "%s", ebb_error_message());
    return net;
}

START_TEST(read_of_what_was_written_is_the_same_network)
{
    struct ebb_network *net = make(), *copy = NULL;
    begin("x.net.h5");
    ck_assert_int_eq(ebb_network_file_write(path, net, NULL), EBB_OK);
    ck_assert_msg(ebb_network_file_read(&copy, path) == EBB_OK, "%s",
                  ebb_error_message());
    ck_assert_uint_eq(ebb_network_hash(copy), ebb_network_hash(net));
    ck_assert_str_eq(copy->populations[0].name, "z_in");
    ck_assert_str_eq(copy->projections[0].name, "one");
    ck_assert(copy->projections[0].kernel.spec.seconds);
    enum ebb_file_kind kind;
    ck_assert_int_eq(ebb_file_kind_find(&kind, path), EBB_OK);
    ck_assert_int_eq(kind, EBB_FILE_NETWORK);
    ebb_network_destroy(net);
    ebb_network_destroy(copy);
    end();
}
END_TEST

/* [2, 5, 6] -> averages of 2 x 3 -> a convolution of two groups -> [4, 3, 2],
 * a bias for each channel -> maxima of 2 x 2 -> 3. */
static struct ebb_network *make_spatial(void)
{
    struct ebb_network *net;
    size_t in, mid, out, q;
    struct ebb_random r = ebb_random_stream(6, EBB_RANDOM_TEST, 0);
    struct ebb_kernel_spec none = {.shape = EBB_KERNEL_NONE};
    struct ebb_conv conv = {{2, 1}, {1, 2}, {1, 1}, {1, 1}, 2};
    struct ebb_spatial first = {{EBB_POOL_AVERAGE, {2, 3}, {2, 3}}, &conv};
    struct ebb_spatial second = {{EBB_POOL_MAX, {2, 2}, {1, 1}}, NULL};
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    ck_assert_int_eq(ebb_network_add_population(net, "in", 60, true, &in), 0);
    ck_assert_int_eq(ebb_network_add_population(net, "mid", 24, false, &mid),
                     0);
    ck_assert_int_eq(ebb_network_add_population(net, "out", 3, false, &out), 0);
    ck_assert_int_eq(ebb_network_set_grid(net, in, (struct ebb_grid){2, 5, 6}),
                     0);
    ck_assert_int_eq(ebb_network_set_grid(net, mid, (struct ebb_grid){4, 3, 2}),
                     0);
    ck_assert_int_eq(ebb_network_values(net, &net->populations[mid].bias, 4),
                     EBB_OK);
    net->populations[mid].bias.v[2] = -.5;
    ck_assert_msg(ebb_network_add_spatial(net, "c", in, mid, &first,
                                          EBB_FLOAT32, &q) == EBB_OK,
                  "%s", ebb_error_message());
    ck_assert_int_eq(
        ebb_network_add_spatial(net, "d", mid, out, &second, EBB_FLOAT64, &q),
        EBB_OK);
    for (size_t k = 0; k < 2; k++) {
        struct ebb_projection *p = &net->projections[k];
        ck_assert_int_eq(ebb_kernel_expand(&p->kernel, net->arena, &none, 1, 0),
                         EBB_OK);
        for (size_t s = 0; s < p->synapses; s++) {
            double w = ebb_random_normal(&r);
            if (k == 0) {
                ((float *)p->weight)[s] = (float)w;
            } else {
                ((double *)p->weight)[s] = w;
            }
        }
    }
    ck_assert_msg(ebb_network_finish(net) == EBB_OK, "%s", ebb_error_message());
    return net;
}

START_TEST(read_of_what_was_written_convolves_and_pools_alike)
{
    struct ebb_network *net = make_spatial(), *copy = NULL;
    begin("x.net.h5");
    ck_assert_int_eq(ebb_network_file_write(path, net, NULL), EBB_OK);
    ck_assert_msg(ebb_network_file_read(&copy, path) == EBB_OK, "%s",
                  ebb_error_message());
    ck_assert_uint_eq(ebb_network_hash(copy), ebb_network_hash(net));
    const struct ebb_projection *p = copy->projections;
    ck_assert_int_eq(p[0].kind, EBB_PROJECTION_CONV2D);
    ck_assert_int_eq(p[1].kind, EBB_PROJECTION_DENSE);
    ck_assert_int_eq(
        memcmp(&p[0].conv, &net->projections[0].conv, sizeof(p[0].conv)), 0);
    ck_assert_int_eq(p[0].pool.kind, EBB_POOL_AVERAGE);
    ck_assert_int_eq(p[1].pool.kind, EBB_POOL_MAX);
    ck_assert(copy->populations[1].bias.n == 4 &&
              ebb_value_at(copy->populations[1].bias, 13) == -.5);
    ebb_network_destroy(net);
    ebb_network_destroy(copy);
    end();
}
END_TEST

static const struct ebb_gradient_array *
find_array(const struct ebb_gradients_about *about, const char *name)
{
    for (size_t k = 0; k < about->n; k++) {
        if (strcmp(about->arrays[k].name, name) == 0) {
            return &about->arrays[k];
        }
    }
    ck_abort_msg("no gradients of %s", name);
    return NULL;
}

/* A convolution's are [out, in / groups, rows, columns] as its weights, told
 * with everything but the first in one; a dense one's [target, pooled]. */
START_TEST(gradients_have_the_shape_of_the_weights)
{
    struct ebb_network *net = make_spatial();
    double d[256] = {0};
    struct ebb_gradients_of_population populations[3] = {
        {NULL, NULL, NULL, NULL}, {d, d, d, d}, {d, d, d, d}};
    struct ebb_gradients_of_projection projections[2] = {{d, d, d}, {d, d, d}};
    struct ebb_gradients g = {populations, projections, .5};
    struct ebb_gradients_about about = {.n = 0};
    ck_assert_uint_eq(net->projections[0].synapses, 4 * 1 * 2 * 1);
    ck_assert_uint_eq(net->projections[1].synapses, 3 * (4 * 2 * 1));
    d[5] = -2; /* [2, 0, 1, 0]; dense: source 1, target 2 */
    begin("x.grad.h5");
    ck_assert_int_eq(ebb_gradients_file_write(path, net, &g), EBB_OK);
    ck_assert_msg(ebb_gradients_about_read(&about, path) == EBB_OK, "%s",
                  ebb_error_message());
    const struct ebb_gradient_array *c =
        find_array(&about, "projections/c/weight");
    ck_assert(c->rows == 4 && c->columns == 2 && c->row == 2 && c->column == 1);
    const struct ebb_gradient_array *dense =
        find_array(&about, "projections/d/weight");
    ck_assert(dense->rows == 3 && dense->columns == 8 && dense->row == 2 &&
              dense->column == 1);
    ebb_gradients_about_finish(&about);
    ebb_network_destroy(net);
    end();
}
END_TEST

START_TEST(checkpoint_keeps_every_number)
{
    struct ebb_network *net = make();
    float x[3] = {1, 2, 3}, m[3] = {4, 5, 6}, v[3] = {7, 8, 1e-40F};
    struct ebb_checkpoint c = {.x = x,
                               .m = m,
                               .v = v,
                               .n = 3,
                               .steps = 17,
                               .epoch = 2,
                               .step = 3,
                               .seed = UINT64_MAX,
                               .loss_sum = 0.1,
                               .best_loss = 0.3,
                               .best_right = 0.7,
                               .best_epoch = 1,
                               .kernels = "stable",
                               .bf16 = true,
                               .penalty = 0.25};
    struct ebb_checkpoint d;
    begin("x.net.h5");
    ck_assert_int_eq(ebb_network_file_write(path, net, &c), EBB_OK);
    ck_assert_int_eq(ebb_checkpoint_read(&d, path), EBB_OK);
    ck_assert_uint_eq(d.n, 3);
    ck_assert_uint_eq(d.steps, 17);
    ck_assert_uint_eq(d.seed, UINT64_MAX);
    ck_assert(d.loss_sum == 0.1 && d.best_loss == 0.3);
    ck_assert(d.best_right == 0.7 && d.best_epoch == 1);
    ck_assert_str_eq(d.kernels, "stable");
    ck_assert(d.bf16 && d.penalty == 0.25);
    float y[9] = {0};
    d.x = y;
    d.m = y + 3;
    d.v = y + 6;
    ck_assert_int_eq(ebb_checkpoint_read_arrays(&d, path), EBB_OK);
    ck_assert_int_eq(memcmp(y, x, sizeof(x)), 0);
    ck_assert_int_eq(memcmp(y + 6, v, sizeof(v)), 0);
    ebb_network_destroy(net);
    end();
}
END_TEST

START_TEST(read_of_a_truncated_network_fails_at_any_length)
{
    struct ebb_network *net = make(), *copy = NULL;
    begin("x.net.h5");
    ck_assert_int_eq(ebb_network_file_write(path, net, NULL), EBB_OK);
    ebb_network_destroy(net);
    struct stat info;
    ck_assert_int_eq(stat(path, &info), 0);
    for (off_t n = info.st_size - 1; n >= 0; n -= 1 + info.st_size / 50) {
        ck_assert_int_eq(truncate(path, n), 0);
        ck_assert_int_ne(ebb_network_file_read(&copy, path), EBB_OK);
        ck_assert_ptr_null(copy);
        ck_assert_ptr_nonnull(strstr(ebb_error_message(), path));
    }
    end();
}
END_TEST

START_TEST(patterns_survive_both_formats)
{
    static const char *const names[] = {"p.h5", "p.npy"};
    for (size_t k = 0; k < 2; k++) {
        struct ebb_pattern_params params = ebb_pattern_params_default();
        params.n = 3;
        params.trains = 50;
        params.ticks = 70;
        struct ebb_patterns p, q;
        ck_assert_int_eq(ebb_patterns_draw(&p, &params), EBB_OK);
        begin(names[k]);
        ck_assert_int_eq(ebb_patterns_write(path, &p), EBB_OK);
        ck_assert_msg(ebb_patterns_read(&q, path) == EBB_OK, "%s",
                      ebb_error_message());
        ck_assert(q.n == 3 && q.trains == 50 && q.ticks == 70);
        ck_assert_int_eq(memcmp(p.spike, q.spike, 3 * 50 * 70), 0);
        ebb_patterns_finish(&p);
        ebb_patterns_finish(&q);
        end();
    }
}
END_TEST

START_TEST(write_into_a_missing_folder_names_the_file)
{
    struct ebb_network *net = make();
    ck_assert_int_eq(ebb_network_file_write("/nowhere/x.net.h5", net, NULL),
                     EBB_ERR_IO);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "/nowhere/x.net.h5"));
    ebb_network_destroy(net);
}
END_TEST

RUN_SUITE("io", "network_file", read_of_what_was_written_is_the_same_network,
          read_of_what_was_written_convolves_and_pools_alike,
          gradients_have_the_shape_of_the_weights,
          checkpoint_keeps_every_number,
          read_of_a_truncated_network_fails_at_any_length,
          patterns_survive_both_formats,
          write_into_a_missing_folder_names_the_file)
