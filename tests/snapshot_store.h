/* tests/snapshot_store.h - saved states in memory. */
#ifndef EBB_TESTS_SNAPSHOT_STORE_H
#define EBB_TESTS_SNAPSHOT_STORE_H

#include "core/snapshot.h"

/** One array. */
struct snapshot_array {
    char name[EBB_SNAPSHOT_NAME_BYTES];
    enum ebb_snapshot_type type;
    size_t n;
    unsigned char *at;
};

/** Everything that one engine saved. Zero-initialise. */
struct snapshot_store {
    struct snapshot_array *array;
    size_t n, room;
};

/** Several of them as the parts of a checkpoint. */
struct snapshot_parts {
    struct snapshot_store *store; /* [n] */
    size_t n;
};

struct ebb_snapshot_sink snapshot_store_sink(struct snapshot_store *store);

struct ebb_snapshot_source snapshot_store_source(struct snapshot_parts *parts);

/** The array of that name; NULL: none. */
struct snapshot_array *snapshot_store_find(const struct snapshot_store *store,
                                           const char *name);

/** The name of the first array that is not the same in both; NULL: none. */
const char *snapshot_store_differ(const struct snapshot_store *a,
                                  const struct snapshot_store *b);

/** Forget all. */
void snapshot_store_finish(struct snapshot_store *store);

#endif
