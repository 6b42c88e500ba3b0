/* io/child_messages.c - what a child process sends, and who receives it. */
#include "io/child_parts.h"

#include "core/memory.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PARTS_MAX = 8, TEXT_BYTES = 1024 };

enum kind { DATA = 1, DONE = 2, FAILED = 3 };

/* What each message starts with. */
struct head {
    uint32_t kind, bytes;
};

struct failure {
    uint32_t status;
    char text[TEXT_BYTES];
};

/* ---- in the child ---- */

static ebb_status write_parts(int fd, struct iovec *part, size_t parts)
{
    while (parts > 0) {
        ssize_t n = writev(fd, part, (int)parts);
        if (n < 0 && errno != EINTR) {
            return EBB_FAIL(EBB_ERR_IO, "cannot send: %s", strerror(errno));
        }
        for (size_t left = n < 0 ? 0 : (size_t)n; parts > 0; part++, parts--) {
            if (left < part->iov_len) {
                part->iov_base = (char *)part->iov_base + left;
                part->iov_len -= left;
                break;
            }
            left -= part->iov_len;
        }
    }
    return EBB_OK;
}

static ebb_status send_parts(struct ebb_child_out *out, enum kind kind,
                             const struct iovec *part, size_t parts)
{
    struct head head = {.kind = kind};
    struct iovec all[PARTS_MAX + 1] = {{&head, sizeof(head)}};
    size_t bytes = 0;
    for (size_t k = 0; k < parts; k++) {
        all[k + 1] = part[k];
        bytes += part[k].iov_len;
    }
    if (bytes > EBB_CHILD_MESSAGE_MAX) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "a piece of %zu bytes; %d are the most that is read",
                        bytes, EBB_CHILD_MESSAGE_MAX);
    }
    head.bytes = (uint32_t)bytes;
    return write_parts(out->fd, all, parts + 1);
}

static rlim_t seconds_used(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (rlim_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000000;
}

void ebb_child_extend_time(const struct ebb_child_limits *limits)
{
    struct rlimit limit;
    rlim_t most = seconds_used() + 1 + limits->cpu_s;
    getrlimit(RLIMIT_CPU, &limit);
    limit.rlim_cur = most < limit.rlim_max ? most : limit.rlim_max;
    setrlimit(RLIMIT_CPU, &limit);
}

ebb_status ebb_child_send(struct ebb_child_out *out, const struct iovec *part,
                          size_t parts)
{
    EBB_TRY(send_parts(out, DATA, part, parts));
    ebb_child_extend_time(&out->limits);
    return EBB_OK;
}

ebb_status ebb_child_send_end(struct ebb_child_out *out, ebb_status how)
{
    struct failure failure = {.status = (uint32_t)how};
    struct iovec part = {&failure, sizeof(failure)};
    if (how == EBB_OK) {
        return send_parts(out, DONE, NULL, 0);
    }
    snprintf(failure.text, sizeof(failure.text), "%s", ebb_error_message());
    return send_parts(out, FAILED, &part, 1);
}

/* ---- in the parent ---- */

/* Wait for the child; how it ended, as of waitpid(). */
static int wait_for(struct ebb_child *c)
{
    int how = 0;
    while (c->process > 0 && waitpid(c->process, &how, 0) < 0 &&
           errno == EINTR) {
    }
    c->process = 0;
    return how;
}

/* It ended without a word. */
static ebb_status tell_end(struct ebb_child *c)
{
    int how = wait_for(c);
    int number = WIFSIGNALED(how) ? WTERMSIG(how) : 0;
    if (number == SIGXCPU) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "reading hung (%u s of the processor for one piece): "
                        "the file is damaged",
                        c->limits.cpu_s);
    }
    return number ? EBB_FAIL(EBB_ERR_FORMAT,
                             "reading crashed (%s): the file is damaged",
                             strsignal(number))
                  : EBB_FAIL(EBB_ERR_FORMAT,
                             "reading broke off (status %d): the file is "
                             "damaged",
                             WEXITSTATUS(how));
}

static ebb_status wait_readable(struct ebb_child *c)
{
    struct pollfd wait = {.fd = c->fd, .events = POLLIN};
    int n;
    do {
        n = poll(&wait, 1, (int)c->limits.silence_s * 1000);
    } while (n < 0 && errno == EINTR);
    if (n > 0) {
        return EBB_OK;
    }
    if (c->process > 0) { /* 0 would be all of our own group */
        kill(c->process, SIGKILL);
    }
    wait_for(c);
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "reading hung (nothing came for %u s): the file is "
                    "damaged, or its disk",
                    c->limits.silence_s);
}

static ebb_status read_exactly(struct ebb_child *c, void *to, size_t n)
{
    for (size_t have = 0; have < n;) {
        EBB_TRY(wait_readable(c));
        ssize_t got = read(c->fd, (char *)to + have, n - have);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return tell_end(c);
        }
        have += got < 0 ? 0 : (size_t)got;
    }
    return EBB_OK;
}

/* A failure of the work, told again here. */
static ebb_status pass_on(const uint8_t *bytes, size_t n)
{
    struct failure f;
    if (n != sizeof(f)) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the file is damaged");
    }
    memcpy(&f, bytes, n);
    f.text[TEXT_BYTES - 1] = '\0';
    bool known = f.status > EBB_OK && f.status <= EBB_ERR_STOPPED;
    return EBB_FAIL(known ? (ebb_status)f.status : EBB_ERR_FORMAT, "%s",
                    f.text);
}

/* Room as bytes come: a length is easily forged. */
static ebb_status read_body(struct ebb_child *c, size_t n)
{
    enum { STEP = 1 << 20 };
    for (size_t have = 0; have < n;) {
        size_t part = n - have < STEP ? n - have : STEP;
        EBB_TRY(ebb_mem_grow(&c->buffer, &c->room, have + part, 1));
        EBB_TRY(read_exactly(c, c->buffer + have, part));
        have += part;
    }
    return EBB_OK;
}

ebb_status ebb_child_receive(struct ebb_child *c, const uint8_t **bytes,
                             size_t *n)
{
    struct head head;
    *n = 0;
    if (c->done) {
        return EBB_OK;
    }
    EBB_TRY(read_exactly(c, &head, sizeof(head)));
    if (head.bytes > EBB_CHILD_MESSAGE_MAX) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the file is damaged");
    }
    EBB_TRY(read_body(c, head.bytes));
    *bytes = c->buffer;
    c->done = head.kind != DATA;
    if (head.kind == FAILED) {
        return pass_on(c->buffer, head.bytes);
    }
    *n = c->done ? 0 : head.bytes;
    return EBB_OK;
}

void ebb_child_end(struct ebb_child *c)
{
    if (!c) {
        return;
    }
    if (c->process > 0) {
        kill(c->process, SIGKILL);
        wait_for(c);
    }
    close(c->fd);
    ebb_mem_free(c->buffer);
    ebb_mem_free(c);
}
