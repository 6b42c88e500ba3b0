/* tools/convert/network.h - networks that came from elsewhere. */
#ifndef EBB_TOOLS_CONVERT_NETWORK_H
#define EBB_TOOLS_CONVERT_NETWORK_H

#include "tools/args.h"

#include <stdbool.h>

/** The options, for a table of struct ebb_option. */
#define EBB_FOREIGN_OPTIONS                                                    \
    {"matrix", 0, "GROUP", "of A, where it holds more than one CSR matrix"},   \
        {"feed-forward", 0, NULL, "matrix, edges: rows are input channels"},   \
        {"neurons", 0, "N",                                                    \
         "edges in text: how many (by the highest number)"},                   \
        {"nodes", 0, "FILE", "SONATA: where /nodes is (A)"},                   \
        {"weight", 0, "W", "SONATA: of edges that tell none"},                 \
        {"round-delays", 0, NULL, "SONATA: to whole ticks, at least 1"},       \
        {"v-th", 0, "X", "threshold of the neurons (1)"},                      \
        {"lambda", 0, "X", "decay of their membrane per tick (0)"},            \
        {"refractory", 0, "TICKS", "for which V is held after a spike (0)"},   \
        {"kernel", 0, "SHAPE",                                                 \
         "of all synapses: none, exponential, alpha, "                         \
         "dual_exponential"},                                                  \
        {"tau", 0, "TICKS", "its time constant (5)"},                          \
        {"tau-s", 0, "TICKS", "the fast one of dual_exponential (tau / 4)"},   \
    {                                                                          \
        "delay", 0, "TICKS", "of synapses that tell none (1)"                  \
    }

/** Is A a CSR matrix, edges of SONATA, or edges in text? */
bool ebb_convert_is_foreign(const char *path);

/** Turn it into a network. */
EBB_NODISCARD ebb_status ebb_convert_foreign(const struct ebb_args *args);

/** Does a path ask for SONATA: NAME.sonata.h5? */
bool ebb_convert_to_sonata(const char *path);

#endif
