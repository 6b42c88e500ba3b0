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

/** Write a matrix [rows, columns] as the data block $name, to be plotted
 *  `matrix with image`, and choose colours: white for 0, the darkest for the
 *  largest. */
void ebb_gnuplot_matrix(struct ebb_gnuplot *g, const char *name,
                        const double *cells, size_t rows, size_t columns);

/** The largest of some numbers; 1 where none is above 0, so that it can end a
 *  range. */
double ebb_gnuplot_largest(const double *cells, size_t n);

/** Finish: the picture gets its name, or, where gnuplot or `so_far` failed,
 *  nothing is left of it. Errors: EBB_ERR_IO with what gnuplot said. */
EBB_NODISCARD ebb_status ebb_gnuplot_end(struct ebb_gnuplot *g,
                                         ebb_status so_far);

#endif
