/* sim/exchange.c - what the processes of a job have to tell, whatever carries
 * it. */
#include "sim/exchange.h"

#include "core/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { TEXT = 512 }; /* bytes of a message */

struct ebb_exchange ebb_exchange_alone(void)
{
    return (struct ebb_exchange){.ranks = 1};
}

struct ebb_exchange_volume
ebb_exchange_volume_of(const struct ebb_exchange *exchange)
{
    return exchange->volume ? exchange->volume(exchange->self)
                            : (struct ebb_exchange_volume){0};
}

/* What a process says of itself: its status, then the message. */
struct report {
    uint32_t status;
    char text[TEXT];
};

/* Does status b weigh more than a? */
static bool is_worse(ebb_status b, ebb_status a)
{
    return a == EBB_OK || (a == EBB_ERR_STOPPED && b != EBB_ERR_STOPPED);
}

static ebb_status find_worst(const struct ebb_exchange_words *all, size_t ranks,
                             size_t *worst)
{
    ebb_status status = EBB_OK;
    for (size_t r = 0; r < ranks; r++) {
        ebb_status own = all[r].n > 0 ? (ebb_status)all[r].at[0] : EBB_ERR_IO;
        if (own != EBB_OK && is_worse(own, status)) {
            status = own;
            *worst = r;
        }
    }
    return status;
}

static ebb_status adopt(const struct ebb_exchange_words *from, size_t rank,
                        ebb_status status)
{
    struct report report = {.status = 0};
    size_t bytes = from->n * sizeof(*from->at);
    memcpy(&report, from->at, bytes < sizeof(report) ? bytes : sizeof(report));
    report.text[TEXT - 1] = '\0';
    return status == EBB_ERR_STOPPED
               ? EBB_FAIL(status, "%s", report.text)
               : EBB_FAIL(status, "rank %zu: %s", rank, report.text);
}

/* Who cannot take part cannot tell the others either, who would wait for
 * ever. */
static ebb_status fail_alone(const struct ebb_exchange *exchange)
{
    ebb_status status =
        EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu processes", exchange->ranks);
    if (exchange->give_up) {
        exchange->give_up(exchange->self);
    }
    return status;
}

ebb_status ebb_exchange_agree(const struct ebb_exchange *exchange,
                              ebb_status status)
{
    struct report report = {.status = (uint32_t)status};
    size_t words = 1, worst = 0;
    if (exchange->ranks <= 1) {
        return status;
    }
    if (status != EBB_OK) {
        snprintf(report.text, TEXT, "%s", ebb_error_message());
        words = sizeof(report) / sizeof(uint32_t);
    }
    struct ebb_exchange_words *all =
        ebb_mem_calloc(exchange->ranks, sizeof(*all));
    if (!all) {
        return fail_alone(exchange);
    }
    uint32_t said[sizeof(report) / sizeof(uint32_t)];
    memcpy(said, &report, sizeof(said));
    ebb_status end = exchange->gather(exchange->self, said, words, all);
    if (end == EBB_OK) {
        end = find_worst(all, exchange->ranks, &worst);
        end = end == EBB_OK ? EBB_OK : adopt(&all[worst], worst, end);
    }
    ebb_mem_free(all);
    return end;
}

static void add_up(const struct ebb_exchange_words *all, size_t ranks,
                   uint64_t *value, size_t n)
{
    memset(value, 0, n * sizeof(*value));
    for (size_t r = 0; r < ranks; r++) {
        for (size_t k = 0; k < n && 2 * k + 1 < all[r].n; k++) {
            value[k] += (uint64_t)all[r].at[2 * k] << 32 | all[r].at[2 * k + 1];
        }
    }
}

ebb_status ebb_exchange_sum(const struct ebb_exchange *exchange,
                            uint64_t *value, size_t n)
{
    if (exchange->ranks <= 1) {
        return EBB_OK;
    }
    struct ebb_exchange_words *all =
        ebb_mem_calloc(exchange->ranks, sizeof(*all));
    uint32_t *said = ebb_mem_calloc(2 * n, sizeof(*said));
    ebb_status status = all && said ? EBB_OK : fail_alone(exchange);
    for (size_t k = 0; status == EBB_OK && k < n; k++) {
        said[2 * k] = (uint32_t)(value[k] >> 32);
        said[2 * k + 1] = (uint32_t)value[k];
    }
    if (status == EBB_OK) {
        status = exchange->gather(exchange->self, said, 2 * n, all);
    }
    if (status == EBB_OK) {
        add_up(all, exchange->ranks, value, n);
    }
    ebb_mem_free(all);
    ebb_mem_free(said);
    return status;
}
