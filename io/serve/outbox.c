/* io/serve/outbox.c - results on their way to the thread of the sockets. */
#include "io/serve/outbox.h"

enum {
    LINES_MAX = 1 << 20,  /* bytes that wait */
    SPIKES_MAX = 4 << 20, /* the same */
    SPIKE_BYTES = 12
};

ebb_status ebb_outbox_init(struct ebb_outbox *b, void (*wake)(void *self),
                           void *self)
{
    *b = (struct ebb_outbox){.lines = evbuffer_new(),
                             .spikes = evbuffer_new(),
                             .wake = wake,
                             .self = self};
    pthread_mutex_init(&b->lock, NULL);
    return b->lines && b->spikes
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_NOMEM, "no memory for results");
}

void ebb_outbox_finish(struct ebb_outbox *b)
{
    if (b->wake) {
        pthread_mutex_destroy(&b->lock);
    }
    if (b->lines) {
        evbuffer_free(b->lines);
    }
    if (b->spikes) {
        evbuffer_free(b->spikes);
    }
}

static void take_result(void *self, const struct ebb_live_result *r)
{
    struct ebb_outbox *b = self;
    if (!b->wants_lines) {
        return;
    }
    pthread_mutex_lock(&b->lock);
    if (evbuffer_get_length(b->lines) < LINES_MAX) {
        ebb_result_print(b->lines, r);
    } else {
        b->lines_lost++;
    }
    pthread_mutex_unlock(&b->lock);
    b->wake(b->self);
}

static void take_spikes(void *self, const uint8_t *bytes, size_t n)
{
    struct ebb_outbox *b = self;
    if (!b->wants_spikes) {
        return;
    }
    pthread_mutex_lock(&b->lock);
    if (evbuffer_get_length(b->spikes) + n > SPIKES_MAX ||
        evbuffer_add(b->spikes, bytes, n) != 0) {
        b->spikes_lost += n / SPIKE_BYTES;
    }
    pthread_mutex_unlock(&b->lock);
    b->wake(b->self);
}

struct ebb_pump_out ebb_outbox_pump(struct ebb_outbox *b)
{
    return (struct ebb_pump_out){
        .self = b, .result = take_result, .spikes = take_spikes};
}

void ebb_outbox_take(struct ebb_outbox *b, struct evbuffer *lines,
                     struct evbuffer *spikes)
{
    pthread_mutex_lock(&b->lock);
    if (lines) {
        evbuffer_add_buffer(lines, b->lines);
    }
    evbuffer_add_buffer(spikes, b->spikes);
    pthread_mutex_unlock(&b->lock);
}

static void print_string(struct evbuffer *out, const char *text)
{
    evbuffer_add(out, "\"", 1);
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            evbuffer_add_printf(out, "\\%c", *c);
        } else if ((unsigned char)*c < ' ') {
            evbuffer_add_printf(out, "\\u%04x", (unsigned)*c);
        } else {
            evbuffer_add(out, c, 1);
        }
    }
    evbuffer_add(out, "\"", 1);
}

static void print_class(struct evbuffer *out, const struct ebb_live_frame *f)
{
    enum { SHOWN = 256 }; /* more would be no classes */
    if (f->winner < 0) {
        evbuffer_add_printf(out, ", \"winner\": null");
    } else {
        evbuffer_add_printf(out, ", \"winner\": %ld", f->winner);
    }
    if (f->class_name && f->winner >= 0) {
        evbuffer_add_printf(out, ", \"class\": ");
        print_string(out, f->class_name[f->winner]);
    }
    evbuffer_add_printf(out, ", \"confidence\": %.6g", f->confidence);
    if (f->n_classes > SHOWN) {
        return;
    }
    evbuffer_add_printf(out, ", \"probability\": [");
    for (size_t k = 0; k < f->n_classes; k++) {
        evbuffer_add_printf(out, "%s%.6g", k ? ", " : "", f->probability[k]);
    }
    evbuffer_add_printf(out, "]");
}

static void print_spikes(struct evbuffer *out, const struct ebb_live_frame *f)
{
    evbuffer_add_printf(out, ", \"spikes\": {");
    for (size_t k = 1; k < f->n_layers; k++) {
        evbuffer_add(out, ", ", k > 1 ? 2 : 0);
        print_string(out, f->layers[k].name);
        evbuffer_add_printf(out, ": %llu",
                            (unsigned long long)f->layers[k].spikes);
    }
    evbuffer_add_printf(out, "}");
}

static void print_counts(struct evbuffer *out, const struct ebb_live_result *r)
{
    enum { SHOWN = 256 };
    if (r->frame->n_classes > SHOWN) {
        return;
    }
    evbuffer_add_printf(out, ", \"counts\": [");
    for (size_t k = 0; k < r->frame->n_classes; k++) {
        evbuffer_add_printf(out, "%s%llu", k ? ", " : "",
                            (unsigned long long)r->count[k]);
    }
    evbuffer_add_printf(out, "]");
}

void ebb_result_print(struct evbuffer *out, const struct ebb_live_result *r)
{
    const struct ebb_live_frame *f = r->frame;
    if (r->gesture) {
        evbuffer_add_printf(out, "{\"gesture\": %llu, ",
                            (unsigned long long)r->gesture);
    } else {
        evbuffer_add_printf(out, "{\"t_us\": %llu, ",
                            (unsigned long long)f->t_us);
    }
    evbuffer_add_printf(out, "\"begin_us\": %llu, \"end_us\": %llu",
                        (unsigned long long)r->begin_us,
                        (unsigned long long)r->end_us);
    print_class(out, f);
    print_counts(out, r);
    if (!r->gesture) {
        evbuffer_add_printf(out, ", \"events\": %llu",
                            (unsigned long long)f->events);
        print_spikes(out, f);
        evbuffer_add_printf(
            out,
            ", \"synaptic_operations\": %.0f, \"neuron_updates\": %.0f, "
            "\"energy_j\": %.6g",
            f->synaptic_operations, f->neuron_updates, f->energy_j);
    }
    evbuffer_add_printf(out, "}\n");
}
