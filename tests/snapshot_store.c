/* tests/snapshot_store.c - saved states in memory. */
#include "tests/snapshot_store.h"

#include "core/memory.h"

#include <check.h>
#include <string.h>

static size_t bytes_of(const struct snapshot_array *a)
{
    return a->n * ebb_snapshot_bytes(a->type);
}

static ebb_status put(void *self, const char *name, enum ebb_snapshot_type type,
                      const void *data, size_t n)
{
    struct snapshot_store *s = self;
    ck_assert_msg(!snapshot_store_find(s, name), "'%s' comes twice", name);
    ck_assert_uint_lt(strlen(name), EBB_SNAPSHOT_NAME_BYTES);
    EBB_TRY(ebb_mem_grow(&s->array, &s->room, s->n + 1, sizeof(*s->array)));
    struct snapshot_array *a = &s->array[s->n];
    *a = (struct snapshot_array){.type = type, .n = n};
    a->at = ebb_mem_calloc(n, ebb_snapshot_bytes(type));
    if (!a->at) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for '%s'", name);
    }
    strcpy(a->name, name);
    if (n > 0) {
        memcpy(a->at, data, bytes_of(a));
    }
    s->n++;
    return EBB_OK;
}

struct ebb_snapshot_sink snapshot_store_sink(struct snapshot_store *store)
{
    return (struct ebb_snapshot_sink){.self = store, .put = put};
}

static ebb_status find(void *self, size_t part, const char *name,
                       enum ebb_snapshot_type type, bool *there, size_t *n)
{
    struct snapshot_parts *p = self;
    ck_assert_uint_lt(part, p->n);
    struct snapshot_array *a = snapshot_store_find(&p->store[part], name);
    *there = a != NULL;
    *n = a ? a->n : 0;
    return !a || a->type == type
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT, "'%s' is of another type", name);
}

/* Nobody may ask for what was not told of. */
static ebb_status read(void *self, size_t part, const char *name,
                       enum ebb_snapshot_type type, size_t from, size_t n,
                       void *out)
{
    struct snapshot_parts *p = self;
    struct snapshot_array *a = snapshot_store_find(&p->store[part], name);
    ck_assert_msg(a && a->type == type && from <= a->n && n <= a->n - from,
                  "'%s' has no numbers %zu .. %zu", name, from, from + n);
    size_t bytes = ebb_snapshot_bytes(type);
    memcpy(out, a->at + from * bytes, n * bytes);
    return EBB_OK;
}

static const char *name_of(void *self, size_t part)
{
    (void)self;
    return part == 0 ? "the first part" : "another part";
}

struct ebb_snapshot_source snapshot_store_source(struct snapshot_parts *parts)
{
    return (struct ebb_snapshot_source){.self = parts,
                                        .n_parts = parts->n,
                                        .find = find,
                                        .read = read,
                                        .name = name_of};
}

struct snapshot_array *snapshot_store_find(const struct snapshot_store *store,
                                           const char *name)
{
    for (size_t k = 0; k < store->n; k++) {
        if (strcmp(store->array[k].name, name) == 0) {
            return &store->array[k];
        }
    }
    return NULL;
}

const char *snapshot_store_differ(const struct snapshot_store *a,
                                  const struct snapshot_store *b)
{
    for (size_t k = 0; k < a->n; k++) {
        const struct snapshot_array *x = &a->array[k];
        const struct snapshot_array *y = snapshot_store_find(b, x->name);
        if (!y || y->type != x->type || y->n != x->n ||
            (x->n > 0 && memcmp(x->at, y->at, bytes_of(x)) != 0)) {
            return x->name;
        }
    }
    return a->n < b->n ? "an array more" : NULL;
}

void snapshot_store_finish(struct snapshot_store *store)
{
    for (size_t k = 0; k < store->n; k++) {
        ebb_mem_free(store->array[k].at);
    }
    ebb_mem_free(store->array);
    *store = (struct snapshot_store){.n = 0};
}
