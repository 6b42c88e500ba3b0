/* io/serve/frame_json.c - a frame as the page reads it. */
#include "io/serve/frame_json.h"

#include <inttypes.h>
#include <string.h>

/* Bytes are collected here and go out as base64 three by three, so that no
 * frame needs memory of its own. */
struct packer {
    struct ebb_text *out;
    uint8_t bytes[3 * 256];
    size_t n;
};

static void pack(struct packer *p, uint32_t value, size_t bytes)
{
    for (size_t k = 0; k < bytes; k++) {
        if (p->n == sizeof(p->bytes)) {
            ebb_text_add_base64(p->out, p->bytes, p->n);
            p->n = 0;
        }
        p->bytes[p->n++] = (uint8_t)(value >> 8 * k);
    }
}

static void end_packing(struct packer *p)
{
    ebb_text_add_base64(p->out, p->bytes, p->n);
    p->n = 0;
}

/* The least whole number by which the image is shrunk. */
static uint32_t shrinkage(uint32_t width, uint32_t height)
{
    uint32_t by = 1;
    while ((uint64_t)((width - 1) / by + 1) * ((height - 1) / by + 1) >
           EBB_FRAME_PIXELS_MAX) {
        by++;
    }
    return by;
}

/* Sum of a square of counts, at most 15. */
static uint32_t count_square(const uint8_t *counts, const uint32_t size[2],
                             const uint32_t corner[2], uint32_t by)
{
    uint32_t sum = 0;
    for (uint32_t y = corner[1]; y < corner[1] + by && y < size[1]; y++) {
        const uint8_t *row = counts + (size_t)y * size[0];
        for (uint32_t x = corner[0]; x < corner[0] + by && x < size[0]; x++) {
            sum += row[x];
        }
    }
    return sum < 15 ? sum : 15;
}

static void pack_gap(struct packer *p, uint32_t gap)
{
    for (; gap > 127; gap >>= 7) {
        pack(p, gap | 128, 1);
    }
    pack(p, gap, 1);
}

static void pack_pixels(struct packer *p, const struct ebb_live_frame *f,
                        uint32_t by)
{
    const uint32_t size[2] = {f->width, f->height};
    uint32_t gap = 0;
    for (uint32_t y = 0; y < f->height; y += by) {
        for (uint32_t x = 0; x < f->width; x += by) {
            const uint32_t corner[2] = {x, y};
            uint32_t on = count_square(f->on, size, corner, by);
            uint32_t off = count_square(f->off, size, corner, by);
            if (on | off) {
                pack_gap(p, gap);
                pack(p, on | off << 4, 1);
                gap = 0;
            } else {
                gap++;
            }
        }
    }
    end_packing(p);
}

static void add_image(struct packer *p, const struct ebb_live_frame *f)
{
    enum { SIDE_MAX = 65536 }; /* corners and steps stay within 32 bits */
    if (f->width == 0 || f->height == 0 || f->width > SIDE_MAX ||
        f->height > SIDE_MAX) {
        ebb_text_add(p->out, ",\"image\":null");
        return;
    }
    uint32_t by = shrinkage(f->width, f->height);
    ebb_text_add(p->out,
                 ",\"image\":{\"width\":%" PRIu32 ",\"height\":%" PRIu32
                 ",\"shrink\":%" PRIu32 ",\"pixels\":\"",
                 (f->width - 1) / by + 1, (f->height - 1) / by + 1, by);
    pack_pixels(p, f, by);
    ebb_text_add(p->out, "\"}");
}

static void add_layer(struct packer *p, const struct ebb_live_layer *layer,
                      uint64_t span_us)
{
    size_t n = layer->n_shown < EBB_LIVE_SHOWN_MAX ? layer->n_shown
                                                   : EBB_LIVE_SHOWN_MAX;
    size_t bytes = layer->n <= 65536 ? 2 : 4;
    ebb_text_add(p->out, "{\"name\":");
    ebb_text_add_json(p->out, layer->name);
    ebb_text_add(p->out,
                 ",\"n\":%zu,\"spikes\":%" PRIu64 ",\"bits\":%zu,\"node\":\"",
                 layer->n, layer->spikes, 8 * bytes);
    for (size_t k = 0; k < n; k++) {
        pack(p, layer->node[k], bytes);
    }
    end_packing(p);
    ebb_text_add(p->out, "\",\"dt\":\"");
    for (size_t k = 0; k < n; k++) {
        uint64_t dt = span_us ? (uint64_t)layer->dt_us[k] * 65536 / span_us : 0;
        pack(p, dt < 65535 ? (uint32_t)dt : 65535, 2);
    }
    end_packing(p);
    ebb_text_add(p->out, "\"}");
}

static void add_layers(struct packer *p, const struct ebb_live_frame *f)
{
    ebb_text_add(p->out, ",\"layers\":[");
    for (size_t k = 0; k < f->n_layers && k < EBB_FRAME_LAYERS_MAX; k++) {
        ebb_text_add(p->out, "%s", k ? "," : "");
        add_layer(p, &f->layers[k], f->span_us);
    }
    ebb_text_add(p->out, "]");
}

static void add_classes(struct ebb_text *out, const struct ebb_live_frame *f)
{
    size_t n = f->n_classes < EBB_FRAME_CLASSES_MAX ? f->n_classes
                                                    : EBB_FRAME_CLASSES_MAX;
    ebb_text_add(out, ",\"classes\":{\"name\":[");
    for (size_t k = 0; k < n; k++) {
        ebb_text_add(out, "%s", k ? "," : "");
        if (f->class_name && f->class_name[k]) {
            ebb_text_add_json(out, f->class_name[k]);
        } else {
            ebb_text_add(out, "\"%zu\"", k);
        }
    }
    ebb_text_add(out, "],\"probability\":[");
    for (size_t k = 0; k < n; k++) {
        ebb_text_add(out, "%s", k ? "," : "");
        ebb_text_add_number(out, f->probability[k]);
    }
    ebb_text_add(out, "],\"winner\":");
    if (f->winner >= 0 && (size_t)f->winner < n) {
        ebb_text_add(out, "%ld", f->winner);
    } else {
        ebb_text_add(out, "null");
    }
    ebb_text_add(out, ",\"confidence\":");
    ebb_text_add_number(out, f->confidence);
    ebb_text_add(out, "}");
}

static void add_named(struct ebb_text *out, const char *name, double value)
{
    ebb_text_add(out, "\"%s\":", name);
    ebb_text_add_number(out, value);
}

static void add_figures(struct ebb_text *out, const struct ebb_live_frame *f)
{
    ebb_text_add(out, ",\"work\":{");
    add_named(out, "synaptic_operations", f->synaptic_operations);
    ebb_text_add(out, ",");
    add_named(out, "neuron_updates", f->neuron_updates);
    ebb_text_add(out, ",");
    add_named(out, "energy_j", f->energy_j);
    ebb_text_add(out,
                 "},\"dropped\":{\"udp\":%" PRIu64 ",\"gap\":%" PRIu64
                 ",\"malformed\":%" PRIu64 ",\"late\":%" PRIu64
                 "},\"latency_s\":{",
                 f->dropped_udp, f->dropped_gap, f->malformed, f->late);
    add_named(out, "p50", f->latency_p50_s);
    ebb_text_add(out, ",");
    add_named(out, "p99", f->latency_p99_s);
    ebb_text_add(out, "},");
    add_named(out, "realtime_ratio", f->realtime_ratio);
    ebb_text_add(out, ",\"queue_depth\":%zu", f->queue_depth);
}

void ebb_frame_json(struct ebb_text *out, const struct ebb_live_frame *frame)
{
    struct packer p = {.out = out};
    ebb_text_add(out,
                 "{\"index\":%" PRIu64 ",\"t_us\":%" PRIu64
                 ",\"span_us\":%" PRIu64 ",\"events\":%" PRIu64,
                 frame->index, frame->t_us, frame->span_us, frame->events);
    add_image(&p, frame);
    add_layers(&p, frame);
    add_classes(out, frame);
    add_figures(out, frame);
    ebb_text_add(out, "}");
}
