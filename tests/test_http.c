/* tests/test_http.c - paths, limits, and people who mean no good. */
#include "io/serve/http.h"

#include "core/memory.h"
#include "io/serve/metrics.h"
#include "tests/http_client.h"
#include "tests/metrics_check.h"
#include "tests/run_suite.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define GET(path) "GET " path " HTTP/1.1\r\nHost: localhost\r\n\r\n"

/* A source whose answers a test can choose. */
struct answers {
    bool is_ready;
    ebb_status status;
};

static ebb_status tell_metrics(void *self, struct ebb_text *out)
{
    const struct answers *a = self;
    ebb_metrics_counter(out, "ebb_test_total", "A \"test\".", 7);
    return a->status == EBB_OK ? EBB_OK : EBB_FAIL(a->status, "metrics failed");
}

static ebb_status tell_config(void *self, struct ebb_text *out)
{
    const struct answers *a = self;
    ebb_text_add(out, "{\"a\":1}\n");
    return a->status == EBB_OK ? EBB_OK : EBB_FAIL(a->status, "config failed");
}

static bool tell_ready(void *self)
{
    const struct answers *a = self;
    return a->is_ready;
}

static struct answers answers;
static const struct ebb_http_source source = {.self = &answers,
                                              .metrics = tell_metrics,
                                              .ready = tell_ready,
                                              .config = tell_config};
static struct server server;

static void start(const struct ebb_http_options *options)
{
    answers = (struct answers){.is_ready = true};
    server_start(&server, options, &source);
}

static void start_default(void)
{
    struct ebb_http_options options = ebb_http_options_default();
    options.version = "1.2.\"3";
    start(&options);
}

/* Ask and look at the status; the body holds `part`. */
static void expect(const char *request, int status, const char *part)
{
    struct client c;
    client_ask(&c, &server, request);
    ck_assert_msg(client_status(&c) == status && strstr(c.bytes, part) != NULL,
                  "wanted %d with '%s' for %.100s, got: %.600s", status, part,
                  request, c.bytes);
    client_close(&c);
}

START_TEST(every_path_answers)
{
    start_default();
    expect(GET("/"), 200, "<!doctype html>");
    expect(GET("/?from=bookmark"), 200,
           "Content-Security-Policy: default-src "
           "'none'; script-src 'sha256-");
    expect(GET("/metrics"), 200, "ebb_test_total 7\n");
    expect(GET("/healthz"), 200, "\r\n\r\nok\n");
    expect(GET("/readyz"), 200, "\r\n\r\nready\n");
    expect(GET("/version"), 200,
           "{\"version\":\"1.2.\\\"3\",\"libevent\":\"2.");
    expect(GET("/config"), 200, "\r\n\r\n{\"a\":1}\n");
    expect(GET("/version"), 200, "Content-Type: application/json\r\n");
    expect(GET("/healthz"), 200, "X-Content-Type-Options: nosniff\r\n");
    server_stop(&server);
}
END_TEST

START_TEST(other_paths_are_not_found)
{
    static const char *const paths[] = {
        "/nothing",   "/live/",      "/../etc/passwd", "//", "/%2e%2e",
        "/metrics/x", "/healthz%00", "/?/../x/",       "*"};
    start_default();
    for (size_t k = 0; k < sizeof(paths) / sizeof(paths[0]); k++) {
        char request[200];
        snprintf(request, sizeof(request),
                 "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", paths[k]);
        bool is_page = strncmp(paths[k], "/?", 2) == 0;
        expect(request, is_page ? 200 : 404, "\r\n\r\n");
    }
    server_stop(&server);
}
END_TEST

START_TEST(other_methods_are_refused)
{
    static const char *const methods[] = {"POST",  "PUT",   "DELETE", "HEAD",
                                          "PATCH", "TRACE", "OPTIONS"};
    start_default();
    for (size_t k = 0; k < sizeof(methods) / sizeof(methods[0]); k++) {
        char request[200];
        snprintf(request, sizeof(request),
                 "%s /config HTTP/1.1\r\nHost: localhost\r\n"
                 "Connection: close\r\n\r\n",
                 methods[k]);
        expect(request, 405, "Allow: GET\r\n");
    }
    expect("BREW / HTTP/1.1\r\nHost: localhost\r\n\r\n", 501, "");
    ck_assert_uint_eq(ebb_http_counts(server.http).refused, 7);
    server_stop(&server);
}
END_TEST

START_TEST(only_names_of_this_machine_are_answered)
{
    static const char *const good[] = {"localhost", "LOCALHOST:80",
                                       "127.0.0.1", "127.9.9.9:1",
                                       "[::1]",     "[::1]:8080"};
    static const char *const bad[] = {"evil.example",
                                      "localhost.evil.example",
                                      "127.0.0.1.evil.example",
                                      "evil.example:127",
                                      "10.0.0.1",
                                      "0.0.0.0",
                                      "[::]",
                                      "[::1",
                                      "::1",
                                      ":80",
                                      "localhostx",
                                      "127.1",
                                      ""};
    char request[200];
    const char *form = "GET /healthz HTTP/1.1\r\nHost: %s\r\n\r\n";
    start_default();
    for (size_t k = 0; k < sizeof(good) / sizeof(good[0]); k++) {
        snprintf(request, sizeof(request), form, good[k]);
        expect(request, 200, "ok");
    }
    for (size_t k = 0; k < sizeof(bad) / sizeof(bad[0]); k++) {
        snprintf(request, sizeof(request), form, bad[k]);
        expect(request, 403, "Host header");
    }
    expect("GET /healthz HTTP/1.0\r\n\r\n", 403, "Host header");
    server_stop(&server);
}
END_TEST

START_TEST(pages_of_other_sites_open_the_page_alone)
{
    start_default();
    expect("GET /live HTTP/1.1\r\nHost: localhost\r\n"
           "Sec-Fetch-Site: cross-site\r\n\r\n",
           403, "other sites");
    expect("GET / HTTP/1.1\r\nHost: localhost\r\n"
           "Sec-Fetch-Site: cross-site\r\n\r\n",
           200, "<!doctype html>");
    expect("GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
           "Sec-Fetch-Site: same-origin\r\n\r\n",
           200, "ok");
    server_stop(&server);
}
END_TEST

START_TEST(metrics_are_in_the_format)
{
    struct client c;
    start_default();
    client_ask(&c, &server, GET("/metrics"));
    ck_assert_ptr_nonnull(strstr(
        c.bytes, "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    const char *complaint = metrics_complaint(client_body(&c));
    ck_assert_msg(!complaint, "%s: %s", complaint, client_body(&c));
    ck_assert_ptr_nonnull(
        strstr(client_body(&c), "ebb_build_info{version=\"1.2.\\\"3\","));
    ck_assert_ptr_nonnull(strstr(c.bytes, "\nebb_http_requests_total 1\n"));
    client_close(&c);
    server_stop(&server);
}
END_TEST

START_TEST(a_source_that_fails_is_a_server_error)
{
    start_default();
    answers = (struct answers){.is_ready = false, .status = EBB_ERR_IO};
    expect(GET("/metrics"), 500, "metrics failed\n");
    expect(GET("/config"), 500, "config failed\n");
    expect(GET("/readyz"), 503, "not ready\n");
    expect(GET("/healthz"), 200, "ok\n");
    server_stop(&server);
}
END_TEST

START_TEST(without_a_source_there_are_own_figures)
{
    struct ebb_http_options options = ebb_http_options_default();
    server_start(&server, &options, &(struct ebb_http_source){0});
    expect(GET("/metrics"), 200, "\r\n\r\n# HELP ebb_build_info");
    expect(GET("/config"), 200, "{}");
    expect(GET("/readyz"), 200, "ready");
    server_stop(&server);
}
END_TEST

START_TEST(one_connection_serves_many_requests)
{
    struct client c;
    start_default();
    client_open(&c, &server);
    client_say(&c, GET("/healthz") GET("/readyz") GET("/version"));
    client_wait_for(&c, &server, "\r\n\r\nok\n");
    client_wait_for(&c, &server, "\r\n\r\nready\n");
    client_wait_for(&c, &server, "{\"version\"");
    ck_assert_uint_eq(ebb_http_counts(server.http).connections, 1);
    client_close(&c);
    server_stop(&server);
}
END_TEST

/* Send `unit` until the server has had enough; returns what it took. */
static size_t flood(const char *begin, const char *unit, int wanted)
{
    struct client c;
    size_t sent = strlen(begin);
    client_open(&c, &server);
    client_say(&c, begin);
    for (client_read(&c); !c.is_closed && sent < 1 << 22; client_read(&c)) {
        sent += client_send(&c, unit, strlen(unit));
        server_turn(&server);
    }
    /* A reset may take the answer away; when it arrives it is the right one. */
    int status = client_status(&c);
    ck_assert_msg(status == wanted || status == 0, "%d", status);
    client_close(&c);
    return sent;
}

START_TEST(floods_are_cut_off)
{
    static char kilobyte[1025];
    memset(kilobyte, 'x', 1024);
    start_default();
    ck_assert_uint_lt(flood("GET /", kilobyte, 400), 1 << 20);
    ck_assert_uint_lt(flood("GET / HTTP/1.1\r\nA: ", kilobyte, 400), 1 << 20);
    ck_assert_uint_lt(flood("GET / HTTP/1.1\r\n", "A: b\r\nC: d\r\n", 400),
                      1 << 20);
    ck_assert_uint_lt(flood("POST / HTTP/1.1\r\nHost: localhost\r\n"
                            "Content-Length: 100000000\r\n\r\n",
                            kilobyte, 413),
                      1 << 20);
    ck_assert_uint_lt(flood("POST / HTTP/1.1\r\nHost: localhost\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n",
                            "10\r\n0123456789abcdef\r\n", 413),
                      1 << 20);
    expect(GET("/healthz"), 200, "ok");
    server_stop(&server);
}
END_TEST

START_TEST(headers_up_to_the_limit_are_taken)
{
    char request[16500] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nA: ";
    size_t n = strlen(request);
    start_default();
    memset(request + n, 'a', 16000 - n);
    strcpy(request + 16000, "\r\n\r\n");
    expect(request, 200, "ok");
    memset(request + n, 'a', 16450 - n);
    strcpy(request + 16450, "\r\n\r\n");
    expect(request, 400, "");
    server_stop(&server);
}
END_TEST

START_TEST(requests_that_come_byte_by_byte_are_closed)
{
    struct ebb_http_options options = ebb_http_options_default();
    struct client c;
    size_t sent = 0;
    options.request_s = 0.3;
    start(&options);
    client_open(&c, &server);
    while (!c.is_closed && sent < 10000) { /* it never falls silent */
        sent += client_send(&c, "G", 1);
        server_work(&server, 0.01);
        client_read(&c);
    }
    ck_assert(c.is_closed);
    ck_assert_uint_eq(c.n, 0);
    ck_assert_uint_eq(ebb_http_counts(server.http).closed_late, 1);
    client_close(&c);
    server_stop(&server);
}
END_TEST

START_TEST(idle_connections_are_closed_before_and_after_a_request)
{
    struct ebb_http_options options = ebb_http_options_default();
    struct client silent, served;
    options.request_s = 0.3;
    start(&options);
    client_open(&silent, &server);
    client_open(&served, &server);
    client_say(&served, GET("/healthz"));
    client_wait_for(&served, &server, "ok\n");
    client_wait_for_end(&silent, &server);
    client_wait_for_end(&served, &server);
    server_work(&server, 0.6);
    struct ebb_http_counts counts = ebb_http_counts(server.http);
    ck_assert_uint_eq(counts.closed_late, 2);
    ck_assert_uint_eq(counts.connections, 0);
    client_close(&silent);
    client_close(&served);
    server_stop(&server);
}
END_TEST

enum { IDLE = 200 };

static void open_idle(struct client *idle, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        client_open(&idle[k], &server);
        server_turn(&server);
    }
}

static void close_idle(struct client *idle, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        client_close(&idle[k]);
    }
}

START_TEST(many_idle_connections_do_not_keep_others_out)
{
    struct client idle[IDLE];
    start_default();
    open_idle(idle, IDLE);
    expect(GET("/healthz"), 200, "ok");
    ck_assert_uint_ge(ebb_http_counts(server.http).connections, IDLE);
    close_idle(idle, IDLE);
    server_work(&server, 0.6);
    ck_assert_uint_eq(ebb_http_counts(server.http).connections, 0);
    server_stop(&server);
}
END_TEST

START_TEST(connections_beyond_the_limit_wait_for_their_turn)
{
    enum { LIMIT = 50 }; /* the kernel's queue takes the rest */
    struct ebb_http_options options = ebb_http_options_default();
    struct client idle[2 * LIMIT], more;
    options.connections = LIMIT;
    options.request_s = 0.5;
    start(&options);
    open_idle(idle, 2 * LIMIT);
    client_open(&more, &server);
    client_say(&more, GET("/healthz"));
    server_work(&server, 0.1);
    ck_assert_uint_eq(ebb_http_counts(server.http).connections, LIMIT);
    client_wait_for(&more, &server, "ok\n"); /* as the idle ones are closed */
    ck_assert_uint_le(ebb_http_counts(server.http).connections, LIMIT);
    ck_assert_uint_ge(ebb_http_counts(server.http).closed_late, LIMIT + 1);
    close_idle(idle, 2 * LIMIT);
    client_close(&more);
    server_stop(&server);
}
END_TEST

START_TEST(options_that_cannot_be_are_named)
{
    struct ebb_http_options good = ebb_http_options_default(), bad[6];
    static const char *const parts[6] = {"'somewhere'", "''",     "0.0.0.0",
                                         "192.0.2.1",   "limits", "limits"};
    struct event_base *base = event_base_new();
    struct ebb_http *http;
    for (size_t k = 0; k < 6; k++) {
        bad[k] = good;
    }
    bad[0].address = "somewhere";
    bad[1].address = NULL;
    bad[2].address = "0.0.0.0";
    bad[3].address = "192.0.2.1";
    bad[4].connections = 0;
    bad[5].request_s = 0;
    for (size_t k = 0; k < 6; k++) {
        ck_assert_int_eq(ebb_http_create(&http, base, &bad[k], &source),
                         EBB_ERR_ARG);
        ck_assert_ptr_null(http);
        ck_assert_ptr_nonnull(strstr(ebb_error_message(), parts[k]));
    }
    event_base_free(base);
}
END_TEST

START_TEST(a_port_that_is_taken_is_named)
{
    struct ebb_http_options options = ebb_http_options_default();
    struct ebb_http *http;
    char part[60];
    start_default();
    options.port = ebb_http_port(server.http);
    ck_assert_int_eq(ebb_http_create(&http, server.base, &options, &source),
                     EBB_ERR_IO);
    ck_assert_ptr_null(http);
    snprintf(part, sizeof(part), "127.0.0.1 port %u: Address already in use",
             options.port);
    ck_assert_msg(strstr(ebb_error_message(), part) != NULL, "%s",
                  ebb_error_message());
    server_stop(&server);
}
END_TEST

START_TEST(create_survives_every_failed_allocation)
{
    struct ebb_http_options options = ebb_http_options_default();
    struct event_base *base = event_base_new();
    struct ebb_http *http = NULL;
    ebb_status status = EBB_ERR_NOMEM;
    for (long nth = 1; status != EBB_OK; nth++) {
        ebb_mem_fail_nth(nth);
        status = ebb_http_create(&http, base, &options, &source);
        ebb_mem_fail_nth(0);
        ck_assert((http != NULL) == (status == EBB_OK));
        ck_assert_int_lt(nth, 20);
    }
    ebb_http_destroy(http);
    event_base_free(base);
}
END_TEST

/* A request, damaged here and there. */
static size_t mutate(char *to, size_t size)
{
    static const char *const seeds[] = {
        GET("/live"), GET("/metrics"),
        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
        "\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
        "GET http://localhost/live HTTP/1.1\r\nHost: localhost\r\n"
        "Expect: 100-continue\r\nConnection: close\r\n\r\n"};
    static const char letters[] = "\r\n :/\0%?#0159aGP\xFF-";
    size_t n = 0;
    while (n < 300) {
        const char *seed = seeds[rand() % 5];
        n += (size_t)snprintf(to + n, size - n, "%s", seed);
    }
    for (int k = rand() % 12; k > 0; k--) {
        to[(size_t)rand() % n] =
            letters[(size_t)rand() % (sizeof(letters) - 1)];
    }
    return rand() % 3 ? n : (size_t)rand() % n;
}

START_TEST(damaged_requests_do_no_harm)
{
    unsigned seed = (unsigned)time(NULL);
    char request[2048];
    start_default();
    srand(seed);
    for (size_t k = 0; k < 2000; k++) {
        struct client c;
        client_open(&c, &server);
        client_send(&c, request, mutate(request, sizeof(request)));
        for (size_t turns = 0; turns < 4; turns++) {
            server_turn(&server);
            client_read(&c);
        }
        CHECK_EACH(c.n == 0 || strncmp(c.bytes, "HTTP/", 5) == 0,
                   "seed %u: %.100s", seed, c.bytes);
        client_close(&c);
        server_turn(&server);
    }
    expect(GET("/healthz"), 200, "ok");
    server_work(&server, 0.6);
    ck_assert_msg(ebb_http_listeners(server.http) == 0, "seed %u", seed);
    ck_assert_msg(ebb_http_counts(server.http).connections == 0, "seed %u",
                  seed);
    server_stop(&server);
}
END_TEST

RUN_SUITE("unit", "http", every_path_answers, other_paths_are_not_found,
          other_methods_are_refused, only_names_of_this_machine_are_answered,
          pages_of_other_sites_open_the_page_alone, metrics_are_in_the_format,
          a_source_that_fails_is_a_server_error,
          without_a_source_there_are_own_figures,
          one_connection_serves_many_requests, floods_are_cut_off,
          headers_up_to_the_limit_are_taken,
          requests_that_come_byte_by_byte_are_closed,
          idle_connections_are_closed_before_and_after_a_request,
          many_idle_connections_do_not_keep_others_out,
          connections_beyond_the_limit_wait_for_their_turn,
          options_that_cannot_be_are_named, a_port_that_is_taken_is_named,
          create_survives_every_failed_allocation, damaged_requests_do_no_harm)
