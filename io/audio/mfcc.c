/* io/audio/mfcc.c - mel-frequency cepstral coefficients of a sound. */
#include "io/audio/mfcc.h"

#include "core/memory.h"
#include "io/audio/spectrum.h"

#include <math.h>
#include <stdint.h>

static const double pi = 3.14159265358979323846;
static const double least = 1e-10; /* whose logarithm stands for silence */

struct ebb_mfcc {
    struct ebb_mfcc_params params;
    double rate_hz;
    size_t window, hop, n; /* n: of the transform */
    double *taper;         /* [window] */
    double *bank;          /* [bands, n / 2 + 1] */
    double *cosine;        /* [coefficients, bands] */
    double *log_band;      /* [bands] of the frame at hand */
    float *frame;          /* [n] */
    float *power;          /* [n / 2 + 1] */
    struct ebb_spectrum *spectrum;
};

struct ebb_mfcc_params ebb_mfcc_params_default(void)
{
    return (struct ebb_mfcc_params){.window_s = 0.025,
                                    .hop_s = 0.01,
                                    .emphasis = 0.97,
                                    .bands = 26,
                                    .coefficients = 13,
                                    .energy = true};
}

static double mel_of(double hz)
{
    return 2595 * log10(1 + hz / 700);
}

static double hz_of(double mel)
{
    return 700 * (pow(10, mel / 2595) - 1);
}

static ebb_status check(const struct ebb_mfcc *m)
{
    const struct ebb_mfcc_params *p = &m->params;
    if (m->window < 2 || m->window > 1 << 19 || m->hop < 1) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "windows of %g s every %g s are %zu and %zu values at "
                        "%g Hz; they must be 2 to 2^19, and at least 1",
                        p->window_s, p->hop_s, m->window, m->hop, m->rate_hz);
    }
    if (p->bands < 2 || p->bands > 256 || p->coefficients < 1 ||
        p->coefficients > p->bands || p->deltas > 2) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%zu mel bands, %zu coefficients, %u slopes; there "
                        "must be 2 to 256, at most as many, 0 to 2",
                        p->bands, p->coefficients, p->deltas);
    }
    if (!(p->low_hz >= 0) || !(p->low_hz < p->high_hz) ||
        !(p->high_hz <= m->rate_hz / 2) || !(p->emphasis >= 0) ||
        !(p->emphasis <= 1)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "mel bands from %g to %g Hz, emphasis %g; at %g Hz "
                        "they must lie between 0 and %g Hz, emphasis 0 to 1",
                        p->low_hz, p->high_hz, p->emphasis, m->rate_hz,
                        m->rate_hz / 2);
    }
    return EBB_OK;
}

static void fill_bank(struct ebb_mfcc *m)
{
    const struct ebb_mfcc_params *p = &m->params;
    const double low = mel_of(p->low_hz), high = mel_of(p->high_hz);
    const double step = (high - low) / (double)(p->bands + 1);
    for (size_t b = 0; b < p->bands; b++) {
        double left = hz_of(low + step * (double)b);
        double top = hz_of(low + step * (double)(b + 1));
        double right = hz_of(low + step * (double)(b + 2));
        double *row = m->bank + b * (m->n / 2 + 1);
        for (size_t k = 0; k <= m->n / 2; k++) {
            double f = m->rate_hz * (double)k / (double)m->n;
            double up = (f - left) / (top - left);
            double down = (right - f) / (right - top);
            row[k] = fmax(0, fmin(up, down));
        }
    }
}

static void fill_tables(struct ebb_mfcc *m)
{
    const size_t bands = m->params.bands;
    for (size_t k = 0; k < m->window; k++) {
        double part = (double)k / (double)(m->window - 1);
        m->taper[k] = 0.54 - 0.46 * cos(2 * pi * part);
    }
    for (size_t q = 0; q < m->params.coefficients; q++) {
        double height = sqrt((q > 0 ? 2.0 : 1.0) / (double)bands);
        for (size_t b = 0; b < bands; b++) {
            double angle = pi * (double)q * ((double)b + 0.5) / (double)bands;
            m->cosine[q * bands + b] = height * cos(angle);
        }
    }
    fill_bank(m);
}

static ebb_status fill(struct ebb_mfcc *m)
{
    const struct ebb_mfcc_params *p = &m->params;
    EBB_TRY(check(m));
    for (m->n = 2; m->n < m->window; m->n *= 2) {
    }
    size_t bins = m->n / 2 + 1;
    m->taper = ebb_mem_calloc(m->window, sizeof(*m->taper));
    m->bank = ebb_mem_calloc(bins, p->bands * sizeof(*m->bank));
    m->cosine = ebb_mem_calloc(p->bands, p->coefficients * sizeof(*m->cosine));
    m->log_band = ebb_mem_calloc(p->bands, sizeof(*m->log_band));
    m->frame = ebb_mem_calloc(m->n, sizeof(*m->frame));
    m->power = ebb_mem_calloc(bins, sizeof(*m->power));
    if (!m->taper || !m->bank || !m->cosine || !m->log_band || !m->frame ||
        !m->power) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu mel bands", p->bands);
    }
    fill_tables(m);
    return ebb_spectrum_create(&m->spectrum, m->n);
}

ebb_status ebb_mfcc_create(struct ebb_mfcc **out,
                           const struct ebb_mfcc_params *params, double rate_hz)
{
    *out = NULL;
    struct ebb_mfcc *m = ebb_mem_calloc(1, sizeof(*m));
    if (!m) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for coefficients");
    }
    m->params = *params;
    m->rate_hz = rate_hz;
    if (!(params->high_hz > 0)) {
        m->params.high_hz = rate_hz / 2;
    }
    double window = nearbyint(params->window_s * rate_hz);
    double hop = nearbyint(params->hop_s * rate_hz);
    m->window = window > 0 && window < 1e9 ? (size_t)window : 0;
    m->hop = hop > 0 && hop < 1e9 ? (size_t)hop : 0;
    ebb_status status = fill(m);
    if (status != EBB_OK) {
        ebb_mfcc_destroy(m);
        return status;
    }
    *out = m;
    return EBB_OK;
}

void ebb_mfcc_destroy(struct ebb_mfcc *m)
{
    if (!m) {
        return;
    }
    ebb_spectrum_destroy(m->spectrum);
    ebb_mem_free(m->taper);
    ebb_mem_free(m->bank);
    ebb_mem_free(m->cosine);
    ebb_mem_free(m->log_band);
    ebb_mem_free(m->frame);
    ebb_mem_free(m->power);
    ebb_mem_free(m);
}

size_t ebb_mfcc_channels(const struct ebb_mfcc *m)
{
    return m->params.coefficients * (1 + m->params.deltas);
}

/* The window that begins at `start`, tapered; returns its energy. */
static double take_window(struct ebb_mfcc *m, const float *x, size_t n,
                          size_t start)
{
    double energy = 0;
    for (size_t k = 0; k < m->window; k++) {
        size_t at = start + k;
        double now = at < n ? (double)x[at] : 0;
        double before = at > 0 && at - 1 < n ? (double)x[at - 1] : 0;
        double y = now - (at < n ? m->params.emphasis * before : 0);
        energy += y * y;
        m->frame[k] = (float)(m->taper[k] * y);
    }
    return energy;
}

static void run_frame(struct ebb_mfcc *m, double energy, float *out)
{
    const size_t bands = m->params.bands, bins = m->n / 2 + 1;
    ebb_spectrum_power(m->spectrum, m->power, m->frame);
    for (size_t b = 0; b < bands; b++) {
        double sum = 0;
        for (size_t k = 0; k < bins; k++) {
            sum += m->bank[b * bins + k] * (double)m->power[k];
        }
        m->log_band[b] = log(fmax(least, sum / (double)m->n));
    }
    for (size_t q = 0; q < m->params.coefficients; q++) {
        double c = 0;
        for (size_t b = 0; b < bands; b++) {
            c += m->cosine[q * bands + b] * m->log_band[b];
        }
        out[q] = (float)c;
    }
    if (m->params.energy) {
        out[0] = (float)log(fmax(least, energy));
    }
}

/* Frame t moved by `by`, held at the ends. */
static size_t moved(size_t t, int by, size_t frames)
{
    if (by < 0) {
        return t >= (size_t)-by ? t - (size_t)-by : 0;
    }
    return t + (size_t)by < frames ? t + (size_t)by : frames - 1;
}

/* Slopes of `n` channels from `from` on, behind them. */
static void add_slopes(struct ebb_frames *f, size_t from, size_t n)
{
    for (size_t t = 0; t < f->frames; t++) {
        float *to = f->at + t * f->channels + from + n;
        for (size_t c = 0; c < n; c++) {
            const float *column = f->at + from + c;
            double sum = 0;
            for (int k = 1; k <= 2; k++) {
                size_t late = moved(t, k, f->frames) * f->channels;
                size_t early = moved(t, -k, f->frames) * f->channels;
                sum += k * ((double)column[late] - (double)column[early]);
            }
            to[c] = (float)(sum / 10);
        }
    }
}

ebb_status ebb_mfcc_run(struct ebb_mfcc *m, const float *x, size_t n,
                        struct ebb_frames *out)
{
    const size_t coefficients = m->params.coefficients;
    size_t frames = n > m->window ? 1 + (n - m->window) / m->hop : 1;
    EBB_TRY(ebb_frames_resize(out, frames, ebb_mfcc_channels(m)));
    for (size_t t = 0; t < frames; t++) {
        double energy = take_window(m, x, n, t * m->hop);
        run_frame(m, energy, out->at + t * out->channels);
    }
    for (unsigned d = 0; d < m->params.deltas; d++) {
        add_slopes(out, d * coefficients, coefficients);
    }
    return EBB_OK;
}
