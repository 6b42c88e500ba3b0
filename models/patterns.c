/* models/patterns.c - patterns to be remembered, and the noisy cues that ask
 * for them. */
#include "models/patterns.h"

#include "core/memory.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

ebb_status ebb_patterns_create(struct ebb_patterns *out, size_t n,
                               size_t trains, size_t ticks)
{
    *out = (struct ebb_patterns){0};
    size_t cells;
    if (n == 0 || trains == 0 || ticks == 0 ||
        __builtin_mul_overflow(trains, ticks, &cells) ||
        trains > UINT32_MAX - 1) {
        return EBB_FAIL(EBB_ERR_ARG, "%zu patterns of %zu trains x %zu ticks",
                        n, trains, ticks);
    }
    uint8_t *spike = ebb_mem_calloc(n, cells);
    if (!spike) {
        return EBB_FAIL(EBB_ERR_NOMEM,
                        "no memory for %zu patterns of %zu trains x %zu ticks",
                        n, trains, ticks);
    }
    *out = (struct ebb_patterns){n, trains, ticks, spike};
    return EBB_OK;
}

void ebb_patterns_finish(struct ebb_patterns *p)
{
    ebb_mem_free(p->spike);
    *p = (struct ebb_patterns){0};
}

static const uint8_t *picture(const struct ebb_patterns *p, size_t pattern)
{
    return p->spike + pattern * p->trains * p->ticks;
}

double ebb_patterns_density(const struct ebb_patterns *p, size_t pattern)
{
    const uint8_t *spike = picture(p, pattern);
    size_t cells = p->trains * p->ticks, count = 0;
    for (size_t i = 0; i < cells; i++) {
        count += spike[i] != 0;
    }
    return (double)count / (double)cells;
}

ebb_status ebb_pattern_target(struct ebb_events *out,
                              const struct ebb_patterns *p, size_t pattern,
                              ebb_tick delay)
{
    const uint8_t *spike = picture(p, pattern);
    for (size_t t = 0; t < p->ticks && t + delay < p->ticks; t++) {
        for (size_t i = 0; i < p->trains; i++) {
            if (spike[i * p->ticks + t]) {
                struct ebb_event e = {t + delay, (ebb_neuron_id)i, 1};
                EBB_TRY(ebb_events_push(out, e));
            }
        }
    }
    return EBB_OK;
}

struct ebb_cue_noise ebb_cue_noise_default(void)
{
    return (struct ebb_cue_noise){.p_alter = 0.4,
                                  .p_jitter = 0.7,
                                  .jitter = 1,
                                  .p_delete = 0.5,
                                  .block = 40,
                                  .background = 0.005};
}

/* Part of a picture that is lost: trains i0 <= i < i1 in ticks t0 <= t < t1. */
struct hole {
    size_t i0, i1, t0, t1;
};

static size_t clip(size_t side, size_t whole)
{
    return side < whole ? side : whole;
}

static struct hole draw_hole(const struct ebb_patterns *p, size_t side,
                             struct ebb_random *random)
{
    size_t high = clip(side, p->trains), wide = clip(side, p->ticks);
    bool rows = ebb_random_uniform(random) < 0.5;
    struct hole h = {0, 0, 0, p->ticks};
    h.i0 = ebb_random_below(random, (uint32_t)(p->trains - high + 1));
    h.i1 = h.i0 + high;
    if (!rows) {
        h.t0 = ebb_random_below(random, (uint32_t)(p->ticks - wide + 1));
        h.t1 = h.t0 + wide;
    }
    return h;
}

static bool lost(const struct hole *h, size_t i, size_t t)
{
    return i >= h->i0 && i < h->i1 && t >= h->t0 && t < h->t1;
}

/* Tick to which a spike is moved, kept inside the picture. */
static size_t moved(size_t t, size_t ticks, double deviation,
                    struct ebb_random *random)
{
    double to = (double)t + nearbyint(deviation * ebb_random_normal(random));
    return to < 0 ? 0 : to >= (double)ticks ? ticks - 1 : (size_t)to;
}

static ebb_status push(struct ebb_events *out, size_t i, size_t t)
{
    return ebb_events_push(out, (struct ebb_event){t, (ebb_neuron_id)i, 1});
}

static ebb_status draw_spikes(struct ebb_events *out,
                              const struct ebb_patterns *p, size_t pattern,
                              const struct ebb_cue_noise *noise,
                              struct ebb_random *random)
{
    const uint8_t *spike = picture(p, pattern);
    bool alter = ebb_random_uniform(random) < noise->p_alter;
    bool jitter = alter && ebb_random_uniform(random) < noise->p_jitter;
    bool cut = alter && ebb_random_uniform(random) < noise->p_delete;
    struct hole hole = {0};
    if (cut) {
        hole = draw_hole(p, noise->block, random);
    }
    for (size_t i = 0; i < p->trains; i++) {
        for (size_t t = 0; t < p->ticks; t++) {
            if (!spike[i * p->ticks + t]) {
                continue;
            }
            size_t to = jitter ? moved(t, p->ticks, noise->jitter, random) : t;
            if (!lost(&hole, i, to)) {
                EBB_TRY(push(out, i, to));
            }
        }
    }
    return EBB_OK;
}

static ebb_status draw_background(struct ebb_events *out,
                                  const struct ebb_patterns *p, double rate,
                                  struct ebb_random *random)
{
    size_t cells = p->trains * p->ticks;
    if (!(rate > 0)) {
        return EBB_OK;
    }
    for (uint64_t at = ebb_random_geometric(random, rate); at < cells;
         at += 1 + ebb_random_geometric(random, rate)) {
        EBB_TRY(push(out, at / p->ticks, at % p->ticks));
    }
    return EBB_OK;
}

ebb_status ebb_cue_draw(struct ebb_events *out, const struct ebb_patterns *p,
                        size_t pattern, const struct ebb_cue_noise *noise,
                        struct ebb_random *random)
{
    EBB_TRY(draw_spikes(out, p, pattern, noise, random));
    EBB_TRY(draw_background(out, p, noise->background, random));
    EBB_TRY(ebb_events_sort(out));
    ebb_events_merge(out);
    for (size_t k = 0; k < out->n; k++) {
        out->at[k].value = 1; /* noise is OR-ed in */
    }
    return EBB_OK;
}
