/* tools/run_input.c - what a run is fed with. */
#include "tools/commands.h"
#include "tools/events_csv.h"
#include "tools/recording_input.h"
#include "tools/run_job.h"
#include "tools/setting.h"

#include "core/memory.h"
#include "io/file_kind.h"
#include "io/patterns_file.h"

/* A clean or a noisy cue of one pattern. */
static ebb_status cue_of(struct run_job *j, const struct ebb_patterns *p)
{
    uint64_t pattern = 0, seed = 1;
    EBB_TRY(ebb_args_count(j->args, "pattern", 0, p->n - 1, &pattern));
    EBB_TRY(ebb_args_count(j->args, "seed", 0, UINT64_MAX, &seed));
    j->ticks = p->ticks;
    if (!ebb_args_has(j->args, "noise")) {
        return ebb_pattern_target(&j->input, p, pattern, 0);
    }
    struct ebb_cue_noise noise = ebb_cue_noise_default();
    struct ebb_random random = ebb_random_stream(seed, EBB_RANDOM_CUE, pattern);
    return ebb_cue_draw(&j->input, p, pattern, &noise, &random);
}

static ebb_status input_patterns(struct run_job *j, const char *path)
{
    struct ebb_patterns p;
    EBB_TRY(ebb_patterns_read(&p, path));
    ebb_status status = cue_of(j, &p);
    ebb_patterns_finish(&p);
    return status;
}

static ebb_status sample_of(struct run_job *j, struct ebb_setting *s,
                            const char *path)
{
    uint64_t index = 0;
    EBB_TRY(ebb_setting_init(s, path, ebb_args_text(j->args, "patterns")));
    size_t n = s->source.size[EBB_SPLIT_TEST];
    if (n == 0) {
        return EBB_FAIL(EBB_ERR_ARG, "%s has no test samples", path);
    }
    EBB_TRY(ebb_args_count(j->args, "sample", 0, n - 1, &index));
    struct ebb_sample sample = {.label = 0};
    ebb_status status =
        s->source.read(s->source.self, EBB_SPLIT_TEST, 0, index, &sample);
    j->input = sample.input;
    j->ticks = s->source.ticks;
    ebb_events_finish(&sample.target);
    return status;
}

static ebb_status input_experiment(struct run_job *j, const char *path)
{
    struct ebb_setting s;
    ebb_status status = sample_of(j, &s, path);
    ebb_setting_finish(&s);
    return status;
}

static ebb_status input_events(struct run_job *j, const char *path)
{
    EBB_TRY(ebb_events_csv_read(&j->input, path));
    ebb_tick last = j->input.n ? j->input.at[j->input.n - 1].tick : 0;
    j->ticks = last + 1;
    return EBB_OK;
}

static ebb_status input_recording(struct run_job *j, const char *path)
{
    EBB_TRY(ebb_recording_input(&j->input, &j->ticks, j->args, path, j->net));
    j->output = ebb_network_output(j->net);
    j->outputs = j->net->populations[j->output].n;
    j->count = ebb_mem_calloc(j->outputs, sizeof(*j->count));
    return j->count ? EBB_OK
                    : EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu counts",
                               j->outputs);
}

/* Options that mean something for one kind of input only. */
static ebb_status check_options(const struct run_job *j, const char *path,
                                enum ebb_file_kind kind)
{
    static const struct {
        const char *option;
        enum ebb_file_kind kind;
    } rows[] = {
        {"pattern", EBB_FILE_PATTERNS},  {"noise", EBB_FILE_PATTERNS},
        {"seed", EBB_FILE_PATTERNS},     {"patterns", EBB_FILE_EXPERIMENT},
        {"sample", EBB_FILE_EXPERIMENT}, {"begin", EBB_FILE_RECORDING},
        {"end", EBB_FILE_RECORDING},     {"once", EBB_FILE_RECORDING}};
    for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
        if (ebb_args_has(j->args, rows[k].option) && kind != rows[k].kind) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "--%s is for input of kind %s; %s is of kind %s",
                            rows[k].option, ebb_file_kind_name(rows[k].kind),
                            path, ebb_file_kind_name(kind));
        }
    }
    return EBB_OK;
}

static ebb_status read_input(struct run_job *j)
{
    const char *path = j->args->operand[1];
    enum ebb_file_kind kind;
    EBB_TRY(ebb_file_kind_find(&kind, path));
    EBB_TRY(check_options(j, path, kind));
    switch (kind) {
    case EBB_FILE_PATTERNS:
        return input_patterns(j, path);
    case EBB_FILE_EXPERIMENT:
        return input_experiment(j, path);
    case EBB_FILE_EVENTS:
        return input_events(j, path);
    case EBB_FILE_RECORDING:
        return input_recording(j, path);
    case EBB_FILE_NETWORK:
    case EBB_FILE_TRACE:
    case EBB_FILE_DATASET:
    case EBB_FILE_GRADIENTS:
    case EBB_FILE_SPIKE_SET:
    case EBB_FILE_STATE:
        break;
    }
    return EBB_FAIL(EBB_ERR_ARG,
                    "%s is of kind %s; input is events (.csv), patterns, a "
                    "recording of an event camera, or an experiment (its "
                    "test samples)",
                    path, ebb_file_kind_name(kind));
}

/* Events beyond --until are not run. */
static ebb_status take_until(struct run_job *j)
{
    uint64_t until = j->ticks;
    EBB_TRY(ebb_args_count(j->args, "until", 1, (uint64_t)1 << 52, &until));
    while (j->input.n > 0 && j->input.at[j->input.n - 1].tick >= until) {
        j->input.n--;
    }
    j->ticks = until;
    return EBB_OK;
}

ebb_status run_take_input(struct run_job *j)
{
    EBB_TRY(read_input(j));
    return take_until(j);
}
