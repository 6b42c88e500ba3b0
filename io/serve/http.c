/* io/serve/http.c - the server: paths and what answers them. */
#include "io/serve/http.h"

#include "core/memory.h"
#include "io/serve/http_parts.h"
#include "io/serve/metrics.h"
#include "io/serve/page.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char metrics_type[] = "text/plain; version=0.0.4; charset=utf-8";

struct ebb_http_options ebb_http_options_default(void)
{
    return (struct ebb_http_options){.address = "127.0.0.1",
                                     .version = "unknown",
                                     .connections = 256,
                                     .listeners = 16,
                                     .header_bytes = 16384,
                                     .body_bytes = 4096,
                                     .request_s = 10,
                                     .stall_s = 30,
                                     .heartbeat_s = 15,
                                     .listener_bytes = 262144};
}

static void send_page(struct ebb_http *http, struct evhttp_request *request)
{
    http_header(request, "Content-Security-Policy", ebb_page_policy);
    http_reply(http, request, 200, "text/html; charset=utf-8", ebb_page,
               ebb_page_bytes);
}

/* Answer with http->text, or with 500 when it could not be made. */
static void send_text(struct ebb_http *http, struct evhttp_request *request,
                      const char *type, ebb_status status)
{
    if (status == EBB_OK) {
        status = ebb_text_status(&http->text);
    }
    if (status != EBB_OK) {
        http_reply_line(http, request, 500, ebb_error_message());
        return;
    }
    http_reply(http, request, 200, type, http->text.chars, http->text.n);
}

static void add_own_metrics(const struct ebb_http *http, struct ebb_text *out)
{
    struct ebb_http_counts c = ebb_http_counts(http);
    const struct ebb_metrics_label labels[] = {
        {"version", http->version}, {"libevent", event_get_version()}};
    ebb_metrics_family(out, "ebb_build_info", "gauge",
                       "Versions, as labels of a 1.");
    ebb_metrics_count(out, "ebb_build_info", 1, labels, 2);
    ebb_metrics_gauge(out, "ebb_http_connections", "Open connections.",
                      (double)c.connections);
    ebb_metrics_gauge(out, "ebb_http_listeners", "Listeners of /live.",
                      (double)c.listeners);
    ebb_metrics_gauge(out, "ebb_http_waiting_bytes",
                      "Bytes that listeners have not taken yet.",
                      (double)c.waiting_bytes);
    ebb_metrics_counter(out, "ebb_http_requests_total", "Complete requests.",
                        c.requests);
    ebb_metrics_counter(out, "ebb_http_refused_total",
                        "Requests answered with 4xx or 503.", c.refused);
    ebb_metrics_counter(out, "ebb_http_closed_late_total",
                        "Connections closed for want of a request.",
                        c.closed_late);
    ebb_metrics_counter(out, "ebb_http_closed_stalled_total",
                        "Listeners let go because they did not read.",
                        c.closed_stalled);
    ebb_metrics_counter(out, "ebb_http_frames_total",
                        "Frames handed to listeners, one for each.", c.frames);
    ebb_metrics_counter(out, "ebb_http_frames_skipped_total",
                        "Frames that a listener was too slow for.",
                        c.frames_skipped);
}

static void send_metrics(struct ebb_http *http, struct evhttp_request *request)
{
    ebb_status status = EBB_OK;
    ebb_text_clear(&http->text);
    if (http->source.metrics) {
        status = http->source.metrics(http->source.self, &http->text);
    }
    add_own_metrics(http, &http->text);
    send_text(http, request, metrics_type, status);
}

static void send_healthz(struct ebb_http *http, struct evhttp_request *request)
{
    http_reply_line(http, request, 200, "ok");
}

static void send_readyz(struct ebb_http *http, struct evhttp_request *request)
{
    bool is_ready =
        !http->source.ready || http->source.ready(http->source.self);
    http_reply_line(http, request, is_ready ? 200 : 503,
                    is_ready ? "ready" : "not ready");
}

static void send_version(struct ebb_http *http, struct evhttp_request *request)
{
    ebb_text_clear(&http->text);
    ebb_text_add(&http->text, "{\"version\":");
    ebb_text_add_json(&http->text, http->version);
    ebb_text_add(&http->text, ",\"libevent\":");
    ebb_text_add_json(&http->text, event_get_version());
    ebb_text_add(&http->text, "}\n");
    send_text(http, request, "application/json", EBB_OK);
}

static void send_config(struct ebb_http *http, struct evhttp_request *request)
{
    ebb_status status = EBB_OK;
    ebb_text_clear(&http->text);
    if (http->source.config) {
        status = http->source.config(http->source.self, &http->text);
    } else {
        ebb_text_add(&http->text, "{}\n");
    }
    send_text(http, request, "application/json", status);
}

static const struct route {
    const char *path;
    void (*answer)(struct ebb_http *http, struct evhttp_request *request);
} routes[] = {
    {"/", send_page},           {"/live", http_live_begin},
    {"/metrics", send_metrics}, {"/healthz", send_healthz},
    {"/readyz", send_readyz},   {"/version", send_version},
    {"/config", send_config},
};

enum { ROUTES = sizeof(routes) / sizeof(routes[0]) };

static const struct route *find_route(const char *path)
{
    for (size_t k = 0; k < ROUTES; k++) {
        if (strcmp(routes[k].path, path) == 0) {
            return &routes[k];
        }
    }
    return NULL;
}

static void on_request(struct evhttp_request *request, void *arg)
{
    struct ebb_http *http = arg;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
    const char *line = "no such page: there are / /live /metrics /healthz "
                       "/readyz /version /config";
    const struct route *route = find_route(path ? path : "");
    http->counts.requests++;
    http_connection_served(http, request, false);
    int code = http_refusal(http, request, path ? path : "", &line);
    if (code == 0 && route) {
        route->answer(http, request);
        return;
    }
    if (code == 405) {
        http_header(request, "Allow", "GET");
    }
    http_reply_line(http, request, code ? code : 404, line);
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    struct ebb_http *http = arg;
    double now = http_clock();
    (void)fd;
    (void)what;
    http_connections_sweep(http, now);
    http_live_heartbeat(http, now);
}

static ebb_status check_options(const struct ebb_http_options *o)
{
    struct in6_addr digits;
    if (!o->address || (inet_pton(AF_INET, o->address, &digits) != 1 &&
                        inet_pton(AF_INET6, o->address, &digits) != 1)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "http address '%.60s' is no IPv4 or IPv6 address in "
                        "digits, such as 127.0.0.1 or ::1",
                        o->address ? o->address : "");
    }
    if (!o->remote && !http_address_is_loopback(o->address)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "http address %s can be reached from other machines, "
                        "and nobody is asked for a password: allow that "
                        "expressly, or listen on 127.0.0.1",
                        o->address);
    }
    if (o->connections == 0 || o->header_bytes == 0 || !(o->request_s > 0) ||
        !(o->stall_s > 0) || !(o->heartbeat_s > 0)) {
        return EBB_FAIL(EBB_ERR_ARG, "http limits of 0 would shut everyone "
                                     "out: start from the defaults");
    }
    return EBB_OK;
}

/* Ours to keep: the options, and memory for all that may come at once. */
static ebb_status prepare(struct ebb_http *http,
                          const struct ebb_http_options *options,
                          const struct ebb_http_source *source)
{
    http->options = *options;
    http->source = *source;
    http->is_loopback = http_address_is_loopback(options->address);
    http->heartbeat_s = http_clock();
    http->address = ebb_mem_strdup(options->address);
    http->version =
        ebb_mem_strdup(options->version ? options->version : "unknown");
    http->connections =
        ebb_mem_calloc(options->connections, sizeof(*http->connections));
    http->listeners =
        ebb_mem_calloc(options->listeners, sizeof(struct http_listener *));
    http->scratch = evbuffer_new();
    http->server = evhttp_new(http->base);
    http->sweep = event_new(http->base, -1, EV_PERSIST, on_sweep, http);
    if (!http->address || !http->version || !http->connections ||
        !http->listeners || !http->scratch || !http->server || !http->sweep) {
        return EBB_FAIL(EBB_ERR_NOMEM,
                        "no memory for an HTTP server of %zu "
                        "connections",
                        options->connections);
    }
    return EBB_OK;
}

static void set_up_server(struct ebb_http *http)
{
    const struct ebb_http_options *o = &http->options;
    evhttp_set_max_headers_size(http->server, (ev_ssize_t)o->header_bytes);
    evhttp_set_max_body_size(http->server, (ev_ssize_t)o->body_bytes);
    /* All that libevent knows, so that ours is the answer: 405. */
    evhttp_set_allowed_methods(http->server, 0x1FF);
    evhttp_set_bevcb(http->server, http_connection_open, http);
    evhttp_set_gencb(http->server, on_request, http);
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage a = {0};
    socklen_t n = sizeof(a);
    getsockname(fd, (struct sockaddr *)&a, &n);
    return ntohs(a.ss_family == AF_INET6
                     ? ((const struct sockaddr_in6 *)&a)->sin6_port
                     : ((const struct sockaddr_in *)&a)->sin_port);
}

static ebb_status listen_at(struct ebb_http *http)
{
    const struct timeval quarter = {0, 250000};
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(
        http->server, http->address, http->options.port);
    if (!bound) {
        return EBB_FAIL(EBB_ERR_IO, "http cannot listen on %s port %u: %s",
                        http->address, http->options.port, strerror(errno));
    }
    http->door = evhttp_bound_socket_get_listener(bound);
    http->port = port_of(evhttp_bound_socket_get_fd(bound));
    if (event_add(http->sweep, &quarter) != 0) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a timer");
    }
    return EBB_OK;
}

static void ignore_broken_pipes(void)
{
    struct sigaction now;
    if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL) {
        signal(SIGPIPE, SIG_IGN);
    }
}

ebb_status ebb_http_create(struct ebb_http **out, struct event_base *base,
                           const struct ebb_http_options *options,
                           const struct ebb_http_source *source)
{
    *out = NULL;
    EBB_TRY(check_options(options));
    struct ebb_http *http = ebb_mem_calloc(1, sizeof(*http));
    if (!http) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for an HTTP server");
    }
    http->base = base;
    ebb_status status = prepare(http, options, source);
    if (status == EBB_OK) {
        set_up_server(http);
        status = listen_at(http);
    }
    if (status != EBB_OK) {
        ebb_http_destroy(http);
        return status;
    }
    ignore_broken_pipes();
    *out = http;
    return EBB_OK;
}

void ebb_http_destroy(struct ebb_http *http)
{
    if (!http) {
        return;
    }
    http_live_finish(http);
    if (http->sweep) {
        event_free(http->sweep);
    }
    if (http->server) {
        evhttp_free(http->server);
    }
    http_connections_finish(http);
    if (http->scratch) {
        evbuffer_free(http->scratch);
    }
    ebb_text_finish(&http->text);
    ebb_mem_free(http->address);
    ebb_mem_free(http->version);
    ebb_mem_free(http);
}

uint16_t ebb_http_port(const struct ebb_http *http)
{
    return http->port;
}

size_t ebb_http_listeners(const struct ebb_http *http)
{
    return http->n_listeners;
}

struct ebb_http_counts ebb_http_counts(const struct ebb_http *http)
{
    struct ebb_http_counts counts = http->counts;
    counts.connections = http->n_connections;
    counts.listeners = http->n_listeners;
    counts.waiting_bytes = http_live_waiting(http);
    return counts;
}
