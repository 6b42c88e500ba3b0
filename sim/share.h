/* sim/share.h - who computes what, where several engines share a network. */
#ifndef EBB_SIM_SHARE_H
#define EBB_SIM_SHARE_H

#include "models/network.h"

/** Number `index` of `count` engines that compute a network together; a count
 *  of 0 or 1: one engine computes all. */
struct ebb_share {
    size_t index, count;
};

/** Neurons from <= i < to of a population. */
struct ebb_share_range {
    size_t from, to;
};

/**
 * What a share computes. A population of K slices that sparse projections alone
 * reach is divided: share s of S gets slices [s K / S, (s + 1) K / S). Any
 * other population, inputs included, is computed whole by one share; they take
 * turns.
 *
 *     range  [populations]  out  empty: nothing of it
 *     slice  neurons of a slice; 0: ebb_rows_slice()
 *
 * A function of its arguments alone. O(populations + projections).
 */
void ebb_share_ranges(const struct ebb_network *net, size_t slice,
                      struct ebb_share share, struct ebb_share_range *range);

#endif
