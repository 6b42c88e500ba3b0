/* io/serve/http_guard.c - which requests are answered at all. */
#include "io/serve/http_parts.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

bool http_address_is_loopback(const char *address)
{
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, address, &four) == 1) {
        return ntohl(four.s_addr) >> 24 == 127;
    }
    return inet_pton(AF_INET6, address, &six) == 1 &&
           IN6_IS_ADDR_LOOPBACK(&six);
}

/* A Host header without its port and brackets. */
static bool host_name(char *to, size_t size, const char *host)
{
    const char *end;
    if (*host == '[') {
        host++;
        end = strchr(host, ']');
    } else {
        end = host + strcspn(host, ":");
    }
    if (!end || end == host || (size_t)(end - host) >= size) {
        return false;
    }
    memcpy(to, host, (size_t)(end - host));
    to[end - host] = '\0';
    return true;
}

static bool names_this_machine(const char *host)
{
    char name[64];
    return host_name(name, sizeof(name), host) &&
           (strcasecmp(name, "localhost") == 0 ||
            http_address_is_loopback(name));
}

int http_refusal(const struct ebb_http *http, struct evhttp_request *request,
                 const char *path, const char **line)
{
    struct evkeyvalq *headers = evhttp_request_get_input_headers(request);
    const char *host = evhttp_find_header(headers, "Host");
    const char *site = evhttp_find_header(headers, "Sec-Fetch-Site");
    if (evhttp_request_get_command(request) != EVHTTP_REQ_GET) {
        *line = "only GET is answered here";
        return 405;
    }
    if (http->is_loopback && !(host && names_this_machine(host))) {
        *line = "this server answers to localhost, 127.0.0.1 and [::1] alone: "
                "the Host header names another";
        return 403;
    }
    if (site && strcasecmp(site, "cross-site") == 0 && strcmp(path, "/") != 0) {
        *line = "pages of other sites may not open this";
        return 403;
    }
    return 0;
}
