/* tools/run_checkpoint.c - --checkpoint and --resume of a run. */
#include "tools/run_checkpoint.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char counts[] = "run/output_spikes";

static uint64_t mix(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * 0x100000001b3;
    return sum ^ sum >> 29;
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

/* Of the first n events. */
static uint64_t hash_input(const struct ebb_events *input, size_t n)
{
    uint64_t sum = 0xcbf29ce484222325;
    for (size_t k = 0; k < n; k++) {
        const struct ebb_event *e = &input->at[k];
        sum = mix(mix(mix(sum, e->tick), e->node), bits_of(e->value));
    }
    return sum;
}

static size_t events_before(const struct ebb_events *input, ebb_tick tick)
{
    size_t low = 0, high = input->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (input->at[middle].tick < tick) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* "1s", "100 ms", or ticks. */
static ebb_status take_every(struct ebb_run_checkpoint *c,
                             const struct ebb_args *args, double tick_s)
{
    const char *text = ebb_args_text(args, "checkpoint-every");
    double seconds = 0;
    if (!text) {
        return EBB_OK;
    }
    if (!c->path) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--checkpoint-every needs --checkpoint FILE to write "
                        "to");
    }
    if (text[strspn(text, "0123456789")] == '\0') {
        return ebb_args_count(args, "checkpoint-every", 1, (uint64_t)1 << 52,
                              &c->every);
    }
    EBB_TRY(ebb_args_seconds(args, "checkpoint-every", &seconds));
    if (tick_s <= 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--checkpoint-every %s: the network's tick has no "
                        "length: give a number of ticks",
                        text);
    }
    double ticks = ceil(seconds / tick_s * (1 - 1e-12));
    c->every = ticks < 0x1p52 ? (ebb_tick)ticks : (ebb_tick)1 << 52;
    return EBB_OK;
}

/* Runs that may be joined to one have the same. */
static uint64_t hash_run(const struct ebb_run_checkpoint *c,
                         const struct ebb_engine_options *how)
{
    uint64_t sum = mix(c->about.network_hash, how->mode);
    sum = mix(mix(sum, how->single), bits_of(how->drop));
    return mix(sum, hash_input(c->input, c->input->n));
}

static ebb_status check_input(const struct ebb_run_checkpoint *c,
                              const struct ebb_state_about *a, ebb_tick ticks)
{
    size_t before = events_before(c->input, a->tick);
    if (a->tick > ticks) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "it stands at tick %llu, but the run is to have %llu: "
                        "give more with --until",
                        (unsigned long long)a->tick, (unsigned long long)ticks);
    }
    if (before != a->input_events ||
        hash_input(c->input, before) != a->input_hash) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "it was saved from a run on other input (%llu events "
                        "below tick %llu, here %zu%s): give the input of that "
                        "run",
                        (unsigned long long)a->input_events,
                        (unsigned long long)a->tick, before,
                        before == a->input_events ? " others" : "");
    }
    return EBB_OK;
}

static ebb_status open_set(struct ebb_run_checkpoint *c, const char *path,
                           ebb_tick ticks)
{
    EBB_TRY(ebb_state_set_open(&c->set, path));
    const struct ebb_state_about *a = ebb_state_set_about(c->set);
    c->resumes = true;
    if (a->network_hash == c->about.network_hash) { /* else: later, in words */
        EBB_TRY(ebb_error_prefix(check_input(c, a, ticks), "%s: ", path));
    }
    c->from = a->tick;
    c->first_event = events_before(c->input, a->tick);
    c->about.run = a->run;
    return EBB_OK;
}

ebb_status ebb_run_checkpoint_take(struct ebb_run_checkpoint *c,
                                   const struct ebb_args *args,
                                   const struct ebb_network *net,
                                   const struct ebb_engine_options *how,
                                   const struct ebb_events *input,
                                   ebb_tick ticks)
{
    const char *resume = ebb_args_text(args, "resume");
    c->path = ebb_args_text(args, "checkpoint");
    c->input = input;
    EBB_TRY(take_every(c, args, net->tick_s));
    c->about = (struct ebb_state_about){.intended = ticks,
                                        .tick_s = net->tick_s,
                                        .network_hash = ebb_network_hash(net),
                                        .ranks = 1,
                                        .shares = 1};
    snprintf(c->about.origin, sizeof(c->about.origin), "ebb run %.300s %.300s",
             args->operand[0], args->operand[1]);
    c->about.run = hash_run(c, how);
    return resume ? open_set(c, resume, ticks) : EBB_OK;
}

/* What the output has fired so far decides the class at the end. */
static ebb_status load_counts(struct ebb_run_checkpoint *c,
                              const struct ebb_snapshot_source *source)
{
    bool there;
    size_t n;
    if (!c->count) {
        return EBB_OK;
    }
    EBB_TRY(
        source->find(source->self, 0, counts, EBB_SNAPSHOT_F64, &there, &n));
    if (!there || n != c->outputs) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s: it does not tell what the output has fired: was "
                        "it saved on another kind of input?",
                        source->name(source->self, 0));
    }
    return source->read(source->self, 0, counts, EBB_SNAPSHOT_F64, 0, n,
                        c->count);
}

ebb_status ebb_run_checkpoint_load(struct ebb_run_checkpoint *c,
                                   struct ebb_cluster *cluster)
{
    if (!c->set) {
        return EBB_OK;
    }
    struct ebb_snapshot_source source = ebb_state_set_source(c->set);
    EBB_TRY(ebb_cluster_load(cluster, c->about.network_hash, &source));
    EBB_TRY(load_counts(c, &source));
    ebb_run_checkpoint_finish(c); /* it may be written anew */
    return EBB_OK;
}

ebb_tick ebb_run_checkpoint_next(const struct ebb_run_checkpoint *c,
                                 ebb_tick now, ebb_tick ticks)
{
    if (!c->path || c->every == 0) {
        return ticks;
    }
    ebb_tick next = now - now % c->every + c->every;
    return next < ticks ? next : ticks;
}

/* What an engine and its tool keep. */
struct kept {
    const struct ebb_run_checkpoint *c;
    const struct ebb_cluster *cluster;
};

static ebb_status save_share(void *self, size_t share,
                             const struct ebb_snapshot_sink *sink)
{
    const struct kept *k = self;
    EBB_TRY(
        ebb_cluster_save(k->cluster, share, k->c->about.network_hash, sink));
    return k->c->count ? sink->put(sink->self, counts, EBB_SNAPSHOT_F64,
                                   k->c->count, k->c->outputs)
                       : EBB_OK;
}

ebb_status ebb_run_checkpoint_save(struct ebb_run_checkpoint *c,
                                   const struct ebb_team *team,
                                   const struct ebb_cluster *cluster)
{
    struct kept kept = {c, cluster};
    const struct ebb_state_giver giver = {.self = &kept, .save = save_share};
    if (!c->path) {
        return EBB_OK;
    }
    c->about.tick = ebb_cluster_now(cluster);
    c->about.rank = team->exchange.rank;
    c->about.ranks = team->exchange.ranks;
    c->about.shares = ebb_cluster_threads(cluster);
    size_t before = events_before(c->input, c->about.tick);
    c->about.input_events = before;
    c->about.input_hash = hash_input(c->input, before);
    ebb_status status = ebb_team_agree(
        team, ebb_state_file_write(c->path, &c->about, &giver, &c->broken));
    if (status == EBB_OK) {
        status =
            ebb_team_agree(team, ebb_state_file_publish(c->path, c->about.rank,
                                                        c->about.ranks));
    }
    if (status != EBB_OK) {
        ebb_state_file_discard(c->path, c->about.rank, c->about.ranks);
    }
    return status;
}

void ebb_run_checkpoint_finish(struct ebb_run_checkpoint *c)
{
    ebb_state_set_close(c->set);
    c->set = NULL;
}
