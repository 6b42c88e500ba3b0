/* tests/fuzz/child_here.c - the work of child processes, done in this very
 * process: takes the place of io/child.c. All it sends waits in a file in
 * memory until it is received. */
#include "tests/fuzz/child_here.h"

#include "core/memory.h"
#include "io/child_parts.h"

#include <sys/mman.h>
#include <unistd.h>

static struct {
    const uint8_t *bytes;
    size_t n;
} instead;

void child_here_sends(const uint8_t *bytes, size_t n)
{
    instead.bytes = bytes;
    instead.n = n;
}

struct ebb_child_limits ebb_child_limits_default(void)
{
    return (struct ebb_child_limits){
        .cpu_s = 1U << 30, .silence_s = 60, .memory_mib = 1024};
}

static ebb_status send_all(int fd, ebb_child_work *work, void *self)
{
    struct ebb_child_out to = {fd, ebb_child_limits_default()};
    if (instead.bytes) {
        return write(fd, instead.bytes, instead.n) == (ssize_t)instead.n
                   ? EBB_OK
                   : EBB_FAIL(EBB_ERR_IO, "cannot write");
    }
    return ebb_child_send_end(&to, work(self, &to));
}

ebb_status ebb_child_start(struct ebb_child **out, ebb_child_work *work,
                           void *self, const struct ebb_child_limits *limits)
{
    (void)limits;
    *out = NULL;
    struct ebb_child *c = ebb_mem_calloc(1, sizeof(*c));
    if (!c) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a child");
    }
    c->limits = ebb_child_limits_default();
    c->fd = memfd_create("messages", MFD_CLOEXEC);
    ebb_status status = send_all(c->fd, work, self);
    if (status != EBB_OK) {
        ebb_child_end(c);
        return status;
    }
    lseek(c->fd, 0, SEEK_SET);
    *out = c;
    return EBB_OK;
}
