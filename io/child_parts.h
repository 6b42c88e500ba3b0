/* io/child_parts.h - the two ends of the pipe between a child process and its
 * parent (io/child.h). Which process is at either end is for io/child.c. */
#ifndef EBB_IO_CHILD_PARTS_H
#define EBB_IO_CHILD_PARTS_H

#include "io/child.h"

#include <stdbool.h>
#include <sys/types.h>

struct ebb_child_out {
    int fd;
    struct ebb_child_limits limits;
};

/** Zero-initialise but for `fd` and `limits`. */
struct ebb_child {
    pid_t process; /* 0: there is none, or it has been waited for */
    int fd;        /* to read from; closed by ebb_child_end() */
    struct ebb_child_limits limits;
    bool done;
    uint8_t *buffer;
    size_t room;
};

/** In the child: the last message, how its work ended; a failure with
 *  ebb_error_message(). Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_child_send_end(struct ebb_child_out *out,
                                            ebb_status how);

/** In the child: so much more time from now on; whoever calls this is not
 *  hanging. */
void ebb_child_extend_time(const struct ebb_child_limits *limits);

#endif
