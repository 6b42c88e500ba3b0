/* sim/learn/optimiser.c - SGD, Adam and AdamW, and how the rate changes. */
#include "sim/learn/optimiser.h"

#include <math.h>

struct ebb_optimiser ebb_optimiser_default(void)
{
    return (struct ebb_optimiser){.kind = EBB_ADAMW,
                                  .rate = 1e-3,
                                  .beta1 = 0.9,
                                  .beta2 = 0.999,
                                  .epsilon = 1e-8,
                                  .weight_decay = 0.01};
}

static void step_sgd(const struct ebb_optimiser *o, float *restrict x,
                     float *restrict m, const float *restrict g, size_t n,
                     double rate)
{
    const float momentum = (float)o->momentum, lr = (float)rate;
    const float decay = (float)o->weight_decay;
    for (size_t i = 0; i < n; i++) {
        m[i] = momentum * m[i] + (g[i] + decay * x[i]);
        x[i] -= lr * m[i];
    }
}

static void step_adam(const struct ebb_optimiser *o, float *restrict x,
                      float *restrict m, float *restrict v,
                      const float *restrict g, size_t n, double rate,
                      uint64_t step)
{
    const float b1 = (float)o->beta1, b2 = (float)o->beta2;
    const float c1 = (float)(1 - o->beta1), c2 = (float)(1 - o->beta2);
    const float epsilon = (float)o->epsilon;
    const bool apart = o->kind == EBB_ADAMW;
    const float keep = apart ? (float)(1 - rate * o->weight_decay) : 1.0F;
    const float decay = apart ? 0.0F : (float)o->weight_decay;
    const float lr = (float)(rate / (1 - pow(o->beta1, (double)step)));
    const float unbias = (float)(1 / sqrt(1 - pow(o->beta2, (double)step)));
    for (size_t i = 0; i < n; i++) {
        float gi = g[i] + decay * x[i];
        m[i] = b1 * m[i] + c1 * gi;
        v[i] = b2 * v[i] + c2 * (gi * gi);
        x[i] = keep * x[i] - lr * (m[i] / (sqrtf(v[i]) * unbias + epsilon));
    }
}

void ebb_optimiser_step(const struct ebb_optimiser *o, float *x, float *m,
                        float *v, const float *g, size_t n, double rate,
                        uint64_t step)
{
    if (o->kind == EBB_SGD) {
        step_sgd(o, x, m, g, n, rate);
    } else {
        step_adam(o, x, m, v, g, n, rate, step);
    }
}

double ebb_schedule_rate(const struct ebb_schedule *s, double rate,
                         unsigned epoch, unsigned epochs)
{
    if (epoch < s->warmup) {
        return rate * (epoch + 1) / s->warmup;
    }
    if (s->kind == EBB_SCHEDULE_COSINE && epochs > s->warmup) {
        const double pi = 3.14159265358979323846;
        double done = (double)(epoch - s->warmup) / (epochs - s->warmup);
        return rate * (s->gamma + (1 - s->gamma) * (1 + cos(pi * done)) / 2);
    }
    if (s->kind == EBB_SCHEDULE_STEP) {
        for (unsigned i = 0; i < s->n_milestones; i++) {
            rate *= epoch >= s->milestones[i] ? s->gamma : 1;
        }
    }
    return rate;
}
