/* core/denormals.h - flush subnormal numbers to zero on this thread. */
#ifndef EBB_CORE_DENORMALS_H
#define EBB_CORE_DENORMALS_H

#include <stdbool.h>

/** Treat subnormal operands and results as zero on the calling thread, in
 *  every arithmetic of ebb: decayed states otherwise slow the processor down
 *  many times. Call once at the start of each thread; does nothing where the
 *  processor has no such mode. */
void ebb_denormals_flush(void);

/** Has this processor that mode? */
bool ebb_denormals_can_flush(void);

#endif
