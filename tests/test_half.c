/* tests/test_half.c - half precision. */
#include "core/half.h"
#include "tests/run_suite.h"

#include <math.h>

/* 1, its neighbours, the largest and the smallest, by the definition. */
START_TEST(bits_stand_for_the_numbers_of_the_format)
{
    ck_assert_float_eq(ebb_half_value(0x3c00), 1);
    ck_assert_float_eq(ebb_half_value(0x3c01), 1 + ldexpf(1, -10));
    ck_assert_float_eq(ebb_half_value(0xc000), -2);
    ck_assert_float_eq(ebb_half_value(0x7bff), 65504);
    ck_assert_float_eq(ebb_half_value(0x0400), ldexpf(1, -14));
    ck_assert_float_eq(ebb_half_value(0x0001), ldexpf(1, -24));
    ck_assert(isinf(ebb_half_value(0x7c00)) && isnan(ebb_half_value(0x7e00)));
    ck_assert(signbit(ebb_half_value(0x8000)));
}
END_TEST

START_TEST(all_numbers_come_back)
{
    for (unsigned k = 0; k < 1U << 16; k++) {
        float x = ebb_half_value((uint16_t)k);
        uint16_t back = 0;
        bool exact = ebb_half_exact((double)x, &back);
        CHECK_EACH(exact == !isnan(x), "%04x is %g", k, (double)x);
        CHECK_EACH(isnan(x) || back == k, "%04x comes back as %04x", k, back);
    }
}
END_TEST

START_TEST(what_lies_between_is_not_exact)
{
    const double between[] = {
        1 + ldexp(1, -11), 65504.5, 65536, 1e300,
        ldexp(1, -25),     .1,      NAN,   ldexp(1.5, -24)};
    uint16_t ignored;
    for (size_t k = 0; k < sizeof(between) / sizeof(between[0]); k++) {
        ck_assert_msg(!ebb_half_exact(between[k], &ignored), "%.17g",
                      between[k]);
    }
}
END_TEST

RUN_SUITE("unit", "half", bits_stand_for_the_numbers_of_the_format,
          all_numbers_come_back, what_lies_between_is_not_exact)
