/* tests/bad_rows_files.c - HDF5 files that are wrong in one place. */
#include "tests/bad_rows.h"

#include <math.h>

#define RUN     "run bad.net.h5 in.csv -o kept.csv"
#define GRAD    "grad t/best.net.h5 bad.trace.h5 tiny.yaml -o kept.csv"
#define DATA    "train data.yaml -o bad_run"
#define RESUME  "train tiny.yaml -o bad --resume --epochs 2"
#define CONVERT "convert bad.h5 kept.csv"

#define EDITED(good, bad, command, how, at, value, text, ...)                  \
    {                                                                          \
        good, bad, {how, at, value, text},                                     \
        {                                                                      \
            command,                                                           \
            {                                                                  \
                bad, __VA_ARGS__                                               \
            }                                                                  \
        }                                                                      \
    }
#define NET(how, at, value, text, ...)                                         \
    EDITED("t/best.net.h5", "bad.net.h5", RUN, how, at, value, text,           \
           __VA_ARGS__)
#define ROWS(how, at, value, ...)                                              \
    EDITED("sparse.net.h5", "bad.net.h5", RUN, how, at, value, NULL,           \
           __VA_ARGS__)
#define CONV(how, at, value, text, ...)                                        \
    EDITED("conv.net.h5", "bad.net.h5", RUN, how, at, value, text, __VA_ARGS__)
#define STATE(how, at, value, ...)                                             \
    EDITED("t/checkpoint.net.h5", "bad/checkpoint.net.h5", RESUME, how, at,    \
           value, NULL, __VA_ARGS__)
#define TRACE(how, at, value, text, ...)                                       \
    EDITED("tiny.trace.h5", "bad.trace.h5", GRAD, how, at, value, text,        \
           __VA_ARGS__)
#define SET(how, at, value, text, ...)                                         \
    EDITED("tiny.data.h5", "bad.data.h5", DATA, how, at, value, text,          \
           __VA_ARGS__)
#define PATTERN(how, at, value, ...)                                           \
    EDITED("p.h5", "bad.h5", CONVERT, how, at, value, NULL, __VA_ARGS__)

#define HIDDEN "populations/hidden"
#define FIRST  "projections/input_hidden"

const struct bad_row_file bad_row_files[] = {
    NET(BAD_CUT, NULL, 0, NULL, "no HDF5 file"),
    NET(BAD_CUT, NULL, 3000, NULL, "truncated"),
    NET(BAD_REMOVE, "@format", 0, NULL, "'format' is missing"),
    NET(BAD_TEXT, "@format", 0, "ebb dataset", "a network is wanted"),
    NET(BAD_TEXT, "@format", 0, "a text that is longer than all formats are",
        "longer than"),
    NET(BAD_NUMBER, "@format", 1, NULL, "no text"),
    NET(BAD_COUNT, "@version", 9, NULL, "reads version 1"),
    NET(BAD_REMOVE, "@tick_s", 0, NULL, "'tick_s' is missing"),
    NET(BAD_NUMBER, "@tick_s", NAN, NULL, "a tick of nan"),
    NET(BAD_NUMBER, "@tick_s", -1, NULL, "must be positive"),
    NET(BAD_REMOVE, "populations", 0, NULL, "'populations' is missing"),
    NET(BAD_REMOVE, "projections", 0, NULL, "'projections' is missing"),
    NET(BAD_LINK, "populations", 0, NULL, "'populations' is missing"),
    NET(BAD_SOFT_LINK, "projections", 0, NULL, "'projections' is missing"),
    NET(BAD_COUNT, HIDDEN "@n", 0, NULL, "hidden", "neurons"),
    NET(BAD_COUNT, HIDDEN "@n", -4, NULL, "'n' is -4", "whole number from 0"),
    NET(BAD_NUMBER, HIDDEN "@n", 4.5, NULL, "'n' is 4.5"),
    NET(BAD_COUNT, HIDDEN "@n", 5, NULL, "hidden", "bias has 4 values"),
    NET(BAD_COUNT, HIDDEN "@n", 0x1p50, NULL, "hidden", "at most"),
    NET(BAD_COUNT, HIDDEN "@index", 0, NULL, "input", "index = 0"),
    NET(BAD_COUNT, HIDDEN "@index", 7, NULL, "hidden", "index = 7"),
    NET(BAD_TEXT, HIDDEN "@reset", 0, "soft", "it is filter or hybrid"),
    NET(BAD_COUNT, HIDDEN "@refractory_ticks", -1, NULL,
        "'refractory_ticks' is -1"),
    NET(BAD_TEXT, HIDDEN "@reset", 0, "filter", "needs reset: hybrid"),
    NET(BAD_NUMBER, HIDDEN "@sigma", 0, NULL, "'hidden'", "sigma = 0"),
    NET(BAD_CELL, HIDDEN "/v_reset", 2, NULL, "v_reset = 2", "not below"),
    NET(BAD_CELL, HIDDEN "/v_th", NAN, NULL, "v_th[0] = nan"),
    NET(BAD_CELL, HIDDEN "/lambda", 1.5, NULL, "lambda[0]", "from 0 to 1"),
    NET(BAD_FLAT, HIDDEN "/bias", 3, NULL, "bias has 3 values", "give 1 or"),
    NET(BAD_REMOVE, HIDDEN "/theta", 0, NULL, "'theta' is missing"),
    NET(BAD_TEXT, FIRST "@source", 0, "inptu", "did you mean 'input'"),
    NET(BAD_TEXT, FIRST "@target", 0, "input", "input"),
    NET(BAD_TEXT, FIRST "@kind", 0, "full", "dense or sparse or conv2d"),
    NET(BAD_COUNT, FIRST "@delay_ticks", -2, NULL, "'delay_ticks' is -2"),
    NET(BAD_COUNT, FIRST "@delay_ticks", 0x1p41, NULL, "delay", "ticks"),
    NET(BAD_REMOVE, FIRST "/weight", 0, NULL, "'weight' is missing"),
    NET(BAD_GROUP, FIRST "/weight", 0, NULL, "'weight' is missing"),
    NET(BAD_FLAT, FIRST "/weight", 12, NULL, "[target, source] = [4, 3]"),
    NET(BAD_CELL, FIRST "/weight", NAN, NULL, "weight[0, 0] = nan"),
    NET(BAD_CELL, FIRST "/weight", HUGE_VAL, NULL, "weight[0, 0] = inf"),
    NET(BAD_WORDS, FIRST "/weight", 0, NULL, "'weight' holds no numbers"),
    NET(BAD_OUTSIDE, FIRST "/weight", 0, NULL, "no numbers in this file"),
    NET(BAD_WIDE, FIRST "/weight", 65544, NULL, "'weight' holds no numbers"),
    NET(BAD_HUGE, FIRST "/weight", 0, NULL, "claims more numbers"),
    NET(BAD_REMOVE, FIRST "/kernel", 0, NULL, "'kernel' is missing"),
    NET(BAD_CELL, FIRST "/kernel/alpha", 1, NULL, "unstable pole", "|p| = 1"),
    NET(BAD_CELL, FIRST "/kernel/beta", NAN, NULL, "beta[0, 0] = nan"),
    NET(BAD_FLAT, FIRST "/kernel/beta", 2, NULL, "beta [Q + 1, n]"),
    NET(BAD_TEXT, FIRST "/kernel@name", 0, "gauss", "kernel", "'gauss'"),
    NET(BAD_TEXT, FIRST "/kernel@unit", 0, "h", "it is tick or s"),
    ROWS(BAD_CELL, "projections/rows/indptr", 1, "'rows'", "must run from 0"),
    ROWS(BAD_FLAT, "projections/rows/indptr", 2, "indptr holds 2"),
    ROWS(BAD_CELL, "projections/rows/indices", 99, "indices[0] = 99"),
    ROWS(BAD_SIGNED, "projections/rows/indices", -1, "'indices' holds"),
    ROWS(BAD_FLAT, "projections/rows/data", 1, "'indices' holds 2"),
    ROWS(BAD_FLAT, "projections/rows/indices", 1, "'indices' holds 1"),
    ROWS(BAD_COUNT, "projections/loop@delay_ticks", 0, "cycle without delay",
         "delay_ticks >= 1"),
    CONV(BAD_CELL, "populations/input/shape", 3, NULL, "'input'",
         "shape [3, 4, 4]"),
    CONV(BAD_SIGNED, "populations/input/shape", -1, NULL, "'shape' holds"),
    CONV(BAD_FLAT, "populations/input/shape", 2, NULL, "'shape' holds 2"),
    CONV(BAD_REMOVE, "populations/input/shape", 0, NULL, "'conv'",
         "[target channels, source channels / groups"),
    CONV(BAD_SIGNED, "projections/conv/stride", 0, NULL, "'conv'",
         "stride = 0"),
    CONV(BAD_SIGNED, "projections/conv/stride", 2, NULL, "'conv'",
         "it makes [2, 2, 2]"),
    CONV(BAD_SIGNED, "projections/conv/dilation", 1e6, NULL,
         "dilation = 1000000"),
    CONV(BAD_SIGNED, "projections/conv/dilation", 9, NULL, "does not fit"),
    CONV(BAD_SIGNED, "projections/conv/padding", -1, NULL, "'padding' holds"),
    CONV(BAD_REMOVE, "projections/conv/padding", 0, NULL,
         "'padding' is missing"),
    CONV(BAD_COUNT, "projections/conv@groups", 0, NULL, "in 0 groups"),
    CONV(BAD_COUNT, "projections/conv@groups", 3, NULL, "in 3 groups"),
    CONV(BAD_REMOVE, "projections/conv@groups", 0, NULL, "'groups' is missing"),
    CONV(BAD_FLAT, "projections/conv/weight", 36, NULL, "rows, columns]"),
    CONV(BAD_HUGE, "projections/conv/weight", 0, NULL, "claims more numbers"),
    CONV(BAD_CELL, "projections/conv/weight", NAN, NULL, "weight[0] = nan"),
    CONV(BAD_TEXT, "projections/out/pool@kind", 0, "min",
         "it is sum, average or max"),
    CONV(BAD_SIGNED, "projections/out/pool/size", 5, NULL, "window of [5, 5]",
         "[2, 4, 4]"),
    CONV(BAD_SIGNED, "projections/out/pool/stride", 1, NULL, "= [2, 18]",
         "what is pooled"),
    CONV(BAD_REMOVE, "projections/out/pool", 0, NULL, "= [2, 32]"),
    STATE(BAD_REMOVE, "training", 0, "no checkpoint"),
    STATE(BAD_CUT, NULL, 3000, "truncated"),
    STATE(BAD_COUNT, "training@epoch", -1, "'epoch' is -1"),
    STATE(BAD_REMOVE, "training@bf16", 0, "'bf16' is missing"),
    STATE(BAD_NUMBER, "training@penalty", -1, "'penalty' is -1"),
    EDITED("t/checkpoint.net.h5", "bad/checkpoint.net.h5", RESUME, BAD_TEXT,
           "training@kernels", 0, "loose", "'kernels' is 'loose'"),
    STATE(BAD_FLAT, "training/x", 5, "5 parameters"),
    STATE(BAD_FLAT, "training/m", 5, "'m' holds 5 numbers"),
    STATE(BAD_CELL, "training/x", NAN, "x[0]"),
    TRACE(BAD_CUT, NULL, 3000, NULL, "truncated"),
    TRACE(BAD_REMOVE, "entry/hidden/V", 0, NULL, "V of all neurons",
          "--record all"),
    TRACE(BAD_REMOVE, "spikes/hidden", 0, NULL, "spikes of 'hidden'"),
    TRACE(BAD_TEXT, "run@network_hash", 0, "0", "another network"),
    TRACE(BAD_COUNT, "run@ticks", 9, NULL, "at every tick of 'hidden'"),
    TRACE(BAD_CELL, "entry/hidden/V/V", NAN, NULL, "'hidden' neuron 0"),
    TRACE(BAD_FLAT, "entry/hidden/V/V", 40, NULL, "at every tick of 'hidden'"),
    TRACE(BAD_CELL, "spikes/input/node_ids", 9, NULL, "'input'"),
    TRACE(BAD_CELL, "spikes/input/ticks", 9999, NULL, "'input'"),
    TRACE(BAD_SIGNED, "spikes/input/ticks", -1, NULL, "'ticks' holds"),
    {"t/best.net.h5",
     "bad.trace.h5",
     {.how = BAD_NOTHING},
     {GRAD, {"bad.trace.h5", "'ebb network'"}}},
    SET(BAD_TEXT, "@format", 0, "ebb trails", "a data set"),
    SET(BAD_REMOVE, "split", 0, NULL, "'split' is missing"),
    SET(BAD_REMOVE, "events", 0, NULL, "'events' is missing"),
    SET(BAD_REMOVE, "label", 0, NULL, "neither /label nor /target"),
    SET(BAD_COUNT, "@inputs", 0, NULL, "inputs = 0"),
    SET(BAD_COUNT, "@ticks", 0, NULL, "ticks = 0"),
    SET(BAD_COUNT, "@ticks", -10, NULL, "'ticks' is -10"),
    SET(BAD_SIGNED, "events/node", -1, NULL, "/events", "'node' holds"),
    SET(BAD_REAL, "events/tick", .5, NULL, "/events", "'tick' holds"),
    SET(BAD_CELL, "events/node", 3, NULL, "node 3", "of 3 nodes"),
    SET(BAD_CELL, "events/tick", 10, NULL, "tick 10", "beyond 10 ticks"),
    SET(BAD_HUGE, "events/tick", 0, NULL, "claims more numbers"),
    SET(BAD_FLAT, "events/node", 2, NULL, "'node' holds 2 numbers"),
    SET(BAD_CELL, "sample_offsets", 1, NULL, "offsets must run from 0"),
    SET(BAD_FLAT, "sample_offsets", 3, NULL, "'sample_offsets' holds 3"),
    SET(BAD_CELL, "split", 7, NULL, "split[0] = 7", "2 (test)"),
    SET(BAD_SIGNED, "label", -1, NULL, "'label' holds"),
    SET(BAD_CELL, "label", 2e6, NULL, "label[0] = 2000000 is no class"),
    PATTERN(BAD_CELL, "patterns", 2, "[0, 0, 0] is 2", "a spike is 1"),
    PATTERN(BAD_SIGNED, "patterns", -1, "'patterns' holds"),
    PATTERN(BAD_REAL, "patterns", .5, "'patterns' holds"),
    PATTERN(BAD_FLAT, "patterns", 40, "[pattern, train, tick]"),
    PATTERN(BAD_REMOVE, "patterns", 0, "'patterns' is missing"),
};

const size_t bad_row_files_n = sizeof(bad_row_files) / sizeof(bad_row_files[0]);
