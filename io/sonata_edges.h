/* io/sonata_edges.h - an edge population of SONATA, read in pieces. Part of
 * io/sonata.h. */
#ifndef EBB_IO_SONATA_EDGES_H
#define EBB_IO_SONATA_EDGES_H

#include "io/h5.h"
#include "io/sonata.h"

enum { SONATA_NAME_BYTES = 64 };

/** What a first look shows. */
struct sonata_edges {
    char name[SONATA_NAME_BYTES];
    char source[SONATA_NAME_BYTES], target[SONATA_NAME_BYTES];
    size_t n;          /* edges */
    size_t highest[2]; /* numbers of source and target */
};

/** Look at the population in the group `at`. Errors: EBB_ERR_FORMAT,
 *  EBB_ERR_IO, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status sonata_edges_look(struct sonata_edges *e, hid_t at);

/** Read its edges into a list. Memory holds pieces of what is read; rows of
 *  edge_group_index that leap about all over the group make its values be read
 *  many times. Errors: as above, EBB_ERR_ARG (a delay), EBB_ERR_IO (no room
 *  for a temporary file, seen before it is written). */
EBB_NODISCARD ebb_status
sonata_edges_get(struct ebb_edges *list, const struct sonata_edges *e, hid_t at,
                 const struct ebb_sonata_options *options,
                 const struct ebb_edge_neurons *how);

#endif
