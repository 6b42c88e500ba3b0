/* io/dvs/block.c - events in memory. */
#include "core/memory.h"
#include "io/dvs/dvs.h"

ebb_status ebb_dvs_block_init(struct ebb_dvs_block *block, size_t capacity)
{
    enum { LEAST = 64 }; /* more than any record holds */
    capacity = capacity < LEAST ? LEAST : capacity;
    *block =
        (struct ebb_dvs_block){.t = ebb_mem_calloc(capacity, sizeof(*block->t)),
                               .x = ebb_mem_calloc(capacity, sizeof(*block->x)),
                               .y = ebb_mem_calloc(capacity, sizeof(*block->y)),
                               .p = ebb_mem_calloc(capacity, sizeof(*block->p)),
                               .capacity = capacity};
    if (!block->t || !block->x || !block->y || !block->p) {
        ebb_dvs_block_finish(block);
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu events", capacity);
    }
    return EBB_OK;
}

void ebb_dvs_block_finish(struct ebb_dvs_block *block)
{
    ebb_mem_free(block->t);
    ebb_mem_free(block->x);
    ebb_mem_free(block->y);
    ebb_mem_free(block->p);
    *block = (struct ebb_dvs_block){.n = 0};
}
