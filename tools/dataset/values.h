/* tools/dataset/values.h - data sets of values from images, sounds and other
 * series. */
#ifndef EBB_TOOLS_DATASET_VALUES_H
#define EBB_TOOLS_DATASET_VALUES_H

#include "io/values_write.h"
#include "tools/args.h"
#include "tools/dataset/labelled.h"

/** What the operand holds. */
enum ebb_values_kind {
    EBB_VALUES_NONE, /* something else */
    EBB_VALUES_IMAGES,
    EBB_VALUES_SOUNDS,
    EBB_VALUES_SERIES
};

/** The options, for the list of a command. */
#define EBB_VALUES_OPTIONS                                                     \
    {"series", 0, NULL, "files are tables of values, a line a frame"},         \
        {"names", 0, "PATTERN",                                                \
         "what names tell: {class}_{speaker}_{take}.wav"},                     \
        {"only", 0, "FIELD=WORDS", "leave out the others"},                    \
        {"test", 0, "N%|FIELD=WORDS", "these are for tests: take=0-4"},        \
        {"encode", 0, "HOW",                                                   \
         "analog, rate, regular, latency, delta, current"},                    \
        {"hold", 0, "N", "ticks for which a frame is shown"},                  \
        {"gain", 0, "X", "what values are multiplied by (1)"},                 \
        {"spread", 0, "X", "gains differ by up to this factor (1)"},           \
        {"shift", 0, "X", "offsets differ by up to this (0)"},                 \
        {"threshold", 0, "X", "of delta, current, latency (1; latency 0)"},    \
        {"hysteresis", 0, "X", "of delta (0)"},                                \
        {"leak", 0, "X", "time constant of current, ticks (10; 0: none)"},     \
        {"polarities", 0, "1|2", "2: channels again with the sign turned"},    \
        {"inputs", 0, "N", "so many, which take the channels by turns"},       \
        {"plain", 0, NULL, "values count as they are"},                        \
        {"relative", 0, NULL,                                                  \
         "values of series less those of the first frame"},                    \
        {"window", 0, "TIME", "of a sound, for one frame (25ms)"},             \
        {"hop", 0, "TIME", "from one frame to the next (sounds: 10ms)"},       \
        {"bands", 0, "N", "of the mel bank (26)"},                             \
        {"coefficients", 0, "N", "cepstra of a frame (13)"},                   \
    {                                                                          \
        "slopes", 0, "0|1|2", "of the cepstra, behind them (1)"                \
    }

/** A data set of values being made. */
struct ebb_values_job {
    const struct ebb_args *args;
    enum ebb_values_kind kind;
    struct ebb_labelled_list list;
    struct ebb_values_writer *writer;
    struct ebb_values_about about;
    size_t rows, columns; /* of images */
    size_t channels, frames;
    size_t inputs;
    size_t cut; /* samples longer than the ticks */
};

/** What is it, going by the files? */
enum ebb_values_kind ebb_values_kind_of(const struct ebb_args *args);

/** Make the data set. The caller finishes the job, after a failure too.
 *  Errors: those of the options, of reading and writing. */
EBB_NODISCARD ebb_status ebb_values_take(struct ebb_values_job *job);

/** Say what was made, or print it as a JSON object. */
void ebb_values_tell(const struct ebb_values_job *job, bool json);

/** Free all; a file that has not got its name is removed. */
void ebb_values_finish(struct ebb_values_job *job);

/* Of one kind each: find the samples, and then add them to a writer, which
 * they begin. */
EBB_NODISCARD ebb_status ebb_images_find(struct ebb_values_job *job);
EBB_NODISCARD ebb_status ebb_images_add(struct ebb_values_job *job);
EBB_NODISCARD ebb_status ebb_sounds_add(struct ebb_values_job *job);
EBB_NODISCARD ebb_status ebb_series_add(struct ebb_values_job *job);

/** Has a folder images as MNIST has them? */
bool ebb_images_are(const char *folder);

/** Begin the writer. Errors: those of ebb_values_writer_create(). */
EBB_NODISCARD ebb_status ebb_values_begin(struct ebb_values_job *job,
                                          size_t channels, bool bytes);

/** Add sample k. Errors: those of ebb_values_writer_add(), EBB_ERR_STOPPED. */
EBB_NODISCARD ebb_status ebb_values_add(struct ebb_values_job *job, size_t k,
                                        const struct ebb_series *series);

#endif
