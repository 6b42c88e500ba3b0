/* io/serve/player.c - events on their way out. */
#include "io/serve/player.h"

#include "core/memory.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    DATAGRAM = 1472, /* fits an Ethernet packet */
    STREAM_PIECE = 1 << 15,
    ES_TIME = 8,
    ES_EVENTS = 128, /* of a datagram, with silences between them */

    WAIT_MS = 10000
};

struct ebb_player {
    struct ebb_player_options options;
    struct ebb_player_counts counts;
    int fd;
    uint32_t number;               /* of the next frame */
    struct ebb_dvs_writer *writer; /* of formats of files */
    FILE *memory;                  /* what it writes to */
    char *packed;
    size_t n_packed;
    int64_t last; /* time of the latest event */
    uint8_t piece[EBB_FRAME_HEADER + STREAM_PIECE];
};

static bool is_datagram(const struct ebb_player *p)
{
    return p->options.to.transport == EBB_TRANSPORT_UDP;
}

static bool is_socket(const struct ebb_player *p)
{
    return p->options.to.transport <= EBB_TRANSPORT_UNIX;
}

/* Why a stream was closed, if the other side said so. */
static ebb_status closed(struct ebb_player *p, int error)
{
    char name[EBB_ADDRESS_TEXT], why[256];
    ebb_address_print(name, &p->options.to);
    ssize_t n = is_socket(p) && !is_datagram(p)
                    ? recv(p->fd, why, sizeof(why) - 1, MSG_DONTWAIT)
                    : 0;
    why[n > 0 ? n : 0] = '\0';
    why[strcspn(why, "\n")] = '\0';
    return EBB_FAIL(EBB_ERR_IO, "%s: cannot send: %s%s%s", name,
                    error == ECONNREFUSED ? "nobody listens" : strerror(error),
                    why[0] ? "; it says: " : "", why);
}

static ebb_status send_bytes(struct ebb_player *p, const uint8_t *bytes,
                             size_t n)
{
    p->counts.pieces++;
    p->counts.bytes += n;
    while (n > 0) {
        ssize_t sent = is_socket(p) ? send(p->fd, bytes, n, MSG_NOSIGNAL)
                                    : write(p->fd, bytes, n);
        if (sent < 0 && errno == EINTR) {
            continue;
        }
        if (sent <= 0) {
            return closed(p, errno);
        }
        bytes += sent;
        n -= (size_t)sent;
    }
    return EBB_OK;
}

/* A piece that stands behind room for a header. */
static ebb_status send_piece(struct ebb_player *p, uint8_t encoding, size_t n)
{
    bool swapped = p->options.big_endian && p->options.wire == EBB_WIRE_SPIF;
    struct ebb_frame frame = {.encoding = encoding,
                              .flags = swapped ? EBB_FRAME_BIG_ENDIAN : 0,
                              .number = p->number,
                              .bytes = (uint32_t)n};
    if (!p->options.framed) {
        return send_bytes(p, p->piece + EBB_FRAME_HEADER, n);
    }
    p->number++;
    ebb_frame_print(p->piece, &frame);
    return send_bytes(p, p->piece, EBB_FRAME_HEADER + n);
}

static ebb_status send_hello(struct ebb_player *p)
{
    char *text = (char *)p->piece + EBB_FRAME_HEADER;
    int n = snprintf(text, STREAM_PIECE, "{\"encoding\": \"%s\"",
                     ebb_wire_name(p->options.wire));
    if (p->options.width > 0 && p->options.height > 0) {
        n += snprintf(text + n, STREAM_PIECE - (size_t)n,
                      ", \"width\": %u, \"height\": %u", p->options.width,
                      p->options.height);
    }
    n += snprintf(text + n, STREAM_PIECE - (size_t)n, ", \"t_unit\": \"us\"}");
    return send_piece(p, EBB_FRAME_HELLO, (size_t)n);
}

static ebb_status open_writer(struct ebb_player *p)
{
    struct ebb_dvs_about about = {.width = p->options.width,
                                  .height = p->options.height};
    p->memory = open_memstream(&p->packed, &p->n_packed);
    if (!p->memory) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to play");
    }
    return ebb_dvs_writer_create(&p->writer, p->memory,
                                 ebb_wire_name(p->options.wire), &about);
}

static void close_writer(struct ebb_player *p)
{
    ebb_dvs_writer_destroy(p->writer);
    p->writer = NULL;
    if (p->memory) {
        fclose(p->memory);
    }
    p->memory = NULL;
    free(p->packed);
    p->packed = NULL;
}

ebb_status ebb_player_create(struct ebb_player **out,
                             const struct ebb_player_options *options)
{
    *out = NULL;
    struct ebb_player *p = ebb_mem_calloc(1, sizeof(*p));
    if (!p) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to play");
    }
    p->options = *options;
    p->last = INT64_MIN;
    ebb_status status = ebb_address_connect(&p->fd, &options->to);
    bool in_pieces = is_datagram(p) && options->wire == EBB_WIRE_ES;
    if (status == EBB_OK && options->wire >= EBB_WIRE_EVT2 && !in_pieces) {
        status = open_writer(p);
    }
    if (status == EBB_OK && options->framed) {
        status = send_hello(p);
    }
    if (status != EBB_OK) {
        ebb_player_destroy(p);
        return status;
    }
    *out = p;
    return EBB_OK;
}

void ebb_player_destroy(struct ebb_player *p)
{
    if (p) {
        close_writer(p);
        if (p->fd > STDERR_FILENO) {
            close(p->fd);
        }
        ebb_mem_free(p);
    }
}

const struct ebb_player_counts *ebb_player_counts(const struct ebb_player *p)
{
    return &p->counts;
}

static size_t piece_bytes(const struct ebb_player *p)
{
    size_t header = p->options.framed ? EBB_FRAME_HEADER : 0;
    return is_datagram(p) ? DATAGRAM - header : STREAM_PIECE;
}

/* Events from..from + n of a block. */
static struct ebb_dvs_block part(const struct ebb_dvs_block *b, size_t from,
                                 size_t n)
{
    return (struct ebb_dvs_block){.t = b->t + from,
                                  .x = b->x + from,
                                  .y = b->y + from,
                                  .p = b->p + from,
                                  .n = n,
                                  .capacity = n};
}

static ebb_status send_records(struct ebb_player *p,
                               const struct ebb_dvs_block *b)
{
    size_t room = piece_bytes(p), used = 0;
    uint8_t *to = p->piece + EBB_FRAME_HEADER;
    for (size_t k = 0; k < b->n; k++) {
        struct ebb_dvs_block one = part(b, k, 1);
        uint8_t record[EBB_WIRE_RECORD_MAX];
        size_t n =
            ebb_wire_pack(record, p->options.wire, p->options.big_endian, &one);
        if (n == 0 || b->t[k] < 0) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "an event at %lld us, column %u, row %u does not "
                            "fit into %s",
                            (long long)b->t[k], b->x[k], b->y[k],
                            ebb_wire_name(p->options.wire));
        }
        if (used + n > room) {
            EBB_TRY(send_piece(p, (uint8_t)p->options.wire, used));
            used = 0;
        }
        memcpy(to + used, record, n);
        used += n;
    }
    return used ? send_piece(p, (uint8_t)p->options.wire, used) : EBB_OK;
}

/* How much of what is packed makes a piece: whole words or lines. */
static size_t cut(const struct ebb_player *p, const char *at, size_t left)
{
    size_t most = piece_bytes(p), word = ebb_wire_record(p->options.wire);
    if (left <= most) {
        return left;
    }
    if (word > 0) {
        return most - most % word;
    }
    size_t n = most;
    while (is_datagram(p) && n > 1 && at[n - 1] != '\n') {
        n--;
    }
    return n;
}

/* All that the writer has left in memory. */
static ebb_status send_packed(struct ebb_player *p)
{
    for (size_t at = 0; at < p->n_packed;) {
        size_t n = cut(p, p->packed + at, p->n_packed - at);
        memcpy(p->piece + EBB_FRAME_HEADER, p->packed + at, n);
        EBB_TRY(send_piece(p, (uint8_t)p->options.wire, n));
        at += n;
    }
    rewind(p->memory);
    return EBB_OK;
}

static ebb_status send_written(struct ebb_player *p,
                               const struct ebb_dvs_block *b)
{
    EBB_TRY(ebb_dvs_write(p->writer, b));
    EBB_TRY(ebb_dvs_writer_flush(p->writer));
    return send_packed(p);
}

/* Event Stream by datagrams: each has its own time and a whole stream. */
static ebb_status send_es(struct ebb_player *p, const struct ebb_dvs_block *b)
{
    uint64_t begin = b->n ? (uint64_t)b->t[0] : 0;
    uint8_t *to = p->piece + EBB_FRAME_HEADER;
    if (begin > INT64_MAX) {
        return EBB_FAIL(EBB_ERR_ARG, "an event at %lld us does not fit into es",
                        (long long)b->t[0]);
    }
    EBB_TRY(open_writer(p));
    for (size_t k = 0; k < b->n; k++) {
        b->t[k] -= (int64_t)begin;
    }
    ebb_status status = ebb_dvs_write(p->writer, b);
    status = status ? status : ebb_dvs_writer_flush(p->writer);
    if (status == EBB_OK && p->n_packed + ES_TIME > piece_bytes(p)) {
        status = EBB_FAIL(EBB_ERR_ARG, "too long a silence for a datagram of "
                                       "es; choose another encoding");
    }
    if (status == EBB_OK) {
        for (size_t k = 0; k < ES_TIME; k++) {
            to[k] = (uint8_t)(begin >> 8 * k);
        }
        memcpy(to + ES_TIME, p->packed, p->n_packed);
        status = send_piece(p, EBB_WIRE_ES, ES_TIME + p->n_packed);
    }
    close_writer(p);
    return status;
}

/* A datagram ends before a silence that would fill it. */
static size_t es_events(const struct ebb_dvs_block *b, size_t from)
{
    enum { SPAN_US = 50000 };
    size_t n = 1;
    while (n < ES_EVENTS && from + n < b->n &&
           b->t[from + n] - b->t[from] < SPAN_US) {
        n++;
    }
    return n;
}

static ebb_status send_es_datagrams(struct ebb_player *p,
                                    const struct ebb_dvs_block *b)
{
    for (size_t k = 0; k < b->n;) {
        size_t n = es_events(b, k);
        struct ebb_dvs_block some = part(b, k, n);
        EBB_TRY(send_es(p, &some));
        k += n;
    }
    return EBB_OK;
}

/* Where the encoding only knows what has passed since the event before. */
static void raise_times(struct ebb_player *p, const struct ebb_dvs_block *b)
{
    enum ebb_wire wire = p->options.wire;
    for (size_t k = 0; k < b->n; k++) {
        if (b->t[k] < p->last &&
            (wire == EBB_WIRE_EVT2 || wire == EBB_WIRE_ES)) {
            b->t[k] = p->last;
        }
        p->last = b->t[k];
    }
}

ebb_status ebb_player_send(struct ebb_player *p, const struct ebb_dvs_block *b)
{
    raise_times(p, b);
    p->counts.events += b->n;
    if (p->options.wire < EBB_WIRE_EVT2) {
        return send_records(p, b);
    }
    return p->writer ? send_written(p, b) : send_es_datagrams(p, b);
}

/* The other side closes when it has taken all, or says why it did not. */
static ebb_status wait_for_end(struct ebb_player *p)
{
    char name[EBB_ADDRESS_TEXT], why[256];
    struct pollfd end = {.fd = p->fd, .events = POLLIN};
    shutdown(p->fd, SHUT_WR);
    ssize_t n =
        poll(&end, 1, WAIT_MS) > 0 ? recv(p->fd, why, sizeof(why) - 1, 0) : 0;
    if (n <= 0) {
        return EBB_OK;
    }
    why[n] = '\0';
    why[strcspn(why, "\n")] = '\0';
    ebb_address_print(name, &p->options.to);
    return EBB_FAIL(EBB_ERR_IO, "%s: it says: %s", name, why);
}

ebb_status ebb_player_end(struct ebb_player *p)
{
    if (p->writer) {
        EBB_TRY(ebb_dvs_writer_end(p->writer));
        fflush(p->memory);
        EBB_TRY(send_packed(p));
    }
    return is_socket(p) && !is_datagram(p) ? wait_for_end(p) : EBB_OK;
}
