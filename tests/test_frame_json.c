/* tests/test_frame_json.c - frames as text, at the edges of what they hold. */
#include "io/serve/frame_json.h"

#include "tests/run_suite.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct ebb_text text;

/* The frame as a string, until the next call. */
static const char *write_frame(const struct ebb_live_frame *frame)
{
    ebb_text_finish(&text);
    ebb_frame_json(&text, frame);
    ebb_text_put(&text, "", 1);
    ck_assert_int_eq(ebb_text_status(&text), EBB_OK);
    return text.chars;
}

static void check_has(const char *json, const char *part)
{
    ck_assert_msg(strstr(json, part) != NULL, "no '%s' in %.2000s", part, json);
}

START_TEST(an_empty_frame_is_written_in_full)
{
    struct ebb_live_frame frame = {.index = 3, .t_us = 20, .winner = -1};
    ck_assert_str_eq(
        write_frame(&frame),
        "{\"index\":3,\"t_us\":20,\"span_us\":0,\"events\":0,\"image\":null,"
        "\"layers\":[],\"classes\":{\"name\":[],\"probability\":[],"
        "\"winner\":null,\"confidence\":0},\"work\":{\"synaptic_operations\":0,"
        "\"neuron_updates\":0,\"energy_j\":0},\"dropped\":{\"udp\":0,\"gap\":0,"
        "\"malformed\":0,\"late\":0},\"latency_s\":{\"p50\":0,\"p99\":0},"
        "\"realtime_ratio\":0,\"queue_depth\":0}");
    ebb_text_finish(&text);
}
END_TEST

START_TEST(pixels_without_events_are_passed_over)
{
    /* 300 x 1: two on at 0, 20 off at 1, both at 299. */
    uint8_t on[300] = {[0] = 2, [299] = 1}, off[300] = {[1] = 20, [299] = 3};
    struct ebb_live_frame frame = {
        .width = 300, .height = 1, .on = on, .off = off, .winner = -1};
    /* 00 02  00 F0  A9 02 (297 = 0x29 + 2 * 128)  31 */
    check_has(write_frame(&frame),
              "\"image\":{\"width\":300,\"height\":1,\"shrink\":1,"
              "\"pixels\":\"AAIA8KkCMQ==\"}");
    ebb_text_finish(&text);
}
END_TEST

START_TEST(large_images_are_shrunk_and_their_counts_added)
{
    enum { W = 1281, H = 721 };
    uint8_t *on = calloc(W * H, 1), *off = calloc(W * H, 1);
    struct ebb_live_frame frame = {
        .width = W, .height = H, .on = on, .off = off, .winner = -1};
    on[0] = 1;
    on[1] = 2;
    on[3 * W + 3] = 4;              /* the same pixel of the smaller image */
    off[(H - 1) * W + W - 1] = 255; /* the last one, a part of a square */
    const char *json = write_frame(&frame);
    check_has(json, "\"width\":321,\"height\":181,\"shrink\":4");
    /* 00 07, then 321 * 181 - 2 = 58099 passed over: F3 C5 03, F0 */
    check_has(json, "\"pixels\":\"AAfzxQPw\"");
    free(on);
    free(off);
    ebb_text_finish(&text);
}
END_TEST

START_TEST(absurd_sizes_give_no_image)
{
    struct ebb_live_frame frame = {
        .width = 4000000000u, .height = 2, .winner = -1};
    check_has(write_frame(&frame), "\"image\":null");
    ebb_text_finish(&text);
}
END_TEST

START_TEST(spikes_have_the_bits_that_they_need)
{
    const uint32_t node[] = {1, 65535}, dt[] = {0, 500};
    struct ebb_live_layer layers[] = {{"narrow", 65536, 9, node, dt, 2},
                                      {"wi\"de", 65537, 2, node, dt, 2}};
    struct ebb_live_frame frame = {
        .span_us = 1000, .layers = layers, .n_layers = 2, .winner = -1};
    const char *json = write_frame(&frame);
    check_has(json, "{\"name\":\"narrow\",\"n\":65536,\"spikes\":9,\"bits\":16,"
                    "\"node\":\"AQD//w==\",\"dt\":\"AAAAgA==\"}");
    check_has(json,
              "{\"name\":\"wi\\\"de\",\"n\":65537,\"spikes\":2,\"bits\":32,"
              "\"node\":\"AQAAAP//AAA=\",\"dt\":\"AAAAgA==\"}");
    ebb_text_finish(&text);
}
END_TEST

START_TEST(times_beyond_the_span_stay_within)
{
    const uint32_t node[] = {0, 0}, dt[] = {1000, 4000000000u};
    struct ebb_live_layer layer = {"a", 1, 2, node, dt, 2};
    struct ebb_live_frame frame = {
        .span_us = 1000, .layers = &layer, .n_layers = 1, .winner = -1};
    check_has(write_frame(&frame), "\"dt\":\"/////w==\"");
    frame.span_us = 0;
    check_has(write_frame(&frame), "\"dt\":\"AAAAAA==\"");
    ebb_text_finish(&text);
}
END_TEST

START_TEST(more_than_is_shown_is_left_out)
{
    static uint32_t zeros[2 * EBB_LIVE_SHOWN_MAX];
    static struct ebb_live_layer layers[EBB_FRAME_LAYERS_MAX + 5];
    static double p[EBB_FRAME_CLASSES_MAX + 5];
    size_t n = 0;
    for (size_t k = 0; k < EBB_FRAME_LAYERS_MAX + 5; k++) {
        layers[k] = (struct ebb_live_layer){
            "l", 1, 9000, zeros, zeros, 2 * EBB_LIVE_SHOWN_MAX};
    }
    struct ebb_live_frame frame = {.layers = layers,
                                   .n_layers = EBB_FRAME_LAYERS_MAX + 5,
                                   .probability = p,
                                   .n_classes = EBB_FRAME_CLASSES_MAX + 5,
                                   .winner = EBB_FRAME_CLASSES_MAX + 1};
    const char *json = write_frame(&frame);
    for (const char *at = json; (at = strstr(at, "\"node\":")) != NULL; at++) {
        n++;
        size_t chars = strcspn(at + 8, "\"");
        ck_assert_uint_eq(chars, (2 * EBB_LIVE_SHOWN_MAX + 2) / 3 * 4);
    }
    ck_assert_uint_eq(n, EBB_FRAME_LAYERS_MAX);
    check_has(json, "\"254\",\"255\"],\"probability\"");
    check_has(json, "\"winner\":null");
    ebb_text_finish(&text);
}
END_TEST

START_TEST(numbers_that_are_none_are_null)
{
    const double p[] = {0.25, (double)NAN};
    const char *const names[] = {"one", NULL};
    struct ebb_live_frame frame = {.probability = p,
                                   .class_name = names,
                                   .n_classes = 2,
                                   .winner = 0,
                                   .confidence = HUGE_VAL,
                                   .realtime_ratio = (double)NAN};
    const char *json = write_frame(&frame);
    check_has(json, "\"name\":[\"one\",\"1\"],\"probability\":[0.25,null],"
                    "\"winner\":0,\"confidence\":null}");
    check_has(json, "\"realtime_ratio\":null");
    ebb_text_finish(&text);
}
END_TEST

RUN_SUITE("unit", "frame_json", an_empty_frame_is_written_in_full,
          pixels_without_events_are_passed_over,
          large_images_are_shrunk_and_their_counts_added,
          absurd_sizes_give_no_image, spikes_have_the_bits_that_they_need,
          times_beyond_the_span_stay_within, more_than_is_shown_is_left_out,
          numbers_that_are_none_are_null)
