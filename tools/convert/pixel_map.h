/* tools/convert/pixel_map.h - a number for each pixel of a picture whose size
 * shows as events come. */
#ifndef EBB_TOOLS_CONVERT_PIXEL_MAP_H
#define EBB_TOOLS_CONVERT_PIXEL_MAP_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

enum { EBB_PIXEL_SIDE_MAX = 4096 };

/** Zero-initialise, but for `empty`. */
struct ebb_pixel_map {
    int64_t empty; /* the number of a pixel at first */
    int64_t *at;   /* [side, side] */
    size_t side;
};

/** The number of a pixel, to be read and set; *out is valid until the next
 *  call. Errors: EBB_ERR_ARG (beyond EBB_PIXEL_SIDE_MAX), EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_pixel_map_at(int64_t **out,
                                          struct ebb_pixel_map *map, uint32_t x,
                                          uint32_t y);

void ebb_pixel_map_finish(struct ebb_pixel_map *map);

#endif
