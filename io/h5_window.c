/* io/h5_window.c - long lists of numbers read in pieces. */
#include "io/h5_window.h"

#include "core/memory.h"

ebb_status ebb_h5_window_open(struct ebb_h5_window *w, hid_t at,
                              const char *name, hid_t type, size_t room)
{
    *w = (struct ebb_h5_window){.name = name,
                                .dataset = -1,
                                .type = type,
                                .bytes = H5Tget_size(type),
                                .room = room};
    EBB_TRY(ebb_h5_open_list(&w->dataset, &w->all, at, name));
    w->piece = ebb_mem_calloc(room, w->bytes);
    return w->piece ? EBB_OK
                    : EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu numbers of %s",
                               room, name);
}

void ebb_h5_window_close(struct ebb_h5_window *w)
{
    if (w->dataset > 0) {
        H5Dclose(w->dataset);
    }
    ebb_mem_free(w->piece);
    *w = (struct ebb_h5_window){.dataset = -1};
}

ebb_status ebb_h5_window_at(struct ebb_h5_window *w, size_t from, size_t n,
                            const void **out)
{
    if (from < w->from || from + n > w->from + w->n) {
        size_t left = w->all - from;
        w->from = from;
        w->n = left < w->room ? left : w->room;
        EBB_TRY(ebb_h5_read_piece(w->piece, w->dataset, w->name, w->type, from,
                                  w->n));
    }
    *out = w->piece + (from - w->from) * w->bytes;
    return EBB_OK;
}
