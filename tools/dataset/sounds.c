/* tools/dataset/sounds.c - cepstra of sounds, and tables of values. */
#include "tools/dataset/values.h"

#include "io/audio/mfcc.h"
#include "io/audio/sound.h"
#include "io/frames.h"
#include "tools/progress.h"

/* What reading needs, one sample after the other. */
struct reading {
    struct ebb_values_job *job;
    struct ebb_frames frames;
    struct ebb_sound sound;
    struct ebb_mfcc_params how;
    struct ebb_mfcc *mfcc; /* for sounds of rate_hz */
    double rate_hz;
};

static ebb_status take_options(struct reading *r)
{
    const struct ebb_args *args = r->job->args;
    struct ebb_mfcc_params *how = &r->how;
    uint64_t bands = 26, coefficients = 13, slopes = 1;
    *how = ebb_mfcc_params_default();
    EBB_TRY(ebb_args_seconds(args, "window", &how->window_s));
    EBB_TRY(ebb_args_seconds(args, "hop", &how->hop_s));
    EBB_TRY(ebb_args_count(args, "bands", 2, 256, &bands));
    EBB_TRY(ebb_args_count(args, "coefficients", 1, 256, &coefficients));
    EBB_TRY(ebb_args_count(args, "slopes", 0, 2, &slopes));
    how->bands = (size_t)bands;
    how->coefficients = (size_t)coefficients;
    how->deltas = (unsigned)slopes;
    return EBB_OK;
}

/* The first sound tells the rate, and all others have it. */
static ebb_status read_sound(struct reading *r, const char *path)
{
    EBB_TRY(ebb_sound_read(&r->sound, path));
    if (!r->mfcc) {
        r->rate_hz = r->sound.rate_hz;
        EBB_TRY(ebb_mfcc_create(&r->mfcc, &r->how, r->rate_hz));
    }
    if (r->sound.rate_hz < r->rate_hz || r->sound.rate_hz > r->rate_hz) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s: at %g Hz, the first sound at %g; resample it",
                        path, r->sound.rate_hz, r->rate_hz);
    }
    return ebb_mfcc_run(r->mfcc, r->sound.at, r->sound.n, &r->frames);
}

/* Where a sample starts from is of the day more than of the class. */
static void make_relative(struct ebb_frames *f)
{
    for (size_t k = f->frames * f->channels; k-- > 0;) {
        f->at[k] -= f->at[k % f->channels];
    }
}

static ebb_status add_sample(struct reading *r, size_t k)
{
    struct ebb_values_job *j = r->job;
    const char *path = j->list.at[k].path;
    EBB_TRY(j->kind == EBB_VALUES_SOUNDS
                ? read_sound(r, path)
                : ebb_frames_read_text(&r->frames, path));
    if (r->frames.frames == 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "%s: no frame in it", path);
    }
    if (!j->writer) {
        EBB_TRY(ebb_values_begin(j, r->frames.channels, false));
    }
    if (r->frames.channels != j->channels) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s: frames of %zu values, those of the first have %zu",
                        path, r->frames.channels, j->channels);
    }
    if (ebb_args_has(j->args, "relative")) {
        make_relative(&r->frames);
    }
    const struct ebb_series series = {.at = r->frames.at,
                                      .frames = r->frames.frames};
    return ebb_error_prefix(ebb_values_add(j, k, &series), "%s: ", path);
}

static ebb_status add_all(struct reading *r)
{
    const size_t n = r->job->list.n;
    struct ebb_progress progress = ebb_progress_begin(0, n);
    for (size_t k = 0; k < n; k++) {
        EBB_TRY(add_sample(r, k));
        ebb_progress_show(&progress, k + 1, "of the files");
    }
    ebb_progress_clear(&progress);
    return EBB_OK;
}

static ebb_status read_all(struct ebb_values_job *j)
{
    struct reading r = {.job = j};
    ebb_status status = take_options(&r);
    status = status ? status : add_all(&r);
    ebb_mfcc_destroy(r.mfcc);
    ebb_sound_finish(&r.sound);
    ebb_frames_finish(&r.frames);
    return status;
}

ebb_status ebb_sounds_add(struct ebb_values_job *j)
{
    return read_all(j);
}

ebb_status ebb_series_add(struct ebb_values_job *j)
{
    static const char *const nothing[] = {"window", "bands", "coefficients",
                                          "slopes"};
    for (size_t k = 0; k < sizeof(nothing) / sizeof(*nothing); k++) {
        if (ebb_args_has(j->args, nothing[k])) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "--%s is for sounds, which %s has none of",
                            nothing[k], j->args->operand[0]);
        }
    }
    return read_all(j);
}
