/* tests/test_winners.c - max pooling by events: at every tick the maximum of
 * PSPs that are computed tick by tick. */
#include "sim/winners.h"

#include "core/calendar.h"
#include "core/random.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TICKS = 400, AXONS = 2 * 6 * 5, ORDER = 4 };

/* Poles of random kernels: real, negative, equal, in pairs. */
static void random_alpha(struct ebb_random *r, double *alpha, unsigned order)
{
    double c[ORDER + 1] = {1};
    for (unsigned k = 0; k < order;) {
        bool pair = k + 1 < order && ebb_random_below(r, 2);
        double size = ebb_random_between(r, .3, .97);
        double a = pair ? 2 * size * cos(ebb_random_between(r, 0, 3)) : size;
        double b = pair ? -size * size : 0;
        if (!pair && ebb_random_below(r, 4) == 0) {
            a = -a;
        }
        double next[ORDER + 1] = {0};
        for (unsigned i = 0; i <= ORDER; i++) { /* times 1 - a z - b z² */
            next[i] =
                c[i] - (i > 0 ? a * c[i - 1] : 0) - (i > 1 ? b * c[i - 2] : 0);
        }
        memcpy(c, next, sizeof(c));
        k += pair ? 2 : 1;
    }
    for (unsigned k = 0; k < order; k++) {
        alpha[k] = -c[k + 1];
    }
}

/* A run of one pooling, by events and tick by tick. */
struct trial {
    struct ebb_projection p;
    struct ebb_section section;
    struct winners *w;
    struct ebb_filter *filter; /* of what is told */
    struct ebb_calendar *calendar;
    double past[AXONS][ORDER]; /* F[t-1], … */
    double told[AXONS][ORDER + 3];
    size_t windows, looks, changes;
};

static void trial_open(struct trial *t, struct ebb_random *r)
{
    memset(t, 0, sizeof(*t));
    t->p.from = (struct ebb_grid){2, 6, 5};
    t->p.pool.kind = EBB_POOL_MAX;
    for (size_t k = 0; k < 2; k++) {
        t->p.pool.size[k] = 1 + ebb_random_below(r, 3);
        t->p.pool.stride[k] = 1 + ebb_random_below(r, 3);
    }
    ck_assert_int_eq(ebb_pool_grid(&t->p.inputs, &t->p.pool, t->p.from),
                     EBB_OK);
    t->windows = ebb_grid_size(t->p.inputs);
    t->section.order = 1 + ebb_random_below(r, ORDER);
    t->section.form = t->section.order == 1 ? EBB_SECTION_TRANSPOSED
                                            : EBB_SECTION_DIFFERENCES;
    random_alpha(r, t->section.number, t->section.order);
    ck_assert_int_eq(winners_create(&t->w, &t->p, &t->section, 1e-18), EBB_OK);
    struct ebb_filter_spec spec = {.sections = &t->section, .n_sections = 1};
    ck_assert_int_eq(ebb_filter_create(&t->filter, &spec), EBB_OK);
    ck_assert_int_eq(ebb_calendar_create(&t->calendar), EBB_OK);
}

static void trial_close(struct trial *t)
{
    winners_destroy(t->w);
    ebb_filter_destroy(t->filter);
    ebb_calendar_destroy(t->calendar);
}

/* Events of this tick, the same for both. */
static void stimulate(struct trial *t, struct ebb_random *r, double *input,
                      ebb_tick now)
{
    memset(input, 0, AXONS * sizeof(*input));
    /* bursts, and long silences for winners to change by themselves */
    size_t n = now % 80 < 12 ? ebb_random_below(r, 6) : 0;
    for (size_t k = 0; k < n; k++) {
        size_t axon = ebb_random_below(r, AXONS);
        double x = ebb_random_between(r, -.5, 1);
        input[axon] += x;
        winners_add(t->w, axon, x);
    }
}

static void wake(struct trial *t, ebb_tick now)
{
    const uint64_t *entry;
    size_t n;
    if (ebb_calendar_next(t->calendar) != now) {
        return;
    }
    ck_assert_int_eq(ebb_calendar_pop(t->calendar, now, &entry, &n), EBB_OK);
    for (size_t k = 0; k < n; k++) {
        winners_wake(t->w, entry[k], now);
    }
}

/* What is told, a tick further. */
static void advance_told(struct trial *t)
{
    for (size_t m = 0; m < t->windows; m++) {
        ebb_filter_advance(t->filter, t->told[m], 1);
    }
}

static void settle(struct trial *t, ebb_tick now)
{
    const struct winners_change *change;
    size_t n, v = ebb_filter_v_at(t->filter);
    uint32_t window;
    ebb_tick tick;
    t->looks += winners_stirred(t->w);
    ck_assert_int_eq(winners_settle(t->w, now, &change, &n), EBB_OK);
    t->changes += n;
    for (size_t k = 0; k < n; k++) {
        double *x = t->told[change[k].window];
        for (unsigned i = 0; i < t->section.order; i++) {
            x[i] += change[k].delta[i];
        }
        x[v] += change[k].delta[t->section.order];
    }
    for (size_t k = 0; winners_wanted(t->w, k, &window, &tick); k++) {
        CHECK_EACH(tick > now, "asks for tick %llu at %llu",
                   (unsigned long long)tick, (unsigned long long)now);
        ck_assert_int_eq(ebb_calendar_push(t->calendar, tick, window), EBB_OK);
    }
}

static void step_axons(struct trial *t, const double *input, double *f)
{
    unsigned order = t->section.order;
    for (size_t j = 0; j < AXONS; j++) {
        f[j] = input[j];
        for (unsigned p = 0; p < order; p++) {
            f[j] += t->section.number[p] * t->past[j][p];
        }
        memmove(t->past[j] + 1, t->past[j], (order - 1) * sizeof(double));
        t->past[j][0] = f[j];
    }
}

static double maximum(const struct trial *t, size_t window, const double *f)
{
    const struct ebb_projection *p = &t->p;
    size_t c = window % p->inputs.columns, rest = window / p->inputs.columns;
    size_t r = rest % p->inputs.rows, channel = rest / p->inputs.rows;
    double most = -HUGE_VAL;
    for (size_t u = 0; u < p->pool.size[0]; u++) {
        for (size_t v = 0; v < p->pool.size[1]; v++) {
            size_t row = channel * p->from.rows + r * p->pool.stride[0] + u;
            most = fmax(most,
                        f[row * p->from.columns + c * p->pool.stride[1] + v]);
        }
    }
    return most;
}

START_TEST(windows_give_the_maximum_at_every_tick)
{
    size_t looks = 0, changes = 0, all = 0;
    for (uint64_t seed = 0; seed < 100; seed++) {
        struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 83);
        struct trial t;
        double input[AXONS], f[AXONS];
        trial_open(&t, &r);
        for (ebb_tick now = 0; now < TICKS; now++) {
            wake(&t, now);
            stimulate(&t, &r, input, now);
            advance_told(&t);
            settle(&t, now);
            step_axons(&t, input, f);
            for (size_t m = 0; m < t.windows; m++) {
                double told = t.told[m][ebb_filter_v_at(t.filter)];
                CHECK_EACH(fabs(told - maximum(&t, m, f)) < 1e-11,
                           "seed %llu, tick %llu, window %zu: %.17g, not %.17g",
                           (unsigned long long)seed, (unsigned long long)now, m,
                           told, maximum(&t, m, f));
            }
        }
        looks += t.looks;
        changes += t.changes;
        all += t.windows * TICKS;
        trial_close(&t);
    }
    /* By events: a quarter of all windows and ticks is looked at, though many
       of these kernels ring, and most looks are for a reason. */
    ck_assert_uint_lt(looks, all / 4);
    ck_assert_uint_gt(changes, looks / 2);
}
END_TEST

/* Two PSPs in one window: the faster one is larger at first. The slower one
 * takes over once, at the tick that arithmetic tells, and nobody looks at
 * other ticks. */
START_TEST(a_change_of_winner_is_one_event)
{
    struct trial t = {.p = {.from = {1, 1, 2}}};
    const struct winners_change *change;
    uint32_t window;
    ebb_tick tick;
    size_t n;
    t.p.pool = (struct ebb_pool){EBB_POOL_MAX, {1, 2}, {1, 2}};
    t.p.inputs = (struct ebb_grid){1, 1, 1};
    t.section = (struct ebb_section){
        .form = EBB_SECTION_CASCADE, .order = 2, .number = {.5, .9}};
    ck_assert_int_eq(winners_create(&t.w, &t.p, &t.section, 1e-18), EBB_OK);
    /* y[n] of an input of 1: (.9^(n+1) - .5^(n+1)) / .4 peaks at n = 2. */
    winners_add(t.w, 0, 1);
    ck_assert_int_eq(winners_settle(t.w, 0, &change, &n), EBB_OK);
    ck_assert_uint_eq(n, 1);
    ck_assert(!winners_wanted(t.w, 0, &window, &tick));
    winners_add(t.w, 1, 1.05);
    ck_assert_int_eq(winners_settle(t.w, 1, &change, &n), EBB_OK);
    ck_assert_uint_eq(n, 0); /* 1.4 against 1.05 */
    ck_assert(winners_wanted(t.w, 0, &window, &tick));
    ebb_tick expected = 2;
    for (; expected < 100; expected++) {
        double k = (double)expected;
        double first = (pow(.9, k + 1) - pow(.5, k + 1)) / .4;
        double second = 1.05 * (pow(.9, k) - pow(.5, k)) / .4;
        if (second > first) {
            break;
        }
    }
    ck_assert_uint_eq(tick, expected);
    ck_assert(!winners_wake(t.w, 0, tick - 1));
    ck_assert(winners_wake(t.w, 0, tick));
    ck_assert_int_eq(winners_settle(t.w, tick, &change, &n), EBB_OK);
    ck_assert_uint_eq(n, 1);
    ck_assert(!winners_wanted(t.w, 0, &window, &tick));
    ck_assert_uint_lt(winners_evaluations(t.w), 200);
    winners_destroy(t.w);
}
END_TEST

START_TEST(create_survives_every_failed_allocation)
{
    struct ebb_projection p = {.from = {1, 4, 4}, .inputs = {1, 2, 2}};
    struct ebb_section s = {
        .form = EBB_SECTION_TRANSPOSED, .order = 1, .number = {.5}};
    struct winners *w = NULL;
    ebb_status status = EBB_ERR_NOMEM;
    p.pool = (struct ebb_pool){EBB_POOL_MAX, {2, 2}, {2, 2}};
    for (long nth = 1; status != EBB_OK; nth++) {
        ebb_mem_fail_nth(nth);
        status = winners_create(&w, &p, &s, 1e-18);
        ebb_mem_fail_nth(0);
        ck_assert((w != NULL) == (status == EBB_OK));
    }
    winners_destroy(w);
}
END_TEST

RUN_SUITE("sim", "winners", windows_give_the_maximum_at_every_tick,
          a_change_of_winner_is_one_event,
          create_survives_every_failed_allocation)
