/* io/serve/player.h - events on their way out: packed, framed, sent. */
#ifndef EBB_IO_SERVE_PLAYER_H
#define EBB_IO_SERVE_PLAYER_H

#include "io/serve/address.h"
#include "io/serve/frame.h"

/** How events are sent. */
struct ebb_player_options {
    struct ebb_address to;
    enum ebb_wire wire;
    bool big_endian; /* words of spif */
    bool framed;
    uint32_t width, height; /* of the sensor, for greetings and headers; 0: not
                               known */
};

/** What was sent. */
struct ebb_player_counts {
    uint64_t events, pieces, bytes; /* pieces: datagrams, frames or writes */
};

struct ebb_player;

/** Connect; a framed stream begins with a greeting. Errors: EBB_ERR_IO,
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_player_create(
    struct ebb_player **out, const struct ebb_player_options *options);

/** Free it; what was sent stays sent. NULL is allowed. */
void ebb_player_destroy(struct ebb_player *player);

/** Send events at once; datagrams have at most 1472 bytes. Where an encoding
 *  knows no step back in time, times are raised. Errors: EBB_ERR_ARG (an event
 *  that does not fit the encoding), EBB_ERR_IO (with what the other side says
 *  of it). */
EBB_NODISCARD ebb_status ebb_player_send(struct ebb_player *player,
                                         const struct ebb_dvs_block *block);

/** Send what is left; a stream ends, and is waited for until the other side has
 *  taken it, 10 s at most. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_player_end(struct ebb_player *player);

const struct ebb_player_counts *
ebb_player_counts(const struct ebb_player *player);

#endif
