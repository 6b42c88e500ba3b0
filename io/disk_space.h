/* io/disk_space.h - room for a file that grows, made sure of beforehand: a
 * write that fails half-way leaves HDF5 in a state that nobody can mend. */
#ifndef EBB_IO_DISK_SPACE_H
#define EBB_IO_DISK_SPACE_H

#include "core/error.h"

#include <stdint.h>

/** The room of one file. */
struct ebb_disk_space {
    int file;       /* descriptor; -1: none */
    uint64_t until; /* bytes of the file that are sure to fit */
};

/** Look after the file `path`, which is there already. Errors: EBB_ERR_IO. */
EBB_NODISCARD ebb_status ebb_disk_space_init(struct ebb_disk_space *space,
                                             const char *path);

/**
 * Make sure that the file can grow from `size` bytes by `bytes`: by reserving
 * blocks, a mebibyte at a time; where the file system cannot do that, by
 * asking it what is free, which is no promise. Limits of the process count.
 * Errors: EBB_ERR_IO with what is missing; the file is as it was.
 */
EBB_NODISCARD ebb_status ebb_disk_space_reserve(struct ebb_disk_space *space,
                                                uint64_t size, uint64_t bytes);

/** Give back what was reserved beyond the file's end and close. */
void ebb_disk_space_finish(struct ebb_disk_space *space);

#endif
