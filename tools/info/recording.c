/* tools/info/recording.c - what a recording of an event camera holds. */
#include "tools/info/busiest.h"
#include "tools/info/info.h"

#include <inttypes.h>
#include <stdio.h>

/* Counted over all events. */
struct counts {
    uint64_t n, brighter;
    int64_t first[4], last[4]; /* t, x, y, p */
    int64_t begin, end;        /* earliest and latest time, us */
    uint32_t x_max, y_max;
    uint64_t outside;  /* of the sensor */
    uint64_t back;     /* earlier than the event before */
    int64_t back_most; /* us */
    int64_t slot;      /* ms that is being counted */
    uint64_t in_slot, busiest;
    struct ebb_busiest pixels;
};

static void count_time(struct counts *c, int64_t t)
{
    if (c->n == 0) {
        c->begin = c->end = t;
        c->last[0] = t;
    }
    c->begin = t < c->begin ? t : c->begin;
    c->end = t > c->end ? t : c->end;
    if (t < c->last[0]) {
        int64_t by = c->last[0] - t;
        c->back++;
        c->back_most = by > c->back_most ? by : c->back_most;
    }
    int64_t slot = t / 1000;
    c->in_slot = slot == c->slot ? c->in_slot + 1 : 1;
    c->slot = slot;
    c->busiest = c->in_slot > c->busiest ? c->in_slot : c->busiest;
}

static void count(struct counts *c, const struct ebb_dvs_block *b,
                  const struct ebb_dvs_about *about)
{
    for (size_t k = 0; k < b->n; k++) {
        uint32_t x = b->x[k], y = b->y[k];
        count_time(c, b->t[k]);
        c->brighter += b->p[k];
        c->x_max = x > c->x_max ? x : c->x_max;
        c->y_max = y > c->y_max ? y : c->y_max;
        c->outside += about->width && (x >= about->width || y >= about->height);
        const int64_t event[4] = {b->t[k], x, y, b->p[k]};
        for (size_t part = 0; part < 4; part++) {
            c->last[part] = event[part];
            c->first[part] = c->n ? c->first[part] : event[part];
        }
        c->n++;
    }
}

static double seconds(const struct counts *c)
{
    return 1e-6 * ((double)c->end - (double)c->begin);
}

static double rate(const struct counts *c)
{
    return c->end > c->begin ? (double)c->n / seconds(c) : 0;
}

static void put_pixels(struct ebb_json *json, const struct counts *c)
{
    struct ebb_busiest_found found;
    if (!ebb_busiest_find(&found, &c->pixels)) {
        return;
    }
    ebb_json_count(json, "active_pixels", found.pixels);
    ebb_json_count(json, "hot_pixels", found.hot);
    int64_t busy[3 * EBB_BUSIEST];
    for (size_t k = 0; k < found.n; k++) {
        busy[3 * k] = found.at[k].x;
        busy[3 * k + 1] = found.at[k].y;
        busy[3 * k + 2] = (int64_t)found.at[k].events;
    }
    ebb_json_wholes(json, "busiest_x_y_events", busy, 3 * found.n);
}

static void put(struct ebb_json *json, const struct counts *c,
                const struct ebb_dvs_about *about)
{
    ebb_json_text(json, "format", about->format);
    ebb_json_text(json, "version", about->version);
    ebb_json_text(json, "device", about->device);
    ebb_json_count(json, "width", about->width);
    ebb_json_count(json, "height", about->height);
    ebb_json_count(json, "events", c->n);
    ebb_json_count(json, "brighter", c->brighter);
    if (c->n > 0) {
        ebb_json_wholes(json, "begin_us", &c->begin, 1);
        ebb_json_wholes(json, "end_us", &c->end, 1);
        ebb_json_number(json, "events_per_s", rate(c));
        ebb_json_count(json, "busiest_ms", c->busiest);
        ebb_json_number(json, "duration_s", seconds(c));
        ebb_json_number(json, "peak_per_s", 1e3 * (double)c->busiest);
        ebb_json_count(json, "highest_x", c->x_max);
        ebb_json_count(json, "highest_y", c->y_max);
        ebb_json_wholes(json, "first", c->first, 4);
        ebb_json_wholes(json, "last", c->last, 4);
    }
    put_pixels(json, c);
    ebb_json_count(json, "clock_turns", about->turns);
    ebb_json_count(json, "steps_back", c->back);
    ebb_json_wholes(json, "step_back_us", &c->back_most, 1);
    ebb_json_count(json, "outside", c->outside);
    ebb_json_count(json, "skipped", about->skipped);
    ebb_json_count(json, "left_over_bytes", about->left_over);
}

static void tell_about(const struct ebb_dvs_about *about)
{
    printf("%s", about->title);
    if (about->version[0]) {
        printf(" (%s)", about->version);
    }
    if (about->device[0]) {
        printf(", from %s", about->device);
    }
    if (about->width) {
        printf(", sensor %u x %u\n", about->width, about->height);
    } else {
        printf(", sensor not told\n");
    }
}

static void tell_event(const char *which, const int64_t e[4])
{
    printf("%s event at %" PRId64 " us, column %" PRId64 ", row %" PRId64
           ", %s\n",
           which, e[0], e[1], e[2], e[3] ? "brighter" : "darker");
}

static void tell_pixels(const struct counts *c)
{
    struct ebb_busiest_found found;
    if (!ebb_busiest_find(&found, &c->pixels)) {
        return;
    }
    printf("%" PRIu64 " pixels have events, %.4g on average; the busiest "
           "(column, row: events):",
           found.pixels, found.mean);
    for (size_t k = 0; k < found.n; k++) {
        printf("%s %u, %u: %" PRIu64, k ? ";" : "", found.at[k].x,
               found.at[k].y, found.at[k].events);
    }
    printf("\n");
    if (found.hot) {
        printf("%" PRIu64 " pixels have more than %d times the average: 'ebb "
               "convert --hot %d' leaves them out\n",
               found.hot, EBB_BUSIEST_HOT, EBB_BUSIEST_HOT);
    }
}

/* What a person may not expect. */
static void tell_oddities(const struct counts *c,
                          const struct ebb_dvs_about *about)
{
    if (about->turns) {
        printf("the clock went round %" PRIu64 " times\n", about->turns);
    }
    if (c->back) {
        printf("%" PRIu64 " events step back in time, by %" PRId64
               " us at most\n",
               c->back, c->back_most);
    }
    if (c->outside) {
        printf("%" PRIu64 " events lie outside the sensor; is it another "
               "chip's recording?\n",
               c->outside);
    }
    if (about->skipped) {
        printf("%" PRIu64 " records that are no pixel's were skipped\n",
               about->skipped);
    }
    if (about->left_over) {
        printf("%" PRIu64 " bytes at the end are no whole record: the file "
               "was cut\n",
               about->left_over);
    }
}

static void tell(const struct counts *c, const struct ebb_dvs_about *about)
{
    tell_about(about);
    printf("%" PRIu64 " events", c->n);
    if (c->n > 0) {
        printf(" in %g s, %.4g a second, at most %" PRIu64
               " in a millisecond; %.1f %% brighter\n",
               seconds(c), rate(c), c->busiest,
               100 * (double)c->brighter / (double)c->n);
        tell_event("first", c->first);
        tell_event("last ", c->last);
        printf("times from %" PRId64 " to %" PRId64 " us, columns up to %u, "
               "rows up to %u",
               c->begin, c->end, c->x_max, c->y_max);
    }
    printf("\n");
    tell_pixels(c);
    tell_oddities(c, about);
}

static ebb_status count_all(struct counts *c, struct ebb_dvs_reader *reader)
{
    struct ebb_dvs_block block;
    EBB_TRY(ebb_dvs_block_init(&block, EBB_DVS_BLOCK));
    ebb_status status;
    do {
        status = ebb_dvs_read(reader, &block);
        count(c, &block, ebb_dvs_about(reader));
        ebb_status counted = ebb_busiest_take(&c->pixels, &block);
        status = status == EBB_OK ? counted : status;
    } while (status == EBB_OK && block.n > 0);
    ebb_dvs_block_finish(&block);
    return status;
}

ebb_status ebb_info_recording(const char *path,
                              const struct ebb_dvs_options *options,
                              struct ebb_json *json)
{
    struct ebb_dvs_reader *reader;
    struct counts c = {.slot = INT64_MIN};
    EBB_TRY(ebb_dvs_open(&reader, path, options));
    ebb_status status = count_all(&c, reader);
    if (status == EBB_OK && json) {
        put(json, &c, ebb_dvs_about(reader));
    } else if (!json) {
        tell(&c, ebb_dvs_about(reader)); /* up to a failure too */
    }
    ebb_dvs_close(reader);
    ebb_busiest_finish(&c.pixels);
    return status;
}
