/* io/dvs/dsec.c - recordings in HDF5 as DSEC lays them out.
 *
 *     /events/{x, y, t, p}  one number an event, t in us
 *     /t_offset             us to be added to t
 *     /ms_to_idx            [ms] the first event with t >= 1000 ms
 *     attributes width, height of / or /events, where they are told */
#include "io/dvs/dsec.h"

#include <string.h>

enum { EVENT_BYTES = 13 };

/* Differences of times fit into 64 bits only where times are that small. */
static const int64_t t_max = INT64_MAX / 4;

struct dsec_reader {
    struct ebb_child *child;
    const uint8_t *block; /* a message: times, columns, rows, polarities */
    size_t n, at;         /* events of it, and which is next */
};

static bool dsec_matches(const struct ebb_dvs_start *start)
{
    return start->n >= 8 && memcmp(start->bytes, "\x89HDF\r\n\x1a\n", 8) == 0;
}

static ebb_status dsec_open(struct ebb_dvs_reader *r)
{
    struct dsec_reader *s = r->state;
    struct ebb_dsec_about about;
    const uint8_t *bytes;
    size_t n;
    ebb_dvs_bytes_skip(&r->in, r->in.n - r->in.at); /* HDF5 reads for itself */
    EBB_TRY(ebb_child_start(&s->child, ebb_dsec_read_in_child, r, NULL));
    EBB_TRY(ebb_child_receive(s->child, &bytes, &n));
    if (n != sizeof(about)) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the file is damaged");
    }
    memcpy(&about, bytes, n);
    r->about.width = about.width;
    r->about.height = about.height;
    return EBB_OK;
}

/* The next block; none at the end. */
static ebb_status next_block(struct dsec_reader *s)
{
    size_t bytes;
    s->at = s->n = 0;
    EBB_TRY(ebb_child_receive(s->child, &s->block, &bytes));
    if (bytes % EVENT_BYTES != 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the file is damaged");
    }
    s->n = bytes / EVENT_BYTES;
    return EBB_OK;
}

static ebb_status dsec_read(struct ebb_dvs_reader *r, struct ebb_dvs_block *out)
{
    struct dsec_reader *s = r->state;
    if (s->at == s->n) {
        EBB_TRY(next_block(s));
    }
    size_t left = s->n - s->at;
    size_t n = left < out->capacity ? left : out->capacity;
    if (n == 0) {
        return EBB_OK;
    }
    memcpy(out->t, s->block + 8 * s->at, 8 * n);
    memcpy(out->x, s->block + 8 * s->n + 2 * s->at, 2 * n);
    memcpy(out->y, s->block + 10 * s->n + 2 * s->at, 2 * n);
    memcpy(out->p, s->block + 12 * s->n + s->at, n);
    for (size_t k = 0; k < n; k++) {
        if (out->t[k] < -t_max || out->t[k] > t_max || out->p[k] > 1) {
            return EBB_FAIL(EBB_ERR_FORMAT, "the file is damaged");
        }
    }
    out->n = n;
    s->at += n;
    return EBB_OK;
}

static void dsec_close(struct ebb_dvs_reader *r)
{
    struct dsec_reader *s = r->state;
    ebb_child_end(s->child);
}

const struct ebb_dvs_format ebb_dvs_dsec = {
    .name = "dsec",
    .title = "HDF5 as of DSEC",
    .ending = ".h5",
    .matches = dsec_matches,
    .reader_bytes = sizeof(struct dsec_reader),
    .open = dsec_open,
    .read = dsec_read,
    .close = dsec_close,
    .writer_bytes = sizeof(struct ebb_dsec_writer),
    .in_file = true,
    .rising = true,
    .side_max = 0xFFFF,
    .t_max = INT64_MAX / 8,
    .begin = ebb_dsec_begin,
    .write = ebb_dsec_write,
    .end = ebb_dsec_end,
    .drop = ebb_dsec_drop};
