/* tests/spawn.h - run the program as a person would. */
#ifndef EBB_TESTS_SPAWN_H
#define EBB_TESTS_SPAWN_H

#include <stdbool.h>
#include <stddef.h>

/** How a command ended and what it said. */
struct spawn {
    int status; /* exit status; 128 + number after a signal */
    char out[65536];
    char err[8192];
};

/** The program under test: $EBB, which meson sets. */
const char *spawn_program(void);

/** Programs started from now on may write files of so many bytes; 0: any. */
void spawn_limit_files(size_t bytes);

/** Programs started from now on may take so many bytes of addresses; 0: any. */
void spawn_limit_memory(size_t bytes);

/** Programs started from now on read this file, named within their folder, as
 *  standard input; NULL: what this program reads. Borrowed. */
void spawn_feed(const char *path);

/** Run the program with words, ended by a NULL, in `folder`. */
void spawn_run(struct spawn *result, const char *folder,
               const char *const *words);

/** The same for a few words. */
#define SPAWN(result, folder, ...)                                             \
    spawn_run(result, folder, (const char *const[]){__VA_ARGS__, NULL})

/** Start it without waiting; returns its process. */
int spawn_start(const char *folder, const char *const *words);

/** The same with what it says in files. */
int spawn_start_to(const char *folder, const char *const *words,
                   const char *out_path, const char *err_path);

/** Wait for it: the status as above. */
int spawn_wait(int process);

/** Are two files alike, byte for byte? */
bool files_are_equal(const char *a, const char *b);

#endif
