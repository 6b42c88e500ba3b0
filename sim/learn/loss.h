/* sim/learn/loss.h - what the output should have done, as a number. */
#ifndef EBB_SIM_LEARN_LOSS_H
#define EBB_SIM_LEARN_LOSS_H

#include "core/step.h"
#include "models/kernel.h"

#define EBB_REAL_BITS 32
#include "core/real_begin.inc"
#include "sim/learn/loss.inc"
#include "core/real_end.inc"

#define EBB_REAL_BITS 64
#include "core/real_begin.inc"
#include "sim/learn/loss.inc"
#include "core/real_end.inc"

#endif
