/* tests/bad_rows.h - what can be wrong, as tables. */
#ifndef EBB_TESTS_BAD_ROWS_H
#define EBB_TESTS_BAD_ROWS_H

#include "tests/bad_file.h"

#include <stddef.h>

enum { BAD_SAYS = 3 };

/** What the program is told, words parted by blanks, and what it must say. */
struct bad_row {
    const char *command;
    const char *says[BAD_SAYS];
};

/** A good file `from`, copied to `to`, with one edit. */
struct bad_row_file {
    const char *from, *to;
    struct bad_edit edit;
    struct bad_row row;
};

/** A file of text, or of `size` bytes where that is not 0. */
struct bad_row_text {
    const char *name, *text;
    size_t size;
    struct bad_row row;
};

/** Good files, but a bad command line; `status` is what it exits with. */
struct bad_row_line {
    int status;
    struct bad_row row;
};

extern const struct bad_row_file bad_row_files[];
extern const size_t bad_row_files_n;
extern const struct bad_row_text bad_row_texts[];
extern const size_t bad_row_texts_n;
extern const struct bad_row_line bad_row_lines[];
extern const size_t bad_row_lines_n;

#endif
