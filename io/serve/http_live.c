/* io/serve/http_live.c - frames to listeners, as server-sent events. */
#include "io/serve/http_parts.h"

#include "core/memory.h"
#include "io/serve/frame_json.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

/* What the kernel keeps for a listener; more would only show old frames. */
enum { KERNEL_BYTES = 131072 };

static const char opening[] = "retry: 1000\n\n";
static const char heartbeat[] = ": still here\n\n";

static struct bufferevent *bufferevent_of(const struct http_listener *l)
{
    return evhttp_connection_get_bufferevent(
        evhttp_request_get_connection(l->request));
}

static void forget(struct http_listener *l)
{
    struct ebb_http *http = l->http;
    for (size_t k = 0; k < http->n_listeners; k++) {
        if (http->listeners[k] == l) {
            http->listeners[k] = http->listeners[--http->n_listeners];
            break;
        }
    }
    ebb_mem_free(l);
}

/* libevent leaves an unfinished request to us when the peer has gone. */
static void on_close(struct evhttp_connection *connection, void *arg)
{
    struct http_listener *l = arg;
    (void)connection;
    if (!evhttp_request_get_connection(l->request)) {
        evhttp_request_free(l->request);
    }
    forget(l);
}

/* Queue bytes for one listener. */
static void send_bytes(struct http_listener *l, const void *bytes, size_t n)
{
    struct evbuffer *scratch = l->http->scratch;
    if (evbuffer_add(scratch, bytes, n) == 0) {
        evhttp_send_reply_chunk(l->request, scratch);
    }
    evbuffer_drain(scratch, evbuffer_get_length(scratch));
}

static void set_up_socket(int fd)
{
    int yes = 1, bytes = KERNEL_BYTES;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
}

static void start(struct http_listener *l)
{
    struct ebb_http *http = l->http;
    http->listeners[http->n_listeners++] = l;
    http_connection_served(http, l->request, true);
    http_header(l->request, "Content-Type", "text/event-stream");
    http_header(l->request, "Cache-Control", "no-store");
    http_header(l->request, "X-Accel-Buffering", "no");
    http_header(l->request, "X-Content-Type-Options", "nosniff");
    set_up_socket(bufferevent_getfd(bufferevent_of(l)));
    evhttp_connection_set_closecb(evhttp_request_get_connection(l->request),
                                  on_close, l);
    evhttp_send_reply_start(l->request, 200, "OK");
    send_bytes(l, opening, strlen(opening));
}

void http_live_begin(struct ebb_http *http, struct evhttp_request *request)
{
    struct http_listener *l = NULL;
    if (http->n_listeners < http->options.listeners) {
        l = ebb_mem_calloc(1, sizeof(*l));
    }
    if (!l) {
        http_header(request, "Retry-After", "5");
        http_reply_line(http, request, 503,
                        "as many listen already as this server takes");
        return;
    }
    *l = (struct http_listener){
        .http = http, .request = request, .read_s = http_clock()};
    start(l);
}

/* Is there room for a frame? One that has not read for long is let go. */
static bool has_room(struct http_listener *l, double now)
{
    const struct ebb_http_options *o = &l->http->options;
    struct bufferevent *bev = bufferevent_of(l);
    if (evbuffer_get_length(bufferevent_get_output(bev)) <= o->listener_bytes) {
        l->read_s = now;
        return true;
    }
    if (now - l->read_s > o->stall_s) {
        http_hang_up(bev);
        l->read_s = now;
        l->http->counts.closed_stalled++;
    }
    return false;
}

static void compose(struct ebb_text *text, const struct ebb_live_frame *frame)
{
    ebb_text_clear(text);
    ebb_text_add(text, "id: %" PRIu64 "\nevent: frame\ndata: ", frame->index);
    ebb_frame_json(text, frame);
    ebb_text_add(text, "\n\n");
}

void ebb_http_publish(struct ebb_http *http, const struct ebb_live_frame *frame)
{
    if (http->n_listeners == 0) {
        return;
    }
    double now = http_clock();
    compose(&http->text, frame);
    bool good = http->text.status == EBB_OK;
    for (size_t k = 0; k < http->n_listeners; k++) {
        if (good && has_room(http->listeners[k], now)) {
            send_bytes(http->listeners[k], http->text.chars, http->text.n);
            http->counts.frames++;
        } else {
            http->counts.frames_skipped++;
        }
    }
}

void http_live_heartbeat(struct ebb_http *http, double now)
{
    if (now - http->heartbeat_s < http->options.heartbeat_s) {
        return;
    }
    http->heartbeat_s = now;
    for (size_t k = 0; k < http->n_listeners; k++) {
        if (has_room(http->listeners[k], now)) {
            send_bytes(http->listeners[k], heartbeat, strlen(heartbeat));
        }
    }
}

size_t http_live_waiting(const struct ebb_http *http)
{
    size_t bytes = 0;
    for (size_t k = 0; k < http->n_listeners; k++) {
        struct bufferevent *bev = bufferevent_of(http->listeners[k]);
        bytes += evbuffer_get_length(bufferevent_get_output(bev));
    }
    return bytes;
}

void http_live_finish(struct ebb_http *http)
{
    for (size_t k = 0; k < http->n_listeners; k++) {
        evhttp_connection_set_closecb(
            evhttp_request_get_connection(http->listeners[k]->request), NULL,
            NULL);
        ebb_mem_free(http->listeners[k]);
    }
    ebb_mem_free(http->listeners);
}
