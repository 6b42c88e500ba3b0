/* io/serve/origin.h - the clock of a sender, in the time of the server. */
#ifndef EBB_IO_SERVE_ORIGIN_H
#define EBB_IO_SERVE_ORIGIN_H

#include "io/dvs/dvs.h"

enum {
    EBB_ORIGIN_BACK_US = 1000000,  /* further back: a clock that was set */
    EBB_ORIGIN_AHEAD_US = 60000000 /* further ahead: the same */
};

/** Zero-initialise. */
struct ebb_origin {
    bool absolute; /* times are taken as they are */
    bool begun;
    int64_t offset; /* us, added to its times */
    int64_t last;   /* latest time, the server's */
    uint64_t jumps; /* times that its clock was set, or, where absolute, events
                       left out because they lay too far ahead */
};

/**
 * Turn the times of a block into the server's: the first event of a sender is
 * now, and so is one whose clock was set. Where times are absolute, events that
 * lie too far ahead or before 0 are left out instead.
 *
 *     now_us  time of the server, as far as it is known
 */
void ebb_origin_apply(struct ebb_origin *origin, struct ebb_dvs_block *block,
                      int64_t now_us);

#endif
