/* tools/progress.c - how far a long job is. */
#include "tools/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { BAR = 30 };

double ebb_seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void ebb_seconds_text(char *text, double seconds)
{
    unsigned long s = seconds > 0 ? (unsigned long)(seconds + 0.5) : 0;
    s = s > 3599999 ? 3599999 : s; /* 999:59:59 */
    if (s >= 3600) {
        snprintf(text, 16, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    } else {
        snprintf(text, 16, "%lu:%02lu", s / 60, s % 60);
    }
}

struct ebb_progress ebb_progress_begin(size_t first, size_t total)
{
    return (struct ebb_progress){.terminal = isatty(STDERR_FILENO) == 1,
                                 .start = ebb_seconds_now(),
                                 .first = first,
                                 .total = total};
}

void ebb_progress_show(struct ebb_progress *p, size_t done, const char *text)
{
    if (!p->terminal) {
        return;
    }
    double now = ebb_seconds_now();
    if (now - p->last_draw < 0.1) {
        return;
    }
    p->last_draw = now;
    char bar[BAR + 1];
    size_t full = p->total ? done * BAR / p->total : BAR;
    for (size_t k = 0; k < BAR; k++) {
        bar[k] = k < full ? '#' : '.';
    }
    bar[BAR] = '\0';
    char left[16] = "?";
    if (done > p->first) {
        double each = (now - p->start) / (double)(done - p->first);
        ebb_seconds_text(left, each * (double)(p->total - done));
    }
    fprintf(stderr, "\r\033[K[%s] %zu %% %s, %s left", bar,
            p->total ? 100 * done / p->total : 100, text, left);
    fflush(stderr);
}

void ebb_progress_clear(const struct ebb_progress *p)
{
    if (p->terminal) {
        fprintf(stderr, "\r\033[K");
        fflush(stderr);
    }
}
