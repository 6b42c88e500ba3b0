/* tools/plot/gnuplot.h - pictures, drawn by gnuplot. */
#ifndef EBB_TOOLS_PLOT_GNUPLOT_H
#define EBB_TOOLS_PLOT_GNUPLOT_H

#include "core/error.h"

#include <stdio.h>
#include <sys/types.h>

/** A picture being drawn: write gnuplot's language to `script`. */
struct ebb_gnuplot {
    FILE *script;
    pid_t process;
    const char *path; /* borrowed */
    char *beside;     /* path.tmp, until the picture is whole */
};

/**
 * Begin a picture; .png or .svg by the name of `path`.
 *
 *     width, height  pixels
 *
 * Errors: EBB_ERR_ARG (another ending), EBB_ERR_IO (cannot write, no gnuplot),
 * EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_gnuplot_begin(struct ebb_gnuplot *g,
                                           const char *path, int width,
                                           int height);

/** Write text as a string of gnuplot, quoted: no text ends it early. */
void ebb_gnuplot_text(struct ebb_gnuplot *g, const char *text);

/** The same without the word that follows it, for lists of such strings. */
void ebb_gnuplot_plain(struct ebb_gnuplot *g, const char *text);

/** Finish: the picture gets its name, or, where gnuplot or `so_far` failed,
 *  nothing is left of it. Errors: EBB_ERR_IO with what gnuplot said. */
EBB_NODISCARD ebb_status ebb_gnuplot_end(struct ebb_gnuplot *g,
                                         ebb_status so_far);

#endif
