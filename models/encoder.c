/* models/encoder.c - values over time become events. */
#include "models/encoder.h"

#include "core/memory.h"
#include "core/random.h"

#include <math.h>
#include <stdbool.h>

/* One input: where it looks, and how. */
struct tuning {
    size_t channel;
    double sign, gain, offset;
    double centre, scale;
};

/* What an input remembers from tick to tick. */
struct memory {
    double v;
    int way; /* of the last step: 1 up, -1 down, 0 none yet */
};

struct ebb_encoder {
    struct ebb_encoder_params params;
    size_t channels, inputs;
    ebb_tick ticks;
    double leak;
    struct tuning *tuning; /* [inputs] */
};

static const char *const names[] = {
    [EBB_ENCODE_ANALOG] = "analog",   [EBB_ENCODE_RATE] = "rate",
    [EBB_ENCODE_REGULAR] = "regular", [EBB_ENCODE_LATENCY] = "latency",
    [EBB_ENCODE_DELTA] = "delta",     [EBB_ENCODE_CURRENT] = "current"};

const char *ebb_encoding_name(enum ebb_encoding kind)
{
    return (unsigned)kind < EBB_ENCODINGS ? names[kind] : NULL;
}

struct ebb_encoder_params ebb_encoder_params_default(void)
{
    return (struct ebb_encoder_params){.kind = EBB_ENCODE_ANALOG,
                                       .gain = 1,
                                       .spread = 1,
                                       .threshold = 1,
                                       .tau = 10,
                                       .polarities = 1,
                                       .seed = 1,
                                       .frame_ticks = 1};
}

/* low <= x <= 1e9, or low < x. */
static ebb_status check_number(const char *name, double x, double low,
                               bool above)
{
    bool right = x <= 1e9 && (above ? x > low : x >= low);
    return right ? EBB_OK
                 : EBB_FAIL(EBB_ERR_ARG,
                            "%s of an encoder is %g; it must be %s %g, and at "
                            "most 1e9",
                            name, x, above ? "above" : "at least", low);
}

static ebb_status check(const struct ebb_encoder_params *p, size_t channels,
                        ebb_tick ticks)
{
    bool steps = p->kind == EBB_ENCODE_DELTA || p->kind == EBB_ENCODE_CURRENT;
    if (!ebb_encoding_name(p->kind)) {
        return EBB_FAIL(EBB_ERR_ARG, "encoder %d; there are %d", (int)p->kind,
                        EBB_ENCODINGS);
    }
    EBB_TRY(check_number("gain", fabs(p->gain), 0, true));
    EBB_TRY(check_number("spread", p->spread, 1, false));
    EBB_TRY(check_number("shift", p->shift, 0, false));
    EBB_TRY(check_number("threshold", p->threshold, 0, steps));
    EBB_TRY(check_number("hysteresis", p->hysteresis, 0, false));
    EBB_TRY(check_number("tau", p->tau, 0, false));
    if (p->polarities < 1 || p->polarities > 2) {
        return EBB_FAIL(EBB_ERR_ARG, "%u polarities; there are 1 or 2",
                        p->polarities);
    }
    if (channels < 1 || channels > 1 << 24 || p->frame_ticks < 1 || ticks < 1 ||
        ticks > UINT32_MAX || p->frame_ticks > UINT32_MAX) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%zu channels, %llu ticks, %llu a frame; each must be "
                        "at least 1, channels at most 2^24, ticks below 2^32",
                        channels, (unsigned long long)ticks,
                        (unsigned long long)p->frame_ticks);
    }
    return EBB_OK;
}

/* A number in a small file may not take gigabytes: beyond a million inputs
 * there must be as many channels. */
static ebb_status count_inputs(struct ebb_encoder *e)
{
    const size_t least = e->channels * e->params.polarities;
    const size_t most = least > 1 << 20 ? least : 1 << 20;
    e->inputs = e->params.inputs > 0 ? e->params.inputs : least;
    return e->inputs >= least && e->inputs <= most
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG,
                          "%zu inputs for %zu channels of %u polarities; it "
                          "takes at least %zu, or some would reach none, and "
                          "at most %zu",
                          e->inputs, e->channels, e->params.polarities, least,
                          most);
}

static ebb_status tune(struct ebb_encoder *e, const double *centre,
                       const double *scale)
{
    const struct ebb_encoder_params *p = &e->params;
    for (size_t i = 0; i < e->inputs; i++) {
        size_t c = i % e->channels;
        bool turned = p->polarities == 2 && i / e->channels % 2 == 1;
        struct ebb_random r = ebb_random_stream(p->seed, EBB_RANDOM_ENCODER, i);
        double power = ebb_random_between(&r, -1, 1);
        double offset = ebb_random_between(&r, -p->shift, p->shift);
        if (!isfinite(centre[c]) || !(scale[c] > 0) || !isfinite(scale[c])) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "channel %zu has centre %g and scale %g; both must "
                            "be finite, the scale above 0",
                            c, centre[c], scale[c]);
        }
        e->tuning[i] = (struct tuning){.channel = c,
                                       .sign = turned ? -1 : 1,
                                       .gain = p->gain * pow(p->spread, power),
                                       .offset = offset,
                                       .centre = centre[c],
                                       .scale = scale[c]};
    }
    return EBB_OK;
}

static ebb_status fill(struct ebb_encoder *e, const double *centre,
                       const double *scale)
{
    EBB_TRY(count_inputs(e));
    e->tuning = ebb_mem_calloc(e->inputs, sizeof(*e->tuning));
    if (!e->tuning) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for an encoder of %zu inputs",
                        e->inputs);
    }
    e->leak = e->params.tau > 0 ? exp(-1 / e->params.tau) : 1;
    return tune(e, centre, scale);
}

ebb_status ebb_encoder_create(struct ebb_encoder **out,
                              const struct ebb_encoder_params *params,
                              size_t channels, ebb_tick ticks,
                              const double *centre, const double *scale)
{
    *out = NULL;
    EBB_TRY(check(params, channels, ticks));
    struct ebb_encoder *e = ebb_mem_calloc(1, sizeof(*e));
    if (!e) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for an encoder");
    }
    e->params = *params;
    e->channels = channels;
    e->ticks = ticks;
    ebb_status status = fill(e, centre, scale);
    if (status != EBB_OK) {
        ebb_encoder_destroy(e);
        return status;
    }
    *out = e;
    return EBB_OK;
}

void ebb_encoder_destroy(struct ebb_encoder *e)
{
    if (e) {
        ebb_mem_free(e->tuning);
        ebb_mem_free(e);
    }
}

size_t ebb_encoder_inputs(const struct ebb_encoder *e)
{
    return e->inputs;
}

static double within_one(double u)
{
    return u < 0 ? 0 : u > 1 ? 1 : u;
}

static double step_rate(double u, struct ebb_random *r)
{
    return u > 0 && (u >= 1 || ebb_random_uniform(r) < u);
}

static double step_regular(struct memory *m, double u)
{
    m->v += within_one(u);
    bool fires = m->v >= 1;
    m->v -= fires;
    return fires;
}

static double step_latency(const struct ebb_encoder_params *p, double u,
                           ebb_tick tick)
{
    double span = (double)(p->frame_ticks - 1);
    double due = nearbyint((1 - within_one(u)) * span);
    return u > p->threshold && (double)(tick % p->frame_ticks) == due;
}

static double step_delta(const struct ebb_encoder_params *p, struct memory *m,
                         double u, ebb_tick tick)
{
    m->v = tick == 0 ? u : m->v;
    int way = u >= m->v ? 1 : -1;
    double far = fabs(u - m->v);
    double needed = p->threshold + (m->way == -way ? p->hysteresis : 0);
    if (far < needed) {
        return 0;
    }
    double n = floor(far / p->threshold);
    m->v += way * n * p->threshold;
    m->way = way;
    return p->polarities == 1 ? way * n : way > 0 ? n : 0;
}

static double step_current(const struct ebb_encoder *e, struct memory *m,
                           double u)
{
    m->v = e->leak * m->v + fmax(0, u); /* (2) */
    bool fires = m->v >= e->params.threshold;
    m->v -= fires ? e->params.threshold : 0;
    return fires;
}

/* The event of one input at one tick; 0: none. */
static double step(const struct ebb_encoder *e, struct memory *m,
                   struct ebb_random *r, double u, ebb_tick tick)
{
    switch (e->params.kind) {
    case EBB_ENCODE_RATE:
        return step_rate(u, r);
    case EBB_ENCODE_REGULAR:
        return step_regular(m, u);
    case EBB_ENCODE_LATENCY:
        return step_latency(&e->params, u, tick);
    case EBB_ENCODE_DELTA:
        return step_delta(&e->params, m, u, tick);
    case EBB_ENCODE_CURRENT:
        return step_current(e, m, u);
    default:
        return e->params.polarities == 2 ? fmax(0, u) : u;
    }
}

static double value_of(const struct ebb_series *s, size_t at)
{
    return s->at ? (double)s->at[at] : (double)s->bytes[at];
}

/* A small file may ask for many inputs at many ticks. */
static ebb_status check_room(const struct ebb_events *out)
{
    enum { MOST = 1 << 27 };
    return out->n < MOST
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_NOMEM,
                          "a sample becomes more than %d events: give fewer "
                          "inputs or ticks",
                          MOST);
}

static ebb_status run_tick(const struct ebb_encoder *e, struct memory *m,
                           struct ebb_random *r, const struct ebb_series *s,
                           ebb_tick tick, struct ebb_events *out)
{
    size_t first = (size_t)(tick / e->params.frame_ticks) * e->channels;
    for (size_t i = 0; i < e->inputs; i++) {
        const struct tuning *a = &e->tuning[i];
        double x = (value_of(s, first + a->channel) - a->centre) / a->scale;
        double u = a->gain * (a->sign * x - a->offset); /* (1) */
        if (!isfinite(u)) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "input %zu at tick %llu: the value of channel %zu "
                            "divided by its scale %g is not finite",
                            i, (unsigned long long)tick, a->channel, a->scale);
        }
        double value = step(e, &m[i], r, u, tick);
        if (value < 0 || value > 0) {
            struct ebb_event event = {tick, (ebb_neuron_id)i, value};
            EBB_TRY(check_room(out));
            EBB_TRY(ebb_events_push(out, event));
        }
    }
    return EBB_OK;
}

ebb_status ebb_encoder_run(const struct ebb_encoder *e,
                           const struct ebb_series *series, uint64_t epoch,
                           size_t index, struct ebb_events *out)
{
    const ebb_tick frame = e->params.frame_ticks;
    struct ebb_random r = ebb_random_stream(e->params.seed, EBB_RANDOM_ENCODE,
                                            epoch << 32 | (uint32_t)index);
    struct memory *m = ebb_mem_calloc(e->inputs, sizeof(*m));
    if (!m) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to encode %zu inputs",
                        e->inputs);
    }
    for (size_t i = 0; i < e->inputs; i++) {
        m[i].v = e->params.kind == EBB_ENCODE_REGULAR ? 0.5 : 0;
    }
    ebb_status status = EBB_OK;
    ebb_events_clear(out);
    for (ebb_tick t = 0;
         t < e->ticks && t / frame < series->frames && status == EBB_OK; t++) {
        status = run_tick(e, m, &r, series, t, out);
    }
    ebb_mem_free(m);
    return status;
}
