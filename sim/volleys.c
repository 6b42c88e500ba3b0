/* sim/volleys.c - spikes of a window on their way between shares. */
#include "sim/volleys.h"

#include <string.h>

enum { HEAD = 3 };

ebb_status volleys_write(struct volley_words *words, ebb_tick since,
                         size_t place, const ebb_neuron_id *node, size_t n)
{
    size_t want = words->n + HEAD + n;
    if (want > words->room) {
        EBB_TRY(
            ebb_mem_grow(&words->at, &words->room, want, sizeof(*words->at)));
    }
    uint32_t *head = words->at + words->n;
    head[0] = (uint32_t)since;
    head[1] = (uint32_t)place;
    head[2] = (uint32_t)n;
    memcpy(head + HEAD, node, n * sizeof(*node));
    words->n = want;
    return EBB_OK;
}

void volleys_clear(struct volley_book *book)
{
    book->n = book->n_nodes = 0;
}

void volleys_finish(struct volley_book *book)
{
    ebb_mem_free(book->volley);
    ebb_mem_free(book->node);
    *book = (struct volley_book){.n = 0};
}

static bool is_over(const struct volley_part *part)
{
    return part->next == part->n;
}

/* Place in the window of the volley that comes next. */
static uint64_t key_of(const struct volley_part *part)
{
    const uint32_t *head = part->at + part->next;
    return (uint64_t)head[0] << 32 | head[1];
}

static ebb_status no_sense(size_t part, const char *what)
{
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "spikes from share %zu make no sense: %s; do all processes "
                    "run the same ebb on the same network?",
                    part, what);
}

/* Is the volley that comes next whole, and one of this window? */
static ebb_status check_head(const struct volley_part *part, size_t index,
                             const struct ebb_network *net, ebb_tick ticks)
{
    const uint32_t *head = part->at + part->next;
    size_t left = part->n - part->next;
    if (left < HEAD || head[2] > left - HEAD) {
        return no_sense(index, "they end early");
    }
    if (head[0] >= ticks || head[1] >= net->n_populations) {
        return no_sense(index, "no such tick or population");
    }
    return EBB_OK;
}

static ebb_status check_heads(const struct volley_part *part, size_t n,
                              const struct ebb_network *net, ebb_tick ticks)
{
    for (size_t k = 0; k < n; k++) {
        if (!is_over(&part[k])) {
            EBB_TRY(check_head(&part[k], k, net, ticks));
        }
    }
    return EBB_OK;
}

/* Neurons of the volley that comes next, behind those that the book has. */
static ebb_status take(struct volley_book *book, struct volley_part *part,
                       size_t index, size_t neurons)
{
    const uint32_t *head = part->at + part->next;
    size_t n = head[2], want = book->n_nodes + n;
    struct merged_volley *v = &book->volley[book->n - 1];
    if (want > book->node_room) {
        EBB_TRY(ebb_mem_grow(&book->node, &book->node_room, want,
                             sizeof(*book->node)));
    }
    ebb_neuron_id *to = book->node + book->n_nodes;
    bool rises = true;
    for (size_t k = 0; k < n; k++) {
        to[k] = head[HEAD + k];
        rises =
            rises && to[k] < neurons && (v->n + k == 0 || to[k - 1] < to[k]);
    }
    v->n += n;
    book->n_nodes = want;
    part->next += HEAD + n;
    return rises ? EBB_OK : no_sense(index, "neurons do not rise");
}

/* The first volley that some part has left; false when there is none. */
static bool find_first(const struct volley_part *part, size_t n, uint64_t *key)
{
    bool found = false;
    for (size_t k = 0; k < n; k++) {
        if (!is_over(&part[k]) && (!found || key_of(&part[k]) < *key)) {
            *key = key_of(&part[k]);
            found = true;
        }
    }
    return found;
}

static ebb_status begin_volley(struct volley_book *book,
                               const struct ebb_network *net, uint64_t key,
                               ebb_tick start)
{
    if (book->n == book->room) {
        EBB_TRY(ebb_mem_grow(&book->volley, &book->room, book->n + 1,
                             sizeof(*book->volley)));
    }
    book->volley[book->n++] =
        (struct merged_volley){.tick = start + (key >> 32),
                               .population = net->order[key & UINT32_MAX],
                               .from = book->n_nodes};
    return EBB_OK;
}

ebb_status volleys_merge(struct volley_book *book,
                         const struct ebb_network *net,
                         struct volley_part *part, size_t n, ebb_tick start,
                         ebb_tick ticks)
{
    uint64_t key = 0;
    EBB_TRY(check_heads(part, n, net, ticks));
    while (find_first(part, n, &key)) {
        EBB_TRY(begin_volley(book, net, key, start));
        size_t population = book->volley[book->n - 1].population;
        for (size_t k = 0; k < n; k++) {
            if (is_over(&part[k]) || key_of(&part[k]) != key) {
                continue;
            }
            EBB_TRY(take(book, &part[k], k, net->populations[population].n));
            if (!is_over(&part[k])) {
                EBB_TRY(check_head(&part[k], k, net, ticks));
            }
        }
    }
    return EBB_OK;
}
