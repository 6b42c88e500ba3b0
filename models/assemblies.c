/* models/assemblies.c - sets of neurons to be remembered. */
#include "models/assemblies.h"

#include "core/memory.h"
#include "core/random.h"

#include <stdlib.h>

ebb_status ebb_assemblies_create(struct ebb_assemblies *out, size_t neurons,
                                 size_t n, size_t cells)
{
    *out = (struct ebb_assemblies){0};
    size_t all;
    if (n == 0 || cells == 0 || cells > neurons || neurons > UINT32_MAX - 1 ||
        n > UINT32_MAX || __builtin_mul_overflow(n, cells, &all)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%zu patterns of %zu cells out of %zu neurons; give "
                        "at least one of each, and no more cells than neurons",
                        n, cells, neurons);
    }
    *out = (struct ebb_assemblies){
        .neurons = neurons,
        .n = n,
        .cells = cells,
        .cell = ebb_mem_calloc(all, sizeof(*out->cell)),
        .first = ebb_mem_calloc(neurons + 1, sizeof(*out->first)),
        .member = ebb_mem_calloc(all, sizeof(*out->member))};
    if (!out->cell || !out->first || !out->member) {
        ebb_assemblies_finish(out);
        return EBB_FAIL(EBB_ERR_NOMEM,
                        "no memory for %zu patterns of %zu cells", n, cells);
    }
    return EBB_OK;
}

void ebb_assemblies_finish(struct ebb_assemblies *a)
{
    ebb_mem_free(a->cell);
    ebb_mem_free(a->first);
    ebb_mem_free(a->member);
    *a = (struct ebb_assemblies){0};
}

static ebb_status check(const struct ebb_assemblies *a)
{
    for (size_t p = 0; p < a->n; p++) {
        const uint32_t *cell = ebb_assemblies_cells(a, p);
        for (size_t k = 0; k < a->cells; k++) {
            if (cell[k] >= a->neurons || (k > 0 && cell[k] <= cell[k - 1])) {
                return EBB_FAIL(EBB_ERR_ARG,
                                "cell %zu of pattern %zu is neuron %u; they "
                                "rise within a pattern and are below %zu",
                                k, p, cell[k], a->neurons);
            }
        }
    }
    return EBB_OK;
}

ebb_status ebb_assemblies_index(struct ebb_assemblies *a)
{
    EBB_TRY(check(a));
    size_t all = a->n * a->cells;
    for (size_t i = 0; i <= a->neurons; i++) {
        a->first[i] = 0;
    }
    for (size_t k = 0; k < all; k++) {
        a->first[a->cell[k]]++;
    }
    uint64_t sum = 0;
    for (size_t i = 0; i <= a->neurons; i++) {
        sum += a->first[i];
        a->first[i] = sum; /* one behind the last; filled from there */
    }
    for (size_t k = all; k-- > 0;) {
        a->member[--a->first[a->cell[k]]] = (uint32_t)(k / a->cells);
    }
    return EBB_OK;
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* Floyd's sample: every set of cells is as likely. `taken` is all 0 before and
 * after. */
static void draw_cells(uint32_t *cell, size_t cells, uint32_t neurons,
                       uint8_t *taken, struct ebb_random *random)
{
    size_t n = 0;
    for (uint32_t top = neurons - (uint32_t)cells; top < neurons; top++) {
        uint32_t pick = ebb_random_below(random, top + 1);
        pick = taken[pick] ? top : pick;
        taken[pick] = 1;
        cell[n++] = pick;
    }
    qsort(cell, n, sizeof(*cell), compare);
    for (size_t k = 0; k < n; k++) {
        taken[cell[k]] = 0;
    }
}

ebb_status ebb_assemblies_draw(struct ebb_assemblies *out, size_t neurons,
                               size_t n, size_t cells, uint64_t seed)
{
    EBB_TRY(ebb_assemblies_create(out, neurons, n, cells));
    uint8_t *taken = ebb_mem_calloc(neurons, sizeof(*taken));
    if (!taken) {
        ebb_assemblies_finish(out);
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to draw patterns");
    }
    for (size_t p = 0; p < n; p++) {
        struct ebb_random random =
            ebb_random_stream(seed, EBB_RANDOM_ASSEMBLY, p);
        draw_cells(out->cell + p * cells, cells, (uint32_t)neurons, taken,
                   &random);
    }
    ebb_mem_free(taken);
    ebb_status status = ebb_assemblies_index(out);
    if (status != EBB_OK) {
        ebb_assemblies_finish(out);
    }
    return status;
}
