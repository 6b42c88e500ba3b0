/* models/drawings.c - letters and shapes, drawn in spikes. */
#include "models/patterns.h"

#include "core/memory.h"

#include <math.h>
#include <stdbool.h>

/* Strokes run through points in a unit square, y downwards. A stroke ends
 * with `end`, a drawing with `stop`. */
struct point {
    double x, y;
};

#define END                                                                    \
    {                                                                          \
        -1, 0                                                                  \
    }
#define STOP                                                                   \
    {                                                                          \
        -2, 0                                                                  \
    }

enum { POINTS = 48 };

struct drawing {
    const char *name;
    struct point at[POINTS];
};

static const struct drawing drawings[EBB_PATTERN_DRAWINGS] = {
    {"circle",
     {{.50, .12},
      {.65, .15},
      {.78, .23},
      {.86, .36},
      {.88, .50},
      {.86, .64},
      {.78, .77},
      {.65, .85},
      {.50, .88},
      {.35, .85},
      {.22, .77},
      {.14, .64},
      {.12, .50},
      {.14, .36},
      {.22, .23},
      {.35, .15},
      {.50, .12},
      END,
      STOP}},
    {"letter E",
     {{.80, .12},
      {.25, .12},
      {.25, .88},
      {.80, .88},
      END,
      {.25, .50},
      {.70, .50},
      END,
      STOP}},
    {"cross", {{.14, .14}, {.86, .86}, END, {.86, .14}, {.14, .86}, END, STOP}},
    {"letter B",
     {{.25, .88},
      {.25, .12},
      {.60, .12},
      {.74, .20},
      {.76, .31},
      {.70, .43},
      {.58, .48},
      {.25, .48},
      END,
      {.58, .48},
      {.74, .55},
      {.80, .67},
      {.74, .80},
      {.60, .88},
      {.25, .88},
      END,
      STOP}},
    {"triangle", {{.50, .12}, {.90, .86}, {.10, .86}, {.50, .12}, END, STOP}},
    {"wave",
     {{.06, .50},
      {.12, .30},
      {.20, .18},
      {.28, .22},
      {.36, .42},
      {.44, .66},
      {.52, .80},
      {.60, .82},
      {.68, .68},
      {.76, .44},
      {.84, .24},
      {.92, .18},
      END,
      STOP}},
    {"house",
     {{.10, .48},
      {.50, .10},
      {.90, .48},
      END,
      {.20, .44},
      {.20, .90},
      {.80, .90},
      {.80, .44},
      END,
      STOP}},
    {"arrow",
     {{.08, .50},
      {.90, .50},
      END,
      {.58, .16},
      {.92, .50},
      {.58, .84},
      END,
      STOP}},
    {"letter W",
     {{.08, .12}, {.28, .88}, {.50, .34}, {.72, .88}, {.92, .12}, END, STOP}},
    {"heart",
     {{.50, .88},
      {.30, .70},
      {.16, .54},
      {.10, .38},
      {.14, .24},
      {.25, .16},
      {.38, .18},
      {.50, .32},
      {.62, .18},
      {.75, .16},
      {.86, .24},
      {.90, .38},
      {.84, .54},
      {.70, .70},
      {.50, .88},
      END,
      STOP}},
};

const char *ebb_pattern_name(size_t i)
{
    return i < EBB_PATTERN_DRAWINGS ? drawings[i].name : NULL;
}

static double distance_to_segment(struct point p, struct point a,
                                  struct point b)
{
    double dx = b.x - a.x, dy = b.y - a.y;
    double along = ((p.x - a.x) * dx + (p.y - a.y) * dy) / (dx * dx + dy * dy);
    along = fmin(1, fmax(0, along));
    return hypot(p.x - a.x - along * dx, p.y - a.y - along * dy);
}

static double distance_to_drawing(struct point p, const struct drawing *d)
{
    double nearest = (double)INFINITY;
    for (size_t i = 0; d->at[i].x > -1.5; i++) {
        if (d->at[i].x >= 0 && d->at[i + 1].x >= 0) {
            nearest =
                fmin(nearest, distance_to_segment(p, d->at[i], d->at[i + 1]));
        }
    }
    return nearest;
}

struct ebb_pattern_params ebb_pattern_params_default(void)
{
    return (struct ebb_pattern_params){.n = EBB_PATTERN_DRAWINGS,
                                       .trains = 300,
                                       .ticks = 300,
                                       .density = 0.014,
                                       .seed = 1};
}

/* One drawing with strokes of a given half width (in units of the square);
 * returns how many spikes it takes. */
static size_t draw(uint8_t *spike, const struct ebb_pattern_params *p,
                   size_t which, const double *distance, double half_width)
{
    const double interval = 16, jitter = 0.4; /* ticks between spikes */
    struct ebb_random random =
        ebb_random_stream(p->seed, EBB_RANDOM_PATTERN, which);
    size_t spikes = 0;
    for (size_t i = 0; i < p->trains; i++) {
        double wait = 0;
        for (size_t t = 0; t < p->ticks; t++) {
            bool inside = distance[i * p->ticks + t] <= half_width;
            wait -= 1;
            bool fires = inside && wait <= 0;
            spike[i * p->ticks + t] = fires;
            if (fires) {
                spikes++;
                wait = interval + ebb_random_between(&random, -jitter, jitter);
            }
        }
    }
    return spikes;
}

/* How far each place of the square is from the drawing. */
static void measure(double *distance, const struct ebb_pattern_params *p,
                    size_t which)
{
    for (size_t i = 0; i < p->trains; i++) {
        for (size_t t = 0; t < p->ticks; t++) {
            struct point here = {((double)t + 0.5) / (double)p->ticks,
                                 ((double)i + 0.5) / (double)p->trains};
            distance[i * p->ticks + t] =
                distance_to_drawing(here, &drawings[which]);
        }
    }
}

/* The stroke width that gives the density, by bisection. */
static void draw_to_density(uint8_t *spike, const struct ebb_pattern_params *p,
                            size_t which, const double *distance)
{
    size_t wanted =
        (size_t)(p->density * (double)p->trains * (double)p->ticks + 0.5);
    double low = 0, high = 0.5;
    for (int i = 0; i < 12; i++) {
        double middle = (low + high) / 2;
        if (draw(spike, p, which, distance, middle) < wanted) {
            low = middle;
        } else {
            high = middle;
        }
    }
    draw(spike, p, which, distance, (low + high) / 2);
}

ebb_status ebb_patterns_draw(struct ebb_patterns *out,
                             const struct ebb_pattern_params *p)
{
    if (p->n == 0 || p->n > EBB_PATTERN_DRAWINGS) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%zu patterns; there are 1 to %d drawings (give your "
                        "own as a file)",
                        p->n, EBB_PATTERN_DRAWINGS);
    }
    if (!(p->density > 0 && p->density <= 0.03)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "a pattern density of %g; drawings stay legible from "
                        "0 to 0.03",
                        p->density);
    }
    EBB_TRY(ebb_patterns_create(out, p->n, p->trains, p->ticks));
    double *distance = ebb_mem_calloc(p->trains * p->ticks, sizeof(*distance));
    if (!distance) {
        ebb_patterns_finish(out);
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a drawing");
    }
    for (size_t k = 0; k < p->n; k++) {
        measure(distance, p, k);
        draw_to_density(out->spike + k * p->trains * p->ticks, p, k, distance);
    }
    ebb_mem_free(distance);
    return EBB_OK;
}
