/* io/serve/address.h - where events come from and go to: udp://HOST:PORT,
 * tcp://HOST:PORT, unix:PATH, fifo:PATH, or - for standard input or output. */
#ifndef EBB_IO_SERVE_ADDRESS_H
#define EBB_IO_SERVE_ADDRESS_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum ebb_transport {
    EBB_TRANSPORT_UDP,
    EBB_TRANSPORT_TCP,
    EBB_TRANSPORT_UNIX,
    EBB_TRANSPORT_FIFO,
    EBB_TRANSPORT_STANDARD
};

enum { EBB_ADDRESS_TEXT = 160 };

/** An address taken apart. */
struct ebb_address {
    enum ebb_transport transport;
    struct sockaddr_storage socket; /* udp, tcp, unix */
    socklen_t socket_bytes;
    char path[108]; /* unix, fifo */
};

/** Take an address apart; hosts are digits, [::1] or localhost. Errors:
 *  EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_address_parse(struct ebb_address *out,
                                           const char *text);

/** Can only this machine reach it? */
bool ebb_address_is_local(const struct ebb_address *address);

/** Write it as it is given, with the port that a socket got. */
void ebb_address_print(char out[EBB_ADDRESS_TEXT],
                       const struct ebb_address *address);

/**
 * Open it to receive: a bound UDP socket (with room for 8 MiB of datagrams,
 * where the system allows), a listening TCP or Unix socket (of mode 0660), a
 * FIFO (made where there is none). Not blocking, closed on exec. The address
 * gets the port that was chosen where it was 0.
 * Errors: EBB_ERR_IO naming the address.
 */
EBB_NODISCARD ebb_status ebb_address_listen(int *out,
                                            struct ebb_address *address);

/** Open it to send; blocking. Errors: EBB_ERR_IO naming the address. */
EBB_NODISCARD ebb_status ebb_address_connect(int *out,
                                             const struct ebb_address *address);

#endif
