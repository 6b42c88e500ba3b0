/* tools/bench/unpack_loop.h - the bare loops that `bench io` is held against:
 * records in memory into four arrays, nothing checked, no clock that wraps. */
#ifndef EBB_TOOLS_BENCH_UNPACK_LOOP_H
#define EBB_TOOLS_BENCH_UNPACK_LOOP_H

#include "io/dvs/dvs.h"

/** Where a loop is, and what it carries from record to record. */
struct ebb_bare_unpack {
    const uint8_t *at, *end;
    int64_t high, t;
    uint32_t y;
};

/** Fill a block, less where the records end. */
typedef void ebb_bare_unpack_fn(struct ebb_bare_unpack *s,
                                struct ebb_dvs_block *out);

ebb_bare_unpack_fn ebb_bare_unpack_dat, ebb_bare_unpack_evt2,
    ebb_bare_unpack_evt3, ebb_bare_unpack_nmnist;

#endif
