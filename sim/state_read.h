/* sim/state_read.h - arrays of a checkpoint, read and checked: what they hold
 * may be anything. */
#ifndef EBB_SIM_STATE_READ_H
#define EBB_SIM_STATE_READ_H

#include "sim/state_parts.h"

/* A run being loaded. */
struct state_loading {
    struct ebb_engine *e;
    const struct ebb_snapshot_source *from;
    ebb_tick now; /* first tick that has not been run */
};

/* An array read as a whole. */
struct state_array {
    void *at;
    size_t n;
};

/** May something still come at that tick? */
static inline bool state_is_ahead(const struct state_loading *l, ebb_tick tick)
{
    return tick >= l->now;
}

/** "<file>: '<name>' <why>: the checkpoint is damaged". */
ebb_status state_bad(const struct state_loading *l, size_t part,
                     const char *name, const char *why);

/** The array must be there, with n numbers. Errors: EBB_ERR_FORMAT. */
EBB_NODISCARD ebb_status state_need(const struct state_loading *l, size_t part,
                                    const char *name,
                                    enum ebb_snapshot_type type, size_t n);

/** Numbers from .. from + n of an array that is so long. */
EBB_NODISCARD ebb_status state_read_piece(const struct state_loading *l,
                                          size_t part, const char *name,
                                          enum ebb_snapshot_type type,
                                          size_t from, size_t n, void *out);

/** All n numbers of an array. */
EBB_NODISCARD ebb_status state_read_fixed(const struct state_loading *l,
                                          size_t part, const char *name,
                                          enum ebb_snapshot_type type, size_t n,
                                          void *out);

/** All of an array, however long; to be freed. */
EBB_NODISCARD ebb_status state_read_array(const struct state_loading *l,
                                          size_t part, const char *name,
                                          enum ebb_snapshot_type type,
                                          struct state_array *out);

/** Is each of them finite? Errors: EBB_ERR_FORMAT. */
EBB_NODISCARD ebb_status state_check_finite(const struct state_loading *l,
                                            size_t part, const char *name,
                                            const void *at,
                                            enum ebb_snapshot_type type,
                                            size_t n);

/** Entries of the calendar for items from <= k < to, which are made by adding
 *  the item to `owner`. */
EBB_NODISCARD ebb_status state_load_entries(const struct state_loading *l,
                                            size_t part, const char *tick_name,
                                            const char *item_name,
                                            uint64_t owner, size_t from,
                                            size_t to);

/** The windows of a max pooling by winners, from one part. */
EBB_NODISCARD ebb_status windows_load(const struct state_loading *l,
                                      struct drive *d, size_t part);

/** What is owned of a population, from all parts that have some of it. */
EBB_NODISCARD ebb_status state_load_crowd(const struct state_loading *l,
                                          struct crowd *c);

#endif
