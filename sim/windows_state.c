/* sim/windows_state.c - windows of max pooling put aside and gone on with. */
#include "sim/maxima.h"
#include "sim/state_read.h"
#include "sim/winners.h"

#include <string.h>

/* What axons that never fired hold is nothing. */
static ebb_status save_axons(const struct drive *d,
                             const struct winners_state *w,
                             const struct ebb_snapshot_sink *sink,
                             uint64_t *word)
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    for (size_t j = 0; j < w->axons; j++) {
        word[j] = w->live[j] ? w->done[j] : 0;
    }
    state_name_drive(name, d, "done");
    EBB_TRY(sink->put(sink->self, name, EBB_SNAPSHOT_U64, word, w->axons));
    uint32_t *live = (uint32_t *)(void *)word;
    for (size_t j = 0; j < w->axons; j++) {
        live[j] = w->live[j];
    }
    state_name_drive(name, d, "live");
    return sink->put(sink->self, name, EBB_SNAPSHOT_U32, live, w->axons);
}

ebb_status windows_save(const struct drive *d,
                        const struct ebb_snapshot_sink *sink)
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    struct winners_state w = winners_state(maxima_winners(d));
    uint64_t *word = ebb_mem_calloc(w.axons + 1, sizeof(*word));
    ebb_status status =
        word ? save_axons(d, &w, sink, word) : engine_no_memory();
    ebb_mem_free(word);
    EBB_TRY(status);
    state_name_drive(name, d, "psp_state");
    EBB_TRY(
        sink->put(sink->self, name, EBB_SNAPSHOT_F64, w.u, w.axons * w.order));
    state_name_drive(name, d, "winner");
    EBB_TRY(sink->put(sink->self, name, EBB_SNAPSHOT_U32, w.winner, w.windows));
    state_name_drive(name, d, "wake");
    return sink->put(sink->self, name, EBB_SNAPSHOT_U64, w.wake, w.windows);
}

static ebb_status load_axons(const struct state_loading *l, struct drive *d,
                             const struct winners_state *w, size_t part)
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    state_name_drive(name, d, "psp_state");
    EBB_TRY(state_read_fixed(l, part, name, EBB_SNAPSHOT_F64,
                             w->axons * w->order, w->u));
    EBB_TRY(state_check_finite(l, part, name, w->u, EBB_SNAPSHOT_F64,
                               w->axons * w->order));
    state_name_drive(name, d, "done");
    EBB_TRY(
        state_read_fixed(l, part, name, EBB_SNAPSHOT_U64, w->axons, w->done));
    for (size_t j = 0; j < w->axons; j++) {
        if (w->done[j] > l->now) {
            return state_bad(l, part, name, "is ahead of the checkpoint");
        }
    }
    return EBB_OK;
}

static ebb_status load_live(const struct state_loading *l, struct drive *d,
                            const struct winners_state *w, size_t part)
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    struct state_array live;
    state_name_drive(name, d, "live");
    EBB_TRY(state_need(l, part, name, EBB_SNAPSHOT_U32, w->axons));
    EBB_TRY(state_read_array(l, part, name, EBB_SNAPSHOT_U32, &live));
    const uint32_t *number = live.at;
    for (size_t j = 0; j < w->axons; j++) {
        w->live[j] = number[j] != 0;
    }
    ebb_mem_free(live.at);
    return EBB_OK;
}

ebb_status windows_load(const struct state_loading *l, struct drive *d,
                        size_t part)
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    struct winners_state w = winners_state(maxima_winners(d));
    EBB_TRY(load_axons(l, d, &w, part));
    EBB_TRY(load_live(l, d, &w, part));
    state_name_drive(name, d, "wake");
    EBB_TRY(
        state_read_fixed(l, part, name, EBB_SNAPSHOT_U64, w.windows, w.wake));
    for (size_t m = 0; m < w.windows; m++) {
        if (!state_is_ahead(l, w.wake[m])) {
            return state_bad(l, part, name, "is past");
        }
    }
    state_name_drive(name, d, "winner");
    EBB_TRY(
        state_read_fixed(l, part, name, EBB_SNAPSHOT_U32, w.windows, w.winner));
    for (size_t m = 0; m < w.windows; m++) {
        if (w.winner[m] != UINT32_MAX && w.winner[m] >= w.axons) {
            return state_bad(l, part, name, "is none of the axons");
        }
    }
    return EBB_OK;
}
