/* models/network_hash.c - a fingerprint of all that a network does. */
#include "models/network.h"

#include "models/network_rows.h"

#include <string.h>

/* FNV-1a over words instead of bytes: as good for telling networks apart,
 * eight times faster on large weights. */
static uint64_t hash_words(uint64_t hash, const void *data, size_t bytes)
{
    const uint64_t prime = 0x100000001b3;
    const unsigned char *d = data;
    for (; bytes >= 8; bytes -= 8, d += 8) {
        uint64_t word;
        memcpy(&word, d, 8);
        hash = (hash ^ word) * prime;
        hash ^= hash >> 29;
    }
    for (; bytes > 0; bytes--, d++) {
        hash = (hash ^ *d) * prime;
    }
    return hash;
}

static uint64_t hash_number(uint64_t hash, uint64_t number)
{
    return hash_words(hash, &number, sizeof(number));
}

static uint64_t hash_values(uint64_t hash, struct ebb_values values)
{
    hash = hash_number(hash, values.n);
    return hash_words(hash, values.v, values.n * sizeof(double));
}

static uint64_t hash_population(uint64_t hash, const struct ebb_population *p)
{
    hash = hash_words(hash, p->name, strlen(p->name));
    hash = hash_number(hash, p->n);
    hash = hash_number(hash, p->input);
    if (p->input) {
        return hash;
    }
    hash = hash_number(hash, (uint64_t)p->reset);
    hash = hash_number(hash, p->refractory_ticks);
    hash = hash_values(hash, p->lambda);
    hash = hash_values(hash, p->theta);
    hash = hash_values(hash, p->v_th);
    hash = hash_values(hash, p->bias);
    hash = hash_values(hash, p->v0);
    hash = hash_values(hash, p->v_reset);
    return hash_words(hash, &p->sigma, sizeof(p->sigma));
}

static uint64_t hash_space(uint64_t hash, const struct ebb_projection *p)
{
    hash = hash_number(hash, (uint64_t)p->kind);
    hash = hash_words(hash, &p->from, sizeof(p->from));
    hash = hash_words(hash, &p->to, sizeof(p->to));
    hash = hash_words(hash, &p->conv, sizeof(p->conv));
    hash = hash_number(hash, (uint64_t)p->pool.kind);
    hash = hash_words(hash, p->pool.size, sizeof(p->pool.size));
    return hash_words(hash, p->pool.stride, sizeof(p->pool.stride));
}

/* Words of an array that comes in pieces. */
struct pieces {
    uint64_t hash;
    unsigned char part[8]; /* of a word that is not whole yet */
    size_t n;
};

static void hash_piece(struct pieces *h, const void *data, size_t bytes)
{
    const unsigned char *d = data;
    while (bytes > 0 && h->n > 0 && h->n < 8) {
        h->part[h->n++] = *d++;
        bytes--;
    }
    if (h->n == 8) {
        h->hash = hash_words(h->hash, h->part, 8);
        h->n = 0;
    }
    size_t whole = bytes / 8 * 8;
    h->hash = hash_words(h->hash, d, whole);
    if (bytes > whole) {
        h->n = bytes - whole;
        memcpy(h->part, d + whole, h->n);
    }
}

static uint64_t hash_end(struct pieces *h)
{
    uint64_t hash = hash_words(h->hash, h->part, h->n);
    h->n = 0;
    return hash;
}

/* As the plain arrays would be hashed, one after the other. */
static uint64_t hash_rows(uint64_t hash, const struct ebb_projection *p,
                          size_t rows)
{
    size_t size = p->number == EBB_FLOAT32 ? sizeof(float) : sizeof(double);
    uint64_t at = 0;
    hash = hash_number(hash, at);
    for (size_t j = 0; j < rows; j++) {
        at += ebb_projection_row_length(p, j);
        hash = hash_number(hash, at);
    }
    struct pieces h = {.hash = hash};
    for (size_t j = 0; j < rows; j++) {
        struct ebb_row row = ebb_projection_row(p, j);
        hash_piece(&h, row.target, row.n * sizeof(*row.target));
    }
    h.hash = hash_end(&h);
    for (size_t j = 0; j < rows; j++) {
        struct ebb_row row = ebb_projection_row(p, j);
        hash_piece(&h, row.weight, row.n * size);
    }
    return hash_end(&h);
}

static uint64_t hash_projection(uint64_t hash, const struct ebb_network *net,
                                const struct ebb_projection *p)
{
    const struct ebb_kernel *k = &p->kernel;
    hash = hash_words(hash, p->name, strlen(p->name));
    hash = hash_number(hash, p->source);
    hash = hash_number(hash, p->target);
    hash = hash_number(hash, p->delay_ticks);
    hash = hash_number(hash, k->order_p);
    hash = hash_number(hash, k->order_q);
    hash = hash_number(hash, k->n);
    hash = hash_words(hash, k->alpha, k->order_p * k->n * sizeof(double));
    hash = hash_words(hash, k->beta, (k->order_q + 1) * k->n * sizeof(double));
    if (p->rows) {
        return hash_rows(hash, p, net->populations[p->source].n);
    }
    size_t size = p->number == EBB_FLOAT32 ? sizeof(float) : sizeof(double);
    if (p->kind == EBB_PROJECTION_SPARSE) {
        size_t rows = net->populations[p->source].n;
        hash = hash_words(hash, p->indptr, (rows + 1) * sizeof(*p->indptr));
        hash = hash_words(hash, p->indices, p->synapses * sizeof(*p->indices));
    }
    if (p->kind == EBB_PROJECTION_CONV2D || p->pool.kind != EBB_POOL_NONE) {
        hash = hash_space(hash, p);
    }
    return hash_words(hash, p->weight, p->synapses * size);
}

uint64_t ebb_network_hash(const struct ebb_network *net)
{
    uint64_t hash = 0xcbf29ce484222325;
    hash = hash_number(hash, net->strict);
    hash = hash_words(hash, &net->tick_s, sizeof(net->tick_s));
    for (size_t i = 0; i < net->n_populations; i++) {
        hash = hash_population(hash, &net->populations[i]);
    }
    for (size_t i = 0; i < net->n_projections; i++) {
        hash = hash_projection(hash, net, &net->projections[i]);
    }
    return hash;
}
