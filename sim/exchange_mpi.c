/* sim/exchange_mpi.c - processes that meet through MPI. Its types stay here.
 *
 * One exchange is one MPI_Allgather of blocks of one size: the number of words,
 * then as many of them as fit. What does not fit follows in a second one; then
 * all choose a larger block for the next time. All see the same numbers, so
 * nobody has to ask. */
#include "sim/exchange.h"

#include "core/memory.h"

#include <mpi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_LEAST = 64, /* words */
    PATIENCE = 64     /* exchanges with room to spare before a block shrinks */
};

struct meeting {
    int rank, ranks;
    size_t block;         /* words of a block, its head included */
    size_t spare;         /* exchanges in a row that half would have done */
    uint32_t *mine, *all; /* [block], [ranks][block] */
    size_t mine_room, all_room;
    uint32_t *rest; /* what did not fit, of all */
    size_t rest_room;
    uint32_t *whole; /* words of those that did not fit */
    size_t whole_room;
    int *counts, *offsets; /* [ranks] */
    struct ebb_exchange_volume volume;
};

int ebb_exchange_is_launched(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE",
                                        "PMIX_RANK", "MV2_COMM_WORLD_SIZE"};
    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        if (getenv(names[k])) {
            return 1;
        }
    }
    return 0;
}

static ebb_status check(int code, const char *what)
{
    char text[MPI_MAX_ERROR_STRING + 1] = "";
    int length = 0;
    if (code == MPI_SUCCESS) {
        return EBB_OK;
    }
    MPI_Error_string(code, text, &length);
    return EBB_FAIL(EBB_ERR_IO, "%s: %s", what, text);
}

static ebb_status room(void *array, size_t *capacity, size_t want)
{
    return want <= *capacity
               ? EBB_OK
               : ebb_mem_grow(array, capacity, want, sizeof(uint32_t));
}

/* Words of a process that its block holds. */
static size_t held(const struct meeting *m, size_t words)
{
    return words < m->block - 1 ? words : m->block - 1;
}

/* The first part of everybody's words. */
static ebb_status swap_blocks(struct meeting *m, const uint32_t *words,
                              size_t n)
{
    size_t ranks = (size_t)m->ranks;
    EBB_TRY(room(&m->mine, &m->mine_room, m->block));
    EBB_TRY(room(&m->all, &m->all_room, m->block * ranks));
    m->mine[0] = (uint32_t)n;
    memcpy(m->mine + 1, words, held(m, n) * sizeof(*words));
    m->volume.bytes_sent += m->block * sizeof(*words);
    m->volume.bytes_received += m->block * sizeof(*words) * (ranks - 1);
    return check(MPI_Allgather(m->mine, (int)m->block, MPI_UINT32_T, m->all,
                               (int)m->block, MPI_UINT32_T, MPI_COMM_WORLD),
                 "MPI_Allgather");
}

/* Words of a process beyond its block. */
static size_t beyond(const struct meeting *m, size_t rank)
{
    size_t n = m->all[rank * m->block];
    return n - held(m, n);
}

/* The second part; nobody comes here when all fitted. */
static ebb_status swap_rests(struct meeting *m, const uint32_t *words, size_t n)
{
    size_t sum = 0;
    for (size_t r = 0; r < (size_t)m->ranks; r++) {
        m->counts[r] = (int)beyond(m, r);
        m->offsets[r] = (int)sum;
        sum += beyond(m, r);
        if (sum > INT32_MAX) {
            return EBB_FAIL(EBB_ERR_FULL,
                            "more than 2^31 words in one exchange: is a "
                            "network firing all over?");
        }
    }
    size_t own = n - held(m, n);
    EBB_TRY(room(&m->rest, &m->rest_room, sum + 1));
    m->volume.bytes_sent += own * sizeof(*words);
    m->volume.bytes_received += (sum - own) * sizeof(*words);
    return check(MPI_Allgatherv(words + held(m, n), (int)own, MPI_UINT32_T,
                                m->rest, m->counts, m->offsets, MPI_UINT32_T,
                                MPI_COMM_WORLD),
                 "MPI_Allgatherv");
}

/* Both parts in one piece, where there are two. */
static ebb_status join(struct meeting *m, struct ebb_exchange_words *out)
{
    size_t at = 0, want = 0;
    for (size_t r = 0; r < (size_t)m->ranks; r++) {
        want += beyond(m, r) ? m->all[r * m->block] : 0;
    }
    EBB_TRY(room(&m->whole, &m->whole_room, want + 1));
    for (size_t r = 0; r < (size_t)m->ranks; r++) {
        const uint32_t *block = m->all + r * m->block;
        size_t n = block[0], first = held(m, n);
        out[r] = (struct ebb_exchange_words){block + 1, n};
        if (n > first) {
            uint32_t *to = m->whole + at;
            memcpy(to, block + 1, first * sizeof(*to));
            memcpy(to + first, m->rest + m->offsets[r],
                   (n - first) * sizeof(*to));
            out[r].at = to;
            at += n;
        }
    }
    return EBB_OK;
}

/* The block of the next exchange, from what all know. */
static void choose_block(struct meeting *m, size_t most)
{
    size_t wanted = BLOCK_LEAST;
    while (wanted < most + 1) {
        wanted *= 2;
    }
    m->spare = wanted < m->block ? m->spare + 1 : 0;
    if (wanted > m->block) {
        m->block = wanted;
    } else if (m->spare >= PATIENCE) {
        m->block /= 2;
        m->spare = 0;
    }
}

static ebb_status swap(struct meeting *m, const uint32_t *words, size_t n,
                       struct ebb_exchange_words *out)
{
    size_t most = 0;
    double start = MPI_Wtime();
    if (n > INT32_MAX / 2) {
        return EBB_FAIL(EBB_ERR_FULL, "%zu words in one exchange", n);
    }
    EBB_TRY(swap_blocks(m, words, n));
    for (size_t r = 0; r < (size_t)m->ranks; r++) {
        size_t its = m->all[r * m->block];
        most = its > most ? its : most;
    }
    if (most > m->block - 1) {
        EBB_TRY(swap_rests(m, words, n));
    }
    EBB_TRY(join(m, out));
    choose_block(m, most);
    m->volume.exchanges++;
    m->volume.seconds += MPI_Wtime() - start;
    return EBB_OK;
}

static void give_up(void *self)
{
    const struct meeting *m = self;
    fprintf(stderr, "ebb: rank %d: %s\n", m->rank, ebb_error_message());
    MPI_Abort(MPI_COMM_WORLD, 1);
}

/* Who fails here cannot tell the others, who would wait for ever. */
static ebb_status gather(void *self, const uint32_t *words, size_t n,
                         struct ebb_exchange_words *out)
{
    struct meeting *m = self;
    ebb_status status = swap(m, words, n, out);
    if (status != EBB_OK) {
        give_up(m);
    }
    return status;
}

static struct ebb_exchange_volume volume(const void *self)
{
    return ((const struct meeting *)self)->volume;
}

static void finish(struct meeting *m)
{
    if (m) {
        ebb_mem_free(m->mine);
        ebb_mem_free(m->all);
        ebb_mem_free(m->rest);
        ebb_mem_free(m->whole);
        ebb_mem_free(m->counts);
        ebb_mem_free(m->offsets);
        ebb_mem_free(m);
    }
}

static ebb_status begin(struct ebb_exchange *out)
{
    struct meeting *m = ebb_mem_calloc(1, sizeof(*m));
    if (!m) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for an exchange");
    }
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &m->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &m->ranks);
    m->block = BLOCK_LEAST;
    m->counts = ebb_mem_calloc((size_t)m->ranks, sizeof(*m->counts));
    m->offsets = ebb_mem_calloc((size_t)m->ranks, sizeof(*m->offsets));
    if (!m->counts || !m->offsets) {
        finish(m);
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for an exchange");
    }
    *out = (struct ebb_exchange){.self = m,
                                 .rank = (size_t)m->rank,
                                 .ranks = (size_t)m->ranks,
                                 .gather = gather,
                                 .volume = volume,
                                 .give_up = give_up};
    return EBB_OK;
}

ebb_status ebb_exchange_join(struct ebb_exchange *out)
{
    int given = MPI_THREAD_SINGLE;
    *out = ebb_exchange_alone();
    if (!ebb_exchange_is_launched()) {
        return EBB_OK;
    }
    EBB_TRY(check(MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given),
                  "MPI_Init_thread"));
    return begin(out);
}

void ebb_exchange_leave(struct ebb_exchange *exchange)
{
    if (exchange->self) {
        finish(exchange->self);
        MPI_Finalize();
    }
    *exchange = ebb_exchange_alone();
}

void ebb_exchange_abort(struct ebb_exchange *exchange, int exit_status)
{
    if (exchange->self) {
        MPI_Abort(MPI_COMM_WORLD, exit_status);
    }
}
