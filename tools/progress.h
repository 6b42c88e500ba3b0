/* tools/progress.h - how far a long job is. */
#ifndef EBB_TOOLS_PROGRESS_H
#define EBB_TOOLS_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

/** A bar on a terminal; nothing elsewhere, where lines tell. */
struct ebb_progress {
    bool terminal;
    double start;     /* s, when the job began */
    size_t first;     /* steps that were done before it began */
    size_t total;     /* steps of the job */
    double last_draw; /* s */
};

/** Begin a job of `total` steps of which `first` are done. */
struct ebb_progress ebb_progress_begin(size_t first, size_t total);

/** Show that `done` steps are done; `text` says what of. Drawn at most ten
 *  times a second, with the time that is left. */
void ebb_progress_show(struct ebb_progress *p, size_t done, const char *text);

/** Clear the bar, so that a line can be printed. */
void ebb_progress_clear(const struct ebb_progress *p);

/** Seconds since some fixed moment. */
double ebb_seconds_now(void);

/** "1:05:09" or "5:09" in text[16]. */
void ebb_seconds_text(char *text, double seconds);

#endif
