/* tests/test_sound.c - sounds, whole, cut anywhere and damaged. */
#include "io/audio/sound.h"
#include "tests/mutate.h"
#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { VALUES = 60, HEADER = 44, BYTES = HEADER + 4 * VALUES };

static char path[64];
static uint8_t wav[BYTES];

static void put(size_t at, uint32_t value, size_t bytes)
{
    for (size_t k = 0; k < bytes; k++) {
        wav[at + k] = (uint8_t)(value >> 8 * k);
    }
}

/* Two channels of 16 bits at 8 kHz: value k and half of it. */
static void make_wav(void)
{
    snprintf(path, sizeof(path), "/tmp/ebb_sound_%d.wav", (int)getpid());
    memcpy(wav, "RIFF....WAVEfmt ", 16);
    memcpy(wav + 36, "data", 4);
    static const uint32_t fields[][3] = {
        {4, BYTES - 8, 4}, {16, 16, 4},   {20, 1, 2},
        {22, 2, 2},        {24, 8000, 4}, {28, 32000, 4},
        {32, 4, 2},        {34, 16, 2},   {40, 4 * VALUES, 4}};
    for (size_t k = 0; k < sizeof(fields) / sizeof(*fields); k++) {
        put(fields[k][0], fields[k][1], fields[k][2]);
    }
    for (uint32_t k = 0; k < VALUES; k++) {
        put(HEADER + 4 * k, 512 * k, 2);
        put(HEADER + 4 * k + 2, 256 * k, 2);
    }
}

static void write_file(const uint8_t *bytes, size_t n)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

START_TEST(channels_are_averaged)
{
    struct ebb_sound s = {0};
    make_wav();
    write_file(wav, BYTES);
    ck_assert_msg(ebb_sound_read(&s, path) == EBB_OK, "%s",
                  ebb_error_message());
    ck_assert_uint_eq(s.n, VALUES);
    ck_assert_double_eq_tol(s.rate_hz, 8000, 1e-9);
    for (size_t k = 0; k < VALUES; k++) {
        ck_assert_double_eq_tol((double)s.at[k], 384 * (double)k / 32768, 1e-7);
    }
    ebb_sound_finish(&s);
    unlink(path);
}
END_TEST

/* A file either is a sound or a message that names it. */
static void read_any(struct ebb_sound *s)
{
    ebb_status status = ebb_sound_read(s, path);
    CHECK_EACH(status == EBB_OK || status == EBB_ERR_FORMAT, "%s",
               ebb_error_message());
    CHECK_EACH(status == EBB_OK || strstr(ebb_error_message(), path), "%s",
               ebb_error_message());
    for (size_t k = 0; status == EBB_OK && k < s->n; k++) {
        CHECK_EACH(isfinite(s->at[k]), "value %zu", k);
    }
}

START_TEST(sounds_cut_anywhere_are_shorter_or_refused)
{
    struct ebb_sound s = {0};
    make_wav();
    for (size_t n = 0; n < BYTES; n += n < HEADER + 8 ? 1 : 23) {
        write_file(wav, n);
        read_any(&s);
        CHECK_EACH(s.n <= VALUES, "%zu values of %zu bytes", s.n, n);
    }
    ebb_sound_finish(&s);
    unlink(path);
}
END_TEST

START_TEST(damaged_sounds_are_read_or_refused)
{
    uint64_t seed = (uint64_t)time(NULL);
    const struct dvs_bytes from = {.at = wav, .n = BYTES};
    struct dvs_bytes damaged = {0};
    struct ebb_sound s = {0};
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_TEST, 0);
    make_wav();
    printf("seed %llu\n", (unsigned long long)seed);
    for (size_t k = 0; k < 200; k++) {
        mutate(&damaged, &from, &r);
        write_file(damaged.at, damaged.n);
        read_any(&s);
    }
    dvs_bytes_finish(&damaged);
    ebb_sound_finish(&s);
    unlink(path);
}
END_TEST

RUN_SUITE("io", "sound", channels_are_averaged,
          sounds_cut_anywhere_are_shorter_or_refused,
          damaged_sounds_are_read_or_refused)
