/* tools/convert/pixel_map.c - a number for each pixel of a picture whose size
 * shows as events come. */
#include "tools/convert/pixel_map.h"

#include "core/memory.h"

#include <string.h>

static ebb_status grow(struct ebb_pixel_map *map, uint32_t x, uint32_t y)
{
    size_t old = map->side, side = old ? old : 64;
    while (side <= x || side <= y) {
        side *= 2;
    }
    if (side > EBB_PIXEL_SIDE_MAX) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "filters remember %d x %d pixels; an event is at "
                        "column %u, row %u: cut a piece out (--crop) first",
                        EBB_PIXEL_SIDE_MAX, EBB_PIXEL_SIDE_MAX, x, y);
    }
    int64_t *at = ebb_mem_calloc(side * side, sizeof(*at));
    if (!at) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu pixels", side * side);
    }
    for (size_t k = 0; k < side * side; k++) {
        at[k] = map->empty;
    }
    for (size_t row = 0; row < old; row++) {
        memcpy(at + row * side, map->at + row * old, old * sizeof(*at));
    }
    ebb_mem_free(map->at);
    map->at = at;
    map->side = side;
    return EBB_OK;
}

ebb_status ebb_pixel_map_at(int64_t **out, struct ebb_pixel_map *map,
                            uint32_t x, uint32_t y)
{
    if (x >= map->side || y >= map->side) {
        EBB_TRY(grow(map, x, y));
    }
    *out = &map->at[y * map->side + x];
    return EBB_OK;
}

void ebb_pixel_map_finish(struct ebb_pixel_map *map)
{
    ebb_mem_free(map->at);
    map->at = NULL;
    map->side = 0;
}
