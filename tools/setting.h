/* tools/setting.h - an experiment made ready: its data opened, its words
 * turned into options of training. */
#ifndef EBB_TOOLS_SETTING_H
#define EBB_TOOLS_SETTING_H

#include "io/experiment.h"
#include "sim/learn/train.h"

/** What training and evaluation need. Zero-initialise. */
struct ebb_setting {
    struct ebb_experiment *experiment;
    struct ebb_sample_source source;
    struct ebb_train_options options;
    const char *data_file; /* what was opened; NULL: patterns are drawn, or
                              samples come from elsewhere; borrowed */
    struct ebb_patterns patterns; /* where the samples are cues, else empty */
    struct ebb_cues *cues;
    struct ebb_dataset *dataset;     /* where they are not, … */
    struct ebb_held_out *held_out;   /* … some of them for validation … */
    struct ebb_augmented *augmented; /* … and those for training altered */
};

/**
 * Read an experiment and open its data. `patterns`: a file of patterns instead
 * of the experiment's own, or NULL; its name is borrowed. The caller finishes
 * the setting, also after a failure. Errors: those of reading the files;
 * EBB_ERR_ARG where data and network do not fit.
 */
EBB_NODISCARD ebb_status ebb_setting_init(struct ebb_setting *out,
                                          const char *path,
                                          const char *patterns);

/** The same with samples of another source in place of the experiment's data,
 *  which is not opened. Errors: likewise. */
EBB_NODISCARD ebb_status
ebb_setting_init_from(struct ebb_setting *out, const char *path,
                      const struct ebb_sample_source *source);

/** Use another seed for weights, noise and order. Errors: those of
 *  ebb_experiment_seed() and ebb_cues_create(). */
EBB_NODISCARD ebb_status ebb_setting_seed(struct ebb_setting *s, uint64_t seed);

/** Hold out another share of a data set's training samples for validation, 0:
 *  none. Errors: EBB_ERR_ARG (no data set, or a share that is none). */
EBB_NODISCARD ebb_status ebb_setting_hold_out(struct ebb_setting *s,
                                              double share);

/** Draw cues anew after a change of experiment->cues. Errors: those of
 *  ebb_cues_create(). */
EBB_NODISCARD ebb_status ebb_setting_redraw(struct ebb_setting *s);

/** Check that a network takes the data's input and gives its output; names
 *  the way out. Errors: EBB_ERR_SHAPE. */
EBB_NODISCARD ebb_status ebb_setting_check(const struct ebb_setting *s,
                                           const struct ebb_network *net,
                                           const char *network_name);

/** Is there a right class for each sample: by spike counts, or by the nearest
 *  of the prototypes that the data has? */
bool ebb_setting_has_classes(const struct ebb_setting *s);

/** Free everything. */
void ebb_setting_finish(struct ebb_setting *s);

#endif
