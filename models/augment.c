/* models/augment.c - training samples altered at random. */
#include "models/augment.h"

#include "core/memory.h"
#include "core/random.h"

#include <math.h>

struct ebb_augmented {
    struct ebb_sample_source source;
    struct ebb_grid grid;
    struct ebb_augment how;
    uint64_t seed;
};

bool ebb_augment_any(const struct ebb_augment *how)
{
    return how->shift > 0 || how->rotate > 0 || how->stretch > 0 ||
           how->jitter > 0 || how->drop > 0;
}

static ebb_status check(const struct ebb_sample_source *source,
                        struct ebb_grid grid, const struct ebb_augment *how)
{
    bool moves = how->shift > 0 || how->rotate > 0 || how->stretch > 0;
    if (ebb_grid_size(grid) != source->inputs) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "samples of %zu channels cannot be altered on a grid "
                        "of %zu x %zu x %zu",
                        source->inputs, grid.channels, grid.rows, grid.columns);
    }
    if (moves && grid.rows * grid.columns < 2) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "an input without rows and columns cannot be shifted, "
                        "turned or stretched; give its shape");
    }
    return EBB_OK;
}

ebb_status ebb_augmented_create(struct ebb_augmented **out,
                                const struct ebb_sample_source *source,
                                struct ebb_grid grid,
                                const struct ebb_augment *how, uint64_t seed)
{
    *out = NULL;
    EBB_TRY(check(source, grid, how));
    struct ebb_augmented *a = ebb_mem_calloc(1, sizeof(*a));
    if (!a) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to alter samples");
    }
    *a = (struct ebb_augmented){*source, grid, *how, seed};
    *out = a;
    return EBB_OK;
}

void ebb_augmented_destroy(struct ebb_augmented *a)
{
    ebb_mem_free(a);
}

/* Where a sample's pixels go: (y, x) about the middle, times a matrix, and
 * moved. Of a shift alone all of it is exact. */
struct warp {
    double cos, sin;
    double down, right;
    double middle_y, middle_x;
};

static struct warp draw_warp(const struct ebb_augmented *a,
                             struct ebb_random *r)
{
    const double degree = 3.14159265358979323846 / 180;
    const struct ebb_augment *how = &a->how;
    uint32_t span = (uint32_t)(2 * how->shift + 1);
    double down = (double)ebb_random_below(r, span) - (double)how->shift;
    double right = (double)ebb_random_below(r, span) - (double)how->shift;
    double turn = degree * ebb_random_between(r, -how->rotate, how->rotate);
    double size = 1 + ebb_random_between(r, -how->stretch, how->stretch);
    return (struct warp){.cos = size * cos(turn),
                         .sin = size * sin(turn),
                         .down = down,
                         .right = right,
                         .middle_y = (double)(a->grid.rows - 1) / 2,
                         .middle_x = (double)(a->grid.columns - 1) / 2};
}

/* The new channel of an event; false: it leaves the grid. */
static bool move(const struct ebb_augmented *a, const struct warp *w,
                 ebb_neuron_id *node)
{
    const size_t columns = a->grid.columns, rows = a->grid.rows;
    size_t row = *node / columns;
    double y = (double)(row % rows) - w->middle_y;
    double x = (double)(*node % columns) - w->middle_x;
    double to_y = nearbyint(w->middle_y + w->cos * y + w->sin * x + w->down);
    double to_x = nearbyint(w->middle_x + w->cos * x - w->sin * y + w->right);
    if (to_y < 0 || to_x < 0 || to_y >= (double)rows ||
        to_x >= (double)columns) {
        return false;
    }
    size_t to_row = row / rows * rows + (size_t)to_y;
    *node = (ebb_neuron_id)(to_row * columns + (size_t)to_x);
    return true;
}

/* The new tick of an event; false: it leaves the sample. */
static bool jitter(const struct ebb_augmented *a, struct ebb_random *r,
                   ebb_tick *tick)
{
    if (!(a->how.jitter > 0)) {
        return true;
    }
    double to = (double)*tick + nearbyint(a->how.jitter * ebb_random_normal(r));
    if (to < 0 || to >= (double)a->source.ticks) {
        return false;
    }
    *tick = (ebb_tick)to;
    return true;
}

static ebb_status alter(const struct ebb_augmented *a, struct ebb_random *r,
                        struct ebb_events *events)
{
    const struct warp w = draw_warp(a, r);
    const double drop = a->how.drop;
    size_t kept = 0;
    for (size_t k = 0; k < events->n; k++) {
        struct ebb_event e = events->at[k];
        if (drop > 0 && ebb_random_uniform(r) < drop) {
            continue;
        }
        if (jitter(a, r, &e.tick) && move(a, &w, &e.node)) {
            events->at[kept++] = e;
        }
    }
    events->n = kept;
    return ebb_events_sort(events);
}

static ebb_status read_altered(void *self, enum ebb_split split, uint64_t epoch,
                               size_t index, struct ebb_sample *out)
{
    const struct ebb_augmented *a = self;
    EBB_TRY(a->source.read(a->source.self, split, epoch, index, out));
    if (split != EBB_SPLIT_TRAIN) {
        return EBB_OK;
    }
    EBB_TRY(ebb_events_check(&out->input, a->source.inputs, a->source.ticks));
    struct ebb_random r = ebb_random_stream(a->seed, EBB_RANDOM_AUGMENT,
                                            epoch << 32 | (uint32_t)index);
    return alter(a, &r, &out->input);
}

/* Prototypes are of the source itself. */
static ebb_status read_prototype(void *self, size_t label,
                                 struct ebb_events *out)
{
    const struct ebb_augmented *a = self;
    return a->source.prototype(a->source.self, label, out);
}

struct ebb_sample_source ebb_augmented_source(struct ebb_augmented *a)
{
    struct ebb_sample_source s = a->source;
    s.self = a;
    s.read = read_altered;
    s.prototype = s.prototype ? read_prototype : NULL;
    return s;
}
