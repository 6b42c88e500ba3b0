/* io/dvs/walk.h - to the middle of a recording, by its clock alone. */
#ifndef EBB_IO_DVS_WALK_H
#define EBB_IO_DVS_WALK_H

#include "io/dvs/format.h"

/** A clock that goes round, as of ebb_dvs_unwrap(). */
struct ebb_dvs_clock {
    int64_t turn, last;
};

/** How a format's clock is looked at. */
struct ebb_dvs_walk {
    size_t word;   /* bytes of a word or record */
    int64_t range; /* us in which the clock goes round */
    /* Find the first word that tells the clock among `n` bytes, whole words.
     * Returns where it is, and the clock in *t; `n`: there is none. */
    size_t (*find)(const struct ebb_dvs_reader *r, const uint8_t *b, size_t n,
                   int64_t *t);
    bool strides; /* look once in EBB_DVS_STRIDE bytes, not at every word */
};

enum { EBB_DVS_STRIDE = 1 << 18 };

/**
 * Go to a word of the clock before which all events are earlier than `before`,
 * as far on as is known; *found is false, and nothing has moved, where there is
 * none. *clock is as it is after that word.
 *
 * Without `strides` every word of the clock is looked at, so that all turns
 * are seen; nothing else is. With them one in EBB_DVS_STRIDE bytes is, and all
 * within those bytes where the clock seems to step back: what is taken for
 * granted is that it does not go all the way round within them, which for
 * records of 8 bytes and a clock of 71 minutes is 8 events a second. Errors:
 * none of its own; see r->in.error.
 */
void ebb_dvs_walk(struct ebb_dvs_reader *r, const struct ebb_dvs_walk *walk,
                  int64_t before, struct ebb_dvs_clock *clock, bool *found);

#endif
