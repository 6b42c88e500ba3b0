/* core/denormals.c - flush subnormal numbers to zero on this thread. */
#include "core/denormals.h"

#if defined(__x86_64__)
#include <xmmintrin.h>

void ebb_denormals_flush(void)
{
    const unsigned flush_to_zero = 0x8000, denormals_are_zero = 0x0040;
    _mm_setcsr(_mm_getcsr() | flush_to_zero | denormals_are_zero);
}

bool ebb_denormals_can_flush(void)
{
    return true;
}
#else
void ebb_denormals_flush(void)
{
}

bool ebb_denormals_can_flush(void)
{
    return false;
}
#endif
