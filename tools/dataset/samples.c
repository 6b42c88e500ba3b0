/* tools/dataset/samples.c - events of recordings become samples of a data
 * set. */
#include "tools/dataset/samples.h"

#include "core/memory.h"
#include "core/random.h"

#include <math.h>
#include <stdlib.h>

ebb_status ebb_samples_begin(struct ebb_samples *s, const char *path,
                             size_t inputs, const char *origin)
{
    return ebb_dataset_writer_create(&s->writer, path, inputs, s->ticks,
                                     1e-6 * s->tick_us, origin);
}

bool ebb_samples_want(struct ebb_samples *s, double tick)
{
    double end = s->step ? EBB_SAMPLES_TICK_MAX : (double)s->ticks;
    bool wanted = tick >= 0 && tick < end;
    s->late += !wanted;
    return wanted;
}

/* The events of the sample that starts at `start`, from number *from on, which
 * moves on to those that a later sample may hold. */
static ebb_status cut(struct ebb_samples *s, const struct ebb_events *events,
                      ebb_tick start, size_t *from)
{
    ebb_events_clear(&s->window);
    for (; *from < events->n && events->at[*from].tick < start; ++*from) {
    }
    for (size_t k = *from; k < events->n; k++) {
        struct ebb_event e = events->at[k];
        if (e.tick - start >= s->ticks) {
            break;
        }
        e.tick -= start;
        EBB_TRY(ebb_events_push(&s->window, e));
    }
    return EBB_OK;
}

/* Events before `end` that lie between two samples, or after it. */
static uint64_t count_outside(const struct ebb_samples *s,
                              const struct ebb_events *events, ebb_tick end)
{
    uint64_t outside = 0;
    for (size_t k = 0; k < events->n; k++) {
        ebb_tick t = events->at[k].tick;
        outside += t >= end || (s->step && t % s->step >= s->ticks);
    }
    return outside;
}

static ebb_status note_unit(struct ebb_samples *s, uint32_t label, size_t first)
{
    EBB_TRY(
        ebb_mem_grow(&s->unit, &s->unit_room, s->units + 1, sizeof(*s->unit)));
    s->unit[s->units++] = (struct ebb_samples_unit){label, first, s->n - first};
    return EBB_OK;
}

ebb_status ebb_samples_add(struct ebb_samples *s,
                           const struct ebb_events *events, ebb_tick length,
                           uint32_t label, enum ebb_split split)
{
    size_t from = 0, first = s->n;
    ebb_tick start = 0;
    if (length == 0 && events->n > 0) {
        length = events->at[events->n - 1].tick + 1;
    }
    do {
        EBB_TRY(cut(s, events, start, &from));
        if (s->once) {
            ebb_events_thin(&s->window);
        }
        EBB_TRY(ebb_dataset_writer_add(s->writer, &s->window, label, split));
        s->n++;
        s->kept += s->window.n;
        s->empty += s->window.n == 0;
        start += s->step;
    } while (s->step && start + s->ticks <= length);
    s->late += count_outside(s, events, start - s->step + s->ticks);
    s->of[split] += s->n - first;
    return split == EBB_SPLIT_TRAIN ? note_unit(s, label, first) : EBB_OK;
}

/* Move some of the `n` units from `unit` on, all of one class, chosen by
 * shuffling them. */
static void move_share(struct ebb_samples *s, struct ebb_samples_unit *unit,
                       size_t n, double share, uint64_t seed)
{
    size_t wanted = (size_t)llround(share * (double)n);
    struct ebb_random r =
        ebb_random_stream(seed, EBB_RANDOM_SPLIT, unit->label);
    wanted = wanted < n ? wanted : n - 1;
    for (size_t k = 0; k < wanted; k++) {
        size_t other = k + ebb_random_below(&r, (uint32_t)(n - k));
        struct ebb_samples_unit chosen = unit[other];
        unit[other] = unit[k];
        unit[k] = chosen;
        ebb_dataset_writer_move(s->writer, chosen.first, chosen.n,
                                EBB_SPLIT_VALIDATION);
        s->of[EBB_SPLIT_TRAIN] -= chosen.n;
        s->of[EBB_SPLIT_VALIDATION] += chosen.n;
    }
}

/* By class, then as they came. */
static int by_label(const void *a, const void *b)
{
    const struct ebb_samples_unit *x = a, *y = b;
    if (x->label != y->label) {
        return x->label < y->label ? -1 : 1;
    }
    return x->first < y->first ? -1 : x->first > y->first;
}

void ebb_samples_validate(struct ebb_samples *s, double share, uint64_t seed)
{
    if (s->units > 0) {
        qsort(s->unit, s->units, sizeof(*s->unit), by_label);
    }
    for (size_t from = 0, to; from < s->units; from = to) {
        to = from + 1;
        while (to < s->units && s->unit[to].label == s->unit[from].label) {
            to++;
        }
        move_share(s, &s->unit[from], to - from, share, seed);
    }
}

ebb_status ebb_samples_end(struct ebb_samples *s)
{
    struct ebb_dataset_writer *writer = s->writer;
    s->writer = NULL;
    return ebb_dataset_writer_finish(writer);
}

void ebb_samples_finish(struct ebb_samples *s)
{
    ebb_dataset_writer_abandon(s->writer);
    ebb_events_finish(&s->window);
    ebb_mem_free(s->unit);
}
