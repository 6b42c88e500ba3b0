/* tools/convert/steps.c - what is done to events on their way from one
 * recording into another. */
#include "tools/convert/steps.h"

enum { JITTER_US = 1000000 }; /* events are not further out of order */

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

void ebb_steps_restart(struct ebb_steps *s)
{
    ebb_steps_finish(s);
    s->begun = false;
    s->first = INT64_MIN;
    s->count_max = 0;
}

void ebb_steps_finish(struct ebb_steps *s)
{
    ebb_pixel_map_finish(&s->seen);
    ebb_pixel_map_finish(&s->count);
}

static ebb_status rests(struct ebb_steps *s, int64_t t, uint32_t x, uint32_t y,
                        bool *resting)
{
    int64_t *seen;
    s->seen.empty = INT64_MIN;
    EBB_TRY(ebb_pixel_map_at(&seen, &s->seen, x, y));
    *resting = *seen != INT64_MIN && t - *seen < s->refractory_us;
    if (!*resting) {
        *seen = t;
    }
    return EBB_OK;
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

/* Is the event in time and in the picture? */
static bool is_in(const struct ebb_steps *s, int64_t t, uint32_t *x,
                  uint32_t *y)
{
    return t - s->first >= s->begin && t - s->first < s->end && place(s, x, y);
}

/* A hot pixel is one with more events than so many times the mean. */
static void find_count_max(struct ebb_steps *s)
{
    double sum = 0, pixels = 0;
    for (size_t k = 0; k < s->count.side * s->count.side; k++) {
        sum += (double)s->count.at[k];
        pixels += s->count.at[k] > 0;
    }
    s->count_max = pixels > 0 ? s->hot * sum / pixels : 0;
}

ebb_status ebb_steps_count(struct ebb_steps *s, const struct ebb_dvs_block *b)
{
    if (s->first == INT64_MIN && b->n > 0) {
        s->first = b->t[0];
    }
    for (size_t k = 0; k < b->n; k++) {
        uint32_t x = b->x[k], y = b->y[k];
        if (is_in(s, b->t[k], &x, &y)) {
            int64_t *count;
            EBB_TRY(ebb_pixel_map_at(&count, &s->count, x, y));
            ++*count;
        }
    }
    return EBB_OK;
}

/* One event through all steps; *keep tells whether it is left. */
static ebb_status take(struct ebb_steps *s, int64_t t, uint16_t *x16,
                       uint16_t *y16, uint8_t *p, bool *keep)
{
    uint32_t x = *x16, y = *y16;
    *keep = is_in(s, t, &x, &y) && wanted(s, p);
    if (*keep && s->hot > 0) {
        int64_t *count;
        EBB_TRY(ebb_pixel_map_at(&count, &s->count, x, y));
        *keep = (double)*count <= s->count_max;
    }
    x /= s->shrink;
    y /= s->shrink;
    if (*keep && s->refractory_us > 0) {
        bool resting;
        EBB_TRY(rests(s, t, x, y, &resting));
        *keep = !resting;
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
    if (s->hot > 0 && s->count_max <= 0) {
        find_count_max(s);
    }
    for (size_t k = 0; k < b->n; k++) {
        int64_t t = b->t[k];
        uint16_t x = b->x[k], y = b->y[k];
        uint8_t p = b->p[k];
        bool keep;
        *more = *more || t - s->first - JITTER_US < s->end;
        EBB_TRY(take(s, t, &x, &y, &p, &keep));
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
