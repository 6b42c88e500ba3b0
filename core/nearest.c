/* core/nearest.c - what somebody may have meant. */
#include "core/nearest.h"

#include <string.h>

enum { LETTERS_MAX = 63 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Letters to insert, drop, change or swap to get from a to b. */
static unsigned distance(const char *a, size_t n, const char *b, size_t m)
{
    unsigned row[3][LETTERS_MAX + 1];
    unsigned *before = row[0], *last = row[1], *now = row[2];
    for (unsigned j = 0; j <= m; j++) {
        last[j] = j;
    }
    for (unsigned i = 1; i <= n; i++) {
        now[0] = i;
        for (unsigned j = 1; j <= m; j++) {
            unsigned change = last[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = least(change, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1]) {
                now[j] = least(now[j], before[j - 2] + 1);
            }
        }
        unsigned *spare = before;
        before = last;
        last = now;
        now = spare;
    }
    return last[m];
}

const char *ebb_nearest(const char *word, const char *const *words, size_t n,
                        size_t stride)
{
    size_t length = strlen(word);
    if (length > LETTERS_MAX) {
        return NULL;
    }
    const char *best = NULL;
    unsigned fewest = length < 6 ? 3 : (unsigned)length / 3 + 1;
    const char *at = (const char *)words;
    for (size_t k = 0; k < n; k++, at += stride) {
        const char *other = *(const char *const *)at;
        size_t letters = strlen(other);
        if (letters > LETTERS_MAX) {
            continue;
        }
        unsigned d = distance(word, length, other, letters);
        if (d < fewest && d < letters) {
            fewest = d;
            best = other;
        }
    }
    return best;
}
