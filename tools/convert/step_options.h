/* tools/convert/step_options.h - options for what is done to events, which
 * several commands take. */
#ifndef EBB_TOOLS_CONVERT_STEP_OPTIONS_H
#define EBB_TOOLS_CONVERT_STEP_OPTIONS_H

#include "tools/args.h"
#include "tools/convert/steps.h"

/** The options, for the list of a command. */
#define EBB_STEP_OPTIONS                                                       \
    {"crop", 0, "X,Y,W,H", "keep a piece of the picture"},                     \
        {"flip", 0, "x|y|xy", "mirror columns, rows or both"},                 \
        {"shrink", 0, "N", "make N x N pixels one"},                           \
        {"polarity", 0, "WHICH",                                               \
         "keep: brighter, darker, merge (all as one)"},                        \
        {"hot", 0, "K", "leave out pixels K times as busy as the mean"},       \
    {                                                                          \
        "refractory", 0, "TIME", "silence a pixel so long after an event"      \
    }

/** Take them; all else of *steps is as it is for a whole recording. Errors:
 *  EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_step_options_take(struct ebb_steps *steps,
                                               const struct ebb_args *args);

/** A time in us; *us stays where the option is not given. Errors:
 *  EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_step_time(const struct ebb_args *args,
                                       const char *name, int64_t *us);

/** Whole numbers of 0 to 65536 with the character `between` between them, such
 *  as "10,20,30,40"; false: `text` is none. */
bool ebb_step_numbers(const char *text, char between, uint32_t *out, size_t n);

#endif
