/* core/cmplx.h - <complex.h>, with CMPLX for compilers to which the C
 * library does not give it (clang 14 passes for an old gcc). */
#ifndef EBB_CORE_CMPLX_H
#define EBB_CORE_CMPLX_H

#include <complex.h>

#ifndef CMPLX
#define CMPLX(x, y) __builtin_complex((double)(x), (double)(y))
#endif
#ifndef CMPLXL
#define CMPLXL(x, y) __builtin_complex((long double)(x), (long double)(y))
#endif

#endif
