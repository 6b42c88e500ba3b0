/* tests/test_crossing.c - the first crossing against looking at every tick. */
#include "core/crossing.h"
#include "core/random.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One kind of neuron with its tables. */
struct neuron {
    struct ebb_section sections[4];
    size_t n_sections;
    double lambda, theta;
    struct ebb_filter *filter;
    struct ebb_crossing *crossing;
};

static void open_neuron(struct neuron *n)
{
    struct ebb_filter_spec spec = {n->sections, n->n_sections, n->lambda,
                                   n->theta, 6};
    ck_assert_int_eq(ebb_filter_create(&n->filter, &spec), EBB_OK);
    ck_assert_int_eq(ebb_crossing_create(&n->crossing, n->filter), EBB_OK);
}

static void close_neuron(struct neuron *n)
{
    ebb_crossing_destroy(n->crossing);
    ebb_filter_destroy(n->filter);
}

static ebb_tick first_by_looking(const struct neuron *n, const double *x,
                                 double v_th, ebb_tick last)
{
    for (ebb_tick t = 1; t <= last; t++) {
        if (ebb_filter_v_after(n->filter, x, t) >= v_th) {
            return t;
        }
    }
    return EBB_TICK_NEVER;
}

/* Search, going on where a budget ends; *most gets the largest number of
 * evaluations of one call as a share of its budget. */
static ebb_tick find(const struct neuron *n, const double *x, double v_th,
                     unsigned *open)
{
    ebb_tick after = 0;
    for (;;) {
        struct ebb_crossing_result r =
            ebb_crossing_find(n->crossing, x, after, v_th, false);
        ck_assert(r.evaluations <=
                  ebb_crossing_budget(n->crossing, r.tick == EBB_TICK_NEVER
                                                       ? (ebb_tick)1 << 53
                                                       : r.tick - after + 1));
        if (!r.open) {
            return r.tick;
        }
        ck_assert(r.tick > after);
        after = r.tick;
        ++*open;
    }
}

static double complex random_pole(struct ebb_random *r, double radius)
{
    double size = radius * sqrt(ebb_random_uniform(r));
    double angle = ebb_random_between(r, 0, 3.14159265358979);
    return CMPLX(size * cos(angle), size * sin(angle));
}

/* Poles of every kind: real, negative, complex, equal, nearly equal. */
static struct ebb_section random_section(struct ebb_random *r)
{
    struct ebb_section s = {.form = EBB_SECTION_TRANSPOSED};
    double complex pole[4];
    unsigned n = 1 + ebb_random_below(r, 4);
    while (s.order < n) {
        double complex p = random_pole(r, .98);
        unsigned kind = ebb_random_below(r, 5);
        if (kind == 0 && s.order + 2 <= n) {
            pole[s.order++] = p;
            pole[s.order++] = conj(p);
        } else if (kind == 1 && s.order > 0 && cimag(pole[s.order - 1]) == 0) {
            pole[s.order] = creal(pole[s.order - 1]) *
                            (1 - (ebb_random_below(r, 2) ? 0 : 1e-7));
            s.order++;
        } else {
            pole[s.order++] = kind == 2 ? -cabs(p) : cabs(p);
        }
    }
    ebb_poles_expand(s.number, 1, pole, s.order);
    if (ebb_random_below(r, 3) == 0) {
        s = (struct ebb_section){
            .form = EBB_SECTION_CASCADE, .order = 2, .number = {.3, .9}};
        s.number[0] = ebb_random_between(r, .1, .95);
        s.number[1] = ebb_random_below(r, 2) ? s.number[0]
                                             : ebb_random_between(r, .1, .98);
        if (s.number[0] > s.number[1]) {
            double swap = s.number[0];
            s.number[0] = s.number[1];
            s.number[1] = swap;
        }
    }
    return s;
}

static struct neuron random_neuron(struct ebb_random *r)
{
    struct neuron n = {.n_sections = ebb_random_below(r, 3)};
    for (size_t s = 0; s < n.n_sections; s++) {
        n.sections[s] = random_section(r);
    }
    const double decays[] = {0, .5, .9, .97, 1};
    n.lambda = ebb_random_below(r, 2) ? ebb_random_between(r, 0, .98)
                                      : decays[ebb_random_below(r, 5)];
    n.theta = ebb_random_below(r, 2) ? ebb_random_between(r, 0, .98)
                                     : decays[ebb_random_below(r, 4)];
    if (n.n_sections > 0 && ebb_random_below(r, 4) == 0 &&
        n.sections[0].form == EBB_SECTION_CASCADE) {
        n.lambda = n.theta = n.sections[0].number[0];
    }
    return n;
}

START_TEST(find_equals_looking_on_random_neurons)
{
    unsigned open = 0, found = 0, searches = 0;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 1);
        struct neuron n = random_neuron(&r);
        open_neuron(&n);
        for (int k = 0; k < 5; k++) {
            double x[EBB_STATE_MAX] = {0};
            size_t size = ebb_filter_size(n.filter);
            for (size_t i = 0; i < size; i++) {
                x[i] = ebb_random_normal(&r);
            }
            x[size - 3] = fabs(x[size - 3]) * (n.theta > 0);
            x[size - 1] *= n.lambda == 1 ? 1e-3 : (1 - n.lambda) * .5;
            double v_th = fabs(ebb_random_normal(&r)) * 2 + .1;
            ebb_tick looked = first_by_looking(&n, x, v_th, 3000);
            ebb_tick got = find(&n, x, v_th, &open);
            searches++;
            found += looked != EBB_TICK_NEVER;
            ck_assert_msg(got == looked ||
                              (looked == EBB_TICK_NEVER && got > 3000),
                          "seed %llu, state %d: %llu, looking gives %llu",
                          (unsigned long long)seed, k, (unsigned long long)got,
                          (unsigned long long)looked);
        }
        close_neuron(&n);
    }
    printf("crossing: %u searches, %u crossings, %u went on after a budget\n",
           searches, found, open);
    ck_assert_msg(open * 1000 < searches, "%u of %u budgets ran out", open,
                  searches);
}
END_TEST

/* A peak that touches the threshold to within 1e-12, from both sides. */
static void check_tangent(struct neuron *n, const double *x, ebb_tick last)
{
    unsigned open = 0;
    ebb_tick peak = 1;
    double highest = -INFINITY;
    for (ebb_tick t = 1; t <= last; t++) {
        double v = ebb_filter_v_after(n->filter, x, t);
        if (v > highest) {
            highest = v;
            peak = t;
        }
    }
    ck_assert_uint_eq(find(n, x, highest, &open), peak);
    double above = highest + 1e-12 * fabs(highest);
    ck_assert_uint_eq(find(n, x, above, &open), EBB_TICK_NEVER);
    ck_assert_uint_eq(open, 0);
}

START_TEST(find_decides_near_tangents_at_every_tick_length)
{
    for (double tick_ms = 1; tick_ms > 1e-4; tick_ms /= 10) {
        struct neuron n = {.n_sections = 1,
                           .lambda = exp(-tick_ms / 20),
                           .theta = exp(-tick_ms / 8)};
        n.sections[0] = (struct ebb_section){
            .form = EBB_SECTION_CASCADE,
            .order = 2,
            .number = {exp(-tick_ms / 2), exp(-tick_ms / 8)}};
        open_neuron(&n);
        double x[5] = {tick_ms * tick_ms, 0, 0, -.3, 0};
        check_tangent(&n, x, (ebb_tick)(200 / tick_ms));
        close_neuron(&n);
    }
}
END_TEST

/* Evaluations hardly depend on the tick: from 1 ms to 1 ns, near-tangents and
 * a ringing kernel included. `open` counts exhausted budgets. */
START_TEST(find_stays_within_its_budget_from_1ms_to_1ns)
{
    unsigned most = 0, open = 0;
    for (double tick_ms = 1; tick_ms > .5e-6; tick_ms /= 10) {
        struct neuron n = {.n_sections = 2,
                           .lambda = exp(-tick_ms / 20),
                           .theta = exp(-tick_ms / 8)};
        n.sections[0] = (struct ebb_section){
            .form = EBB_SECTION_CASCADE,
            .order = 2,
            .number = {exp(-tick_ms / 2), exp(-tick_ms / 8)}};
        n.sections[1] = (struct ebb_section){.form = EBB_SECTION_CASCADE,
                                             .order = 1,
                                             .number = {exp(-tick_ms / 5)}};
        open_neuron(&n);
        for (uint64_t seed = 0; seed < 400; seed++) {
            struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 2);
            double scale = tick_ms / 20;
            double x[6] = {ebb_random_uniform(&r) * scale * tick_ms * 2,
                           ebb_random_uniform(&r) * scale,
                           -ebb_random_uniform(&r) * scale,
                           ebb_random_uniform(&r) * scale,
                           ebb_random_uniform(&r) - .5,
                           ebb_random_uniform(&r) * scale * .8};
            double v_th = ebb_random_between(&r, .05, 1);
            struct ebb_crossing_result found =
                ebb_crossing_find(n.crossing, x, 0, v_th, false);
            most = found.evaluations > most ? found.evaluations : most;
            open += found.open;
            if (!found.open && found.tick != EBB_TICK_NEVER) {
                ck_assert(ebb_filter_v_after(n.filter, x, found.tick) >= v_th);
                ck_assert(found.tick == 1 ||
                          ebb_filter_v_after(n.filter, x, found.tick - 1) <
                              v_th);
            }
        }
        close_neuron(&n);
    }
    printf("crossing: at most %u evaluations from 1 ms to 1 ns\n", most);
    ck_assert_uint_eq(open, 0);
}
END_TEST

/* A complex pair e^((-1/τ + iω) tick): rings ω/2π times a millisecond. */
START_TEST(find_follows_a_ringing_kernel_at_fine_ticks)
{
    unsigned most = 0, open = 0;
    for (double tick_ms = 1; tick_ms > .5e-6; tick_ms /= 10) {
        double size = exp(-tick_ms / 8), angle = .7 * tick_ms;
        double complex pair[2] = {CMPLX(size * cos(angle), size * sin(angle)),
                                  CMPLX(size * cos(angle), -size * sin(angle))};
        struct neuron n = {.n_sections = 1, .lambda = 0, .theta = 0};
        n.sections[0].form = EBB_SECTION_DIFFERENCES;
        n.sections[0].order = 2;
        ebb_poles_expand(n.sections[0].number, 1, pair, 2);
        open_neuron(&n);
        for (uint64_t seed = 0; seed < 200; seed++) {
            struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 3);
            double amplitude = ebb_random_uniform(&r);
            double phase = ebb_random_between(&r, 0, 6.28);
            /* y(Δ) = amplitude size^Δ cos(angle Δ + phase) from y(1) and
             * y(2) - size cos(angle) y(1) */
            double y1 = amplitude * size * cos(angle + phase);
            double e1 =
                -amplitude * size * size * sin(angle) * sin(angle + phase);
            double x[5] = {y1, e1, 0, 0, 0};
            double v_th = ebb_random_between(&r, .2, 1);
            struct ebb_crossing_result found =
                ebb_crossing_find(n.crossing, x, 0, v_th, false);
            ebb_tick horizon = (ebb_tick)(40 / tick_ms);
            ebb_tick looked = tick_ms > 5e-3
                                  ? first_by_looking(&n, x, v_th, horizon)
                                  : found.tick;
            most = found.evaluations > most ? found.evaluations : most;
            open += found.open;
            ck_assert_uint_eq(found.tick, looked);
        }
        close_neuron(&n);
    }
    printf("crossing: ringing kernel, at most %u evaluations\n", most);
    ck_assert_uint_eq(open, 0);
}
END_TEST

START_TEST(find_waits_long_for_a_slow_climb)
{
    unsigned open = 0;
    struct neuron n = {.lambda = 1, .theta = 0};
    open_neuron(&n);
    double x[3] = {0, 0, 0x1p-40};
    ck_assert_uint_eq(find(&n, x, 1, &open), (ebb_tick)1 << 40);
    x[2] = 0;
    ck_assert_uint_eq(find(&n, x, 1, &open), EBB_TICK_NEVER);
    ck_assert_uint_eq(open, 0);
    close_neuron(&n);
}
END_TEST

RUN_SUITE("unit", "crossing", find_equals_looking_on_random_neurons,
          find_decides_near_tangents_at_every_tick_length,
          find_stays_within_its_budget_from_1ms_to_1ns,
          find_follows_a_ringing_kernel_at_fine_ticks,
          find_waits_long_for_a_slow_climb)
