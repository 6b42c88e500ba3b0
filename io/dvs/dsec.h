/* io/dvs/dsec.h - recordings in HDF5 as DSEC lays them out. */
#ifndef EBB_IO_DVS_DSEC_H
#define EBB_IO_DVS_DSEC_H

#include "io/child.h"
#include "io/dvs/format.h"
#include "io/h5.h"

/** The first message of the child that reads one; events follow, in messages
 *  of times [n] (int64), columns [n], rows [n] (uint16), polarities [n]
 *  (uint8). */
struct ebb_dsec_about {
    uint32_t width, height; /* 0: not told */
};

/** The work of that child; `self` is the reader. */
ebb_status ebb_dsec_read_in_child(void *self, struct ebb_child_out *out);

/** What is being written. */
struct ebb_dsec_writer {
    hid_t file, events, part[4]; /* t, x, y, p */
    uint64_t n;                  /* events so far */
    int64_t offset;              /* us; that of the first event */
    uint64_t *ms_to_idx;
    size_t ms, ms_room;
    uint32_t *t; /* [t_room] of a block, without the offset */
    size_t t_room;
};

/** Has an HDF5 file the events of a camera, readable or not? For children:
 *  the file is not trusted. */
bool ebb_dvs_dsec_looks(hid_t file);

ebb_status ebb_dsec_begin(struct ebb_dvs_writer *w);
ebb_status ebb_dsec_write(struct ebb_dvs_writer *w,
                          const struct ebb_dvs_block *block);
ebb_status ebb_dsec_end(struct ebb_dvs_writer *w);
void ebb_dsec_drop(struct ebb_dvs_writer *w);

#endif
