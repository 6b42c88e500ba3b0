/* io/trace_stream.h - what grows in a trace while it is written: columns that
 * grow together, in whole chunks, and a place for the part that is not whole.
 *
 * A chunk is written once: a reader sees it as it will always be. A block that
 * is full is packed by a worker and then written; the open one waits in memory.
 * To commit it, its numbers are added to one of the two
 * slots of an unfiltered dataset, behind those that are there. The next block
 * goes to the other slot, so that what was committed last always stands. */
#ifndef EBB_IO_TRACE_STREAM_H
#define EBB_IO_TRACE_STREAM_H

#include "io/chunk_worker.h"
#include "io/h5.h"

enum { EBB_STREAM_COLUMNS = 4, EBB_STREAM_CHUNK = 16384 };

/** One dataset [rows, points], or [points] of a list, points growing. */
struct ebb_column {
    const char *name;
    hid_t file_type, type; /* in the file, in memory */
    size_t item;           /* bytes of a number */
    size_t rows;           /* 0: a list */
    size_t side;           /* rows of a chunk */
    bool derived;          /* follows from others: never staged */
    hid_t main, staging;
    unsigned char *data; /* [block][rows] the open block */
    unsigned char *full; /* the one that is being packed */
};

/** Where a stream stands, as far as a reader has to know. */
struct ebb_stream_mark {
    uint64_t in_main; /* points in whole chunks */
    uint64_t staged;  /* points behind them, in the slot */
    uint64_t slot;
};

struct ebb_stream {
    struct ebb_column column[EBB_STREAM_COLUMNS];
    size_t n_columns;
    size_t block; /* points of a chunk */
    size_t held;  /* points of the open block */
    size_t full;  /* points that are being packed */
    struct ebb_stream_mark mark;
    struct ebb_chunk_job job;
};

/** Points of a block for so many rows: a chunk has 16384 numbers, a block at
 *  most about 64 MiB. */
size_t ebb_stream_block(size_t rows);

/** Add a column; its buffer is taken by ebb_stream_begin(). */
struct ebb_column *ebb_stream_add(struct ebb_stream *stream, const char *name,
                                  hid_t file_type, hid_t type, size_t rows);

struct ebb_arena;

/** Take memory. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_stream_begin(struct ebb_stream *stream,
                                          struct ebb_arena *arena);

/** Make the datasets in `main` and, unless it is negative, in `staging`.
 *  Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_stream_create(struct ebb_stream *stream,
                                           hid_t main, hid_t staging);

/** Have the open block packed, which becomes empty; it need not be full at the
 *  end of the stream. There is no other one that was not written. */
void ebb_stream_pack(struct ebb_stream *stream,
                     struct ebb_chunk_worker *worker);

/** Wait for a block that is being packed. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_stream_wait(struct ebb_stream *stream,
                                         struct ebb_chunk_worker *worker);

/** Bytes that writing the packed block may take. */
uint64_t ebb_stream_bytes(const struct ebb_stream *stream);

/** Write the packed block. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_stream_write(struct ebb_stream *stream);

/** Bytes that a commit may take. */
uint64_t ebb_stream_commit_bytes(const struct ebb_stream *stream);

/** Stage what the open block holds (no other one waits) and hand all to the
 *  file system; *mark then says where a reader finds it. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_stream_commit(struct ebb_stream *stream);

/** Close the datasets. */
void ebb_stream_close(struct ebb_stream *stream);

#endif
