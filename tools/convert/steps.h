/* tools/convert/steps.h - what is done to events on their way from one
 * recording into another. */
#ifndef EBB_TOOLS_CONVERT_STEPS_H
#define EBB_TOOLS_CONVERT_STEPS_H

#include "io/dvs/dvs.h"
#include "tools/convert/pixel_map.h"

enum ebb_step_polarity {
    EBB_STEP_BOTH,
    EBB_STEP_BRIGHTER, /* only those */
    EBB_STEP_DARKER,
    EBB_STEP_MERGE /* all become brighter */
};

/** The steps, in the order in which they are taken. */
struct ebb_steps {
    int64_t begin, end; /* us after the first event: [begin, end) */
    uint32_t crop[4];   /* column, row, width, height; width 0: no crop */
    bool flip_x, flip_y;
    uint32_t shrink; /* pixels of a side that become one; at least 1 */
    enum ebb_step_polarity polarity;
    double hot; /* leave out pixels with so many times the mean of those that
                   have events; 0: none */
    int64_t refractory_us; /* a pixel is silent that long after an event */
    bool zero;             /* times start at 0 with the first event */
    bool monotone;         /* times that fall are held */

    uint32_t width, height; /* of the sensor; 0: not told. in/out */

    /* their memory */
    bool begun;
    int64_t first, last, zero_at;
    struct ebb_pixel_map seen;  /* time of each pixel's last event */
    struct ebb_pixel_map count; /* events of each pixel */
    double count_max;           /* a pixel with more is hot */
};

/** Check the steps and work out the size of the picture afterwards. Errors:
 *  EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_steps_begin(struct ebb_steps *s);

/** Count the events of a block that are in time and in the piece; where `hot`
 *  is set, with all of them before the first is taken. Errors: EBB_ERR_NOMEM,
 *  EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_steps_count(struct ebb_steps *s,
                                         const struct ebb_dvs_block *block);

/** Take them with a block; it gets fewer events. *more is false when no later
 *  event can pass. Errors: EBB_ERR_NOMEM, EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_steps_take(struct ebb_steps *s,
                                        struct ebb_dvs_block *block,
                                        bool *more);

/** Forget the events so far; another recording may follow. */
void ebb_steps_restart(struct ebb_steps *s);

void ebb_steps_finish(struct ebb_steps *s);

#endif
