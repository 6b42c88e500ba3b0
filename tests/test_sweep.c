/* tests/test_sweep.c - sweeps do what the closed form of one neuron does, bit
 * for bit, in every build that runs here. */
#include "core/crossing.h"
#include "core/filter.h"
#include "core/random.h"
#include "core/step.h"
#include "core/sweep.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NEURONS = 192, SECTIONS = 3, ROWS = 48, ARRIVALS = 12 };

/* A population of one kind, in double, and what happens to it in a tick. */
struct scene {
    struct ebb_section section[SECTIONS];
    size_t n_sections, size;
    double lambda, theta;
    bool filter, strict, one_bias, one_v_th, refractory;
    bool together; /* the rows of a run of lanes stand together */
    unsigned n_arrivals;
    int into[ARRIVALS];
    double gain[ARRIVALS][EBB_ORDER_MAX];
    double x[ROWS][NEURONS], sum[ARRIVALS][NEURONS];
    double bias[NEURONS], v_th[NEURONS], v_reset[NEURONS], held[NEURONS];
    ebb_tick delta;
};

static void draw_sections(struct scene *s, struct ebb_random *r)
{
    s->n_sections = ebb_random_below(r, SECTIONS + 1);
    bool alike =
        ebb_random_below(r, 2); /* shapes that have code of their own */
    unsigned first = 1 + ebb_random_below(r, 2);
    s->size = 3;
    for (size_t k = 0; k < s->n_sections; k++) {
        unsigned any = 1 + ebb_random_below(r, ebb_random_below(r, 4) ? 4 : 9);
        unsigned order = alike ? first : any;
        double complex pole[EBB_ORDER_MAX];
        struct ebb_section *to = &s->section[k];
        to->form = (enum ebb_section_form)ebb_random_below(r, 3);
        to->order = order;
        for (unsigned p = 0; p < order; p++) {
            to->number[p] = .3 + .6 * ebb_random_uniform(r) * (p + 1) / order;
            pole[p] = to->number[p];
        }
        if (to->form != EBB_SECTION_CASCADE) {
            ebb_poles_expand(to->number, 1, pole, order);
        }
        s->size += order;
    }
}

static void draw_arrivals(struct scene *s, struct ebb_random *r)
{
    s->n_arrivals =
        ebb_random_below(r, ebb_random_below(r, 4) ? 3 : ARRIVALS + 1);
    bool in_line = ebb_random_below(r, 2);
    for (unsigned a = 0; a < s->n_arrivals; a++) {
        unsigned any = ebb_random_below(r, (uint32_t)s->n_sections + 1);
        s->into[a] = in_line && a < s->n_sections ? (int)a : (int)any - 1;
        if (s->into[a] >= 0) {
            ebb_section_input(&s->section[s->into[a]], s->gain[a]);
        }
        for (size_t i = 0; i < NEURONS; i++) {
            bool none = ebb_random_below(r, 3) > 0;
            s->sum[a][i] = none ? 0 : ebb_random_normal(r);
        }
    }
}

static struct scene draw(uint64_t seed)
{
    static struct scene s;
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 5);
    memset(&s, 0, sizeof(s));
    draw_sections(&s, &r);
    draw_arrivals(&s, &r);
    s.lambda = ebb_random_below(&r, 2) ? ebb_random_uniform(&r) : 0;
    s.filter = ebb_random_below(&r, 2);
    s.theta = s.filter ? ebb_random_uniform(&r) : 0;
    s.strict = ebb_random_below(&r, 4) == 0;
    s.one_bias = ebb_random_below(&r, 2);
    s.one_v_th = ebb_random_below(&r, 2);
    s.together = seed % 2;
    s.refractory = !s.filter && ebb_random_below(&r, 2);
    s.delta = 1 + (ebb_random_below(&r, 2) ? 0 : ebb_random_below(&r, 5000));
    for (size_t i = 0; i < NEURONS; i++) {
        size_t from = s.one_v_th ? 0 : i;
        s.bias[i] =
            s.one_bias && i > 0 ? s.bias[0] : .1 * ebb_random_normal(&r);
        s.v_th[i] = from < i ? s.v_th[0] : .5 + ebb_random_uniform(&r);
        s.v_reset[i] = from < i ? s.v_reset[0] : -ebb_random_uniform(&r);
        s.held[i] = ebb_random_below(&r, 8) ? 0 : 100;
        for (size_t k = 0; k + 1 < s.size; k++) {
            bool is_reset = k + 3 == s.size;
            s.x[k][i] = is_reset && !s.filter ? 0 : ebb_random_normal(&r);
        }
    }
    return s;
}

static struct ebb_filter *filter_of(const struct scene *s)
{
    struct ebb_filter *filter;
    struct ebb_filter_spec spec = {.sections = s->section,
                                   .n_sections = s->n_sections,
                                   .lambda = s->lambda,
                                   .theta = s->theta,
                                   .bits = 6};
    ck_assert_int_eq(ebb_filter_create(&filter, &spec), EBB_OK);
    return filter;
}

/* Where number k of neuron i stands. */
static size_t place(const struct scene *s, size_t k, size_t i)
{
    const size_t lanes = EBB_SWEEP_LANES;
    return s->together ? (i / lanes * ROWS + k) * lanes + i % lanes
                       : k * NEURONS + i;
}

/* One neuron by itself. Returns V before any reset; x gets its state. */
static double alone(const struct scene *s, const struct ebb_filter *filter,
                    size_t i, double *x)
{
    for (size_t k = 0; k + 1 < s->size; k++) {
        x[k] = s->x[k][i];
    }
    x[s->size - 1] = s->bias[i];
    ebb_filter_advance(filter, x, s->delta);
    double *v = &x[s->size - 2];
    for (unsigned a = 0; a < s->n_arrivals; a++) {
        *v += s->sum[a][i];
        if (s->into[a] < 0) {
            continue;
        }
        double *u = x + ebb_filter_section_at(filter, (size_t)s->into[a]);
        for (unsigned p = 0; p < s->section[s->into[a]].order; p++) {
            u[p] += s->gain[a][p] * s->sum[a][i];
        }
    }
    if (s->refractory && s->held[i] > 50) {
        *v = s->v_reset[i];
    }
    return *v;
}

/* The same scene in one precision. */
#define SCENE_IN(bits, real)                                                   \
    struct scene_##bits {                                                      \
        real x[ROWS][NEURONS], sum[ARRIVALS][NEURONS];                         \
        real bias[NEURONS], v_th[NEURONS], v_reset[NEURONS], held[NEURONS];    \
        real in_place[ROWS * NEURONS];                                         \
        uint64_t fired[NEURONS / EBB_SWEEP_LANES];                             \
        uint64_t restless[NEURONS / EBB_SWEEP_LANES];                          \
        bool finite;                                                           \
    };                                                                         \
                                                                               \
    static void entry_##bits(struct ebb_sweep_entry_##bits *to,                \
                             const struct scene *s,                            \
                             const struct ebb_filter_entry *e)                 \
    {                                                                          \
        size_t inner = 0, blocks = 0;                                          \
        memset(to, 0, sizeof(*to));                                            \
        to->n_sections = (unsigned)s->n_sections;                              \
        for (size_t k = 0; k < s->n_sections; k++) {                           \
            unsigned order = s->section[k].order;                              \
            to->order[k] = order;                                              \
            inner += order;                                                    \
            blocks += (size_t)order * order;                                   \
        }                                                                      \
        for (size_t k = 0; k < blocks; k++) {                                  \
            to->block[k] = (real)e->block[k];                                  \
        }                                                                      \
        for (size_t k = 0; k < inner; k++) {                                   \
            to->v[k] = (real)e->v[k];                                          \
        }                                                                      \
        to->lambda = (real)e->lambda;                                          \
        to->theta = (real)e->theta;                                            \
        to->reset = (real)e->reset;                                            \
        to->bias = (real)e->bias;                                              \
    }                                                                          \
                                                                               \
    /* Bounds, inflated by what rounding may take. */                          \
    static void bound_##bits(struct ebb_sweep_bound_##bits *to,                \
                             const struct ebb_crossing_bound *b, size_t size)  \
    {                                                                          \
        double slack = sizeof(real) == sizeof(float) ? 1e-5 : 1e-11;           \
        for (size_t k = 0; k < size; k++) {                                    \
            to->slave[k] = (real)b->slave[k];                                  \
            to->high[k] = (real)(b->high[k] + slack * b->amplitude[k]);        \
            to->low[k] = (real)(b->low[k] - slack * b->amplitude[k]);          \
        }                                                                      \
    }                                                                          \
                                                                               \
    static void sweep_##bits(struct scene_##bits *out, const struct scene *s,  \
                             const struct ebb_filter *filter, const char *isa) \
    {                                                                          \
        const struct ebb_sweep_ops_##bits *ops = ebb_sweep_find_##bits(isa);   \
        const struct ebb_filter_entry *step[64];                               \
        unsigned n = ebb_filter_steps(filter, s->delta, step);                 \
        struct ebb_sweep_entry_##bits entry;                                   \
        struct ebb_sweep_arrival arrival[ARRIVALS];                            \
        for (size_t i = 0; i < NEURONS; i++) {                                 \
            for (size_t k = 0; k < ROWS; k++) {                                \
                out->in_place[place(s, k, i)] = (real)s->x[k][i];              \
            }                                                                  \
            for (size_t a = 0; a < ARRIVALS; a++) {                            \
                out->sum[a][i] = (real)s->sum[a][i];                           \
            }                                                                  \
            out->bias[i] = (real)s->bias[i];                                   \
            out->v_th[i] = (real)s->v_th[i];                                   \
            out->v_reset[i] = (real)s->v_reset[i];                             \
            out->held[i] = (real)s->held[i];                                   \
        }                                                                      \
        for (unsigned a = 0; a < s->n_arrivals; a++) {                         \
            arrival[a] = (struct ebb_sweep_arrival){.sum = out->sum[a],        \
                                                    .section = s->into[a],     \
                                                    .gain = s->gain[a]};       \
        }                                                                      \
        struct ebb_sweep_##bits sweep = {                                      \
            .x = out->in_place,                                                \
            .stride = s->together ? EBB_SWEEP_LANES : NEURONS,                 \
            .jump = s->together ? ROWS * EBB_SWEEP_LANES : EBB_SWEEP_LANES,    \
            .entry = &entry,                                                   \
            .arrival = arrival,                                                \
            .n_arrivals = s->n_arrivals,                                       \
            .filter = s->filter,                                               \
            .strict = s->strict,                                               \
            .one_bias = s->one_bias,                                           \
            .one_v_th = s->one_v_th,                                           \
            .bias = out->bias,                                                 \
            .v_th = out->v_th,                                                 \
            .v_reset = out->v_reset,                                           \
            .held = s->refractory ? out->held : NULL,                          \
            .now = 50,                                                         \
            .fired = out->fired};                                              \
        for (unsigned k = 0; k < n; k++) {                                     \
            entry_##bits(&entry, s, step[k]);                                  \
            if (k + 1 < n) {                                                   \
                ops->advance(&sweep, 0, NEURONS);                              \
            } else {                                                           \
                out->finite = ops->step(&sweep, 0, NEURONS);                   \
            }                                                                  \
        }                                                                      \
        for (size_t i = 0; i < NEURONS; i++) {                                 \
            for (size_t k = 0; k < ROWS; k++) {                                \
                out->x[k][i] = out->in_place[place(s, k, i)];                  \
            }                                                                  \
        }                                                                      \
        struct ebb_crossing *crossing;                                         \
        struct ebb_sweep_bound_##bits bound;                                   \
        ck_assert_int_eq(ebb_crossing_create(&crossing, filter), EBB_OK);      \
        struct ebb_crossing_bound plain = ebb_crossing_bound(crossing);        \
        memset(out->restless, -1, sizeof(out->restless));                      \
        if (plain.plain) {                                                     \
            bound_##bits(&bound, &plain, s->size);                             \
            sweep.fired = out->restless;                                       \
            ops->may_cross(&sweep, &bound, 0, NEURONS);                        \
        }                                                                      \
        ebb_crossing_destroy(crossing);                                        \
    }

SCENE_IN(f32, float)
SCENE_IN(f64, double)

static bool fired(const uint64_t *bits, size_t i)
{
    return bits[i / EBB_SWEEP_LANES] >> i % EBB_SWEEP_LANES & 1;
}

START_TEST(a_sweep_gives_the_bits_of_each_neuron_alone)
{
    static struct scene_f64 out;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        struct scene s = draw(seed);
        struct ebb_filter *filter = filter_of(&s);
        sweep_f64(&out, &s, filter, ebb_step_best_f64()->isa);
        CHECK_EACH(out.finite, "seed %llu", (unsigned long long)seed);
        for (size_t i = 0; i < NEURONS; i++) {
            double x[EBB_STATE_MAX];
            double v = alone(&s, filter, i, x);
            bool held = s.refractory && s.held[i] > 50;
            bool over = s.strict ? v > s.v_th[i] : v >= s.v_th[i];
            CHECK_EACH(fired(out.fired, i) == (over && !held),
                       "seed %llu neuron %zu: V = %g, Vth = %g",
                       (unsigned long long)seed, i, v, s.v_th[i]);
            for (size_t k = 0; k + 1 < s.size; k++) {
                CHECK_EACH(out.x[k][i] == x[k],
                           "seed %llu neuron %zu number %zu: %.17g is not "
                           "%.17g",
                           (unsigned long long)seed, i, k, out.x[k][i], x[k]);
            }
            for (unsigned a = 0; a < s.n_arrivals; a++) {
                CHECK_EACH(out.sum[a][i] == 0.0, "sums are used up");
            }
        }
        ebb_filter_destroy(filter);
    }
}
END_TEST

/* Who may fire by the bound of one neuron may do so by that of sweeps; few
 * others do, who are on its edge. */
START_TEST(a_sweep_asks_for_the_bound_of_each_neuron)
{
    static struct scene_f64 out;
    size_t asked = 0, apart = 0, calm = 0;
    for (uint64_t seed = 0; seed < 600; seed++) {
        struct scene s = draw(seed);
        struct ebb_filter *filter = filter_of(&s);
        struct ebb_crossing *crossing;
        ck_assert_int_eq(ebb_crossing_create(&crossing, filter), EBB_OK);
        bool plain = ebb_crossing_bound(crossing).plain;
        sweep_f64(&out, &s, filter, ebb_step_best_f64()->isa);
        for (size_t i = 0; plain && i < NEURONS; i++) {
            double x[EBB_STATE_MAX];
            alone(&s, filter, i, x);
            bool held = s.refractory && s.held[i] > 50;
            bool may = held || !(ebb_crossing_upper(crossing, x) < s.v_th[i]);
            CHECK_EACH(fired(out.restless, i) || !may,
                       "seed %llu neuron %zu: %g of %g",
                       (unsigned long long)seed, i,
                       ebb_crossing_upper(crossing, x), s.v_th[i]);
            asked++;
            calm += !may;
            apart += fired(out.restless, i) && !may;
        }
        ebb_crossing_destroy(crossing);
        ebb_filter_destroy(filter);
    }
    printf("%zu neurons asked, %zu are calm\n", asked, calm);
    ck_assert_uint_gt(calm, 1000);
    ck_assert_uint_lt(1000 * apart, asked);
}
END_TEST

START_TEST(every_build_gives_the_same_bits)
{
    static struct scene_f64 base64, out64;
    static struct scene_f32 base32, out32;
    size_t n;
    const struct ebb_step_f64 *const *builds = ebb_step_all_f64(&n);
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct scene s = draw(seed);
        struct ebb_filter *filter = filter_of(&s);
        sweep_f64(&base64, &s, filter, "baseline");
        sweep_f32(&base32, &s, filter, "baseline");
        for (size_t k = 1; k < n; k++) {
            sweep_f64(&out64, &s, filter, builds[k]->isa);
            sweep_f32(&out32, &s, filter, builds[k]->isa);
            CHECK_EACH(memcmp(&base64, &out64, sizeof(out64)) == 0 &&
                           memcmp(&base32, &out32, sizeof(out32)) == 0,
                       "seed %llu: %s differs from baseline",
                       (unsigned long long)seed, builds[k]->isa);
        }
        ebb_filter_destroy(filter);
    }
    printf("%zu builds run here\n", n);
}
END_TEST

START_TEST(what_is_not_finite_is_told)
{
    static struct scene_f64 out64;
    static struct scene_f32 out32;
    const double bad[] = {NAN, INFINITY, -INFINITY};
    size_t n;
    const struct ebb_step_f64 *const *builds = ebb_step_all_f64(&n);
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct scene s = draw(seed);
        s.lambda = .5;
        s.refractory = false;
        s.delta = 1;
        s.x[s.size - 2][seed * 3] = bad[seed % 3];
        struct ebb_filter *filter = filter_of(&s);
        for (size_t k = 0; k < n; k++) {
            sweep_f64(&out64, &s, filter, builds[k]->isa);
            sweep_f32(&out32, &s, filter, builds[k]->isa);
            ck_assert(!out64.finite && !out32.finite);
        }
        ebb_filter_destroy(filter);
    }
}
END_TEST

/* Sums over rows of a matrix, in order, for all lengths of rows. */
START_TEST(rows_are_added_one_after_the_other)
{
    enum { MOST = 70, MANY = 21 };
    static float w[MANY * MOST];
    double x[MANY];
    uint32_t row[MANY];
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, 6);
    size_t builds;
    const struct ebb_step_f64 *const *all = ebb_step_all_f64(&builds);
    for (size_t k = 0; k < MANY * MOST; k++) {
        w[k] = (float)ebb_random_normal(&r);
    }
    for (size_t k = 0; k < MANY; k++) {
        x[k] = ebb_random_normal(&r);
        row[k] = ebb_random_below(&r, MANY);
    }
    for (size_t n = 1; n <= MOST; n++) {
        for (size_t rows = 0; rows <= MANY; rows++) {
            double wanted[MOST] = {0}, sum[MOST];
            for (size_t k = 0; k < rows; k++) {
                for (size_t i = 0; i < n; i++) {
                    wanted[i] += x[k] * (double)w[row[k] * n + i];
                }
            }
            for (size_t b = 0; b < builds; b++) {
                memset(sum, 0, sizeof(sum));
                ebb_sweep_find_f64(all[b]->isa)
                    ->add_rows_f32(sum, w, n, row, x, rows);
                CHECK_EACH(memcmp(sum, wanted, n * sizeof(*sum)) == 0,
                           "%s: %zu rows of %zu", all[b]->isa, rows, n);
            }
        }
    }
}
END_TEST

/* Runs in order, of all lengths, to where sums overlap. */
START_TEST(runs_are_added_one_after_the_other)
{
    enum { MOST = 100, MANY = 17, ROOM = 300 };
    static float w[ROOM];
    static double w64[ROOM];
    struct ebb_sweep_run run[MANY];
    struct ebb_random r = ebb_random_stream(1, EBB_RANDOM_TEST, 7);
    size_t builds;
    const struct ebb_step_f64 *const *all = ebb_step_all_f64(&builds);
    for (size_t k = 0; k < ROOM; k++) {
        w[k] = (float)ebb_random_normal(&r);
        w64[k] = (double)w[k];
    }
    for (size_t turn = 0; turn < 200; turn++) {
        double wanted[ROOM] = {0};
        for (size_t k = 0; k < MANY; k++) {
            run[k] = (struct ebb_sweep_run){
                .from = ebb_random_below(&r, ROOM - MOST),
                .to = ebb_random_below(&r, ROOM - MOST),
                .n = ebb_random_below(&r, MOST),
                .x = ebb_random_normal(&r)};
            for (size_t i = 0; i < run[k].n; i++) {
                wanted[run[k].to + i] += run[k].x * w64[run[k].from + i];
            }
        }
        for (size_t b = 0; b < builds; b++) {
            const struct ebb_sweep_ops_f64 *ops =
                ebb_sweep_find_f64(all[b]->isa);
            double sum[2][ROOM] = {{0}};
            ops->add_runs_f32(sum[0], w, run, MANY);
            ops->add_runs_f64(sum[1], w64, run, MANY);
            CHECK_EACH(memcmp(sum[0], wanted, sizeof(wanted)) == 0 &&
                           memcmp(sum[1], wanted, sizeof(wanted)) == 0,
                       "%s: turn %zu", all[b]->isa, turn);
        }
    }
}
END_TEST

/* Shapes that look alike when their numbers are written one after the other. */
START_TEST(shapes_of_many_numbers_are_no_others)
{
    static struct scene_f64 out;
    static struct scene s;
    for (unsigned order = 1; order <= 14; order++) {
        for (unsigned arrivals = 0; arrivals <= ARRIVALS; arrivals++) {
            s = draw(order * 100 + arrivals);
            s.n_sections = 1;
            s.section[0] = (struct ebb_section){.form = EBB_SECTION_CASCADE,
                                                .order = order};
            for (unsigned p = 0; p < order; p++) {
                s.section[0].number[p] = .1 + .05 * p;
            }
            s.size = 3 + order;
            s.n_arrivals = arrivals;
            s.strict = false;
            for (unsigned a = 0; a < arrivals; a++) {
                s.into[a] = a == 0 ? 0 : -1;
                ebb_section_input(&s.section[0], s.gain[a]);
            }
            for (size_t i = 0; i < NEURONS; i++) {
                s.x[s.size - 3][i] = s.filter ? s.x[s.size - 3][i] : 0;
            }
            struct ebb_filter *filter = filter_of(&s);
            sweep_f64(&out, &s, filter, ebb_step_best_f64()->isa);
            for (size_t i = 0; i < NEURONS; i++) {
                double x[EBB_STATE_MAX];
                alone(&s, filter, i, x);
                for (size_t k = 0; k + 1 < s.size; k++) {
                    CHECK_EACH(out.x[k][i] == x[k],
                               "order %u, %u arrivals: neuron %zu number %zu",
                               order, arrivals, i, k);
                }
            }
            ebb_filter_destroy(filter);
        }
    }
}
END_TEST

RUN_SUITE("unit", "sweep", a_sweep_gives_the_bits_of_each_neuron_alone,
          a_sweep_asks_for_the_bound_of_each_neuron,
          every_build_gives_the_same_bits, what_is_not_finite_is_told,
          rows_are_added_one_after_the_other,
          runs_are_added_one_after_the_other,
          shapes_of_many_numbers_are_no_others)
