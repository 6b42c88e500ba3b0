/* io/serve/ingest.h - bytes of one sender become events: bare or in frames,
 * as a stream or as datagrams. */
#ifndef EBB_IO_SERVE_INGEST_H
#define EBB_IO_SERVE_INGEST_H

#include "io/serve/frame.h"

/** What is taken. */
struct ebb_ingest_options {
    enum ebb_wire wire;     /* of bytes without frames */
    bool big_endian;        /* their spif words */
    bool host_time;         /* events get the time at which they came */
    uint32_t width, height; /* of the network's input */
};

/** What came so far. */
struct ebb_ingest_counts {
    uint64_t events;    /* handed out */
    uint64_t outside;   /* events beyond the sensor, left out */
    uint64_t malformed; /* datagrams or frames */
    uint64_t lost;      /* frames whose number never came */
    uint64_t stale;     /* frames that came after later ones, left out */
};

/** A sender. One thread at a time. */
struct ebb_ingest;

/** Begin. `options` are copied. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_ingest_create(
    struct ebb_ingest **out, const struct ebb_ingest_options *options);

/** Free it. NULL is allowed. */
void ebb_ingest_destroy(struct ebb_ingest *in);

/**
 * Take bytes of a stream: events go to the block, which is emptied first,
 * *used gets how many bytes were taken. Call again with what is left as long
 * as the block is not empty or *used < n.
 *
 *     now_us  when they came; the time of events without one
 *
 * Errors: EBB_ERR_FORMAT: no sense is to be made of what follows;
 * EBB_ERR_NOMEM. Events before the failure are in the block.
 */
EBB_NODISCARD ebb_status ebb_ingest_push(struct ebb_ingest *in,
                                         const uint8_t *bytes, size_t n,
                                         int64_t now_us,
                                         struct ebb_dvs_block *block,
                                         size_t *used);

/** The stream has ended: events that waited for more go to the block. Call
 *  until it comes back empty. Errors: EBB_ERR_FORMAT where it was cut within a
 *  frame or an event. */
EBB_NODISCARD ebb_status ebb_ingest_end(struct ebb_ingest *in,
                                        struct ebb_dvs_block *block);

/** Where events of a datagram go. */
typedef void ebb_ingest_take_fn(void *self, const struct ebb_dvs_block *block);

/**
 * Take a whole datagram, with a header or without. One that makes no sense is
 * counted, the next one is taken as if nothing had been. Event Stream comes as
 * a u64 time and a whole stream, or bare.
 * Errors: EBB_ERR_FORMAT (what was wrong; counted already), EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_ingest_datagram(
    struct ebb_ingest *in, const uint8_t *bytes, size_t n, int64_t now_us,
    struct ebb_dvs_block *block, ebb_ingest_take_fn *take, void *self);

/** What came so far. */
const struct ebb_ingest_counts *ebb_ingest_counts(const struct ebb_ingest *in);

#endif
