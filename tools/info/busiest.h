/* tools/info/busiest.h - which pixels of a recording have most events. */
#ifndef EBB_TOOLS_INFO_BUSIEST_H
#define EBB_TOOLS_INFO_BUSIEST_H

#include "io/dvs/dvs.h"
#include "tools/convert/pixel_map.h"

#include <stdbool.h>

enum { EBB_BUSIEST = 5, EBB_BUSIEST_HOT = 10 };

/** Counts of events by pixel. Zero-initialise. */
struct ebb_busiest {
    struct ebb_pixel_map count;
    bool off; /* a pixel lay beyond what is counted */
};

/** What was counted. */
struct ebb_busiest_found {
    size_t n; /* of the busiest pixels, at most EBB_BUSIEST */
    struct {
        uint32_t x, y;
        uint64_t events;
    } at[EBB_BUSIEST]; /* the busiest first; equal ones row by row */
    uint64_t pixels;   /* that have events */
    uint64_t hot; /* with more than EBB_BUSIEST_HOT times the mean of those */
    double mean;  /* events of a pixel that has any */
};

/** Count a block. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_busiest_take(struct ebb_busiest *b,
                                          const struct ebb_dvs_block *block);

/** What was counted; false: nothing, or pixels too far out. */
bool ebb_busiest_find(struct ebb_busiest_found *out,
                      const struct ebb_busiest *b);

void ebb_busiest_finish(struct ebb_busiest *b);

#endif
