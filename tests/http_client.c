/* tests/http_client.c - a server and raw clients in one thread. */
#include "tests/http_client.h"

#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { PATIENCE_S = 60 };

static double clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void server_start(struct server *s, const struct ebb_http_options *options,
                  const struct ebb_http_source *source)
{
    s->base = event_base_new();
    ck_assert_msg(ebb_http_create(&s->http, s->base, options, source) == EBB_OK,
                  "%s", ebb_error_message());
}

void server_stop(struct server *s)
{
    ebb_http_destroy(s->http);
    event_base_free(s->base);
}

void server_turn(struct server *s)
{
    event_base_loop(s->base, EVLOOP_NONBLOCK);
}

void server_work(struct server *s, double seconds)
{
    struct timespec little = {.tv_nsec = 2000000};
    for (double end = clock_s() + seconds; clock_s() < end;) {
        server_turn(s);
        nanosleep(&little, NULL);
    }
}

void client_open(struct client *c, const struct server *s)
{
    struct sockaddr_in a = {.sin_family = AF_INET,
                            .sin_port = htons(ebb_http_port(s->http)),
                            .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    *c = (struct client){.fd = socket(AF_INET, SOCK_STREAM, 0)};
    ck_assert_int_ge(c->fd, 0);
    ck_assert_int_eq(connect(c->fd, (struct sockaddr *)&a, sizeof(a)), 0);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
}

void client_close(struct client *c)
{
    close(c->fd);
    free(c->bytes);
    *c = (struct client){.fd = -1};
}

size_t client_send(struct client *c, const void *bytes, size_t n)
{
    ssize_t sent = send(c->fd, bytes, n, MSG_NOSIGNAL);
    return sent > 0 ? (size_t)sent : 0;
}

void client_say(struct client *c, const char *text)
{
    ck_assert_uint_eq(client_send(c, text, strlen(text)), strlen(text));
}

void client_read(struct client *c)
{
    for (;;) {
        if (c->capacity < c->n + 65537) {
            c->capacity = 2 * c->capacity + 65537;
            c->bytes = realloc(c->bytes, c->capacity);
            ck_assert(c->bytes != NULL);
        }
        ssize_t n = recv(c->fd, c->bytes + c->n, 65536, 0);
        c->n += n > 0 ? (size_t)n : 0;
        c->bytes[c->n] = '\0';
        if (n <= 0) {
            c->is_closed |= n == 0 || (errno != EAGAIN && errno != EINTR);
            return;
        }
    }
}

void client_wait_for(struct client *c, struct server *s, const char *text)
{
    double end = clock_s() + PATIENCE_S;
    client_read(c);
    while (!strstr(c->bytes, text)) {
        ck_assert_msg(!c->is_closed && clock_s() < end,
                      "'%s' never came, but: %s", text, c->bytes);
        server_work(s, 0.002);
        client_read(c);
    }
}

void client_wait_for_end(struct client *c, struct server *s)
{
    double end = clock_s() + PATIENCE_S;
    client_read(c);
    while (!c->is_closed) {
        ck_assert_msg(clock_s() < end, "the connection stays open");
        server_work(s, 0.002);
        client_read(c);
    }
}

/* Where the answer ends, or 0 while it has not. */
static size_t answer_bytes(const struct client *c)
{
    const char *end = strstr(c->bytes, "\r\n\r\n");
    const char *length = strstr(c->bytes, "Content-Length: ");
    if (!end || !length || length > end) {
        return 0;
    }
    return (size_t)(end + 4 - c->bytes) + strtoul(length + 16, NULL, 10);
}

void client_ask(struct client *c, struct server *s, const char *request)
{
    double end = clock_s() + PATIENCE_S;
    client_open(c, s);
    client_say(c, request);
    client_read(c);
    while (!c->is_closed && (!answer_bytes(c) || c->n < answer_bytes(c))) {
        ck_assert_msg(clock_s() < end, "no answer to: %.200s", request);
        server_work(s, 0.001);
        client_read(c);
    }
}

int client_status(const struct client *c)
{
    int status = 0;
    return sscanf(c->bytes, "HTTP/1.%*d %d ", &status) == 1 ? status : 0;
}

const char *client_body(const struct client *c)
{
    const char *end = strstr(c->bytes, "\r\n\r\n");
    return end ? end + 4 : "";
}
