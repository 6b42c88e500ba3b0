/* tests/test_primitives.c - bare primitives are there for dense projections and
 * convolutions of any shape that training takes, and refused for others. */
#include "sim/primitives.h"
#include "tests/run_suite.h"

#include <string.h>

static size_t add(struct ebb_network *net, const char *name,
                  struct ebb_grid grid)
{
    size_t k;
    ck_assert_int_eq(ebb_network_add_population(net, name, ebb_grid_size(grid),
                                                net->n_populations == 0, &k),
                     EBB_OK);
    ck_assert_int_eq(ebb_network_set_grid(net, k, grid), EBB_OK);
    return k;
}

/* An input of 4 x 9 x 9, a convolution of it as asked, a dense layer. */
static struct ebb_network *make(const struct ebb_conv *conv)
{
    struct ebb_network *net;
    struct ebb_grid grid;
    const struct ebb_spatial through = {.conv = conv}, dense = {.conv = NULL};
    size_t q;
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    (void)add(net, "input", (struct ebb_grid){4, 9, 9});
    ck_assert_int_eq(ebb_conv_grid(&grid, conv, net->populations[0].grid, 6),
                     EBB_OK);
    (void)add(net, "c", grid);
    (void)add(net, "o", (struct ebb_grid){5, 1, 1});
    ck_assert_int_eq(
        ebb_network_add_spatial(net, "a", 0, 1, &through, EBB_FLOAT32, &q),
        EBB_OK);
    ck_assert_int_eq(
        ebb_network_add_spatial(net, "b", 1, 2, &dense, EBB_FLOAT32, &q),
        EBB_OK);
    return net;
}

/* What a projection's primitives say; "" where they ran. */
static const char *outcome(const struct ebb_network *net, size_t index,
                           bool data)
{
    struct ebb_primitives *p = NULL;
    bool good = ebb_primitives_create(&p, net, index, 7, data) == EBB_OK &&
                ebb_primitives_run(p) == EBB_OK &&
                ebb_primitives_run(p) == EBB_OK;
    ck_assert(good == (p != NULL));
    ebb_primitives_destroy(p);
    return good ? "" : ebb_error_message();
}

START_TEST(projections_of_all_shapes_run_but_dilated_ones)
{
    for (size_t k = 0; k < 16; k++) {
        struct ebb_conv conv = ebb_conv_default(3, 2);
        conv.stride[0] = k & 1 ? 2 : 1;
        conv.padding[1] = k & 2 ? 1 : 0;
        conv.groups = k & 4 ? 2 : 1;
        conv.dilation[0] = k & 8 ? 2 : 1;
        struct ebb_network *net = make(&conv);
        const char *dense = outcome(net, 1, true);
        if (strstr(dense, "built without oneDNN")) {
            ebb_network_destroy(net);
            return;
        }
        ck_assert_str_eq(dense, "");
        for (int data = 0; data < 2; data++) {
            const char *said = outcome(net, 0, data);
            ck_assert_msg(k & 8 ? strstr(said, "dilation") != NULL : !*said,
                          "shape %zu: %s", k, said);
        }
        ebb_network_destroy(net);
    }
}
END_TEST

RUN_SUITE("sim", "primitives", projections_of_all_shapes_run_but_dilated_ones)
