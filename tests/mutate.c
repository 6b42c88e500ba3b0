/* tests/mutate.c - bytes damaged at random. */
#include "tests/mutate.h"

#include <string.h>

enum { EDITS = 6 };

static size_t below(struct ebb_random *r, size_t n)
{
    return ebb_random_below(r, (uint32_t)n);
}

/* One edit; `b` keeps room for a copy of a piece. */
static void edit(struct dvs_bytes *b, struct ebb_random *r)
{
    static const uint32_t odd[] = {0,          1,          0x7F,
                                   0xFF,       0x7FFFFFFF, 0x80000000,
                                   0xFFFFFFFF, 0x10000,    0xFFFFFFF0};
    if (b->n < 8) {
        return;
    }
    size_t at = below(r, b->n - 4), n = 1 + below(r, 32);
    n = n < b->n - at ? n : b->n - at;
    switch (below(r, 6)) {
    case 0: /* a bit */
        b->at[at] ^= (unsigned char)(1U << below(r, 8));
        break;
    case 1: /* a byte */
        b->at[at] = (unsigned char)ebb_random_bits(r);
        break;
    case 2: /* a number that somebody may not expect */
        memcpy(b->at + at, &odd[below(r, sizeof(odd) / sizeof(odd[0]))], 4);
        break;
    case 3: /* a cut */
        b->n = below(r, 4) ? b->n : at;
        break;
    case 4: /* a piece is missing */
        memmove(b->at + at, b->at + at + n, b->n - at - n);
        b->n -= n;
        break;
    default: /* a piece of another place */
        memmove(b->at + at, b->at + below(r, b->n - n + 1), n);
    }
}

void mutate(struct dvs_bytes *bytes, struct ebb_random *random)
{
    for (size_t e = 1 + below(random, EDITS); e > 0; e--) {
        edit(bytes, random);
    }
}
