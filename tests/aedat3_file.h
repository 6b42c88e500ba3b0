/* tests/aedat3_file.h - AEDAT 3.1 files put together from the published
 * layout, for tests of its reader and of DVS128 Gesture. */
#ifndef EBB_TESTS_AEDAT3_FILE_H
#define EBB_TESTS_AEDAT3_FILE_H

#include "tests/dvs_stream.h"

/** Write the events in packets of at most `packet` of them, those of each turn
 *  of 2^31 us in packets of their own; behind every third packet an invalid
 *  event and a packet of another type. */
void aedat3_file(struct dvs_bytes *out, const struct dvs_stream *s,
                 size_t packet);

#endif
