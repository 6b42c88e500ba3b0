/* tests/command_folder.h - a folder of its own for a test of the program. */
#ifndef EBB_TESTS_COMMAND_FOLDER_H
#define EBB_TESTS_COMMAND_FOLDER_H

#include "tests/spawn.h"

/** The folder, between begin() and end(). */
extern char folder[];

/** How the last command ended. */
extern struct spawn r;

/** Make the folder, with a small experiment in it: small.yaml. */
void begin(void);

/** The text of small.yaml. */
extern const char *const experiment;

/** Remove the folder and what is in it. */
void end(void);

/** Write a file of text into the folder. */
void write_text(const char *name, const char *text);

/** Write a data set into the folder: 60 samples of 30 ticks with 20 events
 *  each, of three classes told by which third of 12 channels is busy. */
void write_dataset(const char *name);

/** Path of a file in the folder; the last four stay valid. */
const char *in_folder(const char *name);

/** Check how the last command ended and what it said; NULL: anything. */
void expect(int status, const char *out, const char *err);

#endif
