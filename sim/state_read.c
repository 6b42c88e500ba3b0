/* sim/state_read.c - arrays of a checkpoint, read and checked. */
#include "sim/state_read.h"

#include <math.h>

ebb_status state_bad(const struct state_loading *l, size_t part,
                     const char *name, const char *why)
{
    return EBB_FAIL(EBB_ERR_FORMAT, "%s: '%s' %s: the checkpoint is damaged",
                    l->from->name(l->from->self, part), name, why);
}

/* Numbers of an array that must be there, `n` of them in all. */
ebb_status state_need(const struct state_loading *l, size_t part,
                      const char *name, enum ebb_snapshot_type type, size_t n)
{
    bool there;
    size_t length;
    EBB_TRY(l->from->find(l->from->self, part, name, type, &there, &length));
    if (!there) {
        return state_bad(l, part, name, "is missing");
    }
    return length == n ? EBB_OK
                       : state_bad(l, part, name, "has another length");
}

ebb_status state_read_piece(const struct state_loading *l, size_t part,
                            const char *name, enum ebb_snapshot_type type,
                            size_t from, size_t n, void *out)
{
    return n == 0
               ? EBB_OK
               : l->from->read(l->from->self, part, name, type, from, n, out);
}

ebb_status state_read_fixed(const struct state_loading *l, size_t part,
                            const char *name, enum ebb_snapshot_type type,
                            size_t n, void *out)
{
    EBB_TRY(state_need(l, part, name, type, n));
    return state_read_piece(l, part, name, type, 0, n, out);
}

/* All of an array, which must be there; free it with ebb_mem_free(). */
ebb_status state_read_array(const struct state_loading *l, size_t part,
                            const char *name, enum ebb_snapshot_type type,
                            struct state_array *out)
{
    bool there;
    *out = (struct state_array){.n = 0};
    EBB_TRY(l->from->find(l->from->self, part, name, type, &there, &out->n));
    if (!there) {
        return state_bad(l, part, name, "is missing");
    }
    out->at = ebb_mem_calloc(out->n, ebb_snapshot_bytes(type));
    if (!out->at) {
        return engine_no_memory();
    }
    ebb_status status =
        state_read_piece(l, part, name, type, 0, out->n, out->at);
    if (status != EBB_OK) {
        ebb_mem_free(out->at);
        *out = (struct state_array){.n = 0};
    }
    return status;
}

ebb_status state_check_finite(const struct state_loading *l, size_t part,
                              const char *name, const void *at,
                              enum ebb_snapshot_type type, size_t n)
{
    const double *wide = at;
    const float *narrow = at;
    bool finite = true;
    for (size_t k = 0; k < n; k++) {
        finite =
            finite &&
            isfinite(type == EBB_SNAPSHOT_F64 ? wide[k] : (double)narrow[k]);
    }
    return finite ? EBB_OK : state_bad(l, part, name, "is not finite");
}

/* Entries of the calendar for items from <= k < to of one owner. */
static ebb_status push_entries(const struct state_loading *l, size_t part,
                               const char *name, const struct state_array *tick,
                               const struct state_array *item, uint64_t owner,
                               size_t from, size_t to)
{
    const uint64_t *t = tick->at;
    const uint32_t *i = item->at;
    if (tick->n != item->n) {
        return state_bad(l, part, name, "does not agree with its ticks");
    }
    for (size_t k = 0; k < tick->n; k++) {
        if (!state_is_ahead(l, t[k]) || t[k] == EBB_TICK_NEVER) {
            return state_bad(l, part, name, "is due in the past");
        }
        if (i[k] >= from && i[k] < to) {
            EBB_TRY(ebb_calendar_push(l->e->calendar, t[k], owner | i[k]));
        }
    }
    return EBB_OK;
}

ebb_status state_load_entries(const struct state_loading *l, size_t part,
                              const char *tick_name, const char *item_name,
                              uint64_t owner, size_t from, size_t to)
{
    struct state_array tick, item = {.n = 0};
    EBB_TRY(state_read_array(l, part, tick_name, EBB_SNAPSHOT_U64, &tick));
    ebb_status status =
        state_read_array(l, part, item_name, EBB_SNAPSHOT_U32, &item);
    if (status == EBB_OK) {
        status =
            push_entries(l, part, item_name, &tick, &item, owner, from, to);
    }
    ebb_mem_free(tick.at);
    ebb_mem_free(item.at);
    return status;
}
