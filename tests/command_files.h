/* tests/command_files.h - files of other sizes for tests of the program. */
#ifndef EBB_TESTS_COMMAND_FILES_H
#define EBB_TESTS_COMMAND_FILES_H

#include <stddef.h>

/** A data set whose classes are told by which share of the channels is busy;
 *  four fifths are training samples, the others for the test. */
struct command_dataset {
    size_t inputs, classes, ticks, samples;
    size_t events;  /* of each sample */
    size_t outputs; /* 0: no targets; else train k % outputs has one spike, at
                       tick 3, in sample k */
};

/** Write it. */
void command_dataset_write(const char *path, const struct command_dataset *d);

/** Write a network of input channels and output neurons, all weights 0. */
void command_network_write(const char *path, size_t inputs, size_t outputs);

#endif
