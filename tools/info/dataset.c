/* tools/info/dataset.c - what a data set holds. */
#include "tools/info/info.h"

#include "io/dataset_file.h"

#include <stdio.h>

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
    ebb_json_count(j, "events", a->events);
    ebb_json_count(j, "fewest_events", a->fewest_events);
    ebb_json_count(j, "most_events", a->most_events);
    ebb_json_bool(j, "graded", a->graded);
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
    printf("%zu events%s, %zu to %zu a sample, %.3g per channel and tick\n",
           a->events, a->graded ? " with values" : "", a->fewest_events,
           a->most_events, cells > 0 ? (double)a->events / cells : 0);
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
