/* core/nearest.h - what somebody may have meant. */
#ifndef EBB_CORE_NEAREST_H
#define EBB_CORE_NEAREST_H

#include <stddef.h>

/**
 * The word of a list that is nearest to a mistyped one, by the number of
 * letters to insert, drop, change or swap (optimal string alignment). NULL
 * when none is near: more than a third of the letters, and more than two,
 * would have to change.
 *
 *     words   first of `n` strings, `stride` bytes apart
 *
 * O(n length²), no allocation; words beyond 63 letters are never near.
 */
const char *ebb_nearest(const char *word, const char *const *words, size_t n,
                        size_t stride);

#endif
