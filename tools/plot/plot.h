/* tools/plot/plot.h - the kinds of picture. */
#ifndef EBB_TOOLS_PLOT_PLOT_H
#define EBB_TOOLS_PLOT_PLOT_H

#include "tools/args.h"

#include <stdio.h>

/** Loss and recall over epochs, from a curve.jsonl or a run folder. */
EBB_NODISCARD ebb_status ebb_plot_curve(const struct ebb_args *args,
                                        const char *out);

/** Cue, target and recall of a test sample side by side (the paper's figure
 *  3), from a network and its experiment. */
EBB_NODISCARD ebb_status ebb_plot_recall(const struct ebb_args *args,
                                         const char *out);

/** PSP kernels before and after learning (the paper's figure 5), from a
 *  network and its experiment. */
EBB_NODISCARD ebb_status ebb_plot_kernels(const struct ebb_args *args,
                                          const char *out);

/** The patterns of a file as rasters: all, or --pattern. */
EBB_NODISCARD ebb_status ebb_plot_patterns(const struct ebb_args *args,
                                           const char *out);

/** Recorded states of some neurons over time, from a trace: V with its
 *  threshold and spikes, R, I; of a projection F. */
EBB_NODISCARD ebb_status ebb_plot_traces(const struct ebb_args *args,
                                         const char *out);

/** Spikes of each neuron of a population on test samples sorted by class, from
 *  a network and its experiment. */
EBB_NODISCARD ebb_status ebb_plot_rates(const struct ebb_args *args,
                                        const char *out);

/** Rates of neurons over time, from a trace. */
EBB_NODISCARD ebb_status ebb_plot_rate_map(const struct ebb_args *args,
                                           const char *out);

/** Van Rossum distances between the answers of a population to test samples
 *  sorted by class (the paper's figure 4), from a network and its
 *  experiment. */
EBB_NODISCARD ebb_status ebb_plot_distance(const struct ebb_args *args,
                                           const char *out);

/** False activations and completion over the number of stored patterns,
 *  measured beside theory, from what ebb memory capacity wrote. */
EBB_NODISCARD ebb_status ebb_plot_capacity(const struct ebb_args *args,
                                           const char *out);

/** The same from an open file of such lines, `name` for messages. */
EBB_NODISCARD ebb_status ebb_plot_capacity_lines(FILE *from, const char *name,
                                                 const char *out);

#endif
