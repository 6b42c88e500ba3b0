/* tools/dataset/values.c - data sets of values. */
#include "tools/dataset/values.h"

#include "tools/dataset/sample_list.h"
#include "tools/dataset/walk.h"
#include "tools/json.h"
#include "tools/stop.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { IMAGE_TICKS = 25, FILES_LOOKED_AT = 1000 };

static const char sound_names[] = "{class}_{speaker}_{take}.wav";
static const char series_names[] = "tctodd{session}/{class}-{take}.tsd";

static enum ebb_values_kind kind_of_name(const char *name)
{
    if (ebb_name_ends(name, ".wav") || ebb_name_ends(name, ".flac")) {
        return EBB_VALUES_SOUNDS;
    }
    return ebb_name_ends(name, ".tsd") ? EBB_VALUES_SERIES : EBB_VALUES_NONE;
}

/* The first files of a folder. */
struct look {
    enum ebb_values_kind kind;
    size_t seen;
};

static ebb_status look_at(void *self, const char *path)
{
    struct look *l = self;
    l->kind = kind_of_name(path);
    l->seen++;
    return l->kind == EBB_VALUES_NONE && l->seen < FILES_LOOKED_AT
               ? EBB_OK
               : EBB_ERR_STOPPED;
}

static enum ebb_values_kind kind_of_list(const char *path)
{
    struct ebb_sample_list list;
    if (ebb_sample_list_read(&list, path) != EBB_OK) {
        return EBB_VALUES_NONE; /* whoever takes it will say why */
    }
    enum ebb_values_kind kind = kind_of_name(list.at[0].path);
    ebb_sample_list_finish(&list);
    return kind;
}

enum ebb_values_kind ebb_values_kind_of(const struct ebb_args *args)
{
    const char *path = args->operand[0];
    struct look l = {.kind = EBB_VALUES_NONE};
    if (ebb_args_has(args, "series")) {
        return EBB_VALUES_SERIES;
    }
    if (!ebb_folder_is(path)) {
        return kind_of_list(path);
    }
    if (ebb_images_are(path)) {
        return EBB_VALUES_IMAGES;
    }
    return ebb_folder_walk(path, look_at, &l) == EBB_OK ? EBB_VALUES_NONE
                                                        : l.kind;
}

static ebb_status take_kind(struct ebb_values_job *j)
{
    const char *names[EBB_ENCODINGS];
    size_t k =
        j->kind == EBB_VALUES_IMAGES ? EBB_ENCODE_ANALOG : EBB_ENCODE_CURRENT;
    for (int i = 0; i < EBB_ENCODINGS; i++) {
        names[i] = ebb_encoding_name((enum ebb_encoding)i);
    }
    EBB_TRY(ebb_args_word(j->args, "encode", names, EBB_ENCODINGS, &k));
    j->about.encoder.kind = (enum ebb_encoding)k;
    if (k == EBB_ENCODE_LATENCY) {
        j->about.encoder.threshold = 0;
    }
    return EBB_OK;
}

/* An option that does nothing would be believed. */
static ebb_status check_encoder_options(const struct ebb_values_job *j)
{
    static const struct {
        const char *option;
        unsigned kinds; /* bits of those that it is for */
    } rows[] = {{"hysteresis", 1u << EBB_ENCODE_DELTA},
                {"leak", 1u << EBB_ENCODE_CURRENT},
                {"threshold", 1u << EBB_ENCODE_DELTA |
                                  1u << EBB_ENCODE_CURRENT |
                                  1u << EBB_ENCODE_LATENCY}};
    const enum ebb_encoding kind = j->about.encoder.kind;
    for (size_t k = 0; k < sizeof(rows) / sizeof(*rows); k++) {
        if (ebb_args_has(j->args, rows[k].option) &&
            !(rows[k].kinds >> kind & 1)) {
            return EBB_FAIL(EBB_ERR_ARG, "--%s does nothing with --encode %s",
                            rows[k].option, ebb_encoding_name(kind));
        }
    }
    return EBB_OK;
}

static ebb_status take_encoder(struct ebb_values_job *j)
{
    struct ebb_encoder_params *p = &j->about.encoder;
    const struct {
        const char *name;
        double low;
        double *at;
    } numbers[] = {
        {"gain", -1e9, &p->gain},          {"spread", 1, &p->spread},
        {"shift", 0, &p->shift},           {"threshold", 0, &p->threshold},
        {"hysteresis", 0, &p->hysteresis}, {"leak", 0, &p->tau}};
    uint64_t polarities = j->kind == EBB_VALUES_IMAGES ? 1 : 2, inputs = 0;
    *p = ebb_encoder_params_default();
    EBB_TRY(take_kind(j));
    EBB_TRY(check_encoder_options(j));
    for (size_t k = 0; k < sizeof(numbers) / sizeof(*numbers); k++) {
        EBB_TRY(ebb_args_number(j->args, numbers[k].name, numbers[k].low, 1e9,
                                numbers[k].at));
    }
    EBB_TRY(ebb_args_count(j->args, "polarities", 1, 2, &polarities));
    EBB_TRY(ebb_args_count(j->args, "inputs", 1, 1 << 20, &inputs));
    EBB_TRY(ebb_args_count(j->args, "seed", 0, UINT64_MAX, &p->seed));
    p->polarities = (unsigned)polarities;
    p->inputs = (size_t)inputs;
    return EBB_OK;
}

/* Ticks of a sample, 0 where the longest decides, and of a frame. */
static ebb_status take_times(struct ebb_values_job *j)
{
    bool images = j->kind == EBB_VALUES_IMAGES;
    uint64_t ticks = images ? IMAGE_TICKS : 0;
    double hop_s = j->kind == EBB_VALUES_SOUNDS ? 0.01 : 0;
    EBB_TRY(ebb_args_count(j->args, "ticks", 1, 1000000, &ticks));
    uint64_t hold = images ? ticks : 1;
    EBB_TRY(ebb_args_count(j->args, "hold", 1, 1000000, &hold));
    EBB_TRY(ebb_args_seconds(j->args, "hop", &hop_s));
    j->about.encoder.frame_ticks = hold;
    j->about.ticks = ticks;
    j->about.tick_s = hop_s / (double)hold;
    j->about.norm = images ? EBB_VALUES_BYTES : EBB_VALUES_STANDARD;
    if (ebb_args_has(j->args, "plain")) {
        j->about.norm = EBB_VALUES_PLAIN;
    }
    return EBB_OK;
}

static ebb_status find_samples(struct ebb_values_job *j)
{
    const char *path = j->args->operand[0];
    const char *names = ebb_args_text(j->args, "names");
    const char *usual =
        j->kind == EBB_VALUES_SOUNDS ? sound_names : series_names;
    if (j->kind == EBB_VALUES_IMAGES) {
        return ebb_images_find(j);
    }
    if (ebb_folder_is(path)) {
        return ebb_labelled_collect(&j->list, path, names ? names : usual);
    }
    return names ? EBB_FAIL(EBB_ERR_ARG,
                            "--names is for folders; the lines of %s tell the "
                            "classes",
                            path)
                 : ebb_labelled_read(&j->list, path);
}

static ebb_status split_samples(struct ebb_values_job *j)
{
    const char *only = ebb_args_text(j->args, "only");
    const char *test = ebb_args_text(j->args, "test");
    const char *validation = ebb_args_text(j->args, "validation");
    uint64_t seed = j->about.encoder.seed;
    EBB_TRY(only ? ebb_labelled_keep(&j->list, "only", only) : EBB_OK);
    EBB_TRY(
        test ? ebb_labelled_move(&j->list, EBB_SPLIT_TEST, "test", test, seed)
             : EBB_OK);
    return validation ? ebb_labelled_move(&j->list, EBB_SPLIT_VALIDATION,
                                          "validation", validation, seed)
                      : EBB_OK;
}

ebb_status ebb_values_begin(struct ebb_values_job *j, size_t channels,
                            bool bytes)
{
    char origin[512];
    size_t least = channels * j->about.encoder.polarities;
    j->channels = channels;
    j->inputs = j->about.encoder.inputs ? j->about.encoder.inputs : least;
    snprintf(origin, sizeof(origin), "ebb dataset %s", j->args->operand[0]);
    return ebb_values_writer_create(&j->writer, ebb_args_text(j->args, "out"),
                                    channels, bytes, origin);
}

ebb_status ebb_values_add(struct ebb_values_job *j, size_t k,
                          const struct ebb_series *series)
{
    const struct ebb_labelled *one = &j->list.at[k];
    const ebb_tick frame = j->about.encoder.frame_ticks;
    if (ebb_stop_wanted()) {
        return EBB_FAIL(EBB_ERR_STOPPED,
                        "stopped after %zu of %zu samples; nothing is left of "
                        "the data set",
                        k, j->list.n);
    }
    j->frames += series->frames;
    j->cut += j->about.ticks > 0 && series->frames * frame > j->about.ticks;
    return ebb_values_writer_add(j->writer, series, one->label, one->split);
}

static ebb_status add_samples(struct ebb_values_job *j)
{
    ebb_stop_listen();
    if (j->kind == EBB_VALUES_IMAGES) {
        return ebb_images_add(j);
    }
    return j->kind == EBB_VALUES_SOUNDS ? ebb_sounds_add(j) : ebb_series_add(j);
}

ebb_status ebb_values_take(struct ebb_values_job *j)
{
    EBB_TRY(take_encoder(j));
    EBB_TRY(take_times(j));
    EBB_TRY(find_samples(j));
    if (j->list.n == 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "%s holds no samples",
                        j->args->operand[0]);
    }
    EBB_TRY(split_samples(j));
    EBB_TRY(add_samples(j));
    if (j->about.ticks == 0) {
        j->about.ticks =
            ebb_values_writer_longest(j->writer) * j->about.encoder.frame_ticks;
    }
    struct ebb_values_writer *writer = j->writer;
    j->writer = NULL;
    return ebb_values_writer_finish(writer, &j->about);
}

static void tell_json(const struct ebb_values_job *j)
{
    struct ebb_json out = {.n = 0};
    ebb_json_text(&out, "dataset", ebb_args_text(j->args, "out"));
    ebb_json_count(&out, "samples", j->list.n);
    ebb_json_count(&out, "train", ebb_labelled_count(&j->list, 0));
    ebb_json_count(&out, "validation", ebb_labelled_count(&j->list, 1));
    ebb_json_count(&out, "test", ebb_labelled_count(&j->list, 2));
    ebb_json_count(&out, "files_left_out", j->list.others);
    ebb_json_count(&out, "ticks", j->about.ticks);
    ebb_json_count(&out, "frames", j->frames);
    ebb_json_count(&out, "channels", j->channels);
    ebb_json_count(&out, "inputs", j->inputs);
    ebb_json_text(&out, "encoder", ebb_encoding_name(j->about.encoder.kind));
    ebb_json_count(&out, "samples_cut", j->cut);
    ebb_json_print(&out);
}

typedef unsigned long long count;

void ebb_values_tell(const struct ebb_values_job *j, bool json)
{
    if (json) {
        tell_json(j);
        return;
    }
    printf("%s: %zu samples of %llu ticks, %zu frames of %zu values, for %zu "
           "inputs by %s\n",
           ebb_args_text(j->args, "out"), j->list.n, (count)j->about.ticks,
           j->frames, j->channels, j->inputs,
           ebb_encoding_name(j->about.encoder.kind));
    if (j->rows > 1) {
        printf("input [1, %zu, %zu]\n", j->rows, j->columns);
    }
    printf("%zu for training, %zu for validation, %zu for tests\n",
           ebb_labelled_count(&j->list, EBB_SPLIT_TRAIN),
           ebb_labelled_count(&j->list, EBB_SPLIT_VALIDATION),
           ebb_labelled_count(&j->list, EBB_SPLIT_TEST));
    if (j->cut > 0) {
        printf("%zu samples are longer: --ticks and --hold decide\n", j->cut);
    }
    if (j->list.others > 0) {
        printf("%zu files with names of another kind are left out\n",
               j->list.others);
    }
}

void ebb_values_finish(struct ebb_values_job *j)
{
    ebb_values_writer_abandon(j->writer);
    ebb_labelled_finish(&j->list);
}
