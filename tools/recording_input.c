/* tools/recording_input.c - a camera's recording as a network's input. */
#include "tools/recording_input.h"

#include "io/dvs/dvs.h"

#include <math.h>
#include <stdio.h>

/* A recording being taken in. */
struct job {
    const char *path;
    struct ebb_events *out;
    struct ebb_grid grid; /* of the input */
    double tick_us;
    int64_t begin, end; /* us after the first event */
    int64_t first;      /* its time */
    uint64_t before;    /* events that are earlier, out of order */
};

static ebb_status take_options(struct job *j, const struct ebb_args *args)
{
    double begin_s = 0, end_s = -1;
    EBB_TRY(ebb_args_seconds(args, "begin", &begin_s));
    EBB_TRY(ebb_args_seconds(args, "end", &end_s));
    if (begin_s > 9e12 || end_s > 9e12) {
        return EBB_FAIL(EBB_ERR_ARG, "--begin and --end are below 9e12 s");
    }
    j->begin = llround(1e6 * begin_s);
    j->end = end_s < 0 ? INT64_MAX : llround(1e6 * end_s);
    return j->begin < j->end
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG, "--end must be later than --begin");
}

static ebb_status check_network(const struct job *j,
                                const struct ebb_network *net)
{
    if (!(net->tick_s >= 1e-6)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s: the network's tick is %g s; a recording needs "
                        "ticks of a microsecond or more: give --tick",
                        j->path, net->tick_s);
    }
    size_t channels = j->grid.channels;
    bool shaped = j->grid.rows * j->grid.columns > 1 && channels <= 2;
    return shaped ? EBB_OK
                  : EBB_FAIL(EBB_ERR_SHAPE,
                             "%s: the network's input is [%zu, %zu, %zu]; a "
                             "recording needs [2, height, width], or 1 for "
                             "both polarities",
                             j->path, channels, j->grid.rows, j->grid.columns);
}

static ebb_status take_block(struct job *j, const struct ebb_dvs_block *b)
{
    for (size_t k = 0; k < b->n; k++) {
        int64_t t = b->t[k] - j->first;
        if (t < j->begin || t >= j->end) {
            j->before += t < 0;
            continue;
        }
        if (b->x[k] >= j->grid.columns || b->y[k] >= j->grid.rows) {
            return EBB_FAIL(EBB_ERR_SHAPE,
                            "%s: an event at column %u, row %u is beyond the "
                            "network's input of %zu x %zu; ebb convert crops "
                            "and shrinks",
                            j->path, b->x[k], b->y[k], j->grid.columns,
                            j->grid.rows);
        }
        size_t channel = j->grid.channels == 2 ? b->p[k] : 0;
        size_t row = channel * j->grid.rows + b->y[k];
        double tick = floor((double)(t - j->begin) / j->tick_us);
        struct ebb_event e = {(ebb_tick)tick,
                              (ebb_neuron_id)(row * j->grid.columns + b->x[k]),
                              1};
        EBB_TRY(ebb_events_push(j->out, e));
    }
    return EBB_OK;
}

static ebb_status take_all(struct job *j, struct ebb_dvs_reader *reader,
                           struct ebb_dvs_block *block)
{
    do {
        EBB_TRY(ebb_dvs_read(reader, block));
        EBB_TRY(take_block(j, block));
    } while (block->n > 0);
    return EBB_OK;
}

/* The time of the first event, from which all are counted. */
static ebb_status find_first(struct job *j, struct ebb_dvs_block *block)
{
    struct ebb_dvs_reader *reader;
    EBB_TRY(ebb_dvs_open(&reader, j->path, NULL));
    ebb_status status = ebb_dvs_read(reader, block);
    if (status == EBB_OK && block->n == 0) {
        status = EBB_FAIL(EBB_ERR_FORMAT, "%s holds no event", j->path);
    }
    j->first = status == EBB_OK ? block->t[0] : 0;
    ebb_dvs_close(reader);
    return status;
}

static int64_t after(int64_t first, int64_t us)
{
    return us > INT64_MAX - first && first > 0 ? INT64_MAX : first + us;
}

static ebb_status read_all(struct job *j, struct ebb_dvs_block *block)
{
    struct ebb_dvs_reader *reader;
    struct ebb_dvs_options how = ebb_dvs_options_default();
    EBB_TRY(find_first(j, block));
    if (j->begin > 0) {
        how.begin = after(j->first, j->begin);
    }
    if (j->end < INT64_MAX) {
        how.end = after(j->first, j->end);
    }
    EBB_TRY(ebb_dvs_open(&reader, j->path, &how));
    ebb_status status = take_all(j, reader, block);
    ebb_dvs_close(reader);
    return status;
}

ebb_status ebb_recording_input(struct ebb_events *out, ebb_tick *ticks,
                               const struct ebb_args *args, const char *path,
                               const struct ebb_network *net)
{
    size_t input = ebb_network_input(net);
    struct job j = {.path = path,
                    .out = out,
                    .grid = net->populations[input].grid,
                    .tick_us = ebb_tick_us(net->tick_s)};
    struct ebb_dvs_block block;
    EBB_TRY(take_options(&j, args));
    EBB_TRY(check_network(&j, net));
    EBB_TRY(ebb_dvs_block_init(&block, EBB_DVS_BLOCK));
    ebb_status status = read_all(&j, &block);
    ebb_dvs_block_finish(&block);
    EBB_TRY(status);
    if (out->n == 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s has no event from --begin to --end; ebb info "
                        "tells how long it is",
                        path);
    }
    if (j.before > 0) {
        fprintf(stderr,
                "ebb run: %s: %llu events are earlier than its first one and "
                "left out; ebb convert --monotone keeps them\n",
                path, (unsigned long long)j.before);
    }
    EBB_TRY(ebb_events_sort(out));
    if (ebb_args_has(args, "once")) {
        ebb_events_thin(out);
    }
    *ticks = out->at[out->n - 1].tick + 1;
    if (j.end < INT64_MAX) {
        *ticks = (ebb_tick)ceil((double)(j.end - j.begin) / j.tick_us);
    }
    return EBB_OK;
}
