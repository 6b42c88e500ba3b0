/* io/h5.h - HDF5 behind status codes; what it reads is held to be hostile.
 * hid_t stays within io/. */
#ifndef EBB_IO_H5_H
#define EBB_IO_H5_H

#include "core/error.h"

#include <hdf5.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EBB_H5_RANK_MAX = 4 };

/** Extent of a dataset. */
struct ebb_h5_shape {
    int rank;
    hsize_t size[EBB_H5_RANK_MAX];
    size_t count; /* product */
};

/** Open a file to read. *out is negative after a failure. Errors: EBB_ERR_IO
 *  (not there), EBB_ERR_FORMAT (no HDF5, or truncated). */
EBB_NODISCARD ebb_status ebb_h5_open(hid_t *out, const char *path);

/**
 * Begin a file that replaces `path` when ebb_h5_commit() is reached: until
 * then all goes to "path.tmp". Errors: EBB_ERR_IO.
 */
EBB_NODISCARD ebb_status ebb_h5_begin(hid_t *out, const char *path);

/** The same in the latest format, whose headers have checksums: for files that
 *  ebb alone reads, in process. */
EBB_NODISCARD ebb_status ebb_h5_begin_latest(hid_t *out, const char *path);

/** See a closed file safely on the disk. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_h5_sync(const char *name);

/** Close a begun file, see it safely on the disk and give it its name.
 *  Closes `file` and removes "path.tmp" on failure too. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_h5_commit(hid_t file, const char *path);

/** Close a begun file and remove it. */
void ebb_h5_abandon(hid_t file, const char *path);

/** Create a file that readers may follow while it grows, once
 *  H5Fstart_swmr_write() has been called: latest format, nothing in its place
 *  yet unless `replace`. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_h5_create_growing(hid_t *out, const char *path,
                                               bool replace);

/** Open a file that may still grow, or whose writer was killed. Errors: as
 *  ebb_h5_open(). */
EBB_NODISCARD ebb_status ebb_h5_open_growing(hid_t *out, const char *path);

/** See a closed file safely on the disk and give it the name `path`. Errors:
 *  EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_h5_publish(const char *name, const char *path);

/** Is there a member of that name, linked directly? */
bool ebb_h5_has(hid_t at, const char *name);

/** Open a group. Errors: EBB_ERR_FORMAT naming what is missing. */
EBB_NODISCARD ebb_status ebb_h5_group(hid_t *out, hid_t at, const char *name);

/** Make a group. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_h5_group_create(hid_t *out, hid_t at,
                                             const char *name);

/** Extent of a dataset of numbers, held in the file itself and no larger than
 *  the file can be. Errors: EBB_ERR_FORMAT. */
EBB_NODISCARD ebb_status ebb_h5_shape(struct ebb_h5_shape *out, hid_t at,
                                      const char *name);

/** The same of weights: *single where float holds what is stored. */
EBB_NODISCARD ebb_status ebb_h5_shape_of_weights(struct ebb_h5_shape *out,
                                                 bool *single, hid_t at,
                                                 const char *name);

/** Read a dataset of exactly `count` numbers as `type`; as whole numbers only
 *  what they can hold. HDF5 takes kilobytes for each chunk of a call: it is
 *  asked for at most 1024 at a time, as below. Errors: EBB_ERR_FORMAT,
 *  EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_h5_read(void *out, hid_t at, const char *name,
                                     hid_t type, size_t count);

/** Open a dataset of numbers in one dimension, *n of them, to read pieces of
 *  it with ebb_h5_read_piece(); close it with H5Dclose(). Errors:
 *  EBB_ERR_FORMAT. */
EBB_NODISCARD ebb_status ebb_h5_open_list(hid_t *out, size_t *n, hid_t at,
                                          const char *name);

/** Read the numbers from..from+n-1 as `type`; as whole numbers only what they
 *  can hold. Errors: EBB_ERR_FORMAT, EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_h5_read_piece(void *out, hid_t dataset,
                                           const char *name, hid_t type,
                                           size_t from, size_t n);

/** Read size[k] numbers from origin[k] on in each of the dataset's `rank`
 *  dimensions. Errors: EBB_ERR_FORMAT, EBB_ERR_IO (fewer are there, or it has
 *  other dimensions). */
EBB_NODISCARD ebb_status ebb_h5_read_rectangle(void *out, hid_t dataset,
                                               const char *name, hid_t type,
                                               int rank, const hsize_t *origin,
                                               const hsize_t *size);

/** Write a dataset; arrays of more than 4 KiB are chunked and deflated where
 *  `deflate`. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_h5_write(hid_t at, const char *name,
                                      hid_t file_type, hid_t type,
                                      const struct ebb_h5_shape *shape,
                                      const void *data, bool deflate);

/** Make a dataset whose numbers are still to be written, chunked and deflated
 *  as by ebb_h5_write(); chunks are of one megabyte. Close it with H5Dclose().
 *  Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status
ebb_h5_create_dataset(hid_t *out, hid_t at, const char *name, hid_t file_type,
                      const struct ebb_h5_shape *shape);

/** A shape of one or two dimensions. */
struct ebb_h5_shape ebb_h5_shape_1(size_t n);
struct ebb_h5_shape ebb_h5_shape_2(size_t rows, size_t columns);

/* Attributes. Errors: EBB_ERR_FORMAT, EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_h5_put_text(hid_t at, const char *name,
                                         const char *text);
EBB_NODISCARD ebb_status ebb_h5_put_number(hid_t at, const char *name,
                                           double value);
EBB_NODISCARD ebb_status ebb_h5_put_count(hid_t at, const char *name,
                                          uint64_t value);
/** Text into out[size]; longer text is a failure. */
EBB_NODISCARD ebb_status ebb_h5_get_text(char *out, size_t size, hid_t at,
                                         const char *name);
/** The same where it may be of variable length too, as h5py writes it. */
EBB_NODISCARD ebb_status ebb_h5_get_any_text(char *out, size_t size, hid_t at,
                                             const char *name);
EBB_NODISCARD ebb_status ebb_h5_get_number(double *out, hid_t at,
                                           const char *name);
/** n whole numbers from 0. */
EBB_NODISCARD ebb_status ebb_h5_get_counts(uint64_t *out, size_t n, hid_t at,
                                           const char *name);
EBB_NODISCARD ebb_status ebb_h5_get_count(uint64_t *out, hid_t at,
                                          const char *name);

/** Number of members of a group. */
size_t ebb_h5_members(hid_t at);

/** Name of member `index` in order of name, into out[size]. Errors:
 *  EBB_ERR_FORMAT (too long). */
EBB_NODISCARD ebb_status ebb_h5_member(char *out, size_t size, hid_t at,
                                       size_t index);

#endif
