/* io/serve/datagrams.c - events by UDP: who cannot wait is dropped. */
#include "io/serve/server_parts.h"

#include "core/memory.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
    PEERS = 64,
    AT_ONCE = 16,
    DATAGRAM_BYTES = 1 << 16,
    ROUNDS = 64, /* then others have a turn */
    CONTROL_BYTES = 64
};

/** Somebody who has sent a datagram. */
struct peer {
    struct sockaddr_storage from;
    socklen_t from_bytes;
    struct sender sender; /* ingest NULL: nobody */
    uint64_t last_ns;
};

struct peers {
    struct peer peer[PEERS];
    uint8_t *bytes; /* [AT_ONCE][DATAGRAM_BYTES] */
    struct mmsghdr message[AT_ONCE];
    struct iovec piece[AT_ONCE];
    struct sockaddr_storage from[AT_ONCE];
    uint8_t control[AT_ONCE][CONTROL_BYTES];
    uint32_t overflow; /* datagrams that the kernel has dropped so far */
    uint64_t complaints;
};

static void on_readable(evutil_socket_t fd, short what, void *self)
{
    (void)fd;
    (void)what;
    datagrams_read(self);
}

ebb_status datagrams_open(struct door *d)
{
    d->peers = ebb_mem_calloc(1, sizeof(*d->peers));
    if (d->peers) {
        d->peers->bytes = ebb_mem_calloc(AT_ONCE, DATAGRAM_BYTES);
    }
    d->event =
        event_new(d->server->base, d->fd, EV_READ | EV_PERSIST, on_readable, d);
    if (!d->peers || !d->peers->bytes || !d->event ||
        event_add(d->event, NULL) != 0) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for datagrams");
    }
    return EBB_OK;
}

void datagrams_close(struct door *d)
{
    for (size_t k = 0; d->peers && k < PEERS; k++) {
        sender_finish(&d->peers->peer[k].sender);
    }
    if (d->peers) {
        ebb_mem_free(d->peers->bytes);
    }
    ebb_mem_free(d->peers);
    d->peers = NULL;
}

/* The peer of this address; a new one takes the place of the one that has been
 * silent longest. NULL: no memory. */
static struct peer *find_peer(struct door *d, const struct sockaddr *from,
                              socklen_t bytes)
{
    struct peer *oldest = &d->peers->peer[0];
    for (size_t k = 0; k < PEERS; k++) {
        struct peer *p = &d->peers->peer[k];
        if (p->sender.ingest && p->from_bytes == bytes &&
            memcmp(&p->from, from, bytes) == 0) {
            return p;
        }
        oldest = p->last_ns < oldest->last_ns ? p : oldest;
    }
    sender_finish(&oldest->sender);
    memcpy(&oldest->from, from, bytes);
    oldest->from_bytes = bytes;
    return sender_init(d->server, &oldest->sender) == EBB_OK ? oldest : NULL;
}

/* A datagram being unpacked. */
struct arrival {
    struct ebb_server *server;
    struct sender *sender;
    uint64_t ns;
    bool dropped;
};

static void take_block(void *self, const struct ebb_dvs_block *block)
{
    struct arrival *a = self;
    (void)block; /* the server's */
    a->dropped = !sender_push(a->server, a->sender, a->ns) || a->dropped;
}

static void complain(struct door *d)
{
    enum { MOST = 10 };
    if (d->peers->complaints++ < MOST) {
        server_say(d->server, "%s: a datagram left out: %s%s", d->name,
                   ebb_error_message(),
                   d->peers->complaints == MOST ? " (no more of this is told)"
                                                : "");
    }
}

static void take_datagram(struct door *d, struct peer *p, const uint8_t *bytes,
                          size_t n, uint64_t now_ns)
{
    struct ebb_server *s = d->server;
    struct arrival a = {.server = s, .sender = &p->sender, .ns = now_ns};
    p->last_ns = now_ns;
    s->last_bytes_ns = now_ns;
    ebb_status status =
        ebb_ingest_datagram(p->sender.ingest, bytes, n, server_now_us(s),
                            &s->block, take_block, &a);
    if (status != EBB_OK) {
        complain(d);
    }
    atomic_fetch_add(&s->totals.dropped_udp, a.dropped);
    sender_count(s, &p->sender);
}

/* How many the kernel dropped, as a datagram tells. */
static void take_overflow(struct door *d, struct msghdr *header)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(header); c;
         c = CMSG_NXTHDR(header, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
            uint32_t n;
            memcpy(&n, CMSG_DATA(c), sizeof(n));
            atomic_fetch_add(&d->server->totals.dropped_udp,
                             (uint32_t)(n - d->peers->overflow));
            d->peers->overflow = n;
        }
    }
}

static void prepare(struct peers *p)
{
    for (size_t k = 0; k < AT_ONCE; k++) {
        p->piece[k] =
            (struct iovec){p->bytes + k * DATAGRAM_BYTES, DATAGRAM_BYTES};
        p->message[k].msg_hdr =
            (struct msghdr){.msg_name = &p->from[k],
                            .msg_namelen = sizeof(p->from[k]),
                            .msg_iov = &p->piece[k],
                            .msg_iovlen = 1,
                            .msg_control = p->control[k],
                            .msg_controllen = CONTROL_BYTES};
    }
}

/* Returns how many came. */
static int read_some(struct door *d)
{
    struct peers *p = d->peers;
    prepare(p);
    int n = recvmmsg(d->fd, p->message, AT_ONCE, MSG_DONTWAIT, NULL);
    uint64_t now_ns = ebb_now_ns();
    for (int k = 0; k < n; k++) {
        struct msghdr *header = &p->message[k].msg_hdr;
        struct peer *peer = find_peer(d, header->msg_name, header->msg_namelen);
        atomic_fetch_add(&d->server->totals.datagrams, 1);
        take_overflow(d, header);
        if (peer) {
            take_datagram(d, peer, p->piece[k].iov_base, p->message[k].msg_len,
                          now_ns);
        }
    }
    return n;
}

void datagrams_read(struct door *d)
{
    for (int round = 0; round < ROUNDS && read_some(d) == AT_ONCE; round++) {
    }
}
