/* io/child.c - work in a child process with limits. */
#include "io/child_parts.h"

#include "core/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PIPE_BYTES = 1 << 20 };

struct ebb_child_limits ebb_child_limits_default(void)
{
    return (struct ebb_child_limits){
        .cpu_s = 5, .silence_s = 60, .memory_mib = 1024};
}

/* ---- in the child ---- */

/* No function: the type of `what` is the C library's own. */
#define LOWER(what, to)                                                        \
    do {                                                                       \
        struct rlimit limit;                                                   \
        if (getrlimit(what, &limit) == 0 && (to) < limit.rlim_max) {           \
            limit.rlim_cur = limit.rlim_max = (to);                            \
            setrlimit(what, &limit);                                           \
        }                                                                      \
    } while (0)

/* Address space in use, in pages; 0: not told. */
static unsigned long long pages_in_use(void)
{
    unsigned long long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file) {
        pages = fscanf(file, "%llu", &pages) == 1 ? pages : 0;
        fclose(file);
    }
    return pages;
}

/* A sanitizer's shadow takes terabytes: no limit can be set beside it, and
 * what it finds must be seen. */
static void limit_memory(const struct ebb_child_limits *limits)
{
    const unsigned long long shadow = 1ULL << 40;
    unsigned long long used =
        pages_in_use() * (unsigned long long)sysconf(_SC_PAGESIZE);
    if (used == 0 || used >= shadow) {
        return;
    }
    LOWER(RLIMIT_AS, used + ((rlim_t)limits->memory_mib << 20));
    int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nowhere >= 0) {
        dup2(nowhere, STDERR_FILENO); /* a library's last words */
    }
}

static void limit_self(pid_t parent, const struct ebb_child_limits *limits)
{
    static const int fatal[] = {SIGPIPE, SIGXCPU, SIGSEGV, SIGBUS, SIGABRT};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(1);
    }
    for (size_t k = 0; k < sizeof(fatal) / sizeof(fatal[0]); k++) {
        signal(fatal[k], SIG_DFL);
    }
    signal(SIGINT, SIG_IGN); /* the parent decides what that means */
    LOWER(RLIMIT_CORE, 0);
    LOWER(RLIMIT_FSIZE, 0);
    limit_memory(limits);
    ebb_child_extend_time(limits);
    H5PLset_loading_state(0);
}

static void run(ebb_child_work *work, void *self, struct ebb_child_out *out)
{
    _exit(ebb_child_send_end(out, work(self, out)) == EBB_OK ? 0 : 1);
}

/* ---- in the parent ---- */

static void leave(int fd[2])
{
    close(fd[0]);
    close(fd[1]);
}

ebb_status ebb_child_start(struct ebb_child **out, ebb_child_work *work,
                           void *self, const struct ebb_child_limits *limits)
{
    int fd[2];
    *out = NULL;
    struct ebb_child *c = ebb_mem_calloc(1, sizeof(*c));
    if (!c) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a child process");
    }
    if (pipe2(fd, O_CLOEXEC) != 0) {
        ebb_mem_free(c);
        return EBB_FAIL(EBB_ERR_IO, "no pipe: %s", strerror(errno));
    }
    (void)fcntl(fd[1], F_SETPIPE_SZ, PIPE_BYTES); /* fewer turns, if allowed */
    c->limits = limits ? *limits : ebb_child_limits_default();
    pid_t parent = getpid();
    c->process = fork();
    if (c->process == 0) {
        struct ebb_child_out to = {fd[1], c->limits};
        close(fd[0]);
        limit_self(parent, &c->limits);
        run(work, self, &to);
    }
    if (c->process < 0) {
        leave(fd);
        ebb_mem_free(c);
        return EBB_FAIL(EBB_ERR_IO, "no child process: %s", strerror(errno));
    }
    close(fd[1]);
    c->fd = fd[0];
    *out = c;
    return EBB_OK;
}
