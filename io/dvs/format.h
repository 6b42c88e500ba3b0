/* io/dvs/format.h - what a format of recordings consists of. */
#ifndef EBB_IO_DVS_FORMAT_H
#define EBB_IO_DVS_FORMAT_H

#include "io/dvs/bytes.h"
#include "io/dvs/dvs.h"

struct ebb_dvs_reader {
    const struct ebb_dvs_format *format;
    const char *name; /* of the file; owned */
    char *owned_name;
    struct ebb_dvs_options options;
    struct ebb_dvs_about about;
    struct ebb_dvs_bytes in;
    void *state;       /* the format's own, zeroed at first */
    ebb_status failed; /* what ended the reading */
    bool begun;        /* opened by the format */
    bool done;
};

struct ebb_dvs_writer {
    const struct ebb_dvs_format *format;
    FILE *file;       /* NULL: the format writes to `path` */
    const char *path; /* lives as long as the writer */
    struct ebb_dvs_about about;
    void *state;     /* the format's own, zeroed at first */
    uint64_t events; /* written so far */
    int64_t last;    /* time of the latest */
    uint8_t *buffer;
    size_t n;
    bool failed;
};

/** The start of a file, by which its format is found. */
struct ebb_dvs_start {
    const uint8_t *bytes;
    size_t n;
    const char *name;
};

/** A format. */
struct ebb_dvs_format {
    const char *name;   /* "evt3" */
    const char *title;  /* "Prophesee EVT3" */
    const char *ending; /* of names of files, ".raw", or NULL */
    bool (*matches)(const struct ebb_dvs_start *start);

    size_t reader_bytes; /* of the state */
    ebb_status (*open)(struct ebb_dvs_reader *r);
    /* Of bytes that are handed over: is enough there to open? NULL: the format
     * needs a file. */
    bool (*ready)(struct ebb_dvs_reader *r);
    /* Add events to `out` until it is full or the file ends. */
    ebb_status (*read)(struct ebb_dvs_reader *r, struct ebb_dvs_block *out);
    /* Go on from a place before which all events are earlier than `before`; or
     * NULL. Called once, after open, where the file can be read from any
     * place. */
    ebb_status (*seek)(struct ebb_dvs_reader *r, int64_t before);
    void (*close)(struct ebb_dvs_reader *r); /* or NULL */

    size_t writer_bytes;
    bool in_file;      /* is written to a path, not to a stream */
    bool rising;       /* times may not fall */
    uint32_t side_max; /* the largest column and row that it holds */
    int64_t t_max;     /* the latest time that it holds, us */
    ebb_status (*begin)(struct ebb_dvs_writer *w); /* NULL: is not written */
    ebb_status (*write)(struct ebb_dvs_writer *w,
                        const struct ebb_dvs_block *block);
    ebb_status (*end)(struct ebb_dvs_writer *w); /* or NULL */
    void (*drop)(
        struct ebb_dvs_writer *w); /* whether it ended or not; or NULL */
};

extern const struct ebb_dvs_format ebb_dvs_aedat2, ebb_dvs_aedat3,
    ebb_dvs_aedat4, ebb_dvs_csv, ebb_dvs_dat, ebb_dvs_dsec, ebb_dvs_es,
    ebb_dvs_evt2, ebb_dvs_evt21, ebb_dvs_evt3, ebb_dvs_nmnist;

/** Does a name end so? */
bool ebb_dvs_ends(const char *name, const char *ending);

/** Add an event; there is room. */
static inline void ebb_dvs_put(struct ebb_dvs_block *b, int64_t t, uint32_t x,
                               uint32_t y, uint32_t p)
{
    b->t[b->n] = t;
    b->x[b->n] = (uint16_t)x;
    b->y[b->n] = (uint16_t)y;
    b->p[b->n] = (uint8_t)p;
    b->n++;
}

/** Times of a counter that wraps: `turn` grows where `t` falls by more than
 *  half of its `range`; less than that is jitter. */
static inline int64_t ebb_dvs_unwrap(int64_t *turn, int64_t *last, int64_t t,
                                     int64_t range)
{
    if (*last - t > range / 2 && *turn < INT64_MAX / 2) {
        *turn += range;
    }
    *last = t;
    return *turn + t;
}

/** Room for `n` <= 64 more bytes of a file being written. */
uint8_t *ebb_dvs_out(struct ebb_dvs_writer *w, size_t n);

static inline void ebb_dvs_out_le(struct ebb_dvs_writer *w, uint64_t value,
                                  size_t n)
{
    uint8_t *to = ebb_dvs_out(w, n);
    for (size_t k = 0; k < n; k++) {
        to[k] = (uint8_t)(value >> 8 * k);
    }
}

/** Text into a file being written; at most 1000 characters. */
void ebb_dvs_out_text(struct ebb_dvs_writer *w, const char *format, ...)
    EBB_PRINTF(2, 3);

/** The failure of an event whose time is too far from the one before. */
EBB_NODISCARD ebb_status ebb_dvs_too_far(const struct ebb_dvs_writer *w,
                                         int64_t t);

#endif
