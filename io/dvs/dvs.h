/* io/dvs/dvs.h - recordings of event cameras, in any format that is known.
 *
 * Every format becomes one stream of events: time in us, pixel, polarity. A
 * reader hands them out in blocks and holds one buffer, however long the file
 * is. What a file holds is told by its content, not by its name. */
#ifndef EBB_IO_DVS_DVS_H
#define EBB_IO_DVS_DVS_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { EBB_DVS_BLOCK = 1 << 16 }; /* events of a block, where nobody minds */

/** Events in the order of the file, structure of arrays. Plain data. */
struct ebb_dvs_block {
    int64_t *t;  /* us */
    uint16_t *x; /* column, 0 at the left */
    uint16_t *y; /* row as the file counts it, 0 at the top in most formats */
    uint8_t *p;  /* 1 brighter, 0 darker */
    size_t n;    /* events in it */
    size_t capacity; /* at least 64 */
};

/** An empty block for `capacity` events, or for 64 if that is more. Errors:
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_dvs_block_init(struct ebb_dvs_block *block,
                                            size_t capacity);

/** Free its arrays. A zeroed block is allowed. */
void ebb_dvs_block_finish(struct ebb_dvs_block *block);

/** What a file says of itself. */
struct ebb_dvs_about {
    const char *format;     /* "evt3": the name that options take */
    const char *title;      /* "Prophesee EVT3" */
    char version[16];       /* "3.0"; empty: the format has none */
    char device[64];        /* camera or chip; empty: not told */
    uint32_t width, height; /* of the sensor; 0: not told */
    uint64_t left_over;     /* bytes after the last whole record, known once
                               everything is read: a file that was cut */
    uint64_t skipped;       /* records that are no pixel's: triggers, frames,
                               events that the camera marked as invalid */
    uint64_t turns;         /* how often its clock went round, so far as it was
                               read; formats with clocks that do not: 0 */
};

/** How to read. Start from ebb_dvs_options_default(). */
struct ebb_dvs_options {
    const char *format;  /* NULL: by content */
    const char *columns; /* of text, such as "txyp"; NULL: by content */
    const char *chip;    /* of AEDAT 2: "dvs128", "davis"; NULL: by header */
    int64_t begin, end;  /* events with begin <= t < end, us. Events are taken
                            to be out of order by less than 1 s: what comes
                            before `begin` is passed over, where the format can
                            be, without being unpacked or counted */
};

struct ebb_dvs_options ebb_dvs_options_default(void);

/** A recording being read. */
struct ebb_dvs_reader;

/** Open a recording. `options` may be NULL. On failure *out is NULL. Errors:
 *  EBB_ERR_IO, EBB_ERR_FORMAT, EBB_ERR_ARG (no such format), EBB_ERR_NOMEM,
 *  each with the path. */
EBB_NODISCARD ebb_status ebb_dvs_open(struct ebb_dvs_reader **out,
                                      const char *path,
                                      const struct ebb_dvs_options *options);

/** The same from a stream, which is taken, also on failure. HDF5 needs a
 *  path. `name` is for messages. */
EBB_NODISCARD ebb_status
ebb_dvs_open_stream(struct ebb_dvs_reader **out, FILE *stream, const char *name,
                    const struct ebb_dvs_options *options);

/** A recording without a file, of a format that ebb_dvs_format_is_fed(): its
 *  bytes are handed over as they come. Errors: EBB_ERR_ARG, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status
ebb_dvs_open_fed(struct ebb_dvs_reader **out, const char *name,
                 const struct ebb_dvs_options *options);

/** Hand bytes over; returns how many were taken: all, or what the reader has
 *  room for until events are read. */
size_t ebb_dvs_feed(struct ebb_dvs_reader *reader, const uint8_t *bytes,
                    size_t n);

/** No more bytes come: what is left is read as the end of a file is. */
void ebb_dvs_feed_end(struct ebb_dvs_reader *reader);

/** The next events: 1 to block->capacity of them, or none at the end, or
 *  until more is handed over. Errors: EBB_ERR_IO, EBB_ERR_FORMAT,
 *  EBB_ERR_NOMEM; the events before the failure are in the block, and each
 *  further call fails. */
EBB_NODISCARD ebb_status ebb_dvs_read(struct ebb_dvs_reader *reader,
                                      struct ebb_dvs_block *block);

/** What the file says of itself; valid until it is closed. */
const struct ebb_dvs_about *ebb_dvs_about(const struct ebb_dvs_reader *reader);

/** Close it. NULL is allowed. */
void ebb_dvs_close(struct ebb_dvs_reader *reader);

/** Does the file's content look like a recording, readable or not? False also
 *  where it cannot be opened. */
bool ebb_dvs_is_recording(const char *path);

/** Name of the format that files of this name are written in, or NULL. */
const char *ebb_dvs_format_of_name(const char *path);

/** Names of the formats; NULL beyond the last. */
const char *ebb_dvs_format_name(size_t k);

/** Can its bytes be handed over as they come? */
bool ebb_dvs_format_is_fed(const char *format);

/** Can it be written? */
bool ebb_dvs_format_writes(const char *format);

/** Is it written by ebb_dvs_writer_create_file()? */
bool ebb_dvs_format_in_file(const char *format);

/** A recording being written. */
struct ebb_dvs_writer;

/** Begin to write into a stream, which stays the caller's. `about` gives the
 *  sensor and may be NULL. Errors: EBB_ERR_ARG (a format that is not written),
 *  EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status
ebb_dvs_writer_create(struct ebb_dvs_writer **out, FILE *stream,
                      const char *format, const struct ebb_dvs_about *about);

/** The same for formats that are no stream (HDF5): the file gets its name at
 *  ebb_dvs_writer_end(), at once. `path` must outlive the writer. Errors: as
 *  above, EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_dvs_writer_create_file(
    struct ebb_dvs_writer **out, const char *path, const char *format,
    const struct ebb_dvs_about *about);

/** Write a block of events. Errors: EBB_ERR_ARG (an event that the format
 *  cannot hold, with the way out), EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_dvs_write(struct ebb_dvs_writer *writer,
                                       const struct ebb_dvs_block *block);

/** Write what is pending and go on: whole records are in the stream then.
 *  Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_dvs_writer_flush(struct ebb_dvs_writer *writer);

/** Write what is pending; only ebb_dvs_writer_destroy() may follow. Errors:
 *  EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_dvs_writer_end(struct ebb_dvs_writer *writer);

/** Free it. NULL is allowed. */
void ebb_dvs_writer_destroy(struct ebb_dvs_writer *writer);

#endif
