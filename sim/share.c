/* sim/share.c - who computes what, where several engines share a network. */
#include "sim/share.h"

#include "models/rows.h"

/* Populations that are computed whole get from = 1, the others 0. */
static void find_whole(const struct ebb_network *net,
                       struct ebb_share_range *range)
{
    for (size_t k = 0; k < net->n_populations; k++) {
        range[k].from = net->populations[k].input;
    }
    for (size_t k = 0; k < net->n_projections; k++) {
        const struct ebb_projection *p = &net->projections[k];
        if (p->kind != EBB_PROJECTION_SPARSE || p->pool.kind != EBB_POOL_NONE) {
            range[p->target].from = 1;
        }
    }
}

/* slices * index / count without overflow: counts are of machines. */
static size_t part(size_t slices, size_t index, size_t count)
{
    return slices / count * index + slices % count * index / count;
}

static struct ebb_share_range slices_of(size_t n, size_t slice,
                                        struct ebb_share share)
{
    size_t slices = n / slice + (n % slice != 0);
    size_t from = part(slices, share.index, share.count) * slice;
    size_t to = part(slices, share.index + 1, share.count) * slice;
    return (struct ebb_share_range){from < n ? from : n, to < n ? to : n};
}

void ebb_share_ranges(const struct ebb_network *net, size_t slice,
                      struct ebb_share share, struct ebb_share_range *range)
{
    size_t whole = 0;
    find_whole(net, range);
    for (size_t k = 0; k < net->n_populations; k++) {
        size_t n = net->populations[k].n;
        bool is_whole = range[k].from != 0;
        if (share.count <= 1) {
            range[k] = (struct ebb_share_range){0, n};
        } else if (is_whole) {
            bool own = whole++ % share.count == share.index;
            range[k] = (struct ebb_share_range){0, own ? n : 0};
        } else {
            range[k] = slices_of(n, slice ? slice : ebb_rows_slice(n), share);
        }
    }
}
