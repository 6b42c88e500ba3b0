/* io/child.h - work in a child process with limits: a library that crashes or
 * hangs on a damaged file takes nothing with it.
 *
 * The child writes no files, loads no plugins of HDF5 and leaves no core. It
 * sends plain bytes; whoever receives them checks them as if they came from a
 * file. Beside a sanitizer its memory is not limited. */
#ifndef EBB_IO_CHILD_H
#define EBB_IO_CHILD_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

enum { EBB_CHILD_MESSAGE_MAX = 1 << 26 }; /* bytes */

/** What it may use. Start from ebb_child_limits_default(). */
struct ebb_child_limits {
    unsigned cpu_s;      /* of a processor from one message to the next */
    unsigned silence_s;  /* in which no message comes */
    unsigned memory_mib; /* of addresses, beyond what the parent has */
};

/** 5 s, 60 s, 1024 MiB. */
struct ebb_child_limits ebb_child_limits_default(void);

/** A child at work. */
struct ebb_child;

/** Where the child's messages go. */
struct ebb_child_out;

/** What is done in the child: send messages to `out`. A failure reaches the
 *  parent with its text. */
typedef ebb_status ebb_child_work(void *self, struct ebb_child_out *out);

/** Start `work` in a child of this process; `self` is as it is now, copied,
 *  and `limits` may be NULL. The thread that starts it must outlive it. On
 *  failure *out is NULL. Errors: EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_child_start(struct ebb_child **out,
                                         ebb_child_work *work, void *self,
                                         const struct ebb_child_limits *limits);

/** The next message, valid until the next call; *n is 0 at the end. After a
 *  failure only ebb_child_end() may follow. Errors: those of the work,
 *  EBB_ERR_FORMAT (it crashed or took too long: the file is damaged),
 *  EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_child_receive(struct ebb_child *child,
                                           const uint8_t **bytes, size_t *n);

/** End the child, whatever it is doing. NULL is allowed. */
void ebb_child_end(struct ebb_child *child);

/** In the child: send a message of 1 to EBB_CHILD_MESSAGE_MAX bytes, in at
 *  most 8 parts. Errors: EBB_ERR_FORMAT (longer), EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_child_send(struct ebb_child_out *out,
                                        const struct iovec *part, size_t parts);

#endif
