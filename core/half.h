/* core/half.h - IEEE 754 half precision as 16 bits. */
#ifndef EBB_CORE_HALF_H
#define EBB_CORE_HALF_H

#include <stdbool.h>
#include <stdint.h>

/** The number that 16 bits stand for; exact. */
float ebb_half_value(uint16_t bits);

/** The 16 bits that stand for exactly x, sign of zero included; false when
 *  there are none (NaN counts as none). */
bool ebb_half_exact(double x, uint16_t *bits);

#endif
