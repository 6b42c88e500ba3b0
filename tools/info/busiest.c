/* tools/info/busiest.c - which pixels of a recording have most events. */
#include "tools/info/busiest.h"

ebb_status ebb_busiest_take(struct ebb_busiest *b,
                            const struct ebb_dvs_block *block)
{
    for (size_t k = 0; k < block->n && !b->off; k++) {
        int64_t *count;
        ebb_status status =
            ebb_pixel_map_at(&count, &b->count, block->x[k], block->y[k]);
        if (status == EBB_ERR_ARG) {
            b->off = true;
        } else if (status != EBB_OK) {
            return status;
        } else {
            ++*count;
        }
    }
    return EBB_OK;
}

/* Into its place among the busiest, if it has one. */
static void rank(struct ebb_busiest_found *f, uint32_t x, uint32_t y,
                 uint64_t events)
{
    size_t k = f->n < EBB_BUSIEST ? f->n++ : EBB_BUSIEST;
    for (; k > 0 && f->at[k - 1].events < events; k--) {
        if (k < EBB_BUSIEST) {
            f->at[k] = f->at[k - 1];
        }
    }
    if (k < EBB_BUSIEST) {
        f->at[k].x = x;
        f->at[k].y = y;
        f->at[k].events = events;
    }
}

bool ebb_busiest_find(struct ebb_busiest_found *out,
                      const struct ebb_busiest *b)
{
    size_t side = b->count.side;
    uint64_t sum = 0;
    *out = (struct ebb_busiest_found){.n = 0};
    for (size_t k = 0; k < side * side && !b->off; k++) {
        uint64_t events = (uint64_t)b->count.at[k];
        if (events > 0) {
            rank(out, (uint32_t)(k % side), (uint32_t)(k / side), events);
            sum += events;
            out->pixels++;
        }
    }
    if (out->pixels == 0) {
        return false;
    }
    out->mean = (double)sum / (double)out->pixels;
    for (size_t k = 0; k < side * side; k++) {
        out->hot += (double)b->count.at[k] > EBB_BUSIEST_HOT * out->mean;
    }
    return true;
}

void ebb_busiest_finish(struct ebb_busiest *b)
{
    ebb_pixel_map_finish(&b->count);
}
