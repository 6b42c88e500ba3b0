/* tests/http_client.h - a server and raw clients in one thread. */
#ifndef EBB_TESTS_HTTP_CLIENT_H
#define EBB_TESTS_HTTP_CLIENT_H

#include "io/serve/http.h"

/** A server on a port of its own. */
struct server {
    struct event_base *base;
    struct ebb_http *http;
};

/** Start one; Check fails where that fails. */
void server_start(struct server *s, const struct ebb_http_options *options,
                  const struct ebb_http_source *source);
void server_stop(struct server *s);

/** Let it do what it can do now. */
void server_turn(struct server *s);

/** Let it work for so long. */
void server_work(struct server *s, double seconds);

/** A socket and all that has come from it. */
struct client {
    int fd;
    char *bytes; /* [n], and a NUL */
    size_t n, capacity;
    bool is_closed; /* by the server */
};

void client_open(struct client *c, const struct server *s);
void client_close(struct client *c);

/** Send what fits now; returns the bytes that did. */
size_t client_send(struct client *c, const void *bytes, size_t n);

/** Send a text. */
void client_say(struct client *c, const char *text);

/** Take what has come. */
void client_read(struct client *c);

/** Turn server and client until `text` has come; Check fails after long. */
void client_wait_for(struct client *c, struct server *s, const char *text);

/** The same until the server has closed the connection. */
void client_wait_for_end(struct client *c, struct server *s);

/** Send a request on a connection of its own and take the whole answer; the
 *  caller closes. */
void client_ask(struct client *c, struct server *s, const char *request);

/** Status of the answer, 0 where there is none. */
int client_status(const struct client *c);

/** Body of the answer. */
const char *client_body(const struct client *c);

#endif
