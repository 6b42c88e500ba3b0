/* tools/dataset/recordings.c - samples from recordings of event cameras. */
#include "tools/dataset/recordings.h"

#include "tools/convert/step_options.h"
#include "tools/dataset/sample_list.h"
#include "tools/progress.h"
#include "tools/stop.h"

#include "io/dvs/dvs.h"

#include <math.h>
#include <stdio.h>

struct job {
    const struct ebb_args *args;
    struct ebb_samples *samples;
    struct ebb_sample_list list;
    struct ebb_dvs_block block;
    struct ebb_events events; /* of one recording */
    struct ebb_steps steps;
    uint64_t width, height, polarities; /* of the input */
    bool absolute;
};

/* The sensor, from the first recording where it is not given. */
static ebb_status find_sensor(struct job *j)
{
    struct ebb_dvs_reader *reader;
    EBB_TRY(ebb_args_count(j->args, "width", 1, 65536, &j->width));
    EBB_TRY(ebb_args_count(j->args, "height", 1, 65536, &j->height));
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

/* What becomes of the sensor on the way into the data set. */
static ebb_status settle_input(struct job *j)
{
    struct ebb_steps *s = &j->steps;
    EBB_TRY(ebb_step_options_take(s, j->args));
    s->width = (uint32_t)j->width;
    s->height = (uint32_t)j->height;
    EBB_TRY(ebb_steps_begin(s));
    j->width = (s->width + s->shrink - 1) / s->shrink;
    j->height = (s->height + s->shrink - 1) / s->shrink;
    j->polarities = s->polarity == EBB_STEP_BOTH ? 2 : 1;
    return EBB_OK;
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
        double tick = floor((double)(b->t[k] - start) / j->samples->tick_us);
        if (!ebb_samples_want(j->samples, tick)) {
            continue;
        }
        size_t sheet = j->polarities == 2 ? b->p[k] : 0;
        size_t row = sheet * j->height + b->y[k];
        struct ebb_event e = {(ebb_tick)tick,
                              (ebb_neuron_id)(row * j->width + b->x[k]), 1};
        EBB_TRY(ebb_events_push(&j->events, e));
    }
    return EBB_OK;
}

/* Tick 0 is where the stretch begins, or else the first event. */
static ebb_status read_all(struct job *j, struct ebb_dvs_reader *reader,
                           const struct ebb_sample_file *s)
{
    bool whole = s->begin == INT64_MIN;
    int64_t start = whole ? 0 : s->begin;
    bool begun = !whole || j->absolute, more = true;
    ebb_events_clear(&j->events);
    while (more) {
        EBB_TRY(ebb_dvs_read(reader, &j->block));
        if (j->block.n == 0) {
            return EBB_OK;
        }
        start = begun ? start : j->block.t[0];
        begun = true;
        EBB_TRY(ebb_steps_take(&j->steps, &j->block, &more));
        EBB_TRY(take_block(j, s->path, start));
    }
    return EBB_OK;
}

/* The pass before the first, for pixels that are too busy. */
static ebb_status count_all(struct job *j, const struct ebb_sample_file *s,
                            const struct ebb_dvs_options *how)
{
    struct ebb_dvs_reader *reader;
    EBB_TRY(ebb_dvs_open(&reader, s->path, how));
    ebb_status status;
    do {
        status = ebb_dvs_read(reader, &j->block);
        if (status == EBB_OK) {
            status = ebb_steps_count(&j->steps, &j->block);
        }
    } while (status == EBB_OK && j->block.n > 0);
    ebb_dvs_close(reader);
    return status;
}

/* Whole ticks of a stretch; 0: its events tell. */
static ebb_tick length_of(const struct job *j, const struct ebb_sample_file *s)
{
    return s->begin == INT64_MIN
               ? 0
               : (ebb_tick)((double)(s->end - s->begin) / j->samples->tick_us);
}

static ebb_status add_recording(struct job *j, const struct ebb_sample_file *s)
{
    struct ebb_dvs_reader *reader;
    struct ebb_dvs_options how = ebb_dvs_options_default();
    how.begin = s->begin;
    how.end = s->end;
    ebb_steps_restart(&j->steps);
    if (j->steps.hot > 0) {
        EBB_TRY(count_all(j, s, &how));
    }
    EBB_TRY(ebb_dvs_open(&reader, s->path, &how));
    ebb_status status = read_all(j, reader, s);
    ebb_dvs_close(reader);
    EBB_TRY(status);
    EBB_TRY(ebb_events_sort(&j->events));
    return ebb_samples_add(j->samples, &j->events, length_of(j, s), s->label,
                           s->split);
}

static ebb_status add_all(struct job *j)
{
    ebb_stop_listen();
    struct ebb_progress progress = ebb_progress_begin(0, j->list.n);
    for (size_t k = 0; k < j->list.n; k++) {
        if (ebb_stop_wanted()) {
            return EBB_FAIL(EBB_ERR_STOPPED,
                            "stopped after %zu of %zu recordings; nothing is "
                            "left of the data set",
                            k, j->list.n);
        }
        EBB_TRY(add_recording(j, &j->list.at[k]));
        ebb_progress_show(&progress, k + 1, "of the recordings");
    }
    ebb_progress_clear(&progress);
    return EBB_OK;
}

static ebb_status work(struct job *j)
{
    char origin[512];
    const char *from = j->args->operand[0];
    j->absolute = ebb_args_has(j->args, "absolute");
    EBB_TRY(ebb_sample_list_read(&j->list, from));
    EBB_TRY(find_sensor(j));
    EBB_TRY(settle_input(j));
    EBB_TRY(ebb_dvs_block_init(&j->block, EBB_DVS_BLOCK));
    snprintf(origin, sizeof(origin), "ebb dataset %s, ticks of %g us", from,
             j->samples->tick_us);
    EBB_TRY(ebb_samples_begin(j->samples, ebb_args_text(j->args, "out"),
                              (size_t)(j->polarities * j->width * j->height),
                              origin));
    return add_all(j);
}

ebb_status ebb_recordings_take(struct ebb_recordings *out,
                               const struct ebb_args *args,
                               struct ebb_samples *samples)
{
    struct job j = {.args = args, .samples = samples};
    ebb_status status = work(&j);
    *out = (struct ebb_recordings){.width = j.width,
                                   .height = j.height,
                                   .polarities = j.polarities,
                                   .n = j.list.n};
    ebb_steps_finish(&j.steps);
    ebb_dvs_block_finish(&j.block);
    ebb_events_finish(&j.events);
    ebb_sample_list_finish(&j.list);
    return status;
}
