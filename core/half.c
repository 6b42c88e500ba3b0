/* core/half.c - IEEE 754 half precision as 16 bits. */
#include "core/half.h"

#include <math.h>
#include <string.h>

float ebb_half_value(uint16_t bits)
{
    unsigned exponent = bits >> 10 & 31, fraction = bits & 1023;
    float size = exponent == 31 ? (fraction ? (float)NAN : (float)HUGE_VAL)
                 : exponent
                     ? ldexpf((float)(fraction | 1024U), (int)exponent - 25)
                     : ldexpf((float)fraction, -24);
    return bits >> 15 ? -size : size;
}

bool ebb_half_exact(double x, uint16_t *bits)
{
    int exponent;
    double size = fabs(x), fraction = frexp(size, &exponent);
    unsigned code;
    if (isinf(x)) {
        code = 31U << 10;
    } else if (!(size < 65536)) {
        return false;
    } else if (size < ldexp(1, -14)) {
        code = (unsigned)ldexp(size, 24);
    } else {
        code = (unsigned)(exponent + 14) << 10 |
               ((unsigned)ldexp(fraction, 11) & 1023U);
    }
    *bits = (uint16_t)((signbit(x) ? 1U << 15 : 0U) | code);
    double back = (double)ebb_half_value(*bits);
    return memcmp(&back, &x, sizeof(x)) == 0; /* denormals may compare as 0 */
}
