/* tools/cmd_play.c - a recording as a live stream. */
#include "tools/commands.h"
#include "tools/json.h"
#include "tools/stop.h"

#include "io/dvs/dvs.h"
#include "io/serve/player.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { PIECE_US = 1000 /* of the recording, sent at once */ };

/* A recording being played. */
struct job {
    const struct ebb_args *args;
    struct ebb_player_options how;
    double speed; /* 0: as fast as it goes */
    uint64_t loops;
    struct ebb_player *player;
    struct ebb_dvs_block block;
    bool begun;
    int64_t first, last; /* times as they are sent, us */
    int64_t shift;       /* added to those of the file */
    struct timespec start;
    double took_s;
};

static ebb_status take_options(struct job *j)
{
    const char *to = ebb_args_text(j->args, "to");
    const char *encoding = ebb_args_text(j->args, "encoding");
    const char *speed = ebb_args_text(j->args, "speed");
    if (!to) {
        return EBB_FAIL(EBB_ERR_ARG, "where to? give --to, such as --to "
                                     "udp://127.0.0.1:3333, or --to -");
    }
    EBB_TRY(ebb_address_parse(&j->how.to, to));
    if (encoding) {
        EBB_TRY(ebb_wire_find(&j->how.wire, encoding));
    }
    if (speed && strcmp(speed, "max") == 0) {
        j->speed = 0;
    } else {
        EBB_TRY(ebb_args_number(j->args, "speed", 1e-3, 1e6, &j->speed));
    }
    EBB_TRY(ebb_args_count(j->args, "loop", 1, 1000000000, &j->loops));
    j->how.big_endian = ebb_args_has(j->args, "be");
    j->how.framed = ebb_args_has(j->args, "framed");
    return EBB_OK;
}

static struct timespec after(struct timespec t, double seconds)
{
    double whole = (double)(int64_t)seconds;
    t.tv_sec += (time_t)whole;
    t.tv_nsec += (long)((seconds - whole) * 1e9);
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

/* Until it is time for an event: by the clock, so that delays do not add up. */
static void wait_for(const struct job *j, int64_t t)
{
    if (j->speed > 0 && t > j->first) {
        struct timespec at =
            after(j->start, 1e-6 * (double)(t - j->first) / j->speed);
        while (!ebb_stop_wanted() &&
               clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) ==
                   EINTR) {
        }
    }
}

/* The events from `from` on that are sent together. */
static size_t piece_of(const struct ebb_dvs_block *b, size_t from)
{
    size_t n = 1;
    while (from + n < b->n && b->t[from + n] - b->t[from] < PIECE_US) {
        n++;
    }
    return n;
}

static ebb_status send_block(struct job *j)
{
    struct ebb_dvs_block *b = &j->block;
    for (size_t k = 0; k < b->n && !ebb_stop_wanted();) {
        size_t n = j->speed > 0 ? piece_of(b, k) : b->n;
        struct ebb_dvs_block piece = {b->t + k, b->x + k, b->y + k,
                                      b->p + k, n,        n};
        wait_for(j, b->t[k + n - 1]);
        EBB_TRY(ebb_player_send(j->player, &piece));
        k += n;
    }
    return EBB_OK;
}

static void place(struct job *j)
{
    struct ebb_dvs_block *b = &j->block;
    if (!j->begun && b->n > 0) {
        j->shift = ebb_args_has(j->args, "zero") ? -b->t[0] : 0;
        j->first = j->last = b->t[0] + j->shift;
        clock_gettime(CLOCK_MONOTONIC, &j->start);
        j->begun = true;
    }
    for (size_t k = 0; k < b->n; k++) {
        b->t[k] += j->shift;
        j->last = b->t[k] > j->last ? b->t[k] : j->last;
    }
}

static ebb_status play_events(struct job *j, struct ebb_dvs_reader *reader)
{
    while (!ebb_stop_wanted()) {
        EBB_TRY(ebb_dvs_read(reader, &j->block));
        if (j->block.n == 0) {
            return EBB_OK;
        }
        place(j);
        EBB_TRY(send_block(j));
    }
    return EBB_OK;
}

static ebb_status connect_player(struct job *j,
                                 const struct ebb_dvs_reader *reader)
{
    if (j->player) {
        return EBB_OK;
    }
    j->how.width = ebb_dvs_about(reader)->width;
    j->how.height = ebb_dvs_about(reader)->height;
    return ebb_player_create(&j->player, &j->how);
}

static ebb_status play_once(struct job *j)
{
    struct ebb_dvs_reader *reader;
    EBB_TRY(ebb_dvs_open(&reader, j->args->operand[0], NULL));
    ebb_status status = connect_player(j, reader);
    if (status == EBB_OK) {
        status = play_events(j, reader);
    }
    ebb_dvs_close(reader);
    return status;
}

static ebb_status work(struct job *j)
{
    struct timespec end;
    int64_t lap = 0; /* from one beginning to the next */
    EBB_TRY(take_options(j));
    EBB_TRY(ebb_dvs_block_init(&j->block, EBB_DVS_BLOCK));
    ebb_stop_listen();
    for (uint64_t k = 0; k < j->loops && !ebb_stop_wanted(); k++) {
        EBB_TRY(play_once(j));
        if (k == 0) {
            lap = j->last - j->first + PIECE_US;
        }
        j->shift += lap;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    j->took_s = j->begun ? (double)(end.tv_sec - j->start.tv_sec) +
                               1e-9 * (double)(end.tv_nsec - j->start.tv_nsec)
                         : 0;
    return j->player ? ebb_player_end(j->player) : EBB_OK;
}

static void tell(const struct job *j)
{
    const struct ebb_player_counts *c = ebb_player_counts(j->player);
    bool piped = j->how.to.transport == EBB_TRANSPORT_STANDARD;
    if (ebb_args_has(j->args, "json") && !piped) {
        struct ebb_json out = {.n = 0};
        ebb_json_text(&out, "played", j->args->operand[0]);
        ebb_json_count(&out, "events", c->events);
        ebb_json_count(&out, "pieces", c->pieces);
        ebb_json_count(&out, "bytes", c->bytes);
        ebb_json_number(&out, "seconds", j->took_s);
        ebb_json_print(&out);
        return;
    }
    fprintf(
        piped ? stderr : stdout, "%llu events in %.3g s: %llu %s, %llu bytes\n",
        (unsigned long long)c->events, j->took_s, (unsigned long long)c->pieces,
        j->how.to.transport == EBB_TRANSPORT_UDP ? "datagrams" : "pieces",
        (unsigned long long)c->bytes);
}

static int run(struct ebb_args *args)
{
    struct job j = {
        .args = args, .how = {.wire = EBB_WIRE_T64}, .speed = 1, .loops = 1};
    ebb_status status = work(&j);
    if (status == EBB_OK) {
        tell(&j);
    }
    ebb_player_destroy(j.player);
    ebb_dvs_block_finish(&j.block);
    return ebb_args_end(args, status);
}

static const struct ebb_option options[] = {
    {"to", 0, "ADDRESS", "where ebb serve listens, or - for standard output"},
    {"speed", 0, "X", "times as fast as it was recorded, or max (1)"},
    {"encoding", 0, "NAME",
     "t64x16y16p8, t32x16y15p1, spif, evt2, evt3, es or csv (t64x16y16p8)"},
    {"be", 0, NULL, "spif words are big-endian"},
    {"framed", 0, NULL, "frames with numbers, by which losses show"},
    {"zero", 0, NULL, "times start at 0"},
    {"loop", 0, "N", "play it so often, one after the other (1)"},
    {"json", 0, NULL, "print a JSON object"},
    {0}};

const struct ebb_command ebb_command_play = {
    .name = "play",
    .operands = "RECORDING",
    .summary = "a recording of an event camera as a live stream",
    .text = "Sends a recording of any format as a camera would, event by "
            "event in its own time. ADDRESS is\nudp://HOST:PORT, "
            "tcp://HOST:PORT, unix:PATH, fifo:PATH or -. A stream that ends "
            "waits until the other\nside has taken all of it.\n\n"
            "examples:\n"
            "  ebb play hand.raw --to udp://127.0.0.1:3333\n"
            "  ebb play hand.aedat4 --to tcp://127.0.0.1:3333 --framed "
            "--speed 2\n"
            "  ebb play hand.raw --to - --speed max --encoding evt3 | wc -c",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .run = run};
