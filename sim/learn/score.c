/* sim/learn/score.c - how good outputs are: losses, classes, recall. */
#include "sim/learn/score.h"

#include "core/memory.h"

#include <math.h>
#include <string.h>

struct ebb_judge {
    struct ebb_loss loss;
    const struct ebb_sample_source *source;
    size_t outputs, ticks;
    struct ebb_van_rossum_f32 *van_rossum;
    float *trains;     /* [ticks][outputs] a target or a cue, as rows */
    float *filtered;   /* [ticks][outputs] k * output */
    float *prototypes; /* [classes][ticks][outputs] k * prototype */
};

static size_t cells_of(const struct ebb_judge *j)
{
    return j->ticks * j->outputs;
}

/* Events as rows of trains; what does not fit is left out. */
static void spread(const struct ebb_judge *j, float *rows,
                   const struct ebb_events *events, ebb_tick delay)
{
    memset(rows, 0, cells_of(j) * sizeof(float));
    for (size_t i = 0; i < events->n; i++) {
        const struct ebb_event *e = &events->at[i];
        if (e->node < j->outputs && e->tick + delay < j->ticks) {
            rows[(e->tick + delay) * j->outputs + e->node] = (float)e->value;
        }
    }
}

static ebb_status filter_prototypes(struct ebb_judge *j)
{
    struct ebb_events events = {0};
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < j->source->classes && status == EBB_OK; k++) {
        ebb_events_clear(&events);
        status = j->source->prototype(j->source->self, k, &events);
        spread(j, j->trains, &events, 0);
        ebb_van_rossum_filter_f32(j->van_rossum,
                                  j->prototypes + k * cells_of(j), j->trains);
    }
    ebb_events_finish(&events);
    return status;
}

static ebb_status prepare_van_rossum(struct ebb_judge *j)
{
    struct ebb_arena *arena;
    EBB_TRY(ebb_arena_create(&arena));
    struct ebb_kernel kernel;
    ebb_status status =
        ebb_kernel_expand(&kernel, arena, &j->loss.kernel, 1, 0);
    if (status == EBB_OK) {
        status = ebb_van_rossum_create_f32(&j->van_rossum, &kernel, j->ticks,
                                           j->outputs);
    }
    ebb_arena_destroy(arena);
    EBB_TRY(status);
    size_t classes = j->source->prototype ? j->source->classes : 0;
    j->trains = ebb_mem_calloc(cells_of(j), sizeof(float));
    j->filtered = ebb_mem_calloc(cells_of(j), sizeof(float));
    j->prototypes = ebb_mem_calloc(classes * cells_of(j), sizeof(float));
    if (!j->trains || !j->filtered || !j->prototypes) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to judge outputs");
    }
    return classes > 0 ? filter_prototypes(j) : EBB_OK;
}

ebb_status ebb_judge_create(struct ebb_judge **out, const struct ebb_loss *loss,
                            const struct ebb_sample_source *source,
                            size_t outputs, ebb_tick ticks)
{
    *out = NULL;
    bool spikes = loss->kind == EBB_LOSS_VAN_ROSSUM;
    if (spikes && source->outputs != outputs) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "targets of %zu trains for an output of %zu neurons",
                        source->outputs, outputs);
    }
    if (!spikes && (source->classes == 0 || source->classes > outputs)) {
        return EBB_FAIL(EBB_ERR_ARG, "%zu classes for an output of %zu neurons",
                        source->classes, outputs);
    }
    struct ebb_judge *j = ebb_mem_calloc(1, sizeof(*j));
    if (!j) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory to judge outputs");
    }
    *j = (struct ebb_judge){.loss = *loss,
                            .source = source,
                            .outputs = outputs,
                            .ticks = (size_t)ticks};
    ebb_status status = spikes ? prepare_van_rossum(j) : EBB_OK;
    if (status != EBB_OK) {
        ebb_judge_destroy(j);
        return status;
    }
    *out = j;
    return EBB_OK;
}

void ebb_judge_destroy(struct ebb_judge *j)
{
    if (j) {
        ebb_van_rossum_destroy_f32(j->van_rossum);
        ebb_mem_free(j->trains);
        ebb_mem_free(j->filtered);
        ebb_mem_free(j->prototypes);
        ebb_mem_free(j);
    }
}

/* From E of equation (8) to the loss in use. */
static double factor_of(const struct ebb_judge *j)
{
    return j->loss.mean_squared ? 2 / (double)j->outputs : 1;
}

double ebb_judge_loss(struct ebb_judge *j, float *d_o, const float *o,
                      const struct ebb_sample *sample, double weight)
{
    if (j->loss.kind == EBB_LOSS_RATE) {
        return ebb_loss_rate_f32(d_o, o, j->ticks, j->outputs, sample->label,
                                 weight);
    }
    double factor = factor_of(j);
    spread(j, j->trains, &sample->target, 0);
    return factor * ebb_van_rossum_distance_f32(j->van_rossum, d_o, o,
                                                j->trains, weight * factor);
}

double ebb_judge_cue(struct ebb_judge *j, const struct ebb_sample *sample,
                     ebb_tick delay)
{
    if (j->loss.kind == EBB_LOSS_RATE || j->source->inputs != j->outputs) {
        return (double)NAN;
    }
    spread(j, j->filtered, &sample->input, delay);
    spread(j, j->trains, &sample->target, 0);
    return factor_of(j) * ebb_van_rossum_distance_f32(
                              j->van_rossum, NULL, j->filtered, j->trains, 1);
}

static size_t most_spikes(const struct ebb_judge *j, const float *o)
{
    size_t best = 0;
    double most = -1;
    for (size_t i = 0; i < j->source->classes; i++) {
        double count = 0;
        for (size_t t = 0; t < j->ticks; t++) {
            count += (double)o[t * j->outputs + i];
        }
        if (count > most) {
            most = count;
            best = i;
        }
    }
    return best;
}

static double square_distance(const float *a, const float *b, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double d = (double)a[i] - (double)b[i];
        sum += d * d;
    }
    return sum;
}

size_t ebb_judge_class(struct ebb_judge *j, const float *o)
{
    if (j->loss.kind == EBB_LOSS_RATE || !j->source->prototype) {
        return j->loss.kind == EBB_LOSS_RATE ? most_spikes(j, o) : 0;
    }
    ebb_van_rossum_filter_f32(j->van_rossum, j->filtered, o);
    size_t best = 0;
    double nearest = (double)INFINITY;
    for (size_t k = 0; k < j->source->classes; k++) {
        double distance = square_distance(
            j->filtered, j->prototypes + k * cells_of(j), cells_of(j));
        if (distance < nearest) {
            nearest = distance;
            best = k;
        }
    }
    return best;
}
