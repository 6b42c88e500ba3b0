/* tests/test_step.c - every build of the step functions gives the bits of the
 * baseline; built once per precision, run once per processor kind. */
#include "core/random.h"
#include "core/step.h"
#include "tests/run_suite.h"

#include "core/real_build.inc"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef EBB_REAL real;
typedef struct EBB_NAME(ebb_step) step;

/* An odd stride: rows begin at any address. 70 columns: whole vectors of every
 * width, and all tails. */
enum { TICKS = 9, HALF = 4, WIDTH_MOST = 70, STRIDE = 73, ORDER = 4, TAPS = 3 };
enum { CELLS = TICKS * STRIDE, SKIPPED = 77 };

/* All that the step functions read and write. */
struct world {
    real f[CELLS], s[CELLS], d_f[CELLS], d_s[CELLS], scale[CELLS];
    real v[CELLS], o[CELLS], d_v[CELLS], d_o[CELLS], r[CELLS];
    real alpha[ORDER * STRIDE], d_alpha[ORDER * STRIDE];
    real beta[TAPS * STRIDE], d_beta[TAPS * STRIDE];
    real lambda[STRIDE], theta[STRIDE], v_th[STRIDE], bias[STRIDE];
    real v_reset[STRIDE], v0[STRIDE];
    real carried[STRIDE], reset[STRIDE], next_v[STRIDE], next_reset[STRIDE];
    real d_bias[STRIDE], d_lambda[STRIDE], d_theta[STRIDE], d_v_th[STRIDE];
    uint32_t held[STRIDE];
    uint8_t phase[CELLS];
};

/* Ways to run a membrane. */
struct mode {
    bool hybrid, strict, parameters;
    uint32_t refractory;
};

static struct world before, base, other;

static void fill(real *x, size_t n, double low, double high,
                 struct ebb_random *r)
{
    for (size_t i = 0; i < n; i++) {
        x[i] = (real)ebb_random_between(r, low, high);
    }
}

/* Stretches of a world, and what is drawn for them. */
static const struct {
    size_t from, to;
    double low, high;
} parts[] = {
    {offsetof(struct world, f), offsetof(struct world, alpha), -1, 1},
    {offsetof(struct world, alpha), offsetof(struct world, lambda), -.4, .4},
    {offsetof(struct world, lambda), offsetof(struct world, carried), .1, .9},
    {offsetof(struct world, carried), offsetof(struct world, held), -1, 1},
};

static void draw_world(struct world *w, uint64_t seed)
{
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 80);
    memset(w, 0, sizeof(*w)); /* padding too: worlds are compared whole */
    for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
        real *at = (real *)(void *)((char *)w + parts[k].from);
        fill(at, (parts[k].to - parts[k].from) / sizeof(real), parts[k].low,
             parts[k].high, &r);
    }
    for (size_t i = 0; i < STRIDE; i++) {
        w->bias[i] = (real).25;
        w->v_th[i] = i % 3 ? w->v_th[i] : (real).25; /* exact ties, at V = b */
        w->lambda[i] = i % 3 ? w->lambda[i] : 0;
        w->v_reset[i] = -w->v_reset[i];
    }
    for (size_t i = 0; i < CELLS; i++) {
        w->v[i] = i % STRIDE % 3 ? w->v[i] : 0;
        w->s[i] = i % 5 ? 0 : w->s[i];
        w->phase[i] = (uint8_t)ebb_random_below(&r, 3);
    }
}

static const size_t lags[TAPS] = {0, 2, 5};

static struct EBB_NAME(ebb_filter_rows) filter_of(const struct world *w)
{
    return (struct EBB_NAME(ebb_filter_rows)){.order_p = ORDER,
                                              .taps = TAPS,
                                              .tap_lag = lags,
                                              .alpha = w->alpha,
                                              .beta = w->beta,
                                              .stride = STRIDE};
}

static struct EBB_NAME(ebb_membrane_rows)
    membrane_of(const struct world *w, const struct mode *mode)
{
    return (struct EBB_NAME(ebb_membrane_rows)){.hybrid = mode->hybrid,
                                                .strict = mode->strict,
                                                .refractory = mode->refractory,
                                                .lambda = w->lambda,
                                                .theta = w->theta,
                                                .v_th = w->v_th,
                                                .bias = w->bias,
                                                .v_reset = w->v_reset,
                                                .v0 = w->v0,
                                                .sigma = (real).4};
}

static void run_filters(const step *f, struct world *w, size_t width)
{
    struct EBB_NAME(ebb_filter_rows) k = filter_of(w);
    f->filter_forward(w->f, w->s, &k, 0, HALF, STRIDE, width);
    f->filter_forward(w->f, w->s, &k, HALF, TICKS, STRIDE, width);
    f->filter_backward(w->d_f, w->d_alpha, w->d_beta, w->f, w->s, &k, HALF,
                       TICKS, TICKS, STRIDE, width);
    f->filter_backward(w->d_f, NULL, NULL, w->f, w->s, &k, 0, HALF, TICKS,
                       STRIDE, width);
    f->filter_pull(w->d_s, w->d_f, w->scale, &k, 0, HALF, TICKS, STRIDE, width);
    f->filter_pull(w->d_s, w->d_f, NULL, &k, HALF, TICKS, TICKS, STRIDE, width);
}

static void run_membranes(const step *f, struct world *w,
                          const struct mode *mode, size_t width)
{
    struct EBB_NAME(ebb_membrane_rows) m = membrane_of(w, mode);
    struct EBB_NAME(ebb_membrane_state)
        state = {.carried = w->carried, .reset = w->reset, .held = w->held};
    struct EBB_NAME(ebb_membrane_adjoint)
        adjoint = {.d_v = w->next_v,
                   .d_reset = w->next_reset,
                   .d_bias = w->d_bias,
                   .d_lambda = mode->parameters ? w->d_lambda : NULL,
                   .d_theta = mode->parameters ? w->d_theta : NULL,
                   .d_v_th = mode->parameters ? w->d_v_th : NULL};
    uint8_t *phase = mode->refractory ? w->phase : NULL;
    f->membrane_forward(w->v, w->o, phase, &state, &m, 0, HALF, STRIDE, width);
    f->membrane_forward(w->v, w->o, phase, &state, &m, HALF, TICKS, STRIDE,
                        width);
    f->reset_forward(w->r, w->o, w->theta, 0, TICKS, STRIDE, width);
    f->membrane_backward(w->d_v, w->d_o, w->v, w->o, phase, w->r, &adjoint, &m,
                         0, TICKS, STRIDE, width);
}

static const step *find(const char *isa)
{
    size_t n;
    const step *const *all = EBB_NAME(ebb_step_all)(&n);
    for (size_t k = 0; k < n; k++) {
        if (strcmp(all[k]->isa, isa) == 0) {
            return all[k];
        }
    }
    return NULL;
}

/* The build under test: $EBB_STEP_ISA. */
static const char *asked(void)
{
    const char *isa = getenv("EBB_STEP_ISA");
    return isa ? isa : "baseline";
}

START_TEST(filters_have_the_bits_of_the_baseline_at_every_width)
{
    for (size_t width = 0; width <= WIDTH_MOST; width++) {
        draw_world(&before, width);
        base = other = before;
        run_filters(find("baseline"), &base, width);
        run_filters(find(asked()), &other, width);
        ck_assert_msg(memcmp(&base, &other, sizeof(base)) == 0,
                      "filters of %zu columns", width);
    }
}
END_TEST

static const struct mode modes[] = {
    {false, false, true, 0}, {false, true, true, 0}, {false, false, false, 0},
    {true, false, true, 0},  {true, true, false, 0}, {true, false, true, 2},
    {true, true, false, 1}};

START_TEST(membranes_have_the_bits_of_the_baseline_at_every_width)
{
    for (size_t width = 0; width <= WIDTH_MOST; width++) {
        for (size_t k = 0; k < sizeof(modes) / sizeof(modes[0]); k++) {
            draw_world(&before, 100 + width);
            base = other = before;
            run_membranes(find("baseline"), &base, &modes[k], width);
            run_membranes(find(asked()), &other, &modes[k], width);
            ck_assert_msg(memcmp(&base, &other, sizeof(base)) == 0,
                          "membranes of %zu columns, mode %zu", width, k);
        }
    }
}
END_TEST

/* Columns beyond the width, and the other rows, are nobody's business. */
START_TEST(nothing_is_written_beyond_the_width)
{
    for (size_t width = 0; width <= WIDTH_MOST; width++) {
        draw_world(&before, 200 + width);
        other = before;
        run_filters(find(asked()), &other, width);
        run_membranes(find(asked()), &other, &modes[5], width);
        const real *was = (const real *)&before, *is = (const real *)&other;
        for (const real *end = before.carried; was < end; was++, is++) {
            size_t column = (size_t)(was - (const real *)&before) % STRIDE;
            ck_assert_msg(column < width || *was == *is,
                          "width %zu: column %zu was written", width, column);
        }
    }
}
END_TEST

/* At whole blocks of numbers, and all tails. */
START_TEST(dropout_draws_the_numbers_of_its_stream)
{
    enum { MOST = 300 };
    const uint32_t limit = 0x50000000;
    for (size_t n = 0; n < MOST; n++) {
        real a[MOST + 1] = {0};
        struct ebb_random r = ebb_random_stream(n, EBB_RANDOM_DROPOUT, n << 33);
        a[n] = -7;
        find(asked())->drop(a, &r, limit, (real)1.25, n);
        for (size_t k = 0; k < n; k++) {
            real wanted = ebb_random_bits(&r) < limit ? 0 : (real)1.25;
            CHECK_EACH(a[k] == wanted, "number %zu of %zu", k, n);
        }
        ck_assert(a[n] == -7);
    }
}
END_TEST

int main(void)
{
    if (!find(asked())) {
        printf("this processor has no %s: skipped\n", asked());
        return SKIPPED;
    }
    const TTest *const tests[] = {
        filters_have_the_bits_of_the_baseline_at_every_width,
        membranes_have_the_bits_of_the_baseline_at_every_width,
        nothing_is_written_beyond_the_width,
        dropout_draws_the_numbers_of_its_stream};
    return run_suite("core", "step", tests, sizeof(tests) / sizeof(tests[0]));
}
