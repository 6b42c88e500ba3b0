/* tests/test_http_live.c - frames to listeners, quick ones and slow ones. */
#include "io/serve/http.h"

#include "core/memory.h"
#include "io/serve/frame_json.h"
#include "tests/http_client.h"
#include "tests/run_suite.h"
#include "tests/synthetic_frames.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char listen_to[] = "GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n";
static struct server server;
static struct synthetic_frames *frames;

static void start(const struct ebb_http_options *options)
{
    server_start(&server, options, &(struct ebb_http_source){0});
    frames = synthetic_frames_create(64, 64, 33333, 1);
}

static void stop(void)
{
    server_stop(&server);
    synthetic_frames_destroy(frames);
}

static void listen_in(struct client *c, const char *request)
{
    client_open(c, &server);
    client_say(c, request);
    client_wait_for(c, &server, "retry: 1000\n\n");
}

/* Frames that a client has got, whole ones; Check fails at a gap where there
 * must be none. */
static size_t count_frames(const struct client *c, bool without_gaps)
{
    size_t n = 0;
    unsigned long before = 0;
    for (const char *at = c->bytes; (at = strstr(at, "id: ")) != NULL; at++) {
        unsigned long index = strtoul(at + 4, NULL, 10);
        CHECK_EACH(index > before, "frame %lu after %lu", index, before);
        CHECK_EACH(!without_gaps || before == 0 || index == before + 1,
                   "frame %lu after %lu", index, before);
        const char *end = strstr(at, "}\n\n");
        n += end != NULL;
        before = index;
    }
    return n;
}

static size_t frame_bytes(const struct ebb_live_frame *frame)
{
    struct ebb_text text = {0};
    ebb_frame_json(&text, frame);
    size_t n = text.n + 100; /* the event and the chunk around it */
    ebb_text_finish(&text);
    return n;
}

START_TEST(a_listener_gets_events_of_the_right_kind)
{
    struct ebb_http_options options = ebb_http_options_default();
    struct client c;
    start(&options);
    listen_in(&c, listen_to);
    ebb_http_publish(server.http, synthetic_frames_next(frames));
    client_wait_for(&c, &server, "}\n\n");
    ck_assert_int_eq(client_status(&c), 200);
    ck_assert_ptr_nonnull(
        strstr(c.bytes, "Content-Type: text/event-stream\r\n"));
    ck_assert_ptr_nonnull(strstr(c.bytes, "Cache-Control: no-store\r\n"));
    ck_assert_ptr_nonnull(strstr(c.bytes, "X-Accel-Buffering: no\r\n"));
    ck_assert_ptr_nonnull(
        strstr(c.bytes, "id: 1\nevent: frame\ndata: {\"index\":1,"));
    client_close(&c);
    stop();
}
END_TEST

START_TEST(publish_without_listeners_allocates_nothing)
{
    struct ebb_http_options options = ebb_http_options_default();
    start(&options);
    uint64_t before = ebb_mem_count();
    for (size_t k = 0; k < 100; k++) {
        ebb_http_publish(server.http, synthetic_frames_next(frames));
    }
    ck_assert_uint_eq(ebb_mem_count(), before);
    ck_assert_uint_eq(ebb_http_counts(server.http).frames, 0);
    stop();
}
END_TEST

START_TEST(a_slow_listener_skips_frames_that_others_get)
{
    enum { FRAMES = 1200, QUICK = 3 };
    struct ebb_http_options options = ebb_http_options_default();
    struct client quick[QUICK], slow;
    size_t most = 0, largest = 0;
    start(&options);
    listen_in(&slow, listen_to);
    for (size_t k = 0; k < QUICK; k++) {
        listen_in(&quick[k], listen_to);
    }
    for (size_t k = 0; k < FRAMES; k++) {
        const struct ebb_live_frame *frame = synthetic_frames_next(frames);
        size_t bytes = frame_bytes(frame);
        largest = bytes > largest ? bytes : largest;
        ebb_http_publish(server.http, frame);
        for (size_t l = 0; l < QUICK; l++) {
            server_turn(&server);
            client_read(&quick[l]);
        }
        size_t waiting = ebb_http_counts(server.http).waiting_bytes;
        most = waiting > most ? waiting : most;
    }
    for (size_t k = 0; k < QUICK; k++) {
        char last[40];
        snprintf(last, sizeof(last), "id: %d\n", FRAMES);
        client_wait_for(&quick[k], &server, last);
        server_work(&server, 0.05);
        client_read(&quick[k]);
        ck_assert_uint_eq(count_frames(&quick[k], true), FRAMES);
    }
    struct ebb_http_counts counts = ebb_http_counts(server.http);
    ck_assert_uint_gt(counts.frames_skipped, FRAMES / 4);
    ck_assert_uint_eq(counts.frames + counts.frames_skipped,
                      FRAMES * (QUICK + 1));
    ck_assert_uint_gt(most, options.listener_bytes);
    ck_assert_uint_le(most, options.listener_bytes + largest * (1 + QUICK));

    /* It wakes up: what waited comes, whole, then new frames. */
    server_work(&server, 0.05);
    for (client_read(&slow); counts.waiting_bytes > 0; client_read(&slow)) {
        server_turn(&server);
        counts = ebb_http_counts(server.http);
    }
    ebb_http_publish(server.http, synthetic_frames_next(frames));
    char next[40];
    snprintf(next, sizeof(next), "id: %d\n", FRAMES + 1);
    client_wait_for(&slow, &server, next);
    ck_assert_uint_lt(count_frames(&slow, false), FRAMES);
    client_close(&slow);
    for (size_t k = 0; k < QUICK; k++) {
        client_close(&quick[k]);
    }
    stop();
}
END_TEST

START_TEST(a_listener_that_never_reads_is_let_go)
{
    struct ebb_http_options options = ebb_http_options_default();
    struct client c;
    options.stall_s = 0.3;
    start(&options);
    listen_in(&c, listen_to);
    for (size_t k = 0; ebb_http_counts(server.http).frames_skipped == 0; k++) {
        CHECK_EACH(k < 20000, "no frame was skipped");
        ebb_http_publish(server.http, synthetic_frames_next(frames));
        server_turn(&server);
    }
    ck_assert_uint_eq(ebb_http_listeners(server.http), 1);
    for (size_t k = 0; k < 600 && ebb_http_listeners(server.http); k++) {
        server_work(&server, 0.05);
        ebb_http_publish(server.http, synthetic_frames_next(frames));
    }
    ck_assert_uint_eq(ebb_http_listeners(server.http), 0);
    ck_assert_uint_eq(ebb_http_counts(server.http).closed_stalled, 1);
    client_close(&c);
    stop();
}
END_TEST

START_TEST(listeners_outlive_the_time_for_a_request)
{
    struct ebb_http_options options = ebb_http_options_default();
    struct client c;
    options.request_s = 0.2;
    start(&options);
    listen_in(&c, listen_to);
    server_work(&server, 1);
    ck_assert_uint_eq(ebb_http_listeners(server.http), 1);
    ebb_http_publish(server.http, synthetic_frames_next(frames));
    client_wait_for(&c, &server, "id: 1\n");
    client_close(&c);
    stop();
}
END_TEST

START_TEST(silence_is_broken_by_comments)
{
    struct ebb_http_options options = ebb_http_options_default();
    struct client c;
    options.heartbeat_s = 0.2;
    start(&options);
    listen_in(&c, listen_to);
    client_wait_for(&c, &server, "\n: still here\n\n");
    client_close(&c);
    stop();
}
END_TEST

START_TEST(a_listener_that_leaves_is_forgotten)
{
    struct ebb_http_options options = ebb_http_options_default();
    struct client c[3];
    start(&options);
    for (size_t k = 0; k < 3; k++) {
        listen_in(&c[k], listen_to);
    }
    ck_assert_uint_eq(ebb_http_listeners(server.http), 3);
    client_close(&c[1]);
    ebb_http_publish(server.http, synthetic_frames_next(frames));
    server_work(&server, 0.1);
    ck_assert_uint_eq(ebb_http_listeners(server.http), 2);
    ebb_http_publish(server.http, synthetic_frames_next(frames));
    client_wait_for(&c[0], &server, "id: 2\n");
    client_wait_for(&c[2], &server, "id: 2\n");
    stop(); /* with two of them there */
    client_close(&c[0]);
    client_close(&c[2]);
}
END_TEST

START_TEST(more_listeners_than_allowed_are_asked_to_come_back)
{
    struct ebb_http_options options = ebb_http_options_default();
    struct client c[2], more;
    options.listeners = 2;
    start(&options);
    listen_in(&c[0], listen_to);
    listen_in(&c[1], listen_to);
    client_ask(&more, &server, listen_to);
    ck_assert_int_eq(client_status(&more), 503);
    ck_assert_ptr_nonnull(strstr(more.bytes, "Retry-After: 5\r\n"));
    client_close(&more);
    client_close(&c[0]);
    server_work(&server, 0.1);
    listen_in(&more, listen_to);
    client_close(&more);
    client_close(&c[1]);
    stop();
}
END_TEST

START_TEST(http_1_0_gets_the_stream_without_chunks)
{
    struct ebb_http_options options = ebb_http_options_default();
    struct client c;
    start(&options);
    listen_in(&c, "GET /live HTTP/1.0\r\nHost: localhost\r\n\r\n");
    ebb_http_publish(server.http, synthetic_frames_next(frames));
    client_wait_for(&c, &server, "}\n\n");
    ck_assert_ptr_nonnull(strstr(c.bytes, "\r\n\r\nretry: 1000\n\nid: 1\n"));
    client_close(&c);
    server_work(&server, 0.1);
    ck_assert_uint_eq(ebb_http_listeners(server.http), 0);
    stop();
}
END_TEST

START_TEST(a_listener_that_talks_is_not_listened_to)
{
    enum { MEGABYTES = 64 };
    struct ebb_http_options options = ebb_http_options_default();
    static char noise[1 << 20];
    struct client c;
    size_t sent = 0;
    start(&options);
    listen_in(&c, listen_to);
    for (size_t k = 0; k < 4 * MEGABYTES; k++) {
        sent += client_send(&c, noise, sizeof(noise));
        server_turn(&server);
    }
    /* The kernel's buffers took some, the server next to nothing. */
    ck_assert_uint_lt(sent, MEGABYTES / 2 * sizeof(noise));
    ebb_http_publish(server.http, synthetic_frames_next(frames));
    client_wait_for(&c, &server, "id: 1\n");
    client_close(&c);
    stop();
}
END_TEST

START_TEST(frames_without_memory_are_skipped)
{
    struct ebb_http_options options = ebb_http_options_default();
    struct client c;
    start(&options);
    listen_in(&c, listen_to);
    ebb_mem_fail_nth(1);
    ebb_http_publish(server.http, synthetic_frames_next(frames));
    ebb_mem_fail_nth(0);
    ck_assert_uint_eq(ebb_http_counts(server.http).frames_skipped, 1);
    ebb_http_publish(server.http, synthetic_frames_next(frames));
    client_wait_for(&c, &server, "id: 2\n");
    ck_assert_uint_eq(count_frames(&c, true), 1);
    client_close(&c);
    stop();
}
END_TEST

RUN_SUITE("unit", "http_live", a_listener_gets_events_of_the_right_kind,
          publish_without_listeners_allocates_nothing,
          a_slow_listener_skips_frames_that_others_get,
          a_listener_that_never_reads_is_let_go,
          listeners_outlive_the_time_for_a_request,
          silence_is_broken_by_comments, a_listener_that_leaves_is_forgotten,
          more_listeners_than_allowed_are_asked_to_come_back,
          http_1_0_gets_the_stream_without_chunks,
          a_listener_that_talks_is_not_listened_to,
          frames_without_memory_are_skipped)
