/* io/serve/server_http.c - what the server tells over HTTP. */
#include "io/serve/server_parts.h"

#include "io/serve/metrics.h"

#include "core/memory.h"

static void take_frame(void *self, const struct ebb_live_frame *frame)
{
    struct ebb_server *s = self;
    ebb_snapshot_put(&s->snapshot, frame, ebb_pump_latency(s->pump));
    s->has_frame = true;
    s->outbox.wake(s->outbox.self);
}

void server_http_frames(struct ebb_server *s, struct ebb_pump_out *out)
{
    out->frame_self = s;
    out->frame = take_frame;
}

void server_http_publish(struct ebb_server *s)
{
    bool fresh = false;
    if (!s->http || !atomic_exchange(&s->has_frame, false)) {
        return;
    }
    const struct ebb_snapshot_copy *c = ebb_snapshot_take(&s->snapshot, &fresh);
    (void)fresh; /* whoever else looked at it */
    ebb_http_publish(s->http, &c->frame);
}

static void put_dropped(struct ebb_text *out, const struct ebb_server *s)
{
    static const char name[] = "ebb_ingest_dropped_total";
    const struct ebb_live_totals *t = &s->totals;
    const struct {
        const char *reason;
        uint64_t n;
    } rows[] = {{"ring_full", t->dropped_udp},
                {"malformed", t->malformed},
                {"outside_sensor", t->outside},
                {"stale_frame", t->stale}};
    ebb_metrics_family(out, name, "counter",
                       "What came and was not used: datagrams, frames, or "
                       "events outside the sensor.");
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        struct ebb_metrics_label label = {"reason", rows[k].reason};
        ebb_metrics_count(out, name, rows[k].n, &label, 1);
    }
}

static void put_spikes(struct ebb_text *out, const struct ebb_snapshot_copy *c)
{
    static const char name[] = "ebb_spikes_total";
    ebb_metrics_family(out, name, "counter",
                       "Spikes of each population, events of the input "
                       "included.");
    for (size_t k = 0; k < c->frame.n_layers; k++) {
        struct ebb_metrics_label label = {"population", c->layers[k].name};
        ebb_metrics_count(out, name, c->spikes[k], &label, 1);
    }
}

/* An octave a bucket, from 2^4 us to 2^20. */
static void put_latency(struct ebb_text *out, const struct ebb_latency *l)
{
    enum { FIRST = 4, BUCKETS = 17, EACH = 8 };
    static const char name[] = "ebb_event_latency_seconds";
    double bound[BUCKETS];
    uint64_t count[BUCKETS + 1] = {0};
    for (unsigned k = 0; k < BUCKETS; k++) {
        bound[k] = ebb_latency_bin_end((FIRST + k) * EACH - 1);
    }
    for (unsigned k = 0; k < EBB_LATENCY_BINS; k++) {
        unsigned bucket = k / EACH < FIRST ? 0 : k / EACH - FIRST + 1;
        count[bucket < BUCKETS ? bucket : BUCKETS] += l->count[k];
    }
    const struct ebb_metrics_histogram h = {
        .bound = bound, .count = count, .n = BUCKETS, .sum = l->sum_s};
    ebb_metrics_family(out, name, "histogram",
                       "From a packet's arrival to its spikes.");
    ebb_metrics_histogram(out, name, &h, NULL, 0);
}

static void put_work(struct ebb_text *out, const struct ebb_snapshot_copy *c)
{
    const struct ebb_snapshot_sums *sums = &c->sums;
    ebb_metrics_counter(out, "ebb_synaptic_operations_total",
                        "Weights added to targets.",
                        (uint64_t)sums->synaptic_operations);
    ebb_metrics_counter(out, "ebb_neuron_updates_total",
                        "Neurons brought up to date.",
                        (uint64_t)sums->neuron_updates);
    ebb_metrics_family(out, "ebb_energy_joules_total", "counter",
                       "Estimate of the arithmetic's energy at 45 nm.");
    ebb_metrics_value(out, "ebb_energy_joules_total", sums->energy_j, NULL, 0);
    ebb_metrics_gauge(out, "ebb_sim_time_seconds", "Time of the stream.",
                      sums->stream_s);
    ebb_metrics_gauge(out, "ebb_realtime_ratio",
                      "Seconds of the stream in a second of the clock.",
                      c->frame.realtime_ratio);
}

static ebb_status tell_metrics(void *self, struct ebb_text *out)
{
    struct ebb_server *s = self;
    const struct ebb_live_totals *t = &s->totals;
    bool fresh;
    const struct ebb_snapshot_copy *c = ebb_snapshot_take(&s->snapshot, &fresh);
    ebb_metrics_counter(out, "ebb_ingest_events_total", "Events taken in.",
                        t->events);
    ebb_metrics_counter(out, "ebb_ingest_datagrams_total", "Datagrams read.",
                        t->datagrams);
    put_dropped(out, s);
    ebb_metrics_counter(out, "ebb_ingest_gap_frames_total",
                        "Frames missing by their sequence numbers.",
                        t->lost_frames);
    ebb_metrics_counter(out, "ebb_ingest_late_events_total",
                        "Events whose tick was simulated before they came.",
                        t->late);
    put_spikes(out, c);
    put_work(out, c);
    ebb_metrics_gauge(out, "ebb_queue_depth",
                      "Events on their way to the network.",
                      (double)ebb_ring_depth(s->ring));
    ebb_metrics_counter(out, "ebb_stream_connections_total",
                        "Streams of events that were opened.", s->connections);
    put_latency(out, &c->latency);
    ebb_metrics_gauge(out, "ebb_peak_resident_bytes",
                      "Most memory that the process had.",
                      (double)ebb_mem_peak());
    return ebb_text_status(out);
}

static bool tell_ready(void *self)
{
    const struct ebb_server *s = self;
    return s->is_running && !s->is_stopping && !atomic_load(&s->is_done);
}

static ebb_status tell_config(void *self, struct ebb_text *out)
{
    const struct ebb_server *s = self;
    const struct ebb_pump_options *p = &s->options.pump;
    ebb_text_add(out,
                 "{\"tick_us\": %g, \"width\": %u, \"height\": %u, "
                 "\"polarities\": %u, \"listen\": [",
                 p->tick_us, p->width, p->height, p->polarities);
    for (size_t k = 0, n = 0; k < s->n_doors; k++) {
        if (!s->doors[k].for_spikes) {
            ebb_text_add(out, n++ ? ", " : "");
            ebb_text_add_json(out, s->doors[k].name);
        }
    }
    ebb_text_add(out, "], \"populations\": [");
    for (size_t k = 0; k < p->net->n_populations; k++) {
        ebb_text_add(out, k ? ", {\"name\": " : "{\"name\": ");
        ebb_text_add_json(out, p->net->populations[k].name);
        ebb_text_add(out, ", \"n\": %zu}", p->net->populations[k].n);
    }
    ebb_text_add(out, "]}\n");
    return ebb_text_status(out);
}

ebb_status server_http_open(struct ebb_server *s)
{
    const struct ebb_serve_options *o = &s->options;
    const struct ebb_network *net = o->pump.net;
    struct ebb_http_options how = ebb_http_options_default();
    if (!o->http) {
        return EBB_OK;
    }
    const struct ebb_http_source source = {.self = s,
                                           .metrics = tell_metrics,
                                           .ready = tell_ready,
                                           .config = tell_config};
    how.address = o->http_address ? o->http_address : how.address;
    how.port = o->http_port;
    how.remote = o->open_to_all;
    how.version = o->version ? o->version : "";
    size_t classes = net->populations[ebb_network_output(net)].n;
    EBB_TRY(ebb_snapshot_init(&s->snapshot,
                              (size_t)o->pump.width * o->pump.height,
                              net->n_populations, classes));
    EBB_TRY(ebb_http_create(&s->http, s->base, &how, &source));
    server_say(s, "page at http://%s:%u/", how.address, ebb_http_port(s->http));
    return EBB_OK;
}

void server_http_close(struct ebb_server *s)
{
    ebb_http_destroy(s->http);
    s->http = NULL;
    ebb_snapshot_finish(&s->snapshot);
}
