/* tests/test_edges.c - lists of synapses of any length become networks, in
 * memory that does not grow with the list. */
#include "core/random.h"
#include "core/spool.h"
#include "models/edges.h"
#include "models/network_rows.h"
#include "tests/run_suite.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static struct ebb_network *net;
static size_t in, out;

/* Populations of that many, without synapses. */
static void begin(size_t sources, size_t targets)
{
    struct ebb_edge_neurons how = ebb_edge_neurons_default();
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    net->tick_s = 1e-3;
    ck_assert_int_eq(ebb_network_add_population(net, "in", sources, true, &in),
                     EBB_OK);
    ck_assert_int_eq(ebb_edges_add_neurons(net, "out", targets, &how, &out),
                     EBB_OK);
}

static void end(void)
{
    ebb_network_destroy(net);
    net = NULL;
}

static ebb_status add(struct ebb_edges *list)
{
    struct ebb_edge_neurons how = ebb_edge_neurons_default();
    return ebb_edges_add(net, "s", in, out, list, &how);
}

/* A list, drawn; `delays` different ones, few weights, so that many edges are
 * there twice. */
struct drawn {
    struct ebb_edge at[2000];
    size_t n, sources, targets;
    uint32_t delays;
};

static uint32_t below(struct ebb_random *r, size_t n)
{
    return (uint32_t)(ebb_random_uniform(r) * (double)n);
}

static struct drawn draw(struct ebb_random *r)
{
    struct drawn d = {.n = 1 + below(r, below(r, 2) ? 2000 : 60),
                      .sources = 1 + below(r, 40),
                      .targets = 1 + below(r, 40),
                      .delays = 1 + below(r, below(r, 2) ? 1 : 9)};
    for (size_t k = 0; k < d.n; k++) {
        d.at[k] = (struct ebb_edge){below(r, d.sources), below(r, d.targets),
                                    (float)below(r, 5) / 4 - 0.5F,
                                    1 + below(r, d.delays)};
    }
    return d;
}

/* The same list by inserting, edge after edge, where it belongs. */
static void insert(struct drawn *d)
{
    for (size_t k = 1; k < d->n; k++) {
        struct ebb_edge e = d->at[k];
        size_t to = k;
        for (; to > 0; to--) {
            const struct ebb_edge *o = &d->at[to - 1];
            bool after = o->delay_ticks != e.delay_ticks
                             ? o->delay_ticks > e.delay_ticks
                         : o->source != e.source ? o->source > e.source
                         : o->target != e.target ? o->target > e.target
                                                 : o->weight > e.weight;
            if (!after) {
                break;
            }
            d->at[to] = *o;
        }
        d->at[to] = e;
    }
}

/* Do the projections, one after the other, hold the sorted edges? */
static void check_same(const struct drawn *d, uint64_t seed, size_t room)
{
    size_t k = 0;
    for (size_t q = 0; q < net->n_projections; q++) {
        const struct ebb_projection *p = &net->projections[q];
        for (size_t j = 0; j < d->sources; j++) {
            struct ebb_row row = ebb_projection_row(p, j);
            for (size_t i = 0; i < row.n; i++, k++) {
                const struct ebb_edge *e = &d->at[k];
                float weight = ((const float *)row.weight)[i];
                CHECK_EACH(k < d->n && e->delay_ticks == p->delay_ticks &&
                               e->source == j && e->target == row.target[i] &&
                               memcmp(&e->weight, &weight, 4) == 0,
                           "seed %llu, room %zu: edge %zu differs",
                           (unsigned long long)seed, room, k);
            }
        }
    }
    ck_assert_msg(k == d->n, "seed %llu, room %zu: %zu of %zu edges",
                  (unsigned long long)seed, room, k, d->n);
}

START_TEST(lists_in_pieces_are_those_in_memory)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 0);
        static struct drawn d;
        d = draw(&r);
        struct ebb_edges list = {.room = 1 + below(&r, 2 * d.n)};
        size_t room = list.room;
        begin(d.sources, d.targets);
        for (size_t k = 0; k < d.n; k++) {
            ck_assert_int_eq(ebb_edges_push(&list, d.at[k]), EBB_OK);
        }
        CHECK_EACH((list.spool != NULL) == (room < d.n), "seed %llu",
                   (unsigned long long)seed);
        CHECK_EACH(add(&list) == EBB_OK, "seed %llu: %s",
                   (unsigned long long)seed, ebb_error_message());
        insert(&d);
        check_same(&d, seed, room);
        ebb_edges_finish(&list);
        end();
    }
}
END_TEST

START_TEST(a_bad_end_is_refused_in_any_piece)
{
    for (uint32_t k = 0; k < 10; k++) {
        struct ebb_edges list = {.room = 3};
        begin(4, 4);
        for (uint32_t e = 0; e < 10; e++) {
            struct ebb_edge edge = {e == k ? 4 : 1, 2, 1, 1};
            ck_assert_int_eq(ebb_edges_push(&list, edge), EBB_OK);
        }
        CHECK_EACH(add(&list) == EBB_ERR_ARG &&
                       strstr(ebb_error_message(), "from 4 to 2"),
                   "edge %u: %s", k, ebb_error_message());
        ebb_edges_finish(&list);
        end();
    }
}
END_TEST

START_TEST(too_many_delays_are_counted_and_refused)
{
    for (size_t room = 50; room <= 5000; room *= 100) {
        struct ebb_edges list = {.room = room};
        begin(1, 1);
        for (uint32_t e = 0; e < EBB_EDGES_DELAYS_MAX + 3; e++) {
            struct ebb_edge edge = {.delay_ticks = 7 * e, .weight = 1};
            ck_assert_int_eq(ebb_edges_push(&list, edge), EBB_OK);
        }
        ck_assert_int_eq(add(&list), EBB_ERR_ARG);
        ck_assert_ptr_nonnull(strstr(ebb_error_message(), "1027 delays"));
        ebb_edges_finish(&list);
        end();
    }
}
END_TEST

static ebb_status push_and_add(struct ebb_edges *list)
{
    for (uint32_t e = 0; e < 20; e++) {
        struct ebb_edge edge = {e % 3, e % 4, 1, 1 + e % 2};
        EBB_TRY(ebb_edges_push(list, edge));
    }
    return add(list);
}

START_TEST(pieces_survive_every_failed_allocation)
{
    ebb_status status = EBB_ERR_NOMEM;
    for (long nth = 1; status != EBB_OK; nth++) {
        struct ebb_edges list = {.room = 6};
        begin(3, 4);
        ebb_mem_fail_nth(nth);
        status = push_and_add(&list);
        ebb_mem_fail_nth(0);
        CHECK_EACH(status == EBB_OK || status == EBB_ERR_NOMEM,
                   "allocation %ld: %s", nth, ebb_error_message());
        ebb_edges_finish(&list);
        end();
    }
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_named)
{
    struct ebb_spool *spool;
    setenv("TMPDIR", "/nowhere/at/all", 1);
    ck_assert_int_eq(ebb_spool_create(&spool), EBB_ERR_IO);
    unsetenv("TMPDIR");
    ck_assert_ptr_null(spool);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "/nowhere/at/all"));
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "set TMPDIR"));
}
END_TEST

START_TEST(a_spool_that_cannot_grow_says_so)
{
    static char bytes[1 << 16];
    const struct rlimit few = {1000, 1000};
    struct ebb_spool *spool;
    if (getenv("CK_FORK")) {
        puts("skipped: this process would stay limited");
        return;
    }
    ck_assert_int_eq(ebb_spool_create(&spool), EBB_OK);
    ck_assert_int_eq(ebb_spool_write(spool, bytes, 100), EBB_OK);
    ck_assert_int_eq(ebb_spool_read(spool, 90, bytes, 11), EBB_ERR_IO);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "ends too early"));
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &few), 0);
    ck_assert_int_eq(ebb_spool_write(spool, bytes, sizeof(bytes)), EBB_ERR_IO);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "set TMPDIR"));
    ebb_spool_destroy(spool);
}
END_TEST

/* Rows, what is kept of each, and a list of EBB_EDGES_ROOM: that, as much while
 * it grew, and as much to sort it. */
START_TEST(memory_is_the_network_and_a_bound)
{
    enum { SOURCES = 4000, EDGES = 5000000, ROW = 20 };
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, 0);
    struct ebb_edges list = {.n = 0};
    size_t before = ebb_mem_peak(), whole = EDGES * sizeof(struct ebb_edge);
    begin(SOURCES, SOURCES);
    for (size_t k = 0; k < EDGES; k++) {
        struct ebb_edge e = {below(&r, SOURCES), below(&r, SOURCES),
                             (float)ebb_random_uniform(&r), 1};
        CHECK_EACH(ebb_edges_push(&list, e) == EBB_OK, "%s",
                   ebb_error_message());
    }
    ck_assert_msg(add(&list) == EBB_OK, "%s", ebb_error_message());
    size_t rows = ebb_rows_bytes(net->projections[0].rows);
    size_t most =
        rows + SOURCES * ROW + 3 * EBB_EDGES_ROOM * sizeof(struct ebb_edge);
    size_t took = ebb_mem_peak() - before;
    ck_assert_uint_eq(net->projections[0].synapses, EDGES);
    ck_assert_uint_lt(most, whole + rows); /* else this shows nothing */
    if (EBB_SANITIZED) {
        puts("memory is not measured beside a sanitizer: skipped");
    } else {
        ck_assert_msg(took <= most, "%zu bytes for rows of %zu", took, rows);
    }
    ebb_edges_finish(&list);
    end();
}
END_TEST

START_TEST(a_list_that_will_not_fit_is_refused_beforehand)
{
    struct ebb_edges list = {.n = 0};
    const uint64_t many = UINT64_MAX / 32, huge = UINT64_MAX;
    char *old = getenv("TMPDIR") ? strdup(getenv("TMPDIR")) : NULL;
    setenv("TMPDIR", "/", 1);
    ck_assert_int_eq(ebb_edges_expect(&list, EBB_EDGES_ROOM), EBB_OK);
    ck_assert_int_eq(ebb_spool_check_room(0), EBB_OK);
    ck_assert_int_eq(ebb_edges_expect(&list, many), EBB_ERR_IO);
    ck_assert_ptr_nonnull(strstr(ebb_error_message(),
                                 "takes 9223372036854775792 bytes, and in / "));
    ck_assert_ptr_nonnull(strstr(ebb_error_message(), "set TMPDIR"));
    ck_assert_int_eq(ebb_edges_expect(&list, huge), EBB_ERR_IO);
    list.room = 4;
    ck_assert_int_eq(ebb_edges_expect(&list, 4), EBB_OK);
    if (old) {
        setenv("TMPDIR", old, 1);
    } else {
        unsetenv("TMPDIR");
    }
    free(old);
}
END_TEST

RUN_SUITE("models", "edges", lists_in_pieces_are_those_in_memory,
          a_bad_end_is_refused_in_any_piece,
          too_many_delays_are_counted_and_refused,
          pieces_survive_every_failed_allocation,
          a_folder_that_is_not_there_is_named, a_spool_that_cannot_grow_says_so,
          a_list_that_will_not_fit_is_refused_beforehand,
          memory_is_the_network_and_a_bound)
