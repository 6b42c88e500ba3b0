/* tools/plot/gnuplot.c - pictures, drawn by gnuplot.
 *
 * gnuplot reads the script from a pipe and writes the picture to its standard
 * output, a file that we opened: no name passes through its language. */
#include "tools/plot/gnuplot.h"

#include "core/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NO_GNUPLOT = 127 };

static const char *terminal_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    if (dot && strcmp(dot, ".png") == 0) {
        return "pngcairo";
    }
    return dot && strcmp(dot, ".svg") == 0 ? "svg" : NULL;
}

/* In the child: from the pipe to the picture; words go where ours go. */
static void become_gnuplot(int script, int picture)
{
    dup2(script, STDIN_FILENO);
    dup2(picture, STDOUT_FILENO);
    execlp("gnuplot", "gnuplot", "-d", (char *)NULL);
    _exit(NO_GNUPLOT);
}

static ebb_status start(struct ebb_gnuplot *g, int picture)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return EBB_FAIL(EBB_ERR_IO, "no pipe to gnuplot: %s", strerror(errno));
    }
    signal(SIGPIPE, SIG_IGN); /* its death shows in its exit status */
    g->process = fork();
    if (g->process == 0) {
        become_gnuplot(ends[0], picture);
    }
    close(ends[0]);
    g->script = g->process > 0 ? fdopen(ends[1], "w") : NULL;
    if (!g->script) {
        close(ends[1]);
        return EBB_FAIL(EBB_ERR_IO, "cannot start gnuplot: %s",
                        strerror(errno));
    }
    return EBB_OK;
}

ebb_status ebb_gnuplot_begin(struct ebb_gnuplot *g, const char *path, int width,
                             int height)
{
    const char *terminal = terminal_of(path);
    *g = (struct ebb_gnuplot){.path = path};
    if (!terminal) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "'%s': a picture is .png or .svg; give -o NAME.png",
                        path);
    }
    g->beside = ebb_mem_calloc(strlen(path) + 5, 1);
    if (!g->beside) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a picture");
    }
    sprintf(g->beside, "%s.tmp", path);
    int picture =
        open(g->beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    ebb_status status = picture >= 0
                            ? start(g, picture)
                            : EBB_FAIL(EBB_ERR_IO, "cannot write '%s': %s",
                                       path, strerror(errno));
    if (picture >= 0) {
        close(picture);
    }
    if (status != EBB_OK) {
        unlink(g->beside);
        ebb_mem_free(g->beside);
        return status;
    }
    fprintf(g->script,
            "set terminal %s size %d,%d font 'Sans,11' background '#ffffff'\n"
            "set border 3 lc '#404040'\nset tics nomirror out\n"
            "set linetype 1 lc '#0072b2'\nset linetype 2 lc '#d55e00'\n"
            "set linetype 3 lc '#009e73'\nset linetype 4 lc '#cc79a7'\n"
            "set linetype 5 lc '#56b4e9'\nset linetype 6 lc '#e69f00'\n",
            terminal, width, height);
    return EBB_OK;
}

void ebb_gnuplot_plain(struct ebb_gnuplot *g, const char *text)
{
    /* gnuplot takes two quotes at the start for an empty string */
    fputs(*text == '\'' ? "' " : "'", g->script);
    for (const char *c = text; *c; c++) {
        if (*c == '\'') {
            fputs("''", g->script);
        } else {
            fputc((unsigned char)*c < ' ' ? ' ' : *c, g->script);
        }
    }
    fputc('\'', g->script);
}

void ebb_gnuplot_text(struct ebb_gnuplot *g, const char *text)
{
    ebb_gnuplot_plain(g, text);
    fputs(" noenhanced", g->script);
}

void ebb_gnuplot_matrix(struct ebb_gnuplot *g, const char *name,
                        const double *cells, size_t rows, size_t columns)
{
    fprintf(g->script, "$%s << EOD\n", name);
    for (size_t y = 0; y < (rows > 1 ? rows : 2); y++) {
        for (size_t x = 0; x < (columns > 1 ? columns : 2); x++) {
            /* an image has two rows and columns; the copies are out of range */
            size_t from = (rows > 1 ? y : 0) * columns + (columns > 1 ? x : 0);
            fprintf(g->script, "%.6g ", cells[from]);
        }
        fputc('\n', g->script);
    }
    fputs("EOD\nset palette defined (0 '#ffffff', 1 '#c6dbef', 2 '#6baed6', "
          "3 '#2171b5', 4 '#08306b')\n",
          g->script);
}

double ebb_gnuplot_largest(const double *cells, size_t n)
{
    double largest = 0;
    for (size_t k = 0; k < n; k++) {
        largest = cells[k] > largest ? cells[k] : largest;
    }
    return largest > 0 ? largest : 1;
}

ebb_status ebb_gnuplot_end(struct ebb_gnuplot *g, ebb_status so_far)
{
    int how = -1;
    fclose(g->script); /* a lost reader shows in its exit status */
    while (waitpid(g->process, &how, 0) < 0 && errno == EINTR) {
    }
    bool drawn = WIFEXITED(how) && WEXITSTATUS(how) == 0;
    ebb_status status = so_far;
    if (so_far == EBB_OK && !drawn) {
        status =
            WIFEXITED(how) && WEXITSTATUS(how) == NO_GNUPLOT
                ? EBB_FAIL(EBB_ERR_IO, "gnuplot is not installed: "
                                       "tools/setup does (gnuplot-nox)")
                : EBB_FAIL(EBB_ERR_IO, "gnuplot could not draw '%s'", g->path);
    }
    if (status == EBB_OK && rename(g->beside, g->path) != 0) {
        status = EBB_FAIL(EBB_ERR_IO, "cannot write '%s': %s", g->path,
                          strerror(errno));
    }
    if (status != EBB_OK) {
        unlink(g->beside);
    }
    ebb_mem_free(g->beside);
    return status;
}
