/* io/serve/http_reply.c - whole answers. */
#include "io/serve/http_parts.h"

#include <stdio.h>
#include <string.h>

static const char *reason(int code)
{
    static const struct {
        int code;
        const char *reason;
    } reasons[] = {{200, "OK"},
                   {400, "Bad Request"},
                   {403, "Forbidden"},
                   {404, "Not Found"},
                   {405, "Method Not Allowed"},
                   {500, "Internal Server Error"},
                   {503, "Service Unavailable"}};
    for (size_t k = 0; k < sizeof(reasons) / sizeof(reasons[0]); k++) {
        if (reasons[k].code == code) {
            return reasons[k].reason;
        }
    }
    return "Unknown";
}

void http_header(struct evhttp_request *request, const char *name,
                 const char *value)
{
    evhttp_add_header(evhttp_request_get_output_headers(request), name, value);
}

void http_reply(struct ebb_http *http, struct evhttp_request *request, int code,
                const char *type, const void *bytes, size_t n)
{
    struct evbuffer *body = evhttp_request_get_output_buffer(request);
    http->counts.refused += code >= 400 && code != 500;
    http_header(request, "Content-Type", type);
    http_header(request, "X-Content-Type-Options", "nosniff");
    http_header(request, "Referrer-Policy", "no-referrer");
    http_header(request, "Cache-Control", "no-store");
    bool has_body = evhttp_request_get_command(request) != EVHTTP_REQ_HEAD;
    if (has_body && evbuffer_add(body, bytes, n) != 0) {
        code = 500;
    }
    evhttp_send_reply(request, code, reason(code), NULL);
}

void http_reply_line(struct ebb_http *http, struct evhttp_request *request,
                     int code, const char *line)
{
    char text[256];
    int n = snprintf(text, sizeof(text), "%s\n", line);
    size_t length = n < (int)sizeof(text) ? (size_t)n : sizeof(text) - 1;
    http_reply(http, request, code, "text/plain; charset=utf-8", text, length);
}
