/* tools/convert/recording.h - a recording in another format. */
#ifndef EBB_TOOLS_CONVERT_RECORDING_H
#define EBB_TOOLS_CONVERT_RECORDING_H

#include "tools/args.h"
#include "tools/convert/step_options.h"

/** The options that this takes, for the list of a command. */
#define EBB_RECORDING_OPTIONS                                                  \
    {"to", 0, "FORMAT", "of B, a recording (by its name)"},                    \
        {"begin", 0, "TIME",                                                   \
         "leave out what is earlier after A's first event"},                   \
        {"end", 0, "TIME", "leave out what is later"}, EBB_STEP_OPTIONS,       \
        {"zero", 0, NULL, "let times start at 0"},                             \
        {"monotone", 0, NULL, "hold times that step back"},                    \
        {"sensor", 0, "WxH", "size of A's sensor (as A tells)"},               \
        {"columns", 0, "TXYP", "order of A's columns, where A is text"},       \
    {                                                                          \
        "chip", 0, "CHIP", "of A in AEDAT 2: dvs128 or davis"                  \
    }

/** Convert a recording. `format` is A's, or NULL: by its content. Errors:
 *  those of reading, writing and the options. */
EBB_NODISCARD ebb_status ebb_convert_recording(const struct ebb_args *args,
                                               const char *format);

#endif
