/* tests/aedat4_file.h - AEDAT 4 files put together from the published layout,
 * for tests of its reader. */
#ifndef EBB_TESTS_AEDAT4_FILE_H
#define EBB_TESTS_AEDAT4_FILE_H

#include "tests/dvs_stream.h"

enum aedat4_compression { AEDAT4_NONE = 0, AEDAT4_LZ4 = 1, AEDAT4_ZSTD = 3 };

/** Can the test's own libraries compress so? */
bool aedat4_can(enum aedat4_compression compression);

/** Write the events in packets of `packet` of them, each with a packet of
 *  another stream behind it, and an index at the end. */
void aedat4_file(struct dvs_bytes *out, const struct dvs_stream *s,
                 size_t packet, enum aedat4_compression compression);

#endif
