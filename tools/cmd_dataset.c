/* tools/cmd_dataset.c - a data set from recordings of event cameras, from
 * spikes of others, or from images, sounds and other series. */
#include "tools/commands.h"
#include "tools/convert/step_options.h"
#include "tools/dataset/recordings.h"
#include "tools/dataset/spike_sets.h"
#include "tools/dataset/values.h"
#include "tools/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDING_TICKS = 32, SPIKES_TICKS = 100 };

struct job {
    const struct ebb_args *args;
    struct ebb_samples samples;
    struct ebb_recordings recordings;
    uint64_t channels; /* of spikes in HDF5; 0: it is recordings */
    double share;      /* of training that becomes validation */
    uint64_t seed;
};

/* A time as whole ticks. */
static ebb_status take_step(const struct ebb_args *args, struct ebb_samples *s)
{
    double step_s = 0;
    EBB_TRY(ebb_args_seconds(args, "step", &step_s));
    double ticks = step_s * 1e6 / s->tick_us;
    s->step = (ebb_tick)llround(ticks);
    if (step_s > 0 && (s->step < 1 || fabs(ticks - (double)s->step) > 1e-6)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--step is %g ticks of %g us; it must be a whole "
                        "number of them",
                        ticks, s->tick_us);
    }
    return EBB_OK;
}

static ebb_status check_out(const struct ebb_args *args)
{
    return ebb_args_text(args, "out")
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG, "where to? give -o NAME.data.h5");
}

static ebb_status take_options(const struct ebb_args *args,
                               struct ebb_samples *s)
{
    double tick_s = 0.01;
    uint64_t ticks = s->ticks;
    EBB_TRY(ebb_args_seconds(args, "tick", &tick_s));
    EBB_TRY(ebb_args_count(args, "ticks", 1, 1000000, &ticks));
    s->ticks = ticks;
    s->tick_us = ebb_tick_us(tick_s);
    s->once = ebb_args_has(args, "once");
    if (s->tick_us < 1) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--tick is %g s; events are told apart by microseconds",
                        tick_s);
    }
    EBB_TRY(check_out(args));
    return take_step(args, s);
}

/* "10%" as 0.1. */
static ebb_status take_share(struct job *j)
{
    const char *text = ebb_args_text(j->args, "validation");
    char *end = NULL;
    j->seed = 1;
    EBB_TRY(ebb_args_count(j->args, "seed", 0, UINT64_MAX, &j->seed));
    double percent = text ? strtod(text, &end) : 0;
    if (text && (end == text || strcmp(end, "%") != 0 ||
                 !(percent > 0 && percent < 100))) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--validation is '%.40s'; it must be a share above 0%% "
                        "and below 100%%, such as 10%%",
                        text);
    }
    j->share = percent / 100;
    return EBB_OK;
}

static ebb_status take_recordings(struct job *j)
{
    if (j->args->n_operands > 1) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "'%.60s' is one word too many: one list or folder of "
                        "recordings, or files of spikes in HDF5",
                        j->args->operand[1]);
    }
    return ebb_recordings_take(&j->recordings, j->args, &j->samples);
}

/* What the operands are. */
enum kind { RECORDINGS, SPIKES, VALUES, KINDS };

/* Options that are not for all of them: bits of those that they are for. An
 * option that does nothing would be believed. */
static const struct {
    const char *name;
    unsigned kinds;
} of_kinds[] = {
    {"tick", 1u << RECORDINGS | 1u << SPIKES},
    {"step", 1u << RECORDINGS},
    {"width", 1u << RECORDINGS},
    {"height", 1u << RECORDINGS},
    {"crop", 1u << RECORDINGS},
    {"flip", 1u << RECORDINGS},
    {"shrink", 1u << RECORDINGS},
    {"hot", 1u << RECORDINGS},
    {"refractory", 1u << RECORDINGS},
    {"absolute", 1u << RECORDINGS},
    {"polarity", 1u << RECORDINGS},
    {"once", 1u << RECORDINGS | 1u << SPIKES},
    {"channels", 1u << SPIKES},
    {"split", 1u << SPIKES},
    {"names", 1u << VALUES},
    {"only", 1u << VALUES},
    {"test", 1u << VALUES},
    {"encode", 1u << VALUES},
    {"hold", 1u << VALUES},
    {"gain", 1u << VALUES},
    {"spread", 1u << VALUES},
    {"shift", 1u << VALUES},
    {"threshold", 1u << VALUES},
    {"hysteresis", 1u << VALUES},
    {"leak", 1u << VALUES},
    {"polarities", 1u << VALUES},
    {"inputs", 1u << VALUES},
    {"plain", 1u << VALUES},
    {"relative", 1u << VALUES},
    {"window", 1u << VALUES},
    {"hop", 1u << VALUES},
    {"bands", 1u << VALUES},
    {"coefficients", 1u << VALUES},
    {"slopes", 1u << VALUES},
};

static ebb_status check_options(const struct ebb_args *args, enum kind kind)
{
    static const char *const called[KINDS] = {
        "recordings", "spikes in HDF5", "images, sounds and other series"};
    for (size_t k = 0; k < sizeof(of_kinds) / sizeof(*of_kinds); k++) {
        unsigned kinds = of_kinds[k].kinds;
        if (!ebb_args_has(args, of_kinds[k].name) || kinds >> kind & 1) {
            continue;
        }
        size_t first = 0;
        while (!(kinds >> first & 1)) {
            first++;
        }
        return EBB_FAIL(EBB_ERR_ARG, "--%s is for %s, which %s is not",
                        of_kinds[k].name, called[first], args->operand[0]);
    }
    return EBB_OK;
}

static ebb_status work(struct job *j, bool spikes)
{
    EBB_TRY(check_options(j->args, spikes ? SPIKES : RECORDINGS));
    j->samples.ticks = spikes ? SPIKES_TICKS : RECORDING_TICKS;
    EBB_TRY(take_options(j->args, &j->samples));
    EBB_TRY(take_share(j));
    EBB_TRY(spikes ? ebb_spike_sets_take(&j->channels, j->args, &j->samples)
                   : take_recordings(j));
    if (j->share > 0) {
        ebb_samples_validate(&j->samples, j->share, j->seed);
    }
    return ebb_samples_end(&j->samples);
}

static void tell_json(const struct job *j)
{
    const struct ebb_samples *s = &j->samples;
    struct ebb_json out = {.n = 0};
    ebb_json_text(&out, "dataset", ebb_args_text(j->args, "out"));
    ebb_json_count(&out, "samples", s->n);
    ebb_json_count(&out, "train", s->of[EBB_SPLIT_TRAIN]);
    ebb_json_count(&out, "validation", s->of[EBB_SPLIT_VALIDATION]);
    ebb_json_count(&out, "test", s->of[EBB_SPLIT_TEST]);
    ebb_json_count(&out, "empty", s->empty);
    ebb_json_count(&out, "ticks", s->ticks);
    ebb_json_number(&out, "tick_us", s->tick_us);
    ebb_json_count(&out, "events", s->kept);
    ebb_json_count(&out, "events_left_out", s->late);
    if (j->channels) {
        ebb_json_count(&out, "channels", j->channels);
    } else {
        ebb_json_count(&out, "recordings", j->recordings.n);
        ebb_json_count(&out, "polarities", j->recordings.polarities);
        ebb_json_count(&out, "height", j->recordings.height);
        ebb_json_count(&out, "width", j->recordings.width);
    }
    ebb_json_print(&out);
}

typedef unsigned long long count;

static void tell_input(const struct job *j)
{
    if (j->channels) {
        printf("%llu channels\n", (count)j->channels);
    } else {
        printf("input [%llu, %llu, %llu]\n", (count)j->recordings.polarities,
               (count)j->recordings.height, (count)j->recordings.width);
    }
}

static void tell(const struct job *j)
{
    const struct ebb_samples *s = &j->samples;
    printf("%s: %zu samples of %llu ticks, %llu events, ",
           ebb_args_text(j->args, "out"), s->n, (count)s->ticks,
           (count)s->kept);
    tell_input(j);
    printf("%zu for training, %zu for validation, %zu for tests\n",
           s->of[EBB_SPLIT_TRAIN], s->of[EBB_SPLIT_VALIDATION],
           s->of[EBB_SPLIT_TEST]);
    if (s->late > 0) {
        printf("%llu events lie beyond the ticks: --ticks, --tick and --step "
               "decide\n",
               (count)s->late);
    }
    if (s->empty > 0) {
        printf("%zu samples have no event\n", s->empty);
    }
}

static ebb_status make_values(struct ebb_values_job *j)
{
    EBB_TRY(check_options(j->args, VALUES));
    EBB_TRY(check_out(j->args));
    if (j->args->n_operands > 1) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "'%.60s' is one word too many: one folder or list",
                        j->args->operand[1]);
    }
    return ebb_values_take(j);
}

static int run_values(struct ebb_args *args, enum ebb_values_kind kind)
{
    struct ebb_values_job j = {.args = args, .kind = kind};
    ebb_status status = make_values(&j);
    if (status == EBB_OK) {
        ebb_values_tell(&j, ebb_args_has(args, "json"));
    }
    ebb_values_finish(&j);
    return ebb_args_end(args, status);
}

static int run(struct ebb_args *args)
{
    bool spikes = ebb_spike_sets_are(args);
    enum ebb_values_kind kind =
        spikes ? EBB_VALUES_NONE : ebb_values_kind_of(args);
    if (kind != EBB_VALUES_NONE) {
        return run_values(args, kind);
    }
    struct job j = {.args = args};
    ebb_status status = work(&j, spikes);
    if (status == EBB_OK && ebb_args_has(args, "json")) {
        tell_json(&j);
    } else if (status == EBB_OK) {
        tell(&j);
    }
    ebb_samples_finish(&j.samples);
    return ebb_args_end(args, status);
}

static const struct ebb_option options[] = {
    {"out", 'o', "FILE", "the data set (NAME.data.h5)"},
    {"tick", 0, "TIME", "length of a tick (10ms)"},
    {"ticks", 0, "N",
     "of a sample; what comes later is left out (32; spikes: 100; images: 25; "
     "series: as the longest)"},
    {"step", 0, "TIME", "a further sample after each TIME of a recording"},
    {"width", 0, "N", "columns of the sensor (as the first recording says)"},
    {"height", 0, "N", "and its rows"},
    EBB_STEP_OPTIONS,
    EBB_VALUES_OPTIONS,
    {"validation", 0, "N%|FIELD=WORDS",
     "a share of training, of every class, becomes it; of values also as "
     "--test"},
    {"seed", 0, "N", "by which shares, gains, offsets and rates are drawn (1)"},
    {"channels", 0, "N", "of spikes in HDF5 (700)"},
    {"split", 0, "WHICH",
     "of spikes in HDF5: train, validation, test (by name)"},
    {"once", 0, NULL, "at most one event a channel and tick"},
    {"absolute", 0, NULL, "tick 0 is time 0, not the first event"},
    {"json", 0, NULL, "print a JSON object"},
    {0}};

const struct ebb_command ebb_command_dataset = {
    .name = "dataset",
    .operands = "LIST|FOLDER|SPIKES.h5...",
    .summary = "a data set from recordings of event cameras, from SHD, images, "
               "sounds, series",
    .text =
        "LIST has lines 'recording label [train|validation|test]'. A "
        "FOLDER has a folder for\neach class, within Train/ and Test/ or "
        "not, as N-MNIST has; or is the tree of DVS128\nGesture as it is "
        "published, with trials_to_train.txt, trials_to_test.txt and, of "
        "each\nrecording, NAME.aedat and NAME_labels.csv: each labelled "
        "stretch is a sample, which\nstarts where the stretch does, of "
        "class 0 to 10.\n\n"
        "An event of polarity p at row y and column x reaches channel\n"
        "(p * height + y) * width + x of the input, [2, height, width]; with "
        "--polarity there is\none channel a pixel, [1, height, width]. "
        "--crop, --flip, --polarity, --hot, --shrink\nand --refractory "
        "act in this order, on each recording, or stretch of one, by "
        "itself.\n\n"
        "SPIKES.h5 are files as of the Heidelberg data sets SHD and SSC, "
        "with spikes/times,\nspikes/units and labels; which is for "
        "training and which for tests is in their names.\n\n"
        "Images, sounds and other series are kept as values, which --encode "
        "turns into events\nas they are read: a FOLDER of MNIST's four files, "
        "of WAV files (cepstra by a mel\nbank), of .tsd files, or with "
        "--series of any tables. Names of files tell the class\nand more: "
        "--names '{class}_{speaker}_{take}.wav'; --test and --validation "
        "choose by\nthat (take=0-4, speaker=theo,lucas) or draw a share. A "
        "LIST of such files will do.\nValues of series count less their mean, "
        "by their standard deviation, of training.\n\n"
        "examples:\n"
        "  ebb dataset N-MNIST -o nmnist.data.h5 --tick 10ms --ticks 32\n"
        "  ebb dataset clips.txt -o clips.data.h5 --tick 5ms --ticks 300 "
        "--once\n"
        "  ebb dataset DvsGesture -o gesture.data.h5 --tick 10ms --ticks "
        "150\n"
        "  ebb dataset DvsGesture -o pieces.data.h5 --tick 10ms --ticks 50 "
        "--step 250ms\n"
        "  ebb dataset DvsGesture -o small.data.h5 --shrink 4 --polarity "
        "merge --validation 10%\n"
        "  ebb dataset shd_train.h5 shd_test.h5 -o shd.data.h5 --tick 4ms "
        "--ticks 250\n"
        "  ebb dataset MNIST -o mnist.data.h5 --validation 10%\n"
        "  ebb dataset MNIST -o rates.data.h5 --encode rate --ticks 50\n"
        "  ebb dataset recordings -o digits.data.h5 --test take=0-4 --inputs "
        "300 --spread 3\n"
        "  ebb dataset tctodd -o signs.data.h5 --test session=5-9 --inputs 300 "
        "--shift 1",
    .operands_min = 1,
    .operands_max = 64,
    .options = options,
    .run = run};
