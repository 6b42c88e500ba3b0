/* tests/sample_archive.h - published data sets beside the source tree. */
#ifndef EBB_TESTS_SAMPLE_ARCHIVE_H
#define EBB_TESTS_SAMPLE_ARCHIVE_H

#include <stdbool.h>

/** Is there a sample of that name (dvs_sample())? Says what is skipped where
 *  there is none. */
bool sample_is_here(const char *name);

/** Unpack a sample, a .tar.xz, into a folder within the test's own, which is
 *  made; ".": that itself. Aborts the test when it cannot. */
void unpack_sample(const char *archive, const char *into);

#endif
