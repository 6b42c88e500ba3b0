/* core/memory.c - the only door to the heap. */
#include "core/memory.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#if EBB_HAVE_JEMALLOC
#include <jemalloc/jemalloc.h>
#endif

enum { ALIGNMENT = 64, LARGE_BYTES = 1 << 18 };

/* Process-wide, because a test has to reach allocations on every thread. */
static atomic_long fail_countdown;
static _Atomic uint64_t allocations;

static int told_to_fail(void)
{
    if (atomic_load_explicit(&fail_countdown, memory_order_relaxed) == 0) {
        return 0;
    }
    return atomic_fetch_sub(&fail_countdown, 1) == 1;
}

static void *zeroed(size_t bytes)
{
#if EBB_HAVE_JEMALLOC
    return mallocx(bytes, MALLOCX_ALIGN(ALIGNMENT) | MALLOCX_ZERO);
#else
    void *block = aligned_alloc(ALIGNMENT, bytes);
    if (block) {
        memset(block, 0, bytes);
    }
    return block;
#endif
}

void *ebb_mem_calloc(size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) ||
        bytes > SIZE_MAX / 2 - ALIGNMENT || told_to_fail()) {
        return NULL;
    }
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes >= LARGE_BYTES && !ebb_mem_fits(bytes)) {
        return NULL;
    }
    atomic_fetch_add_explicit(&allocations, 1, memory_order_relaxed);
    return zeroed(bytes ? bytes : ALIGNMENT);
}

void ebb_mem_free(void *block)
{
    free(block);
}

#ifdef MADV_HUGEPAGE
void ebb_mem_use_large_pages(void *block, size_t bytes)
{
    enum { LARGE = 1 << 21 };
    uintptr_t from = ((uintptr_t)block + LARGE - 1) / LARGE * LARGE;
    uintptr_t to = ((uintptr_t)block + bytes) / LARGE * LARGE;
    if (block && from < to) {
        (void)madvise((char *)block + (from - (uintptr_t)block), to - from,
                      MADV_HUGEPAGE);
    }
}
#else
void ebb_mem_use_large_pages(void *block, size_t bytes)
{
    (void)block;
    (void)bytes;
}
#endif

char *ebb_mem_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = ebb_mem_calloc(size, 1);
    if (copy) {
        memcpy(copy, text, size);
    }
    return copy;
}

ebb_status ebb_mem_grow(void *array, size_t *capacity, size_t want, size_t size)
{
    if (want <= *capacity) {
        return EBB_OK;
    }
    size_t larger = *capacity ? *capacity : 16;
    while (larger < want) {
        larger = larger > SIZE_MAX / 2 ? want : larger * 2;
    }
    void *fresh = ebb_mem_calloc(larger, size);
    if (!fresh) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu items of %zu bytes",
                        larger, size);
    }
    void *old;
    memcpy(&old, array, sizeof(old));
    if (old) {
        memcpy(fresh, old, *capacity * size);
        ebb_mem_free(old);
    }
    memcpy(array, &fresh, sizeof(fresh));
    *capacity = larger;
    return EBB_OK;
}

void ebb_mem_fail_nth(long nth)
{
    atomic_store(&fail_countdown, nth);
}

uint64_t ebb_mem_count(void)
{
    return atomic_load_explicit(&allocations, memory_order_relaxed);
}

size_t ebb_mem_peak(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (size_t)usage.ru_maxrss * 1024;
}

size_t ebb_mem_machine(void)
{
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? (size_t)pages * (size_t)page : 0;
}

/* An arena is a list of blocks; large arrays get a block of their own. */
struct arena_block {
    struct arena_block *next;
    size_t used, size;
};

struct ebb_arena {
    struct arena_block *blocks;
    size_t bytes;
};

enum { BLOCK_HEAD = ALIGNMENT, BLOCK_SIZE = 1 << 16 };

_Static_assert(sizeof(struct arena_block) <= BLOCK_HEAD, "block head too big");

ebb_status ebb_arena_create(struct ebb_arena **out)
{
    struct ebb_arena *arena = ebb_mem_calloc(1, sizeof(*arena));
    if (!arena) {
        *out = NULL;
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for an arena");
    }
    *out = arena;
    return EBB_OK;
}

void ebb_arena_destroy(struct ebb_arena *arena)
{
    if (!arena) {
        return;
    }
    for (struct arena_block *b = arena->blocks; b;) {
        struct arena_block *next = b->next;
        ebb_mem_free(b);
        b = next;
    }
    ebb_mem_free(arena);
}

static struct arena_block *arena_add_block(struct ebb_arena *arena,
                                           size_t bytes)
{
    size_t size = bytes > BLOCK_SIZE ? bytes : BLOCK_SIZE;
    struct arena_block *b = ebb_mem_calloc(1, BLOCK_HEAD + size);
    if (b) {
        b->size = size;
        b->next = arena->blocks;
        arena->blocks = b;
    }
    return b;
}

void *ebb_arena_calloc(struct ebb_arena *arena, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 4) {
        return NULL;
    }
    bytes = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    struct arena_block *b = arena->blocks;
    if (!b || b->size - b->used < bytes) {
        b = arena_add_block(arena, bytes);
        if (!b) {
            return NULL;
        }
    }
    char *array = (char *)b + BLOCK_HEAD + b->used;
    b->used += bytes;
    arena->bytes += bytes;
    return array;
}

size_t ebb_arena_bytes(const struct ebb_arena *arena)
{
    return arena->bytes;
}
