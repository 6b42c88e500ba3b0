/* tests/test_memory_least.c - what a memory takes at least, told beforehand,
 * against what it takes. */
#include "core/memory.h"
#include "tests/run_suite.h"
#include "tools/memory/memory.h"

#include <stdio.h>

/* Bytes that the rows of the synapses take, without what each row has. */
static double build(const struct ebb_association_params *params,
                    const struct ebb_memory_size *size)
{
    struct ebb_assemblies patterns = {0};
    struct ebb_association_params p = *params;
    struct ebb_network *net = NULL;
    ck_assert_int_eq(ebb_assemblies_draw(&patterns, size->neurons,
                                         size->patterns, size->cells, p.seed),
                     EBB_OK);
    ck_assert_int_eq(ebb_association_settle(&p, &patterns), EBB_OK);
    ck_assert_msg(ebb_association_build(&net, &p, &patterns, 1, NULL) == EBB_OK,
                  "%s", ebb_error_message());
    size_t k = ebb_network_find_projection(net, "recall");
    double bytes = (double)ebb_rows_bytes(net->projections[k].rows);
    ebb_network_destroy(net);
    ebb_assemblies_finish(&patterns);
    return bytes;
}

/* No memory that fits is refused, and not much that does not fit is drawn in
 * vain. */
START_TEST(no_memory_takes_less_than_its_least)
{
    static const double connect[] = {0.03, 0.2, 0.5, 1};
    static const size_t neurons[] = {500, 1500, 5000};
    double furthest = 1;
    for (size_t k = 0; k < 60; k++) {
        struct ebb_association_params p = ebb_association_params_default();
        struct ebb_memory_size size = {.neurons = neurons[k % 3],
                                       .patterns = 20 + 300 * (k / 3 % 2),
                                       .cells = 30 + 100 * (k / 6 % 2)};
        p.kind =
            k % 5 == 0 ? EBB_ASSOCIATION_HOPFIELD : EBB_ASSOCIATION_WILLSHAW;
        p.weight_bits = p.kind == EBB_ASSOCIATION_HOPFIELD ? 8 : 0;
        p.connect = connect[k / 12 % 4];
        p.seed = k;
        double least = ebb_memory_least_bytes(&p, &size);
        double bytes = build(&p, &size);
        CHECK_EACH(least <= bytes,
                   "%zu: %g bytes, at least %g: %zu neurons, %zu patterns of "
                   "%zu, connected %g",
                   k, bytes, least, (size_t)size.neurons, (size_t)size.patterns,
                   (size_t)size.cells, p.connect);
        bytes -= 21 * (double)size.neurons;
        double share = bytes > 1e6 ? least / bytes : 1;
        furthest = share < furthest ? share : furthest;
    }
    printf("of a megabyte and more the least is %.2f or more\n", furthest);
    ck_assert_double_gt(furthest, 0.3);
}
END_TEST

RUN_SUITE("tools", "memory_least", no_memory_takes_less_than_its_least)
