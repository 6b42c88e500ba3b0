/* io/serve/ring.c - events from one thread to another. */
#include "io/serve/ring.h"

#include "core/memory.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

struct ebb_ring {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    struct ebb_live_event *at; /* [capacity] */
    size_t capacity, first, n;
    bool is_closed;
    bool is_waited_for; /* a push had no room */
    void (*drained)(void *self);
    void *self;
};

uint64_t ebb_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

ebb_status ebb_ring_create(struct ebb_ring **out, size_t capacity,
                           void (*drained)(void *self), void *self)
{
    struct ebb_ring *r = ebb_mem_calloc(1, sizeof(*r));
    *out = r;
    if (r) {
        r->at = ebb_mem_calloc(capacity, sizeof(*r->at));
    }
    if (!r || !r->at) {
        ebb_mem_free(r);
        *out = NULL;
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu events", capacity);
    }
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&r->filled, &monotonic);
    pthread_condattr_destroy(&monotonic);
    pthread_mutex_init(&r->lock, NULL);
    r->capacity = capacity;
    r->drained = drained;
    r->self = self;
    return EBB_OK;
}

void ebb_ring_destroy(struct ebb_ring *r)
{
    if (r) {
        pthread_cond_destroy(&r->filled);
        pthread_mutex_destroy(&r->lock);
        ebb_mem_free(r->at);
        ebb_mem_free(r);
    }
}

bool ebb_ring_has_room(struct ebb_ring *r, size_t n)
{
    pthread_mutex_lock(&r->lock);
    bool room = r->capacity - r->n >= n;
    r->is_waited_for = r->is_waited_for || !room;
    pthread_mutex_unlock(&r->lock);
    return room;
}

static void copy_in(struct ebb_ring *r, const struct ebb_live_event *events,
                    size_t n)
{
    size_t last = (r->first + r->n) % r->capacity;
    size_t straight = r->capacity - last < n ? r->capacity - last : n;
    memcpy(r->at + last, events, straight * sizeof(*events));
    memcpy(r->at, events + straight, (n - straight) * sizeof(*events));
    r->n += n;
}

bool ebb_ring_push(struct ebb_ring *r, const struct ebb_live_event *events,
                   size_t n)
{
    pthread_mutex_lock(&r->lock);
    bool room = r->capacity - r->n >= n;
    if (room) {
        copy_in(r, events, n);
        pthread_cond_signal(&r->filled);
    }
    pthread_mutex_unlock(&r->lock);
    return room;
}

void ebb_ring_close(struct ebb_ring *r)
{
    pthread_mutex_lock(&r->lock);
    r->is_closed = true;
    pthread_cond_signal(&r->filled);
    pthread_mutex_unlock(&r->lock);
}

static void copy_out(struct ebb_ring *r, struct ebb_live_event *out, size_t n)
{
    size_t straight = r->capacity - r->first < n ? r->capacity - r->first : n;
    memcpy(out, r->at + r->first, straight * sizeof(*out));
    memcpy(out + straight, r->at, (n - straight) * sizeof(*out));
    r->first = (r->first + n) % r->capacity;
    r->n -= n;
}

size_t ebb_ring_pop(struct ebb_ring *r, struct ebb_live_event *out, size_t most,
                    uint64_t until_ns)
{
    struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000U),
                             .tv_nsec = (long)(until_ns % 1000000000U)};
    int late = 0;
    pthread_mutex_lock(&r->lock);
    while (r->n == 0 && !r->is_closed && !late) {
        late = pthread_cond_timedwait(&r->filled, &r->lock, &until);
    }
    size_t n = r->n < most ? r->n : most;
    copy_out(r, out, n);
    bool tell = r->is_waited_for && r->n <= r->capacity / 2;
    r->is_waited_for = r->is_waited_for && !tell;
    pthread_mutex_unlock(&r->lock);
    if (tell) {
        r->drained(r->self);
    }
    return n;
}

bool ebb_ring_is_over(struct ebb_ring *r)
{
    pthread_mutex_lock(&r->lock);
    bool over = r->is_closed && r->n == 0;
    pthread_mutex_unlock(&r->lock);
    return over;
}

size_t ebb_ring_depth(struct ebb_ring *r)
{
    pthread_mutex_lock(&r->lock);
    size_t n = r->n;
    pthread_mutex_unlock(&r->lock);
    return n;
}
