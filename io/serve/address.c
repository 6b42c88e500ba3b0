/* io/serve/address.c - where events come from and go to. */
#include "io/serve/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { RECEIVE_BYTES = 8 << 20, BACKLOG = 256, MODE = 0660 };

static ebb_status bad(const char *text, const char *why)
{
    return EBB_FAIL(EBB_ERR_ARG,
                    "address '%.100s': %s; addresses are udp://HOST:PORT, "
                    "tcp://HOST:PORT, unix:PATH, fifo:PATH or -",
                    text, why);
}

static bool take_host(struct ebb_address *a, const char *host, unsigned port)
{
    struct sockaddr_in *four = (void *)&a->socket;
    struct sockaddr_in6 *six = (void *)&a->socket;
    if (inet_pton(AF_INET, host, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)port);
        a->socket_bytes = sizeof(*four);
        return true;
    }
    if (inet_pton(AF_INET6, host, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((uint16_t)port);
        a->socket_bytes = sizeof(*six);
        return true;
    }
    return false;
}

/* "HOST:PORT" or "[HOST]:PORT". */
static ebb_status take_internet(struct ebb_address *a, const char *text,
                                const char *rest)
{
    char host[64], *end;
    const char *colon = strrchr(rest, ':');
    size_t n = colon ? (size_t)(colon - rest) : sizeof(host);
    if (n >= sizeof(host)) {
        return bad(text, "no host and port");
    }
    bool bracketed = n >= 2 && rest[0] == '[' && rest[n - 1] == ']';
    snprintf(host, sizeof(host), "%.*s", (int)(n - (bracketed ? 2 : 0)),
             rest + bracketed);
    unsigned long port = strtoul(colon + 1, &end, 10);
    if (colon[1] < '0' || colon[1] > '9' || *end || port > 65535) {
        return bad(text, "the port is no number of 0 to 65535");
    }
    const char *digits = strcmp(host, "localhost") == 0 ? "127.0.0.1" : host;
    return take_host(a, digits, (unsigned)port)
               ? EBB_OK
               : bad(text, "the host is no address in digits");
}

static ebb_status take_path(struct ebb_address *a, const char *text,
                            const char *path)
{
    struct sockaddr_un *unix_name = (void *)&a->socket;
    if (strlen(path) == 0 || strlen(path) >= sizeof(a->path)) {
        return bad(text, "a path has 1 to 107 characters");
    }
    snprintf(a->path, sizeof(a->path), "%s", path);
    if (a->transport == EBB_TRANSPORT_UNIX) {
        unix_name->sun_family = AF_UNIX;
        memcpy(unix_name->sun_path, a->path, sizeof(a->path));
        a->socket_bytes = sizeof(*unix_name);
    }
    return EBB_OK;
}

ebb_status ebb_address_parse(struct ebb_address *out, const char *text)
{
    static const char *const starts[] = {[EBB_TRANSPORT_UDP] = "udp://",
                                         [EBB_TRANSPORT_TCP] = "tcp://",
                                         [EBB_TRANSPORT_UNIX] = "unix:",
                                         [EBB_TRANSPORT_FIFO] = "fifo:"};
    struct ebb_address a = {.transport = EBB_TRANSPORT_STANDARD};
    if (strcmp(text, "-") == 0) {
        *out = a;
        return EBB_OK;
    }
    for (size_t k = 0; k < EBB_TRANSPORT_STANDARD; k++) {
        size_t n = strlen(starts[k]);
        if (strncmp(text, starts[k], n) == 0) {
            a.transport = (enum ebb_transport)k;
            EBB_TRY(a.transport <= EBB_TRANSPORT_TCP
                        ? take_internet(&a, text, text + n)
                        : take_path(&a, text, text + n));
            *out = a;
            return EBB_OK;
        }
    }
    return bad(text, "of no kind that is known");
}

bool ebb_address_is_local(const struct ebb_address *a)
{
    const struct sockaddr_in *four = (const void *)&a->socket;
    const struct sockaddr_in6 *six = (const void *)&a->socket;
    if (a->transport > EBB_TRANSPORT_TCP) {
        return true;
    }
    return a->socket.ss_family == AF_INET
               ? ntohl(four->sin_addr.s_addr) >> 24 == 127
               : IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

static unsigned port_of(const struct ebb_address *a)
{
    const struct sockaddr_in *four = (const void *)&a->socket;
    const struct sockaddr_in6 *six = (const void *)&a->socket;
    return ntohs(a->socket.ss_family == AF_INET ? four->sin_port
                                                : six->sin6_port);
}

void ebb_address_print(char out[EBB_ADDRESS_TEXT], const struct ebb_address *a)
{
    char host[INET6_ADDRSTRLEN] = "";
    const struct sockaddr_in *four = (const void *)&a->socket;
    const struct sockaddr_in6 *six = (const void *)&a->socket;
    bool is_four = a->socket.ss_family == AF_INET;
    switch (a->transport) {
    case EBB_TRANSPORT_UDP:
    case EBB_TRANSPORT_TCP:
        inet_ntop(a->socket.ss_family,
                  is_four ? (const void *)&four->sin_addr : &six->sin6_addr,
                  host, sizeof(host));
        snprintf(out, EBB_ADDRESS_TEXT, is_four ? "%s://%s:%u" : "%s://[%s]:%u",
                 a->transport == EBB_TRANSPORT_UDP ? "udp" : "tcp", host,
                 port_of(a));
        return;
    case EBB_TRANSPORT_UNIX:
        snprintf(out, EBB_ADDRESS_TEXT, "unix:%s", a->path);
        return;
    case EBB_TRANSPORT_FIFO:
        snprintf(out, EBB_ADDRESS_TEXT, "fifo:%s", a->path);
        return;
    case EBB_TRANSPORT_STANDARD:
        break;
    }
    snprintf(out, EBB_ADDRESS_TEXT, "-");
}

static ebb_status failed(const struct ebb_address *a, int fd, const char *what)
{
    char text[EBB_ADDRESS_TEXT];
    int error = errno;
    ebb_address_print(text, a);
    if (fd >= 0) {
        close(fd);
    }
    return EBB_FAIL(EBB_ERR_IO, "%s: cannot %s: %s", text, what,
                    strerror(error));
}

/* A socket that nobody serves any more may be taken away. */
static void remove_stale(const struct ebb_address *a)
{
    struct stat info;
    if (stat(a->path, &info) != 0 || !S_ISSOCK(info.st_mode)) {
        return;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 &&
        connect(fd, (const void *)&a->socket, a->socket_bytes) != 0 &&
        errno == ECONNREFUSED) {
        unlink(a->path);
    }
    if (fd >= 0) {
        close(fd);
    }
}

static int bind_to(int fd, const struct ebb_address *a)
{
    /* nobody may connect before the mode is right */
    mode_t before = umask(0177);
    int result = bind(fd, (const void *)&a->socket, a->socket_bytes);
    umask(before);
    if (result == 0 && a->transport == EBB_TRANSPORT_UNIX) {
        result = chmod(a->path, MODE);
    }
    return result;
}

static ebb_status listen_socket(int *out, struct ebb_address *a)
{
    bool is_udp = a->transport == EBB_TRANSPORT_UDP;
    int type = (is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK;
    int one = 1, bytes = RECEIVE_BYTES;
    if (a->transport == EBB_TRANSPORT_UNIX) {
        remove_stale(a);
    }
    int fd = socket(a->socket.ss_family, type | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return failed(a, fd, "make a socket");
    }
    if (is_udp) { /* less is granted where the system says so */
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
        setsockopt(fd, SOL_SOCKET, SO_RXQ_OVFL, &one, sizeof(one));
    } else {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    }
    if (bind_to(fd, a) != 0) {
        return failed(a, fd, "bind");
    }
    if (!is_udp && listen(fd, BACKLOG) != 0) {
        return failed(a, fd, "listen");
    }
    if (a->transport <= EBB_TRANSPORT_TCP) {
        getsockname(fd, (void *)&a->socket, &a->socket_bytes);
    }
    *out = fd;
    return EBB_OK;
}

static ebb_status open_fifo(int *out, const struct ebb_address *a)
{
    struct stat info;
    if (mkfifo(a->path, MODE) != 0 && errno != EEXIST) {
        return failed(a, -1, "make a FIFO");
    }
    int fd = open(a->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0) {
        return failed(a, fd, "open");
    }
    if (!S_ISFIFO(info.st_mode)) {
        close(fd);
        return EBB_FAIL(EBB_ERR_IO, "fifo:%s: no FIFO", a->path);
    }
    *out = fd;
    return EBB_OK;
}

ebb_status ebb_address_listen(int *out, struct ebb_address *a)
{
    *out = -1;
    switch (a->transport) {
    case EBB_TRANSPORT_UDP:
    case EBB_TRANSPORT_TCP:
    case EBB_TRANSPORT_UNIX:
        return listen_socket(out, a);
    case EBB_TRANSPORT_FIFO:
        return open_fifo(out, a);
    case EBB_TRANSPORT_STANDARD:
        break;
    }
    *out = STDIN_FILENO;
    return EBB_OK;
}

ebb_status ebb_address_connect(int *out, const struct ebb_address *a)
{
    *out = STDOUT_FILENO;
    if (a->transport == EBB_TRANSPORT_STANDARD) {
        return EBB_OK;
    }
    if (a->transport == EBB_TRANSPORT_FIFO) {
        *out = open(a->path, O_WRONLY | O_CLOEXEC);
        return *out < 0 ? failed(a, -1, "open") : EBB_OK;
    }
    bool is_udp = a->transport == EBB_TRANSPORT_UDP;
    *out = socket(a->socket.ss_family,
                  (is_udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
    if (*out < 0) {
        return failed(a, -1, "make a socket");
    }
    if (connect(*out, (const void *)&a->socket, a->socket_bytes) != 0) {
        return failed(a, *out, "connect");
    }
    return EBB_OK;
}
