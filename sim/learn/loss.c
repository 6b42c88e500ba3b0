/* sim/learn/loss.c - what the output should have done, as a number; built
 * once per precision. */
#include "sim/learn/loss.h"

#include "core/real_build.inc"

#include <math.h>
#include <string.h>

typedef EBB_REAL real;
typedef struct EBB_NAME(ebb_van_rossum) van_rossum;

static double count_spikes(const real *o, size_t ticks, size_t n, size_t i)
{
    double count = 0;
    for (size_t t = 0; t < ticks; t++) {
        count += (double)o[t * n + i];
    }
    return count;
}

double EBB_NAME(ebb_loss_rate)(real *d_o, const real *o, size_t ticks, size_t n,
                               size_t label, double weight)
{
    double largest = (double)-INFINITY;
    for (size_t i = 0; i < n; i++) {
        largest = fmax(largest, count_spikes(o, ticks, n, i));
    }
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        sum += exp(count_spikes(o, ticks, n, i) - largest);
    }
    double chosen = count_spikes(o, ticks, n, label) - largest;
    for (size_t i = 0; d_o && i < n; i++) {
        double p = exp(count_spikes(o, ticks, n, i) - largest) / sum; /* (6) */
        real g = (real)(weight * (p - (i == label ? 1 : 0)));
        for (size_t t = 0; t < ticks; t++) {
            d_o[t * n + i] += g;
        }
    }
    return log(sum) - chosen; /* (7) */
}

struct EBB_NAME(ebb_van_rossum) {
    size_t ticks, n;
    struct EBB_NAME(ebb_filter_rows) filter;
    real *alpha, *beta; /* [P][n], [taps][n], the same in every column */
    size_t *lag;        /* [taps] */
    real *difference;   /* [ticks][n] O - target */
    real *e;            /* [ticks][n] k * difference, then its adjoint */
    const struct EBB_NAME(ebb_step) * step;
    struct ebb_arena *arena;
};

static ebb_status fill(van_rossum *l, const struct ebb_kernel *k)
{
    EBB_TRY(ebb_arena_create(&l->arena));
    unsigned taps = k->order_q + 1;
    l->alpha = ebb_arena_calloc(l->arena, k->order_p * l->n, sizeof(real));
    l->beta = ebb_arena_calloc(l->arena, taps * l->n, sizeof(real));
    l->lag = ebb_arena_calloc(l->arena, taps, sizeof(size_t));
    l->difference = ebb_arena_calloc(l->arena, l->ticks * l->n, sizeof(real));
    l->e = ebb_arena_calloc(l->arena, l->ticks * l->n, sizeof(real));
    if (!l->alpha || !l->beta || !l->lag || !l->difference || !l->e) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the loss");
    }
    for (size_t i = 0; i < l->n; i++) {
        for (unsigned p = 0; p < k->order_p; p++) {
            l->alpha[p * l->n + i] = (real)k->alpha[p];
        }
        for (unsigned q = 0; q < taps; q++) {
            l->beta[q * l->n + i] = (real)k->beta[q];
            l->lag[q] = q;
        }
    }
    l->filter = (struct EBB_NAME(ebb_filter_rows)){.order_p = k->order_p,
                                                   .taps = taps,
                                                   .tap_lag = l->lag,
                                                   .alpha = l->alpha,
                                                   .beta = l->beta,
                                                   .stride = l->n};
    return EBB_OK;
}

ebb_status EBB_NAME(ebb_van_rossum_create)(van_rossum **out,
                                           const struct ebb_kernel *kernel,
                                           size_t ticks, size_t n)
{
    *out = NULL;
    if (kernel->n != 1 || ticks == 0 || n == 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "a loss kernel of %zu columns for %zu ticks of %zu "
                        "trains",
                        kernel->n, ticks, n);
    }
    van_rossum *l = ebb_mem_calloc(1, sizeof(*l));
    if (!l) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for the loss");
    }
    l->ticks = ticks;
    l->n = n;
    l->step = EBB_NAME(ebb_step_best)();
    ebb_status status = fill(l, kernel);
    if (status != EBB_OK) {
        EBB_NAME(ebb_van_rossum_destroy)(l);
        return status;
    }
    *out = l;
    return EBB_OK;
}

void EBB_NAME(ebb_van_rossum_destroy)(van_rossum *l)
{
    if (l) {
        ebb_arena_destroy(l->arena);
        ebb_mem_free(l);
    }
}

void EBB_NAME(ebb_van_rossum_filter)(van_rossum *l, real *filtered,
                                     const real *o)
{
    l->step->filter_forward(filtered, o, &l->filter, 0, l->ticks, l->n, l->n);
}

/* e, turned into dE/d(difference) in place of it and added to d_o. */
static void add_gradient(van_rossum *l, real *d_o, double weight)
{
    size_t cells = l->ticks * l->n;
    real factor = (real)(weight / (double)l->ticks);
    for (size_t i = 0; i < cells; i++) {
        l->e[i] *= factor;
    }
    l->step->filter_backward(l->e, NULL, NULL, l->difference, l->difference,
                             &l->filter, 0, l->ticks, l->ticks, l->n, l->n);
    l->step->filter_pull(d_o, l->e, NULL, &l->filter, 0, l->ticks, l->ticks,
                         l->n, l->n);
}

double EBB_NAME(ebb_van_rossum_distance)(van_rossum *l, real *d_o,
                                         const real *o, const real *target,
                                         double weight)
{
    size_t cells = l->ticks * l->n;
    if (target) {
        for (size_t i = 0; i < cells; i++) {
            l->difference[i] = o[i] - target[i];
        }
    } else {
        memcpy(l->difference, o, cells * sizeof(real));
    }
    EBB_NAME(ebb_van_rossum_filter)(l, l->e, l->difference);
    double sum = 0;
    for (size_t i = 0; i < cells; i++) {
        sum += (double)l->e[i] * (double)l->e[i];
    }
    if (d_o) {
        add_gradient(l, d_o, weight);
    }
    return sum / (2 * (double)l->ticks); /* (8) */
}
