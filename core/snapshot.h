/* core/snapshot.h - the state of something at work as named arrays of numbers,
 * written and read back by whoever knows where they are kept. */
#ifndef EBB_CORE_SNAPSHOT_H
#define EBB_CORE_SNAPSHOT_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>

/** Of what kind the numbers of an array are. */
enum ebb_snapshot_type {
    EBB_SNAPSHOT_U32,
    EBB_SNAPSHOT_U64,
    EBB_SNAPSHOT_F32,
    EBB_SNAPSHOT_F64
};

enum { EBB_SNAPSHOT_NAME_BYTES = 240 }; /* of a name, its end included */

/** Where arrays go. A status other than EBB_OK ends the saving. */
struct ebb_snapshot_sink {
    void *self;
    /** Keep `data` [n] under a name such as "populations/hidden/wake"; no name
     *  comes twice. Borrowed for the call. */
    ebb_status (*put)(void *self, const char *name, enum ebb_snapshot_type type,
                      const void *data, size_t n);
};

/** Where arrays come from: one part, or several that together hold what was
 *  saved piece by piece. What they say is held to be hostile: whoever reads
 *  checks each number. */
struct ebb_snapshot_source {
    void *self;
    size_t n_parts;
    /** *n gets the length of an array of that type in part `part`, *there
     *  whether there is one. Errors: EBB_ERR_FORMAT (another type, damaged). */
    ebb_status (*find)(void *self, size_t part, const char *name,
                       enum ebb_snapshot_type type, bool *there, size_t *n);
    /** Numbers from .. from + n - 1 of an array that find() has told of.
     *  Errors: EBB_ERR_FORMAT, EBB_ERR_IO. */
    ebb_status (*read)(void *self, size_t part, const char *name,
                       enum ebb_snapshot_type type, size_t from, size_t n,
                       void *out);
    /** What part `part` is called in messages: the name of its file. */
    const char *(*name)(void *self, size_t part);
};

/** Bytes of a number. */
static inline size_t ebb_snapshot_bytes(enum ebb_snapshot_type type)
{
    return type == EBB_SNAPSHOT_U32 || type == EBB_SNAPSHOT_F32 ? 4 : 8;
}

#endif
