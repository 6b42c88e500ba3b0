/* tests/test_child.c - work in child processes that sends, fails, crashes,
 * hangs, or wants too much. */
#include "tests/run_suite.h"

#include "core/memory.h"
#include "io/child_parts.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static struct ebb_child *child;
static const uint8_t *bytes;
static size_t n;

static void start(ebb_child_work *work, void *self)
{
    struct ebb_child_limits limits = ebb_child_limits_default();
    limits.cpu_s = 1;
    ck_assert_int_eq(ebb_child_start(&child, work, self, &limits), EBB_OK);
}

static void expect_failure(ebb_status status, const char *why)
{
    ck_assert_int_eq(ebb_child_receive(child, &bytes, &n), status);
    ck_assert_msg(strstr(ebb_error_message(), why) != NULL, "%s",
                  ebb_error_message());
    ck_assert_uint_eq(n, 0);
    ebb_child_end(child);
}

static ebb_status send_number(struct ebb_child_out *out, uint64_t number)
{
    const struct iovec part = {&number, sizeof(number)};
    return ebb_child_send(out, &part, 1);
}

static uint64_t receive_number(void)
{
    uint64_t number;
    ck_assert_int_eq(ebb_child_receive(child, &bytes, &n), EBB_OK);
    ck_assert_uint_eq(n, sizeof(number));
    memcpy(&number, bytes, n);
    return number;
}

enum { LARGE = 5000000 };

/* A number, and a message that no pipe holds. */
static ebb_status count_and_send(void *self, struct ebb_child_out *out)
{
    static unsigned char large[LARGE];
    for (size_t k = 0; k < LARGE; k++) {
        large[k] = (unsigned char)(k % 251);
    }
    const struct iovec parts[] = {{large, 10}, {large + 10, LARGE - 10}};
    EBB_TRY(send_number(out, *(const uint64_t *)self));
    return ebb_child_send(out, parts, 2);
}

START_TEST(messages_arrive_whole_and_in_order)
{
    uint64_t number = 42;
    start(count_and_send, &number);
    number = 43; /* the child has the old one */
    ck_assert_uint_eq(receive_number(), 42);
    ck_assert_int_eq(ebb_child_receive(child, &bytes, &n), EBB_OK);
    ck_assert_uint_eq(n, LARGE);
    for (size_t k = 0; k < n; k++) {
        CHECK_EACH(bytes[k] == k % 251, "byte %zu", k);
    }
    for (int k = 0; k < 2; k++) {
        ck_assert_int_eq(ebb_child_receive(child, &bytes, &n), EBB_OK);
        ck_assert_uint_eq(n, 0);
    }
    ebb_child_end(child);
    start(count_and_send, &number);
    ebb_child_end(child); /* while it is still writing */
    ebb_child_end(NULL);
}
END_TEST

static ebb_status fail_after_one(void *self, struct ebb_child_out *out)
{
    EBB_TRY(send_number(out, 1));
    return EBB_FAIL(EBB_ERR_SHAPE, "%s is bent", (const char *)self);
}

START_TEST(a_failure_keeps_its_status_and_its_text)
{
    char name[] = "a thing";
    start(fail_after_one, name);
    ck_assert_uint_eq(receive_number(), 1);
    expect_failure(EBB_ERR_SHAPE, "a thing is bent");
}
END_TEST

static ebb_status crash(void *self, struct ebb_child_out *out)
{
    EBB_TRY(send_number(out, 1));
    kill(getpid(), *(const int *)self);
    return EBB_OK;
}

START_TEST(a_crash_is_a_failure_of_the_file)
{
    int number = SIGSEGV;
    start(crash, &number);
    ck_assert_uint_eq(receive_number(), 1);
    expect_failure(EBB_ERR_FORMAT, "reading crashed (Segmentation fault)");
    number = SIGKILL;
    start(crash, &number);
    ck_assert_uint_eq(receive_number(), 1);
    expect_failure(EBB_ERR_FORMAT, "reading crashed (Killed)");
}
END_TEST

static ebb_status leave(void *self, struct ebb_child_out *out)
{
    (void)self;
    (void)out;
    _exit(3);
}

static ebb_status spin(void *self, struct ebb_child_out *out)
{
    (void)out;
    for (volatile unsigned *k = self; *k < 1; *k = 0) {
    }
    return EBB_OK;
}

static ebb_status sleep_on(void *self, struct ebb_child_out *out)
{
    (void)self;
    (void)out;
    sleep(100);
    return EBB_OK;
}

START_TEST(what_hangs_or_leaves_is_a_failure_of_the_file)
{
    unsigned zero = 0;
    struct ebb_child_limits limits = ebb_child_limits_default();
    start(leave, NULL);
    expect_failure(EBB_ERR_FORMAT, "reading broke off (status 3)");
    start(spin, &zero);
    expect_failure(EBB_ERR_FORMAT, "reading hung (1 s of the processor");
    limits.silence_s = 1;
    ck_assert_int_eq(ebb_child_start(&child, sleep_on, NULL, &limits), EBB_OK);
    expect_failure(EBB_ERR_FORMAT, "reading hung (nothing came for 1 s)");
}
END_TEST

/* Without a process there is none to end, and not ourselves. */
START_TEST(silence_without_a_process_ends_nobody)
{
    int pipes[2];
    struct ebb_child *c = ebb_mem_calloc(1, sizeof(*c));
    ck_assert_ptr_nonnull(c);
    ck_assert_int_eq(pipe(pipes), 0);
    *c = (struct ebb_child){.fd = pipes[0],
                            .limits = ebb_child_limits_default()};
    c->limits.silence_s = 1;
    child = c;
    expect_failure(EBB_ERR_FORMAT, "reading hung (nothing came for 1 s)");
    close(pipes[1]);
}
END_TEST

/* Half a second of work before each message: no hang, though it adds up. */
static ebb_status work_long(void *self, struct ebb_child_out *out)
{
    (void)self;
    for (uint64_t k = 0; k < 5; k++) {
        struct rusage from, now;
        getrusage(RUSAGE_SELF, &from);
        long us = 0;
        while (us < 500000) {
            getrusage(RUSAGE_SELF, &now);
            us = (now.ru_utime.tv_sec + now.ru_stime.tv_sec -
                  from.ru_utime.tv_sec - from.ru_stime.tv_sec) *
                     1000000L +
                 now.ru_utime.tv_usec + now.ru_stime.tv_usec -
                 from.ru_utime.tv_usec - from.ru_stime.tv_usec;
        }
        EBB_TRY(send_number(out, k));
    }
    return EBB_OK;
}

START_TEST(work_that_sends_may_go_on)
{
    struct ebb_child_limits limits = ebb_child_limits_default();
    limits.cpu_s = 2;
    ck_assert_int_eq(ebb_child_start(&child, work_long, NULL, &limits), EBB_OK);
    for (uint64_t k = 0; k < 5; k++) {
        ck_assert_uint_eq(receive_number(), k);
    }
    ebb_child_end(child);
}
END_TEST

/* 1: memory is limited and 2 GiB are refused; 2: it is not limited. */
static ebb_status want_much(void *self, struct ebb_child_out *out)
{
    struct rlimit limit;
    (void)self;
    getrlimit(RLIMIT_AS, &limit);
    if (limit.rlim_cur == RLIM_INFINITY) {
        return send_number(out, 2);
    }
    void *much = ebb_mem_calloc((size_t)2 << 30, 1);
    ebb_status status = send_number(out, much == NULL);
    ebb_mem_free(much);
    return status;
}

static ebb_status write_file(void *self, struct ebb_child_out *out)
{
    signal(SIGXFSZ, SIG_IGN);
    FILE *file = fopen(self, "wb");
    bool written = file && fputs("text", file) >= 0;
    written = file && fclose(file) == 0 && written;
    return send_number(out, written);
}

START_TEST(memory_and_files_are_out_of_reach)
{
    char path[] = "/tmp/ebb_child_XXXXXX";
    int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    start(want_much, NULL);
    uint64_t answer = receive_number();
    if (answer == 2) {
        printf("memory is not limited beside a sanitizer: skipped\n");
    }
    ck_assert_uint_ne(answer, 0);
    ebb_child_end(child);
    start(write_file, path);
    ck_assert_uint_eq(receive_number(), 0);
    ebb_child_end(child);
    close(file);
    unlink(path);
}
END_TEST

static ebb_status send_too_much(void *self, struct ebb_child_out *out)
{
    const struct iovec part = {self, (size_t)EBB_CHILD_MESSAGE_MAX + 1};
    return ebb_child_send(out, &part, 1);
}

START_TEST(a_message_beyond_all_measure_is_refused)
{
    start(send_too_much, NULL);
    expect_failure(EBB_ERR_FORMAT, "a piece of 67108865 bytes");
}
END_TEST

/* A message of which there is nothing but its length. */
START_TEST(receive_of_a_forged_length_takes_little_memory)
{
    const uint32_t head[] = {1, EBB_CHILD_MESSAGE_MAX};
    struct ebb_child *c = ebb_mem_calloc(1, sizeof(*c));
    ck_assert_ptr_nonnull(c);
    c->limits = ebb_child_limits_default();
    c->fd = memfd_create("messages", MFD_CLOEXEC);
    ck_assert_int_eq(write(c->fd, head, sizeof(head)), sizeof(head));
    ck_assert_int_eq(lseek(c->fd, 0, SEEK_SET), 0);
    ck_assert_int_eq(ebb_child_receive(c, &bytes, &n), EBB_ERR_FORMAT);
    ck_assert_uint_eq(n, 0);
    ck_assert_uint_le(c->room, 1 << 20);
    ebb_child_end(c);
}
END_TEST

RUN_SUITE("io", "child", messages_arrive_whole_and_in_order,
          a_failure_keeps_its_status_and_its_text,
          a_crash_is_a_failure_of_the_file,
          what_hangs_or_leaves_is_a_failure_of_the_file,
          silence_without_a_process_ends_nobody, work_that_sends_may_go_on,
          memory_and_files_are_out_of_reach,
          a_message_beyond_all_measure_is_refused,
          receive_of_a_forged_length_takes_little_memory)
