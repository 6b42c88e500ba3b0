/* tools/ebb.c - the program: finds the command and runs it. */
#include "tools/commands.h"

#include "core/denormals.h"
#include "core/memory.h"
#include "core/nearest.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct ebb_command *const commands[] = {
    &ebb_command_patterns, &ebb_command_train,   &ebb_command_run,
    &ebb_command_grad,     &ebb_command_plot,    &ebb_command_eval,
    &ebb_command_info,     &ebb_command_convert, &ebb_command_dataset,
    &ebb_command_memory,   &ebb_command_serve,   &ebb_command_play,
    &ebb_command_bench,    &ebb_command_repair,  &ebb_command_merge,
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static void print_help(FILE *to)
{
    fprintf(to, "usage: ebb COMMAND …   (ebb COMMAND --help tells more)\n\n"
                "Event-driven simulation and training of spiking networks.\n\n"
                "commands:\n");
    for (size_t k = 0; k < COMMANDS; k++) {
        fprintf(to, "  %-10s %s\n", commands[k]->name, commands[k]->summary);
    }
    fprintf(to, "\nFrom patterns to recall:\n"
                "  ebb train experiments/associative_memory.yaml\n"
                "  ebb eval runs/associative_memory/best.net.h5 "
                "experiments/associative_memory.yaml\n\n"
                "Exit status: 0, 1 (failed), 2 (the command line makes no "
                "sense).\n");
}

static int unknown(const char *word)
{
    const char *names[COMMANDS];
    for (size_t k = 0; k < COMMANDS; k++) {
        names[k] = commands[k]->name;
    }
    const char *near = ebb_nearest(word, names, COMMANDS, sizeof(names[0]));
    fprintf(stderr, "ebb: unknown command '%.60s'", word);
    if (near) {
        fprintf(stderr, "; did you mean '%s'?\n", near);
    } else {
        fprintf(stderr, "; ebb --help lists them\n");
    }
    return EBB_EXIT_USAGE;
}

/* A full disk or a closed pipe must not look like success. */
static int flush_output(int status)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "ebb: cannot write the output\n");
        return status ? status : EBB_EXIT_FAILED;
    }
    return status;
}

/* Libraries do not all bear to be refused memory: what cannot go well is not
 * begun. */
static bool has_room(void)
{
    if (ebb_mem_fits(0)) {
        return true;
    }
    fprintf(stderr,
            "ebb: no memory: this process is limited to %zu MiB (ulimit -v) "
            "and has less than %d MiB of them left once it is loaded; raise "
            "the limit\n",
            ebb_mem_limit() >> 20, EBB_MEM_RESERVE >> 20);
    return false;
}

static int run(const struct ebb_command *command, int argc, char **argv)
{
    struct ebb_args args = {0};
    int status = EBB_EXIT_USAGE;
    if (!has_room()) {
        return EBB_EXIT_FAILED;
    }
    if (ebb_args_parse(&args, command, argc, argv, &status)) {
        status = command->run(&args);
    }
    ebb_args_finish(&args);
    return flush_output(status);
}

int main(int argc, char **argv)
{
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a failed write */
    ebb_denormals_flush();
    if (argc < 2) {
        print_help(stderr);
        return EBB_EXIT_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
        strcmp(word, "help") == 0) {
        print_help(stdout);
        return flush_output(EBB_EXIT_OK);
    }
    if (strcmp(word, "--version") == 0) {
        printf("ebb %s\n", EBB_VERSION);
        return flush_output(EBB_EXIT_OK);
    }
    for (size_t k = 0; k < COMMANDS; k++) {
        if (strcmp(commands[k]->name, word) == 0) {
            return run(commands[k], argc - 2, argv + 2);
        }
    }
    return unknown(word);
}
