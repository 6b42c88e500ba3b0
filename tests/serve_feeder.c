/* tests/serve_feeder.c - the HTTP server alone, fed with synthetic frames.
 *
 * usage: serve_feeder [FRAMES_PER_SECOND [WIDTH HEIGHT [PORT]]]
 *
 * Prints the address of the page, then serves until its standard input, a pipe
 * or a terminal, ends. */
#include "io/serve/http.h"
#include "io/serve/metrics.h"
#include "tests/synthetic_frames.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct feeder {
    struct event_base *base;
    struct ebb_http *http;
    struct synthetic_frames *frames;
    const struct ebb_live_frame *frame;
};

static ebb_status metrics(void *self, struct ebb_text *out)
{
    const struct feeder *f = self;
    const struct ebb_live_frame *frame = f->frame;
    ebb_metrics_gauge(out, "ebb_realtime_ratio", "Stream seconds a second.",
                      frame ? frame->realtime_ratio : 0);
    return ebb_text_status(out);
}

static ebb_status config(void *self, struct ebb_text *out)
{
    (void)self;
    ebb_text_add(out, "{\"network\":\"synthetic\"}\n");
    return ebb_text_status(out);
}

static bool ready(void *self)
{
    const struct feeder *f = self;
    return f->frame != NULL;
}

static void feed(evutil_socket_t fd, short what, void *arg)
{
    struct feeder *f = arg;
    (void)fd;
    (void)what;
    f->frame = synthetic_frames_next(f->frames);
    ebb_http_publish(f->http, f->frame);
}

static void on_input(evutil_socket_t fd, short what, void *arg)
{
    struct feeder *f = arg;
    char bytes[64];
    (void)what;
    if (read(fd, bytes, sizeof(bytes)) <= 0) {
        event_base_loopbreak(f->base);
    }
}

static int serve(struct feeder *f, double rate, uint16_t port)
{
    struct ebb_http_options options = ebb_http_options_default();
    options.port = port;
    const struct ebb_http_source source = {
        .self = f, .metrics = metrics, .ready = ready, .config = config};
    long period_us = (long)(1e6 / rate);
    struct timeval period = {period_us / 1000000, period_us % 1000000};
    if (ebb_http_create(&f->http, f->base, &options, &source) != EBB_OK) {
        fprintf(stderr, "serve_feeder: %s\n", ebb_error_message());
        return 1;
    }
    struct event *timer = event_new(f->base, -1, EV_PERSIST, feed, f);
    struct event *input =
        event_new(f->base, 0, EV_READ | EV_PERSIST, on_input, f);
    event_add(timer, &period);
    event_add(input, NULL);
    printf("http://127.0.0.1:%u/\n", ebb_http_port(f->http));
    fflush(stdout);
    event_base_dispatch(f->base);
    event_free(timer);
    event_free(input);
    return 0;
}

int main(int argc, char **argv)
{
    double rate = argc > 1 ? atof(argv[1]) : 30;
    uint32_t width = argc > 3 ? (uint32_t)atol(argv[2]) : 128;
    uint32_t height = argc > 3 ? (uint32_t)atol(argv[3]) : 128;
    if (!(rate > 0)) {
        fprintf(stderr, "usage: serve_feeder [RATE [WIDTH HEIGHT [PORT]]]\n");
        return 2;
    }
    struct feeder f = {.base = event_base_new()};
    f.frames =
        synthetic_frames_create(width, height, (uint64_t)(1e6 / rate), 1);
    int status = serve(&f, rate, argc > 4 ? (uint16_t)atol(argv[4]) : 0);
    ebb_http_destroy(f.http);
    event_base_free(f.base);
    synthetic_frames_destroy(f.frames);
    return status;
}
