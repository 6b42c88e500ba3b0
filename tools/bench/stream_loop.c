/* tools/bench/stream_loop.c - bare loops; built once per processor kind. */
#include "tools/bench/stream_loop.h"

#include "core/real.h"

#ifndef EBB_STEP_ISA
#define EBB_STEP_ISA baseline
#endif

static void add_row(double *restrict y, const float *restrict w, double x,
                    size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        y[i] += x * (double)w[i];
    }
}

static void step_axons(struct ebb_bare_layer *axons)
{
    double *restrict y = axons->y;
    double *restrict f1 = axons->f1;
    double *restrict f2 = axons->f2;
    const double *restrict alpha1 = axons->alpha1;
    const double *restrict alpha2 = axons->alpha2;
#pragma omp simd
    for (size_t i = 0; i < axons->n; i++) {
        double f = alpha1[i] * f1[i] + alpha2[i] * f2[i] + y[i];
        f2[i] = f1[i];
        f1[i] = f;
        y[i] = 0;
    }
}

static void step_neurons(struct ebb_bare_layer *layer)
{
    double *restrict y = layer->y;
    double *restrict v = layer->v;
    double *restrict r = layer->r;
    double *restrict o = layer->o;
    double *restrict f1 = layer->f1;
    double *restrict f2 = layer->f2;
    const double *restrict bias = layer->bias;
    const double lambda = layer->lambda, theta = layer->theta;
    const double v_th = layer->v_th;
    if (f1) {
        const double a1 = layer->alpha1[0], a2 = layer->alpha2[0];
#pragma omp simd
        for (size_t i = 0; i < layer->n; i++) {
            double f = a1 * f1[i] + a2 * f2[i] + y[i];
            f2[i] = f1[i];
            f1[i] = f;
            y[i] = f;
        }
    }
#pragma omp simd
    for (size_t i = 0; i < layer->n; i++) {
        r[i] = theta * r[i] + o[i];
        v[i] = lambda * v[i] + y[i] + bias[i] - v_th * r[i];
        o[i] = v[i] >= v_th ? 1 : 0;
        y[i] = 0;
    }
}

#define TABLE EBB_PASTE(ebb_bare_loop_, EBB_STEP_ISA)

const struct ebb_bare_loop TABLE = {
    .add_row = add_row, .step_axons = step_axons, .step_neurons = step_neurons};
