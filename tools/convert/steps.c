/* tools/convert/steps.c - what is done to events on their way from one
 * recording into another. */
#include "tools/convert/steps.h"

#include "core/memory.h"

#include <string.h>

enum {
    SIDE_MAX = 4096,    /* of the picture that filters remember */
    JITTER_US = 1000000 /* events are not further out of order than that */
};

ebb_status ebb_steps_begin(struct ebb_steps *s)
{
    const uint32_t *crop = s->crop;
    if (crop[2] && s->width &&
        (crop[0] >= s->width || crop[1] >= s->height ||
         crop[2] > s->width - crop[0] || crop[3] > s->height - crop[1])) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--crop %u,%u,%u,%u reaches beyond the sensor of "
                        "%u x %u",
                        crop[0], crop[1], crop[2], crop[3], s->width,
                        s->height);
    }
    if (crop[2]) {
        s->width = crop[2];
        s->height = crop[3];
    }
    if ((s->flip_x || s->flip_y) && !s->width) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--flip needs the size of the sensor, which the file "
                        "does not tell; give it as --sensor 128x128");
    }
    return EBB_OK;
}

void ebb_steps_finish(struct ebb_steps *s)
{
    ebb_mem_free(s->seen);
    s->seen = NULL;
}

/* Make the memory of pixels cover column x and row y. */
static ebb_status cover(struct ebb_steps *s, uint32_t x, uint32_t y)
{
    size_t side = s->seen_side ? s->seen_side : 64, old = s->seen_side;
    while (side <= x || side <= y) {
        side *= 2;
    }
    if (side <= old) {
        return EBB_OK;
    }
    if (side > SIDE_MAX) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--refractory remembers %d x %d pixels; an event is "
                        "at column %u, row %u",
                        SIDE_MAX, SIDE_MAX, x, y);
    }
    int64_t *seen = ebb_mem_calloc(side * side, sizeof(*seen));
    if (!seen) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu pixels", side * side);
    }
    for (size_t k = 0; k < side * side; k++) {
        seen[k] = INT64_MIN;
    }
    for (size_t row = 0; row < old; row++) {
        memcpy(seen + row * side, s->seen + row * old, old * sizeof(*seen));
    }
    ebb_mem_free(s->seen);
    s->seen = seen;
    s->seen_side = side;
    return EBB_OK;
}

static bool rests(struct ebb_steps *s, int64_t t, uint32_t x, uint32_t y)
{
    int64_t *seen = &s->seen[y * s->seen_side + x];
    if (*seen != INT64_MIN && t - *seen < s->refractory_us) {
        return true;
    }
    *seen = t;
    return false;
}

/* Move a pixel to its place in the new picture; false: it is not in it. */
static bool place(const struct ebb_steps *s, uint32_t *x, uint32_t *y)
{
    if (s->crop[2]) {
        *x -= s->crop[0]; /* becomes huge left of the piece */
        *y -= s->crop[1];
    }
    if (s->width && (*x >= s->width || *y >= s->height)) {
        return !s->crop[2] && !s->flip_x && !s->flip_y;
    }
    *x = s->flip_x ? s->width - 1 - *x : *x;
    *y = s->flip_y ? s->height - 1 - *y : *y;
    return true;
}

static bool wanted(const struct ebb_steps *s, uint8_t *p)
{
    switch (s->polarity) {
    case EBB_STEP_BRIGHTER:
        return *p == 1;
    case EBB_STEP_DARKER:
        return *p == 0;
    case EBB_STEP_MERGE:
        *p = 1;
        return true;
    case EBB_STEP_BOTH:
        break;
    }
    return true;
}

/* One event through all steps; *keep tells whether it is left. */
static ebb_status take(struct ebb_steps *s, int64_t *t, uint16_t *x16,
                       uint16_t *y16, uint8_t *p, bool *keep)
{
    uint32_t x = *x16, y = *y16;
    *keep = *t - s->first >= s->begin && *t - s->first < s->end &&
            place(s, &x, &y) && wanted(s, p);
    if (!*keep) {
        return EBB_OK;
    }
    x /= s->shrink;
    y /= s->shrink;
    if (s->refractory_us > 0) {
        EBB_TRY(cover(s, x, y));
        *keep = !rests(s, *t, x, y);
    }
    *x16 = (uint16_t)x;
    *y16 = (uint16_t)y;
    return EBB_OK;
}

static int64_t new_time(struct ebb_steps *s, int64_t t, bool first)
{
    if (first) {
        s->zero_at = s->zero ? t : 0;
        s->last = t;
    }
    t = s->monotone && t < s->last ? s->last : t;
    s->last = t;
    return t - s->zero_at;
}

ebb_status ebb_steps_take(struct ebb_steps *s, struct ebb_dvs_block *b,
                          bool *more)
{
    size_t kept = 0;
    *more = b->n == 0;
    if (s->first == INT64_MIN && b->n > 0) {
        s->first = b->t[0];
    }
    for (size_t k = 0; k < b->n; k++) {
        int64_t t = b->t[k];
        uint16_t x = b->x[k], y = b->y[k];
        uint8_t p = b->p[k];
        bool keep;
        *more = *more || t - s->first - JITTER_US < s->end;
        EBB_TRY(take(s, &t, &x, &y, &p, &keep));
        if (keep) {
            b->t[kept] = new_time(s, t, !s->begun);
            b->x[kept] = x;
            b->y[kept] = y;
            b->p[kept] = p;
            s->begun = true;
            kept++;
        }
    }
    b->n = kept;
    return EBB_OK;
}
