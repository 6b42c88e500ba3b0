/* tools/info/dataset.c - what a data set holds. */
#include "tools/info/info.h"

#include "io/dataset_file.h"

#include <stdio.h>

static void put_values(struct ebb_json *j, const struct ebb_dataset_about *a)
{
    const struct ebb_encoder_params *p = a->encoder;
    ebb_json_text(j, "encoder", ebb_encoding_name(p->kind));
    ebb_json_count(j, "values_channels", a->channels);
    ebb_json_count(j, "frames", a->frames);
    ebb_json_count(j, "fewest_frames", a->fewest);
    ebb_json_count(j, "most_frames", a->most);
    ebb_json_count(j, "frame_ticks", p->frame_ticks);
    ebb_json_count(j, "polarities", p->polarities);
    ebb_json_number(j, "gain", p->gain);
    ebb_json_number(j, "spread", p->spread);
    ebb_json_number(j, "shift", p->shift);
    ebb_json_number(j, "threshold", p->threshold);
    ebb_json_number(j, "hysteresis", p->hysteresis);
    ebb_json_number(j, "tau", p->tau);
    ebb_json_count(j, "encoder_seed", p->seed);
}

static void tell_values(const struct ebb_dataset_about *a)
{
    const struct ebb_encoder_params *p = a->encoder;
    printf("%zu frames of %zu values, %zu to %zu a sample, which become "
           "events as they are read:\n",
           a->frames, a->channels, a->fewest, a->most);
    printf("%s, %llu ticks a frame, gain %g, spread %g, shift %g, threshold "
           "%g, hysteresis %g, tau %g, %u %s, seed %llu\n",
           ebb_encoding_name(p->kind), (unsigned long long)p->frame_ticks,
           p->gain, p->spread, p->shift, p->threshold, p->hysteresis, p->tau,
           p->polarities, p->polarities == 1 ? "polarity" : "polarities",
           (unsigned long long)p->seed);
}

static void put(struct ebb_json *j, const struct ebb_sample_source *s,
                const struct ebb_dataset_about *a, double tick_s)
{
    ebb_json_count(j, "samples", a->samples);
    ebb_json_count(j, "train", s->size[EBB_SPLIT_TRAIN]);
    ebb_json_count(j, "validation", s->size[EBB_SPLIT_VALIDATION]);
    ebb_json_count(j, "test", s->size[EBB_SPLIT_TEST]);
    ebb_json_count(j, "channels", s->inputs);
    ebb_json_count(j, "ticks", s->ticks);
    if (tick_s > 0) {
        ebb_json_number(j, "tick_s", tick_s);
    }
    if (a->encoder) {
        put_values(j, a);
    } else {
        ebb_json_count(j, "events", a->events);
        ebb_json_count(j, "fewest_events", a->fewest);
        ebb_json_count(j, "most_events", a->most);
        ebb_json_bool(j, "graded", a->graded);
    }
    if (a->labelled) {
        ebb_json_count(j, "classes", s->classes);
        ebb_json_count(j, "smallest_class", a->smallest);
        ebb_json_count(j, "largest_class", a->largest);
    }
    if (a->targeted) {
        ebb_json_count(j, "outputs", s->outputs);
        ebb_json_count(j, "target_spikes", a->targets);
    }
}

static void tell(const struct ebb_sample_source *s,
                 const struct ebb_dataset_about *a, double tick_s)
{
    double cells = (double)a->samples * (double)s->inputs * (double)s->ticks;
    printf("%zu samples (%zu training, %zu validation, %zu test) of %zu "
           "channels x %llu ticks\n",
           a->samples, s->size[EBB_SPLIT_TRAIN], s->size[EBB_SPLIT_VALIDATION],
           s->size[EBB_SPLIT_TEST], s->inputs, (unsigned long long)s->ticks);
    if (tick_s > 0) {
        printf("a tick is %g ms: samples of %g s\n", 1e3 * tick_s,
               tick_s * (double)s->ticks);
    }
    if (a->encoder) {
        tell_values(a);
    } else {
        printf("%zu events%s, %zu to %zu a sample, %.3g per channel and "
               "tick\n",
               a->events, a->graded ? " with values" : "", a->fewest, a->most,
               cells > 0 ? (double)a->events / cells : 0);
    }
    if (a->labelled) {
        printf("labels of %zu classes, %zu to %zu samples of each\n",
               s->classes, a->smallest, a->largest);
    }
    if (a->targeted) {
        printf("targets: %zu spikes of %zu trains\n", a->targets, s->outputs);
    }
}

ebb_status ebb_info_dataset(const char *path, struct ebb_json *json)
{
    struct ebb_dataset *dataset;
    EBB_TRY(ebb_dataset_read(&dataset, path));
    struct ebb_sample_source source = ebb_dataset_source(dataset);
    struct ebb_dataset_about about = ebb_dataset_about(dataset);
    if (json) {
        put(json, &source, &about, ebb_dataset_tick(dataset));
    } else {
        tell(&source, &about, ebb_dataset_tick(dataset));
    }
    ebb_dataset_destroy(dataset);
    return EBB_OK;
}
