/* sim/engine_rows.c - compact rows of a network as the plain arrays that
 * delivery goes through. */
#include "sim/engine_parts.h"

#include "models/rows.h"

static void unpack(struct ebb_projection *p, size_t axons)
{
    size_t size = p->number == EBB_FLOAT32 ? sizeof(float) : sizeof(double);
    char *weight = p->weight;
    for (size_t j = 0; j < axons; j++) {
        size_t at = (size_t)p->indptr[j];
        p->indptr[j + 1] =
            at + ebb_rows_read(p->rows, j, p->indices + at, weight + at * size);
    }
    p->rows = NULL; /* the network's */
}

ebb_status engine_take_rows(struct ebb_engine *e, struct drive *d)
{
    size_t size = d->p->number == EBB_FLOAT32 ? sizeof(float) : sizeof(double);
    if (!d->p->rows) {
        return EBB_OK;
    }
    struct ebb_projection *p = ebb_arena_calloc(e->arena, 1, sizeof(*p));
    if (!p) {
        return engine_no_memory();
    }
    *p = *d->p;
    p->indptr = ebb_arena_calloc(e->arena, d->axons + 1, sizeof(*p->indptr));
    p->indices = ebb_arena_calloc(e->arena, p->synapses, sizeof(*p->indices));
    p->weight = ebb_arena_calloc(e->arena, p->synapses, size);
    if (!p->indptr || !p->indices || !p->weight) {
        return EBB_FAIL(EBB_ERR_NOMEM,
                        "projection '%s': no memory to run its %zu synapses, "
                        "%.3g GB; run fewer",
                        p->name, p->synapses,
                        (double)p->synapses * (double)(4 + size) / 1e9);
    }
    d->p = p;
    unpack(p, d->axons);
    return EBB_OK;
}
