/* sim/exchange.h - how the processes of a job tell each other things: all of
 * them meet, and each gets the words of all. Several computers are one job;
 * what carries the words stays behind this interface. */
#ifndef EBB_SIM_EXCHANGE_H
#define EBB_SIM_EXCHANGE_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

/** Words of one process. */
struct ebb_exchange_words {
    const uint32_t *at;
    size_t n;
};

/** What has travelled so far, from and to this process. */
struct ebb_exchange_volume {
    uint64_t exchanges;
    uint64_t bytes_sent;     /* that it put into exchanges */
    uint64_t bytes_received; /* that it got from the others */
    double seconds;          /* spent in them, waiting for others included */
};

/** A process among those of its job. One thread at a time. */
struct ebb_exchange {
    void *self;
    size_t rank, ranks; /* number of this process, and of how many */
    /**
     * All processes call it at the same point of their work.
     *
     *     words  [n]      of this process
     *     out    [ranks]  out  of all, valid until the next call
     *
     * Errors: EBB_ERR_NOMEM, EBB_ERR_IO; the job is of no use then.
     */
    ebb_status (*gather)(void *self, const uint32_t *words, size_t n,
                         struct ebb_exchange_words *out);
    struct ebb_exchange_volume (*volume)(const void *self);
    /** This process failed, as ebb_error_message() says, where the others wait
     *  for it: tell that and end the job. NULL: nobody waits. */
    void (*give_up)(void *self);
};

/** A process that is alone: nobody to meet. */
struct ebb_exchange ebb_exchange_alone(void);

/**
 * All processes tell how they fare, and agree. EBB_OK when all are; else every
 * process gets the status of the lowest rank that failed (one that was stopped
 * comes after those), and a message that names it. A process alone keeps what
 * it has. Who has no memory to take part ends the job.
 */
EBB_NODISCARD ebb_status ebb_exchange_agree(const struct ebb_exchange *exchange,
                                            ebb_status status);

/** Sums over all processes, in order of rank: value [n] in and out. Errors: as
 *  gather; who has no memory to take part ends the job. */
EBB_NODISCARD ebb_status ebb_exchange_sum(const struct ebb_exchange *exchange,
                                          uint64_t *value, size_t n);

/** What has travelled. */
struct ebb_exchange_volume
ebb_exchange_volume_of(const struct ebb_exchange *exchange);

/** Was this process started as one of several by an MPI launcher? */
int ebb_exchange_is_launched(void);

/**
 * Join the job that this process was started in. Alone, nothing is initialised
 * and `out` is ebb_exchange_alone(). Errors: EBB_ERR_ARG (several processes,
 * and this build has no MPI), EBB_ERR_IO.
 */
EBB_NODISCARD ebb_status ebb_exchange_join(struct ebb_exchange *out);

/** Leave it; all processes do. */
void ebb_exchange_leave(struct ebb_exchange *exchange);

/** End all processes at once with this exit status: one of them failed where
 *  it cannot tell the others. Alone it does nothing. */
void ebb_exchange_abort(struct ebb_exchange *exchange, int exit_status);

#endif
