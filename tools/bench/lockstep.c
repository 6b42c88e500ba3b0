/* tools/bench/lockstep.c - processes of a job in one, a thread each. */
#include "tools/bench/lockstep.h"

#include "core/memory.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What one says. Others read what it said last while it writes the next. */
struct said {
    uint32_t *at[2];
    size_t room[2], n[2];
};

/* Where all meet. */
struct table {
    size_t ranks;
    pthread_barrier_t barrier;
    struct said *said;
};

/* One of them. */
struct seat {
    struct table *table;
    struct ebb_exchange exchange;
    size_t meetings;
    ebb_lockstep_work work;
    void *self;
    pthread_t thread;
};

/* Others may be waiting, who cannot be told. */
static void give_up(void *self)
{
    const struct seat *seat = self;
    fprintf(stderr, "ebb: process %zu: %s\n", seat->exchange.rank,
            ebb_error_message());
    _Exit(1);
}

static ebb_status gather(void *self, const uint32_t *words, size_t n,
                         struct ebb_exchange_words *out)
{
    struct seat *seat = self;
    struct table *t = seat->table;
    struct said *own = &t->said[seat->exchange.rank];
    size_t turn = seat->meetings++ % 2;
    if (n > own->room[turn] && ebb_mem_grow(&own->at[turn], &own->room[turn], n,
                                            sizeof(*words)) != EBB_OK) {
        give_up(seat);
    }
    if (n > 0) {
        memcpy(own->at[turn], words, n * sizeof(*words));
    }
    own->n[turn] = n;
    pthread_barrier_wait(&t->barrier);
    for (size_t k = 0; k < t->ranks; k++) {
        out[k] = (struct ebb_exchange_words){t->said[k].at[turn],
                                             t->said[k].n[turn]};
    }
    return EBB_OK;
}

static struct ebb_exchange_volume volume(const void *self)
{
    const struct seat *seat = self;
    return (struct ebb_exchange_volume){.exchanges = seat->meetings};
}

static void *sit(void *self)
{
    struct seat *seat = self;
    if (seat->work(seat->self, &seat->exchange) != EBB_OK) {
        give_up(seat);
    }
    return NULL;
}

/* Threads that cannot be started would leave the others waiting. */
static void start(struct seat *seats, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (pthread_create(&seats[k].thread, NULL, sit, &seats[k]) != 0) {
            fprintf(stderr, "ebb: no thread for process %zu of %zu\n", k, n);
            _Exit(1);
        }
    }
    for (size_t k = 0; k < n; k++) {
        pthread_join(seats[k].thread, NULL);
    }
}

ebb_status ebb_lockstep_run(size_t ranks, ebb_lockstep_work work, void *self)
{
    struct table table = {.ranks = ranks};
    struct seat *seats = ebb_mem_calloc(ranks, sizeof(*seats));
    table.said = ebb_mem_calloc(ranks, sizeof(*table.said));
    ebb_status status = EBB_FAIL(EBB_ERR_NOMEM, "no memory for processes");
    if (seats && table.said &&
        pthread_barrier_init(&table.barrier, NULL, (unsigned)ranks) == 0) {
        for (size_t k = 0; k < ranks; k++) {
            seats[k] = (struct seat){.table = &table,
                                     .work = work,
                                     .self = self,
                                     .exchange = {.self = &seats[k],
                                                  .give_up = give_up,
                                                  .rank = k,
                                                  .ranks = ranks,
                                                  .gather = gather,
                                                  .volume = volume}};
        }
        start(seats, ranks);
        status = EBB_OK;
        pthread_barrier_destroy(&table.barrier);
    }
    for (size_t k = 0; table.said && k < ranks; k++) {
        ebb_mem_free(table.said[k].at[0]);
        ebb_mem_free(table.said[k].at[1]);
    }
    ebb_mem_free(table.said);
    ebb_mem_free(seats);
    return status;
}
