/* tools/dataset/samples.c - events of recordings become samples of a data
 * set. */
#include "tools/dataset/samples.h"

ebb_status ebb_samples_begin(struct ebb_samples *s, const char *path,
                             size_t inputs, const char *origin)
{
    return ebb_dataset_writer_create(&s->writer, path, inputs, s->ticks,
                                     origin);
}

bool ebb_samples_want(struct ebb_samples *s, double tick)
{
    double end = s->step ? EBB_SAMPLES_TICK_MAX : (double)s->ticks;
    bool wanted = tick >= 0 && tick < end;
    s->late += !wanted;
    return wanted;
}

/* One event a channel and tick. */
static void thin(struct ebb_events *events)
{
    size_t kept = 0;
    for (size_t k = 0; k < events->n; k++) {
        const struct ebb_event *e = &events->at[k];
        bool again = kept > 0 && events->at[kept - 1].tick == e->tick &&
                     events->at[kept - 1].node == e->node;
        if (!again) {
            events->at[kept++] = *e;
        }
    }
    events->n = kept;
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

ebb_status ebb_samples_add(struct ebb_samples *s,
                           const struct ebb_events *events, ebb_tick length,
                           uint32_t label, enum ebb_split split)
{
    size_t from = 0;
    ebb_tick start = 0;
    if (length == 0 && events->n > 0) {
        length = events->at[events->n - 1].tick + 1;
    }
    do {
        EBB_TRY(cut(s, events, start, &from));
        if (s->once) {
            thin(&s->window);
        }
        EBB_TRY(ebb_dataset_writer_add(s->writer, &s->window, label, split));
        s->n++;
        s->kept += s->window.n;
        s->empty += s->window.n == 0;
        start += s->step;
    } while (s->step && start + s->ticks <= length);
    s->late += count_outside(s, events, start - s->step + s->ticks);
    return EBB_OK;
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
}
