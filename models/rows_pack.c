/* models/rows_pack.c - compressed rows (CSR) as a source of rows. */
#include "models/rows.h"

#include <string.h>

struct plain {
    const uint64_t *indptr;
    const uint32_t *indices;
    const void *weight;
    enum ebb_number number;
};

static size_t number_bytes(enum ebb_number number)
{
    return number == EBB_FLOAT32 ? sizeof(float) : sizeof(double);
}

static ebb_status give_row(void *self, void *thread, size_t source,
                           uint32_t *target, void *weight, size_t *n)
{
    const struct plain *p = self;
    size_t first = (size_t)p->indptr[source], size = number_bytes(p->number);
    (void)thread;
    *n = (size_t)p->indptr[source + 1] - first;
    memcpy(target, p->indices + first, *n * sizeof(*target));
    memcpy(weight, (const char *)p->weight + first * size, *n * size);
    return EBB_OK;
}

ebb_status ebb_rows_pack(struct ebb_rows **out,
                         const struct ebb_rows_shape *shape,
                         const uint64_t *indptr, const uint32_t *indices,
                         const void *weight, enum ebb_number number)
{
    struct plain plain = {indptr, indices, weight, number};
    struct ebb_row_source source = {
        .self = &plain, .number = number, .row = give_row};
    *out = NULL;
    for (size_t j = 0; j < shape->sources; j++) {
        if (indptr[j] > indptr[j + 1]) {
            return EBB_FAIL(EBB_ERR_SHAPE,
                            "row %zu: indptr falls from %llu to %llu", j,
                            (unsigned long long)indptr[j],
                            (unsigned long long)indptr[j + 1]);
        }
        size_t n = (size_t)(indptr[j + 1] - indptr[j]);
        source.most = n > source.most ? n : source.most;
    }
    return ebb_rows_build(out, shape, &source, NULL);
}
