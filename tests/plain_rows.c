/* tests/plain_rows.c - random compressed rows, of every kind. */
#include "tests/plain_rows.h"

#include <math.h>
#include <stdlib.h>

enum fill { EMPTY, ONE, FEW, MANY, ALL, PAIRS, TWICE, FILLS };

double plain_weight(enum plain_weights kind, struct ebb_random *r)
{
    double w = ebb_random_normal(r);
    switch (kind) {
    case CONSTANT:
        return .7;
    case EIGHT:
        return (double)((float)ebb_random_below(r, 255) * .013F) - 1.5;
    case HALF:
        return floor(w * 256) / 256;
    case SINGLE:
        return (double)(float)w;
    default:
        return w;
    }
}

int plain_rising(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* The targets of a row; returns how many. */
static size_t draw_row(enum fill fill, uint32_t targets, uint32_t slice,
                       uint32_t *to, struct ebb_random *r)
{
    size_t n = 0;
    if (fill == EMPTY) {
        return 0;
    }
    if (fill == ONE) { /* often at the border of a slice */
        uint32_t at = ebb_random_below(r, targets);
        uint32_t border = at / slice * slice;
        uint32_t off = ebb_random_below(r, 3);
        to[0] = off == 0 ? at : border == 0 || off == 1 ? border : border - 1;
        return 1;
    }
    bool all = fill == ALL || fill == PAIRS; /* as many as targets */
    for (uint32_t i = 0; all && i < targets; i++) {
        to[n++] = fill == ALL ? i : i / 2 * 2;
    }
    for (; fill == TWICE && n < 20; n++) { /* equal ones */
        to[n] = ebb_random_below(r, 20) * (targets / 20);
    }
    size_t wanted = fill == FEW ? 3 : fill == MANY ? targets / 4 : 0;
    while (n < wanted) {
        to[n++] = ebb_random_below(r, targets);
    }
    qsort(to, n, sizeof(*to), plain_rising);
    return n;
}

struct plain_rows plain_rows_draw(uint64_t seed)
{
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 4);
    uint32_t targets = 20 + ebb_random_below(&r, 3000);
    size_t sources = 1 + ebb_random_below(&r, 200), n = 0;
    struct plain_rows p = {
        .shape = {.sources = sources, .targets = targets, .threads = 1}};
    enum fill mostly = (enum fill)ebb_random_below(&r, FILLS);
    enum plain_weights kind =
        (enum plain_weights)ebb_random_below(&r, PLAIN_WEIGHTS);
    p.shape.slice = (size_t)64 << ebb_random_below(&r, 10);
    p.number =
        kind == DOUBLE || ebb_random_below(&r, 2) ? EBB_FLOAT64 : EBB_FLOAT32;
    p.indptr = calloc(sources + 1, sizeof(*p.indptr));
    p.indices = calloc(sources * targets, sizeof(*p.indices));
    p.weight = calloc(sources * targets, sizeof(double));
    for (size_t j = 0; j < sources; j++) {
        enum fill fill = ebb_random_below(&r, 8)
                             ? mostly
                             : (enum fill)ebb_random_below(&r, FILLS);
        n +=
            draw_row(fill, targets, (uint32_t)p.shape.slice, p.indices + n, &r);
        p.indptr[j + 1] = n;
    }
    for (size_t k = 0; k < n; k++) {
        double w = plain_weight(kind, &r);
        if (p.number == EBB_FLOAT32) {
            ((float *)p.weight)[k] = (float)w;
        } else {
            ((double *)p.weight)[k] = w;
        }
    }
    return p;
}

void plain_rows_finish(struct plain_rows *p)
{
    free(p->indptr);
    free(p->indices);
    free(p->weight);
}
