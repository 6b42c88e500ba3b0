/* tools/dataset/spike_sets.c - samples from data sets of spikes in HDF5. */
#include "tools/dataset/spike_sets.h"

#include "io/spike_set.h"
#include "tools/progress.h"
#include "tools/stop.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct job {
    const struct ebb_args *args;
    struct ebb_samples *samples;
    struct ebb_events events; /* of one sample */
    uint64_t channels;
};

bool ebb_spike_sets_are(const struct ebb_args *args)
{
    char start[8] = "";
    FILE *file = fopen(args->operand[0], "rb");
    size_t n = file ? fread(start, 1, sizeof(start), file) : 0;
    if (file) {
        fclose(file);
    }
    return n == 8 && memcmp(start, "\x89HDF\r\n\x1a\n", 8) == 0;
}

/* By --split, or by what is in the name of the file. */
static ebb_status find_split(const struct job *j, const char *path,
                             enum ebb_split *out)
{
    static const char *const words[] = {[EBB_SPLIT_TRAIN] = "train",
                                        [EBB_SPLIT_VALIDATION] = "validation",
                                        [EBB_SPLIT_TEST] = "test"};
    static const char *const parts[] = {"train", "valid", "test"};
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t k = 3;
    EBB_TRY(ebb_args_word(j->args, "split", words, 3, &k));
    for (size_t p = 0; p < 3 && k == 3; p++) {
        k = strcasestr(name, parts[p]) ? p : k;
    }
    if (k == 3) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s: neither train, valid nor test is in its name; "
                        "give --split",
                        path);
    }
    *out = (enum ebb_split)k;
    return EBB_OK;
}

static ebb_status take_spikes(struct job *j,
                              const struct ebb_spike_set_sample *of)
{
    ebb_events_clear(&j->events);
    for (size_t k = 0; k < of->n; k++) {
        if (of->unit[k] >= j->channels) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "a spike of unit %u, beyond %llu channels: give "
                            "--channels",
                            of->unit[k], (unsigned long long)j->channels);
        }
        double tick = floor(1e6 * (double)of->time_s[k] / j->samples->tick_us);
        if (ebb_samples_want(j->samples, tick)) {
            struct ebb_event e = {(ebb_tick)tick, of->unit[k], 1};
            EBB_TRY(ebb_events_push(&j->events, e));
        }
    }
    return ebb_events_sort(&j->events);
}

static ebb_status take_samples(struct job *j, struct ebb_spike_set *set,
                               size_t n, enum ebb_split split)
{
    struct ebb_progress progress = ebb_progress_begin(0, n);
    for (size_t k = 0; k < n; k++) {
        struct ebb_spike_set_sample sample;
        if (ebb_stop_wanted()) {
            return EBB_FAIL(EBB_ERR_STOPPED,
                            "stopped after %zu of %zu samples; nothing is "
                            "left of the data set",
                            k, n);
        }
        EBB_TRY(ebb_spike_set_read(set, &sample));
        ebb_status status = take_spikes(j, &sample);
        if (status == EBB_OK) {
            status =
                ebb_samples_add(j->samples, &j->events, 0, sample.label, split);
        }
        EBB_TRY(ebb_error_prefix(status, "sample %zu: ", k));
        ebb_progress_show(&progress, k + 1, "of the samples");
    }
    ebb_progress_clear(&progress);
    return EBB_OK;
}

static ebb_status take_set(struct job *j, const char *path)
{
    struct ebb_spike_set *set;
    enum ebb_split split = EBB_SPLIT_TRAIN;
    size_t n;
    EBB_TRY(find_split(j, path, &split));
    EBB_TRY(ebb_spike_set_open(&set, path, &n));
    ebb_status status = take_samples(j, set, n, split);
    ebb_spike_set_close(set);
    return status;
}

static ebb_status work(struct job *j)
{
    char origin[512];
    const struct ebb_args *args = j->args;
    EBB_TRY(ebb_args_count(args, "channels", 1, 65536, &j->channels));
    snprintf(origin, sizeof(origin), "ebb dataset %s, ticks of %g us",
             args->operand[0], j->samples->tick_us);
    EBB_TRY(ebb_samples_begin(j->samples, ebb_args_text(args, "out"),
                              (size_t)j->channels, origin));
    ebb_stop_listen();
    for (size_t k = 0; k < args->n_operands; k++) {
        EBB_TRY(take_set(j, args->operand[k]));
    }
    return EBB_OK;
}

ebb_status ebb_spike_sets_take(uint64_t *channels, const struct ebb_args *args,
                               struct ebb_samples *samples)
{
    struct job j = {
        .args = args, .samples = samples, .channels = EBB_SPIKE_SET_CHANNELS};
    ebb_status status = work(&j);
    *channels = j.channels;
    ebb_events_finish(&j.events);
    return status;
}
