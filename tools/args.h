/* tools/args.h - command lines: options, help, and what was meant. */
#ifndef EBB_TOOLS_ARGS_H
#define EBB_TOOLS_ARGS_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EBB_EXIT_OK = 0, EBB_EXIT_FAILED = 1, EBB_EXIT_USAGE = 2 };

/** One option of a command. */
struct ebb_option {
    const char *name;  /* "epochs", given as --epochs N or --epochs=N */
    char letter;       /* 'o' for -o; 0: none */
    const char *value; /* "N", what it takes; NULL: a flag */
    const char *help;
};

struct ebb_args;

/** One command of the program. */
struct ebb_command {
    const char *name;     /* "train" */
    const char *operands; /* "EXPERIMENT.yaml" */
    const char *summary;  /* one line */
    const char *text;     /* more lines of help, examples included */
    size_t operands_min, operands_max;
    const struct ebb_option *options; /* ended by a NULL name */
    int (*run)(struct ebb_args *args);
};

/** A command line taken apart. Zero-initialise. */
struct ebb_args {
    const struct ebb_command *command;
    const char **value; /* [options] text, "" for flags; NULL: not given */
    char **operand;     /* [n_operands] */
    size_t n_operands;
};

/**
 * Take the words after the command's name apart; "--" ends the options. Prints
 * what is wrong, or the help when asked for.
 * Returns true to go on, else *exit_status is what the program ends with.
 */
bool ebb_args_parse(struct ebb_args *args, const struct ebb_command *command,
                    int argc, char **argv, int *exit_status);

/** Free what parsing took. */
void ebb_args_finish(struct ebb_args *args);

/** Text of an option, or NULL. The option must exist. */
const char *ebb_args_text(const struct ebb_args *args, const char *name);

/** Was it given? */
bool ebb_args_has(const struct ebb_args *args, const char *name);

/** Whole number of low..high; *out stays where it is not given. Errors:
 *  EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_args_count(const struct ebb_args *args,
                                        const char *name, uint64_t low,
                                        uint64_t high, uint64_t *out);

/** A number of low..high. Errors: EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_args_number(const struct ebb_args *args,
                                         const char *name, double low,
                                         double high, double *out);

/** A time with a unit ("1 ms", "100us"), in seconds. Errors: EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_args_seconds(const struct ebb_args *args,
                                          const char *name, double *out);

/** One of a list of words; *out gets its index. Errors: EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_args_word(const struct ebb_args *args,
                                       const char *name,
                                       const char *const *words, size_t n,
                                       size_t *out);

/** Print "ebb <command>: <last failure>" on stderr; returns the exit status:
 *  0 for EBB_OK, 1 for a failure. */
int ebb_args_end(const struct ebb_args *args, ebb_status status);

/** The same for a command line that makes no sense; returns 2. */
int ebb_args_usage(const struct ebb_args *args, ebb_status status);

#endif
