/* tools/cmd_dataset.c - a data set from recordings of event cameras. */
#include "tools/commands.h"
#include "tools/json.h"
#include "tools/progress.h"
#include "tools/sample_list.h"
#include "tools/stop.h"

#include "core/memory.h"
#include "io/dataset_write.h"
#include "io/dvs/dvs.h"

#include <math.h>
#include <stdio.h>

/* A data set being made. */
struct job {
    struct ebb_args *args;
    struct ebb_sample_list list;
    struct ebb_dataset_writer *writer;
    struct ebb_dvs_block block;
    struct ebb_events events;
    uint64_t width, height, ticks;
    double tick_us;
    bool once;
    uint64_t kept, late; /* events within and beyond the ticks */
    struct ebb_progress progress;
};

static ebb_status take_options(struct job *j)
{
    double tick_s = 0.01;
    EBB_TRY(ebb_args_seconds(j->args, "tick", &tick_s));
    EBB_TRY(ebb_args_count(j->args, "ticks", 1, 1000000, &j->ticks));
    EBB_TRY(ebb_args_count(j->args, "width", 1, 65536, &j->width));
    EBB_TRY(ebb_args_count(j->args, "height", 1, 65536, &j->height));
    j->tick_us = tick_s * 1e6;
    j->once = ebb_args_has(j->args, "once");
    if (j->tick_us < 1) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--tick is %g s; events are told apart by microseconds",
                        tick_s);
    }
    if (!ebb_args_text(j->args, "out")) {
        return EBB_FAIL(EBB_ERR_ARG, "where to? give -o NAME.data.h5");
    }
    return EBB_OK;
}

/* The sensor, from the first recording where it is not given. */
static ebb_status settle_sensor(struct job *j)
{
    struct ebb_dvs_reader *reader;
    if (j->width && j->height) {
        return EBB_OK;
    }
    EBB_TRY(ebb_dvs_open(&reader, j->list.at[0].path, NULL));
    const struct ebb_dvs_about *about = ebb_dvs_about(reader);
    j->width = j->width ? j->width : about->width;
    j->height = j->height ? j->height : about->height;
    ebb_dvs_close(reader);
    return j->width && j->height
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG,
                          "%s does not tell the size of its sensor: give "
                          "--width and --height",
                          j->list.at[0].path);
}

static ebb_status take_block(struct job *j, const char *path, int64_t start)
{
    const struct ebb_dvs_block *b = &j->block;
    for (size_t k = 0; k < b->n; k++) {
        if (b->x[k] >= j->width || b->y[k] >= j->height) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "%s: an event at column %u row %u, beyond %llu x "
                            "%llu: give --width and --height",
                            path, b->x[k], b->y[k],
                            (unsigned long long)j->width,
                            (unsigned long long)j->height);
        }
        double tick = floor((double)(b->t[k] - start) / j->tick_us);
        if (tick < 0 || tick >= (double)j->ticks) {
            j->late++;
            continue;
        }
        size_t row = b->p[k] * j->height + b->y[k];
        struct ebb_event e = {(ebb_tick)tick,
                              (ebb_neuron_id)(row * j->width + b->x[k]), 1};
        EBB_TRY(ebb_events_push(&j->events, e));
    }
    return EBB_OK;
}

static ebb_status read_all(struct job *j, struct ebb_dvs_reader *reader,
                           const char *path)
{
    int64_t start = 0;
    bool begun = false;
    ebb_events_clear(&j->events);
    for (;;) {
        EBB_TRY(ebb_dvs_read(reader, &j->block));
        if (j->block.n == 0) {
            return EBB_OK;
        }
        if (!begun && !ebb_args_has(j->args, "absolute")) {
            start = j->block.t[0];
        }
        begun = true;
        EBB_TRY(take_block(j, path, start));
    }
}

/* One event a channel and tick. */
static void thin(struct ebb_events *events)
{
    size_t kept = 0;
    for (size_t k = 0; k < events->n; k++) {
        const struct ebb_event *e = &events->at[k];
        bool again = kept > 0 && events->at[kept - 1].tick == e->tick &&
                     events->at[kept - 1].node == e->node;
        if (!again) {
            events->at[kept++] = *e;
        }
    }
    events->n = kept;
}

static ebb_status add_sample(struct job *j, const struct ebb_sample_file *s)
{
    struct ebb_dvs_reader *reader;
    EBB_TRY(ebb_dvs_open(&reader, s->path, NULL));
    ebb_status status = read_all(j, reader, s->path);
    ebb_dvs_close(reader);
    status = status ? status : ebb_events_sort(&j->events);
    if (status == EBB_OK && j->once) {
        thin(&j->events);
    }
    j->kept += j->events.n;
    return status ? status
                  : ebb_dataset_writer_add(j->writer, &j->events, s->label,
                                           s->split);
}

static ebb_status add_all(struct job *j)
{
    ebb_stop_listen();
    j->progress = ebb_progress_begin(0, j->list.n);
    for (size_t k = 0; k < j->list.n; k++) {
        if (ebb_stop_wanted()) {
            return EBB_FAIL(EBB_ERR_STOPPED,
                            "stopped after %zu of %zu recordings; nothing is "
                            "left of the data set",
                            k, j->list.n);
        }
        EBB_TRY(add_sample(j, &j->list.at[k]));
        ebb_progress_show(&j->progress, k + 1, "of the recordings");
    }
    ebb_progress_clear(&j->progress);
    return EBB_OK;
}

static ebb_status work(struct job *j)
{
    char origin[512];
    const char *from = j->args->operand[0];
    EBB_TRY(take_options(j));
    EBB_TRY(ebb_sample_list_read(&j->list, from));
    EBB_TRY(settle_sensor(j));
    EBB_TRY(ebb_dvs_block_init(&j->block, EBB_DVS_BLOCK));
    snprintf(origin, sizeof(origin), "ebb dataset %s, ticks of %g us", from,
             j->tick_us);
    EBB_TRY(ebb_dataset_writer_create(&j->writer, ebb_args_text(j->args, "out"),
                                      (size_t)(2 * j->width * j->height),
                                      j->ticks, origin));
    EBB_TRY(add_all(j));
    ebb_status status = ebb_dataset_writer_finish(j->writer);
    j->writer = NULL;
    return status;
}

static void tell_json(const struct job *j)
{
    struct ebb_json out = {.n = 0};
    ebb_json_text(&out, "dataset", ebb_args_text(j->args, "out"));
    ebb_json_count(&out, "samples", j->list.n);
    ebb_json_count(&out, "ticks", j->ticks);
    ebb_json_number(&out, "tick_us", j->tick_us);
    ebb_json_count(&out, "events", j->kept);
    ebb_json_count(&out, "events_left_out", j->late);
    ebb_json_count(&out, "height", j->height);
    ebb_json_count(&out, "width", j->width);
    ebb_json_print(&out);
}

static void tell(const struct job *j)
{
    typedef unsigned long long count;
    if (ebb_args_has(j->args, "json")) {
        tell_json(j);
        return;
    }
    printf("%s: %zu samples of %llu ticks, %llu events, input [2, %llu, "
           "%llu]\n",
           ebb_args_text(j->args, "out"), j->list.n, (count)j->ticks,
           (count)j->kept, (count)j->height, (count)j->width);
    if (j->late > 0) {
        printf("%llu events lie beyond the ticks: --ticks and --tick decide\n",
               (count)j->late);
    }
}

static int run(struct ebb_args *args)
{
    struct job j = {.args = args, .ticks = 32};
    ebb_status status = work(&j);
    if (status == EBB_OK) {
        tell(&j);
    }
    ebb_dataset_writer_abandon(j.writer);
    ebb_dvs_block_finish(&j.block);
    ebb_events_finish(&j.events);
    ebb_sample_list_finish(&j.list);
    return ebb_args_end(args, status);
}

static const struct ebb_option options[] = {
    {"out", 'o', "FILE", "the data set (NAME.data.h5)"},
    {"tick", 0, "TIME", "length of a tick (10ms)"},
    {"ticks", 0, "N", "of a sample; what comes later is left out (32)"},
    {"width", 0, "N", "columns of the sensor (as the first recording says)"},
    {"height", 0, "N", "and its rows"},
    {"once", 0, NULL, "at most one event a channel and tick"},
    {"absolute", 0, NULL, "tick 0 is time 0, not the first event"},
    {"json", 0, NULL, "print a JSON object"},
    {0}};

const struct ebb_command ebb_command_dataset = {
    .name = "dataset",
    .operands = "LIST|FOLDER",
    .summary = "a data set from recordings of event cameras",
    .text = "LIST has lines 'recording label [train|validation|test]'. A "
            "FOLDER has a folder for\neach class, within Train/ and Test/ or "
            "not, as N-MNIST has.\n\n"
            "An event of polarity p at row y and column x reaches channel\n"
            "(p * height + y) * width + x of the input, [2, height, width].\n\n"
            "examples:\n"
            "  ebb dataset N-MNIST -o nmnist.data.h5 --tick 10ms --ticks 32\n"
            "  ebb dataset clips.txt -o clips.data.h5 --tick 5ms --ticks 300 "
            "--once",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .run = run};
