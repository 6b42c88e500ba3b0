/* io/dvs/dsec.h - recordings in HDF5 as DSEC lays them out. */
#ifndef EBB_IO_DVS_DSEC_H
#define EBB_IO_DVS_DSEC_H

#include "io/dvs/format.h"
#include "io/h5.h"

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

/** Has an HDF5 file the events of a camera, readable or not? */
bool ebb_dvs_dsec_looks(hid_t file);

ebb_status ebb_dsec_begin(struct ebb_dvs_writer *w);
ebb_status ebb_dsec_write(struct ebb_dvs_writer *w,
                          const struct ebb_dvs_block *block);
ebb_status ebb_dsec_end(struct ebb_dvs_writer *w);
void ebb_dsec_drop(struct ebb_dvs_writer *w);

#endif
