/* sim/engine_load.c - a run gone on with where it was put aside.
 *
 * What is read may be anything: each number is checked before it is used, so
 * that whatever a file holds, a run that goes on reads and writes its own
 * memory alone, and ends. */
#include "sim/engine_state.h"

#include "sim/state_read.h"

#include <math.h>
#include <string.h>

static ebb_status read_about(const struct state_loading *l, size_t part,
                             struct state_about *a)
{
    enum ebb_snapshot_type u64 = EBB_SNAPSHOT_U64, f64 = EBB_SNAPSHOT_F64;
    EBB_TRY(state_read_fixed(l, part, "run/version", u64, 1, &a->version));
    if (a->version != STATE_VERSION) {
        return state_bad(l, part, "run/version", "is none that this ebb knows");
    }
    EBB_TRY(state_read_fixed(l, part, "run/tick", u64, 1, &a->tick));
    EBB_TRY(state_read_fixed(l, part, "run/network_hash", u64, 1,
                             &a->network_hash));
    EBB_TRY(state_read_fixed(l, part, "run/tick_s", f64, 1, &a->tick_s));
    EBB_TRY(state_read_fixed(l, part, "run/mode", u64, 1, &a->mode));
    EBB_TRY(state_read_fixed(l, part, "run/float", u64, 1, &a->single));
    EBB_TRY(state_read_fixed(l, part, "run/drop", f64, 1, &a->drop));
    return a->tick < (ebb_tick)1 << 62
               ? EBB_OK
               : state_bad(l, part, "run/tick", "is no tick");
}

static const char *mode_name(uint64_t mode)
{
    static const char *const names[] = {[EBB_ENGINE_ADAPTIVE] = "adaptive",
                                        [EBB_ENGINE_LAZY] = "lazy",
                                        [EBB_ENGINE_SWEPT] = "swept"};
    return mode < sizeof(names) / sizeof(names[0]) ? names[mode] : "unknown";
}

static ebb_status check_way(const struct state_loading *l, size_t part,
                            const struct state_about *a)
{
    const struct ebb_engine_options *o = &l->e->options;
    const char *file = l->from->name(l->from->self, part);
    if (a->mode != o->mode) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s: saved from a run in mode %s, this one is %s: go "
                        "on with --mode %s",
                        file, mode_name(a->mode), mode_name(o->mode),
                        mode_name(a->mode));
    }
    if (a->single != (uint64_t)o->single) {
        return EBB_FAIL(
            EBB_ERR_ARG, "%s: saved with %s states: go on %s --float", file,
            a->single ? "float" : "double", a->single ? "with" : "without");
    }
    return a->drop == o->drop
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG,
                          "%s: saved with --drop %g, this run has %g: go on "
                          "with the same",
                          file, a->drop, o->drop);
}

static ebb_status check_about(struct state_loading *l, size_t part,
                              uint64_t hash)
{
    struct state_about a;
    const char *file = l->from->name(l->from->self, part);
    EBB_TRY(read_about(l, part, &a));
    if (a.tick_s != l->e->net->tick_s) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s: saved at a tick of %g s, the network has %g s: "
                        "go on with the same --tick",
                        file, a.tick_s, l->e->net->tick_s);
    }
    if (a.network_hash != hash) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s: saved from another network (hash %016llx, this "
                        "one has %016llx): give the network that ran",
                        file, (unsigned long long)a.network_hash,
                        (unsigned long long)hash);
    }
    EBB_TRY(check_way(l, part, &a));
    if (part > 0 && a.tick != l->now) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s: saved at tick %llu, '%s' at tick %llu: they are "
                        "not of one checkpoint",
                        file, (unsigned long long)a.tick,
                        l->from->name(l->from->self, 0),
                        (unsigned long long)l->now);
    }
    l->now = a.tick;
    return EBB_OK;
}

/* Spikes under way are the same in all parts. */
static ebb_status restore_flight(const struct state_loading *l, struct crowd *c,
                                 const struct state_array arrays[4])
{
    const uint64_t *tick = arrays[0].at, *n = arrays[1].at;
    const uint32_t *node = arrays[2].at;
    const double *value = arrays[3].at;
    char name[EBB_SNAPSHOT_NAME_BYTES];
    size_t from = 0;
    state_name_crowd(name, c, "flight_tick");
    if (arrays[0].n != arrays[1].n || arrays[2].n != arrays[3].n) {
        return state_bad(l, 0, name, "does not agree with its spikes");
    }
    for (size_t k = 0; k < arrays[0].n; k++) {
        bool good = tick[k] < l->now && (k == 0 || tick[k] > tick[k - 1]) &&
                    n[k] > 0 && n[k] <= arrays[2].n - from;
        for (size_t s = from; good && s < from + n[k]; s++) {
            good = node[s] < c->n && isfinite(value[s]) &&
                   (s == from || node[s] > node[s - 1]);
        }
        if (!good) {
            return state_bad(l, 0, name, "has spikes that cannot be");
        }
        EBB_TRY(
            deliver_restore(l->e, c, tick[k], node + from, value + from, n[k]));
        from += n[k];
    }
    return from == arrays[2].n
               ? EBB_OK
               : state_bad(l, 0, name, "does not agree with its spikes");
}

static ebb_status load_flight(const struct state_loading *l, struct crowd *c)
{
    static const struct {
        const char *what;
        enum ebb_snapshot_type type;
    } parts[4] = {{"flight_tick", EBB_SNAPSHOT_U64},
                  {"flight_n", EBB_SNAPSHOT_U64},
                  {"flight_node", EBB_SNAPSHOT_U32},
                  {"flight_value", EBB_SNAPSHOT_F64}};
    struct state_array arrays[4] = {{0}};
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < 4 && status == EBB_OK; k++) {
        char name[EBB_SNAPSHOT_NAME_BYTES];
        state_name_crowd(name, c, parts[k].what);
        status = state_read_array(l, 0, name, parts[k].type, &arrays[k]);
    }
    status = status ? status : restore_flight(l, c, arrays);
    for (size_t k = 0; k < 4; k++) {
        ebb_mem_free(arrays[k].at);
    }
    return status;
}

/* The part that has an array of a projection; none: EBB_ERR_FORMAT. */
static ebb_status find_part(const struct state_loading *l,
                            const struct drive *d, const char *what,
                            enum ebb_snapshot_type type, const char *else_say,
                            size_t *part, size_t *n)
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    bool there = false;
    state_name_drive(name, d, what);
    for (*part = 0; *part < l->from->n_parts && !there; ++*part) {
        EBB_TRY(l->from->find(l->from->self, *part, name, type, &there, n));
    }
    --*part;
    return there ? EBB_OK
                 : EBB_FAIL(EBB_ERR_FORMAT, "%s: '%s' is missing: %s",
                            l->from->name(l->from->self, 0), name, else_say);
}

static ebb_status restore_axons(const struct state_loading *l, struct drive *d,
                                size_t part, const struct state_array *active,
                                const double *past)
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    const uint32_t *axon = active->at;
    state_name_drive(name, d, "active");
    for (size_t k = 0; k < active->n; k++) {
        if (axon[k] >= d->axons || (k > 0 && axon[k] <= axon[k - 1])) {
            return state_bad(l, part, name, "is no rising list of axons");
        }
        d->active[k] = axon[k];
        d->is_active[axon[k]] = true;
        memcpy(d->past + axon[k] * d->order, past + k * d->order,
               d->order * sizeof(*past));
    }
    d->n_active = active->n;
    return EBB_OK;
}

static ebb_status load_axons(const struct state_loading *l, struct drive *d)
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    struct state_array active, past = {.n = 0};
    size_t part, n;
    EBB_TRY(find_part(l, d, "active", EBB_SNAPSHOT_U32,
                      "give all files of the checkpoint", &part, &n));
    state_name_drive(name, d, "active");
    if (n > d->axons) {
        return state_bad(l, part, name, "is no rising list of axons");
    }
    EBB_TRY(state_read_array(l, part, name, EBB_SNAPSHOT_U32, &active));
    state_name_drive(name, d, "past");
    ebb_status status =
        state_need(l, part, name, EBB_SNAPSHOT_F64, active.n * d->order);
    status = status ? status
                    : state_read_array(l, part, name, EBB_SNAPSHOT_F64, &past);
    status = status ? status
                    : state_check_finite(l, part, name, past.at,
                                         EBB_SNAPSHOT_F64, past.n);
    status = status ? status : restore_axons(l, d, part, &active, past.at);
    ebb_mem_free(active.at);
    ebb_mem_free(past.at);
    return status;
}

static ebb_status load_windows(const struct state_loading *l, struct drive *d)
{
    char tick[EBB_SNAPSHOT_NAME_BYTES], item[EBB_SNAPSHOT_NAME_BYTES];
    size_t part, n;
    EBB_TRY(find_part(l, d, "winner", EBB_SNAPSHOT_U32,
                      "give all files of the checkpoint", &part, &n));
    EBB_TRY(windows_load(l, d, part));
    state_name_drive(tick, d, "entry_tick");
    state_name_drive(item, d, "entry_item");
    return state_load_entries(l, part, tick, item, entry_window(d->index, 0), 0,
                              ebb_grid_size(d->p->inputs));
}

/* The axons from <= j < to of which part `part` has PSPs; none: 0, 0. */
static ebb_status read_psp_own(const struct state_loading *l,
                               const struct drive *d, size_t part,
                               uint64_t own[2])
{
    char name[EBB_SNAPSHOT_NAME_BYTES];
    size_t n;
    bool there;
    own[0] = own[1] = 0;
    state_name_drive(name, d, "psp_own");
    EBB_TRY(
        l->from->find(l->from->self, part, name, EBB_SNAPSHOT_U64, &there, &n));
    if (!there) {
        return EBB_OK;
    }
    EBB_TRY(state_read_fixed(l, part, name, EBB_SNAPSHOT_U64, 2, own));
    return own[0] < own[1] && own[1] <= d->axons
               ? EBB_OK
               : state_bad(l, part, name, "is no range of axons");
}

/* What part `part` has of the axons that are looked at here. */
static ebb_status load_psp_part(const struct state_loading *l, struct drive *d,
                                size_t part, const uint64_t own[2])
{
    const struct crowd *c = &l->e->crowd[d->p->source];
    char name[EBB_SNAPSHOT_NAME_BYTES];
    size_t each = d->order + 1;
    size_t from = own[0] > c->own_from ? (size_t)own[0] : c->own_from;
    size_t to = own[1] < c->own_to ? (size_t)own[1] : c->own_to;
    if (from >= to) {
        return EBB_OK;
    }
    double *f = d->f + from * each;
    state_name_drive(name, d, "psp");
    EBB_TRY(state_need(l, part, name, EBB_SNAPSHOT_F64,
                       (size_t)(own[1] - own[0]) * each));
    EBB_TRY(state_read_piece(l, part, name, EBB_SNAPSHOT_F64,
                             (from - (size_t)own[0]) * each, (to - from) * each,
                             f));
    return state_check_finite(l, part, name, f, EBB_SNAPSHOT_F64,
                              (to - from) * each);
}

/* Does some part have the PSP of an axon? */
static ebb_status check_psp(const struct state_loading *l,
                            const struct drive *d, size_t axon)
{
    for (size_t part = 0; part < l->from->n_parts; part++) {
        uint64_t own[2];
        EBB_TRY(read_psp_own(l, d, part, own));
        if (own[0] <= axon && axon < own[1]) {
            return EBB_OK;
        }
    }
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "%s: F of axon %zu of '%s' was not recorded before; record "
                    "other states, or F from the start",
                    l->from->name(l->from->self, 0), axon, d->p->name);
}

/* The first and the last axon that a probe wants here stand for those between
 * them. */
static ebb_status check_psps(const struct state_loading *l,
                             const struct drive *d)
{
    const struct crowd *c = &l->e->crowd[d->p->source];
    const struct ebb_engine_options *o = &l->e->options;
    for (size_t k = 0; k < o->n_probes; k++) {
        const struct ebb_probe *p = &o->probes[k];
        size_t low = SIZE_MAX, high = 0;
        if (p->state != EBB_STATE_F || p->where != d->index) {
            continue;
        }
        for (size_t i = 0; i < p->n; i++) {
            size_t node = p->nodes ? p->nodes[i] : i;
            if (node >= c->own_from && node < c->own_to) {
                low = node < low ? node : low;
                high = node;
            }
        }
        if (low <= high) {
            EBB_TRY(check_psp(l, d, low));
            EBB_TRY(check_psp(l, d, high));
        }
    }
    return EBB_OK;
}

static ebb_status load_psps(const struct state_loading *l, struct drive *d)
{
    for (size_t part = 0; part < l->from->n_parts; part++) {
        uint64_t own[2];
        EBB_TRY(read_psp_own(l, d, part, own));
        EBB_TRY(load_psp_part(l, d, part, own));
    }
    return check_psps(l, d);
}

static ebb_status load_drive(const struct state_loading *l, struct drive *d)
{
    struct crowd *to = &l->e->crowd[d->p->target];
    if (d->watched) {
        EBB_TRY(load_psps(l, d));
    }
    if (to->own_from == to->own_to) {
        return EBB_OK;
    }
    if (d->way == WAY_AXONS) {
        EBB_TRY(load_axons(l, d));
    }
    if (d->way == WAY_WINNERS) {
        EBB_TRY(load_windows(l, d));
    }
    to->driven = to->driven || d->n_active > 0;
    return EBB_OK;
}

/* What all parts have done together, told once, by the first share; ticks are
 * those of each. */
static ebb_status load_counters(const struct state_loading *l,
                                struct ebb_counters *out)
{
    uint64_t sum[STATE_COUNTERS] = {0}, own[STATE_COUNTERS];
    struct ebb_counters first = {0};
    if (l->e->options.share.index > 0) {
        return EBB_OK;
    }
    for (size_t part = 0; part < l->from->n_parts; part++) {
        EBB_TRY(state_read_fixed(l, part, "run/counters", EBB_SNAPSHOT_U64,
                                 STATE_COUNTERS, own));
        for (size_t k = 0; k < STATE_COUNTERS; k++) {
            sum[k] += own[k];
        }
        if (part == 0) {
            memcpy(&first, own, sizeof(first));
        }
    }
    memcpy(out, sum, sizeof(*out));
    out->ticks_visited = first.ticks_visited;
    out->ticks_skipped = first.ticks_skipped;
    return EBB_OK;
}

static ebb_status load_all(struct state_loading *l, uint64_t network_hash)
{
    struct ebb_engine *e = l->e;
    const uint64_t *none;
    size_t n;
    for (size_t part = 0; part < l->from->n_parts; part++) {
        EBB_TRY(check_about(l, part, network_hash));
    }
    EBB_TRY(load_counters(l, &e->counters));
    EBB_TRY(ebb_calendar_pop(e->calendar, l->now, &none, &n));
    e->now = l->now;
    for (size_t k = 0; k < e->net->n_populations; k++) {
        EBB_TRY(load_flight(l, &e->crowd[k]));
        EBB_TRY(state_load_crowd(l, &e->crowd[k]));
    }
    for (size_t k = 0; k < e->net->n_projections; k++) {
        EBB_TRY(load_drive(l, &e->drive[k]));
    }
    return EBB_OK;
}

ebb_status ebb_engine_load(struct ebb_engine *engine, uint64_t network_hash,
                           const struct ebb_snapshot_source *source)
{
    struct state_loading l = {.e = engine, .from = source};
    if (source->n_parts == 0) {
        return EBB_FAIL(EBB_ERR_ARG, "no file of a checkpoint was given");
    }
    EBB_TRY(ebb_engine_reset(engine));
    engine->failed = true; /* until all of it is there */
    EBB_TRY(load_all(&l, network_hash));
    engine->failed = false;
    return EBB_OK;
}
