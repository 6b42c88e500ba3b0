/* core/memory.h - the only door to the heap. */
#ifndef EBB_CORE_MEMORY_H
#define EBB_CORE_MEMORY_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

/** Zeroed array of `count` items of `size` bytes, 64-byte aligned, or NULL when
 *  memory is short or the product overflows. A count of 0 gives a block that
 *  may not be read. Thread-safe. Free with ebb_mem_free(). */
void *ebb_mem_calloc(size_t count, size_t size);

/** Free a block. NULL is allowed. */
void ebb_mem_free(void *block);

/** Ask the system for large pages behind a block that is used here and there
 *  all over: fewer misses where addresses are looked up. A wish; NULL is
 *  allowed. */
void ebb_mem_use_large_pages(void *block, size_t bytes);

/** Copy of `text` on the heap, or NULL. */
char *ebb_mem_strdup(const char *text);

/**
 * Make room for at least `want` items in a growing array; it grows by doubling.
 *
 *     array     in/out  address of the array's pointer (NULL at first)
 *     capacity  in/out  items that fit
 *
 * New items are zero. On failure both stay as they were.
 * Errors: EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_mem_grow(void *array, size_t *capacity,
                                      size_t want, size_t size);

/** Let the nth allocation from now on fail (1 = the next), once; 0 = never.
 *  For tests of every failure path. */
void ebb_mem_fail_nth(long nth);

/** Allocations so far in this process. */
uint64_t ebb_mem_count(void);

/** Largest resident size of this process so far, bytes (from the kernel). */
size_t ebb_mem_peak(void);

/** Memory of this machine, bytes; 0: not known. */
size_t ebb_mem_machine(void);

/** Of a limit of addresses (ulimit -v) so much is left to the libraries, which
 *  do not all bear to be refused. */
enum { EBB_MEM_RESERVE = 48 << 20 };

/** The limit of addresses of this process, bytes; 0: none. */
size_t ebb_mem_limit(void);

/** What this process can still take, bytes: below its limit, if any, without
 *  the reserve, and available on the machine. SIZE_MAX: not known. */
size_t ebb_mem_left(void);

/** Could a block of so many bytes be had below the limit of addresses? True
 *  where there is none. Large blocks that do not fit are refused by
 *  ebb_mem_calloc(). */
int ebb_mem_fits(size_t bytes);

/** Store the failure that `what` takes more bytes than are left; tells both
 *  and the way out. Returns EBB_ERR_NOMEM. */
ebb_status ebb_mem_refuse(const char *what, double bytes);

/** Arrays that live and die together: taken one by one, freed at once. */
struct ebb_arena;

/** Empty arena. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_arena_create(struct ebb_arena **out);

/** Free the arena and all its arrays. NULL is allowed. */
void ebb_arena_destroy(struct ebb_arena *arena);

/** Zeroed array from the arena, 64-byte aligned; NULL when memory is short. */
void *ebb_arena_calloc(struct ebb_arena *arena, size_t count, size_t size);

/** Bytes taken from the arena so far. */
size_t ebb_arena_bytes(const struct ebb_arena *arena);

#endif
