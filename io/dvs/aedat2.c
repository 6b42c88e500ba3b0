/* io/dvs/aedat2.c - AEDAT 2.0 (jAER): big-endian address and time.
 *
 *     DVS128:  0 polarity, 7..1 column, 14..8 row, 15 no pixel
 *     DAVIS:   31 and 10 no pixel, 30..22 row, 21..12 column, 11 polarity
 *
 * Rows are counted as the camera does, from the bottom in most files. */
#include "io/dvs/aedat_header.h"
#include "io/dvs/walk.h"

#include <string.h>
#include <strings.h>

enum { RECORD = 8, SNIFFED = 4096 };

#define TURN_US (INT64_C(1) << 32)

struct aedat2_reader {
    int64_t turn, last;
    bool davis;
};

static bool aedat2_matches(const struct ebb_dvs_start *start)
{
    return ebb_aedat_starts(start, "#!AER-DAT2.0");
}

/* Lines up to the one that says it is the last, or to the first byte of
 * data; the chip is empty where none tells it. */
static void take_header(struct ebb_dvs_reader *r, char chip[EBB_AEDAT_LINE])
{
    char line[EBB_AEDAT_LINE];
    chip[0] = '\0';
    while (ebb_aedat_line(&r->in, line)) {
        if (strncasecmp(line, "#End Of ASCII Header", 20) == 0) {
            return;
        }
        const char *at = strstr(line, "AEChip: ");
        if (at) {
            snprintf(chip, EBB_AEDAT_LINE, "%s", at + 8);
            chip[strcspn(chip, " ")] = '\0';
        }
    }
}

/* Addresses of a DVS128 have 16 bits. */
static bool has_wide_addresses(struct ebb_dvs_reader *r)
{
    size_t have;
    const uint8_t *b = ebb_dvs_bytes_peek(&r->in, SNIFFED * RECORD, &have);
    for (size_t k = 0; k < have / RECORD && k < SNIFFED; k++) {
        if (ebb_be32(b + RECORD * k) >> 16 != 0) {
            return true;
        }
    }
    return false;
}

static ebb_status aedat2_open(struct ebb_dvs_reader *r)
{
    struct aedat2_reader *s = r->state;
    char chip[EBB_AEDAT_LINE];
    const char *wanted = r->options.chip;
    take_header(r, chip);
    if (ebb_aedat_is_cut(&r->in)) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the file ends in its header");
    }
    memcpy(r->about.version, "2.0", sizeof("2.0"));
    if (wanted && strcmp(wanted, "dvs128") != 0 &&
        strcmp(wanted, "davis") != 0) {
        return EBB_FAIL(EBB_ERR_ARG, "chip '%.40s'; it is dvs128 or davis",
                        wanted);
    }
    if (wanted) {
        s->davis = strcmp(wanted, "davis") == 0;
    } else if (strcasestr(chip, "davis") || strcasestr(chip, "dvs128")) {
        s->davis = strcasestr(chip, "davis") != NULL;
    } else {
        s->davis = has_wide_addresses(r);
    }
    ebb_aedat_sensor(&r->about, chip[0] || s->davis ? chip : "DVS128");
    return EBB_OK;
}

/* Returns whether the address is a pixel's. */
static bool take(struct aedat2_reader *s, const uint8_t *b,
                 struct ebb_dvs_block *out)
{
    uint32_t a = ebb_be32(b);
    int64_t t = ebb_dvs_unwrap(&s->turn, &s->last, ebb_be32(b + 4), TURN_US);
    if (s->davis) {
        if (a & (1U << 31 | 1U << 10)) {
            return false;
        }
        ebb_dvs_put(out, t, a >> 12 & 0x3FF, a >> 22 & 0x1FF, a >> 11 & 1);
        return true;
    }
    if (a >> 15 != 0) {
        return false;
    }
    ebb_dvs_put(out, t, a >> 1 & 0x7F, a >> 8 & 0x7F, a & 1);
    return true;
}

static ebb_status aedat2_read(struct ebb_dvs_reader *r,
                              struct ebb_dvs_block *out)
{
    size_t have = RECORD;
    while (out->n < out->capacity && have >= RECORD) {
        const uint8_t *b = ebb_dvs_bytes_peek(&r->in, RECORD, &have);
        size_t k = 0;
        for (; k < have / RECORD && out->n < out->capacity; k++) {
            r->about.skipped += !take(r->state, b + RECORD * k, out);
        }
        ebb_dvs_bytes_skip(&r->in, k * RECORD);
    }
    const struct aedat2_reader *s = r->state;
    r->about.turns = (uint64_t)(s->turn / TURN_US);
    return EBB_OK;
}

static size_t find_time(const struct ebb_dvs_reader *r, const uint8_t *b,
                        size_t n, int64_t *t)
{
    (void)r;
    if (n >= RECORD) {
        *t = ebb_be32(b + 4);
        return 0;
    }
    return n;
}

static ebb_status aedat2_seek(struct ebb_dvs_reader *r, int64_t before)
{
    static const struct ebb_dvs_walk how = {
        .word = RECORD, .range = TURN_US, .find = find_time, .strides = true};
    struct aedat2_reader *s = r->state;
    struct ebb_dvs_clock clock;
    bool found;
    ebb_dvs_walk(r, &how, before, &clock, &found);
    if (found) {
        s->turn = clock.turn;
        s->last = clock.last;
    }
    return EBB_OK;
}

const struct ebb_dvs_format ebb_dvs_aedat2 = {.name = "aedat2",
                                              .title = "AEDAT 2",
                                              .matches = aedat2_matches,
                                              .reader_bytes =
                                                  sizeof(struct aedat2_reader),
                                              .open = aedat2_open,
                                              .read = aedat2_read,
                                              .seek = aedat2_seek};
