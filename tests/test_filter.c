/* tests/test_filter.c - silent stretches in one step against tick by tick. */
#include "core/filter.h"
#include "core/random.h"
#include "tests/run_suite.h"

#include <math.h>
#include <string.h>

/* One silent tick as the header says it. */
static void tick_once(const struct ebb_filter_spec *spec, double *x)
{
    size_t at = 0;
    double y = 0;
    for (size_t s = 0; s < spec->n_sections; s++) {
        const struct ebb_section *section = &spec->sections[s];
        double *z = x + at;
        if (section->form == EBB_SECTION_CASCADE) {
            double carry = 0;
            for (unsigned k = 0; k < section->order; k++) {
                z[k] = section->number[k] * z[k] + carry;
                carry = z[k];
            }
            y += carry;
        } else {
            double out = z[0];
            for (unsigned k = 0; k < section->order; k++) {
                double next = k + 1 < section->order ? z[k + 1] : 0;
                z[k] = next + section->number[k] * out;
            }
            y += out;
        }
        at += section->order;
    }
    double v = spec->lambda * x[at + 1] + y - x[at] + x[at + 2];
    x[at] *= spec->theta;
    x[at + 1] = v;
}

static struct ebb_filter *make(const struct ebb_section *sections, size_t n,
                               double lambda, double theta, unsigned bits)
{
    struct ebb_filter_spec spec = {sections, n, lambda, theta, bits};
    struct ebb_filter *f;
    ck_assert_int_eq(ebb_filter_create(&f, &spec), EBB_OK);
    return f;
}

/* Poles of an alpha that the test chooses, expanded. */
static struct ebb_section transposed(const double complex *pole, unsigned order)
{
    struct ebb_section s = {.form = EBB_SECTION_TRANSPOSED, .order = order};
    ebb_poles_expand(s.number, 1, pole, order);
    return s;
}

static void compare(struct ebb_filter *f, const double *start, ebb_tick ticks)
{
    struct ebb_filter_spec spec = ebb_filter_system(f);
    size_t n = ebb_filter_size(f);
    double slow[EBB_STATE_MAX], fast[EBB_STATE_MAX];
    memcpy(slow, start, n * sizeof(double));
    for (ebb_tick t = 1; t <= ticks; t++) {
        tick_once(&spec, slow);
        if (t > 100 && t % 37 != 0 && t != ticks) {
            continue;
        }
        memcpy(fast, start, n * sizeof(double));
        ebb_filter_advance(f, fast, t);
        double v = ebb_filter_v_after(f, start, t);
        ck_assert_msg(v == fast[ebb_filter_v_at(f)],
                      "V of %llu ticks differs from the state's",
                      (unsigned long long)t);
        for (size_t i = 0; i < n; i++) {
            ck_assert_msg(fabs(slow[i] - fast[i]) <=
                              1e-10 * fmax(1, fabs(slow[i])),
                          "x[%zu] after %llu ticks: %.17g, tick by tick %.17g",
                          i, (unsigned long long)t, fast[i], slow[i]);
        }
    }
}

START_TEST(advance_equals_single_ticks_for_all_forms)
{
    const double complex poles[4] = {CMPLX(.8, .5), CMPLX(.8, -.5), -.7, .93};
    const double complex twin[3] = {.9, .9, .9 + 1e-9};
    struct ebb_section sections[3] = {
        {.form = EBB_SECTION_CASCADE, .order = 2, .number = {.6, .88}},
        transposed(poles, 4),
        transposed(twin, 3)};
    double x[EBB_STATE_MAX] = {.3, .2,  .5, -.4, .1, .7,
                               .2, -.3, .1, .9,  .4, .05};
    for (unsigned bits = 1; bits <= 6; bits += 5) {
        struct ebb_filter *f = make(sections, 3, .9, .7, bits);
        compare(f, x, 6000);
        ebb_filter_destroy(f);
    }
}
END_TEST

START_TEST(advance_without_leak_integrates_the_bias)
{
    double x[3] = {.5, .25, 1e-3};
    struct ebb_filter *f = make(NULL, 0, 1, .5, 6);
    compare(f, x, 5000);
    ebb_filter_advance(f, x, 1000000000000ULL);
    ck_assert_msg(fabs(x[1] - (.25 - 1 + 1e9)) < 1e-3, "V = %.17g", x[1]);
    ebb_filter_destroy(f);
}
END_TEST

START_TEST(advance_beyond_the_tables_ends_at_rest)
{
    struct ebb_section s = {
        .form = EBB_SECTION_CASCADE, .order = 1, .number = {.9}};
    double x[4] = {3, 2, 1, .05};
    struct ebb_filter *f = make(&s, 1, .8, .5, 6);
    ebb_filter_advance(f, x, (ebb_tick)1 << 53);
    ck_assert_double_eq(x[0], 0);
    ck_assert_double_eq(x[1], 0);
    ck_assert_double_eq_tol(x[2], .05 / (1 - .8), 1e-12);
    ebb_filter_destroy(f);
}
END_TEST

START_TEST(output_after_is_the_last_ticks_output)
{
    const double complex poles[2] = {CMPLX(.7, .6), CMPLX(.7, -.6)};
    struct ebb_section s = transposed(poles, 2);
    struct ebb_filter *f = make(&s, 1, 0, 0, 6);
    double x[5] = {.4, -.9, 0, 0, 0};
    for (ebb_tick t = 1; t < 300; t++) { /* λ = 0: V is the output */
        ck_assert_double_eq_tol(ebb_filter_output_after(f, x, t),
                                ebb_filter_v_after(f, x, t), 1e-13);
    }
    ebb_filter_destroy(f);
}
END_TEST

RUN_SUITE("unit", "filter", advance_equals_single_ticks_for_all_forms,
          advance_without_leak_integrates_the_bias,
          advance_beyond_the_tables_ends_at_rest,
          output_after_is_the_last_ticks_output)
