/* tools/bench/stream_loop.h - the bare loop that `bench stream` is held
 * against: the same additions, one state step per neuron, nothing else. Built
 * for each processor kind. */
#ifndef EBB_TOOLS_BENCH_STREAM_LOOP_H
#define EBB_TOOLS_BENCH_STREAM_LOOP_H

#include <stddef.h>

/** Neurons of a layer, or its axons: columns of n numbers. */
struct ebb_bare_layer {
    size_t n;
    double *y;       /* what its synapses add up in this tick */
    double *f1, *f2; /* PSP of the last two ticks; NULL: no filter here */
    double *alpha1, *alpha2;
    double *v, *r, *o; /* membrane, reset filter, spikes of 0 or 1 */
    double *bias;
    double lambda, theta, v_th;
};

struct ebb_bare_loop {
    /** y[0..n) += x w[0..n) */
    void (*add_row)(double *y, const float *w, double x, size_t n);

    /** f = α1 f1 + α2 f2 + y for every axon; y = 0 after */
    void (*step_axons)(struct ebb_bare_layer *axons);

    /** I = y, through the layer's own filter where it has one;
     *  r = θ r + o, v = λ v + I + b - Vth r, o = v >= Vth; y = 0 after */
    void (*step_neurons)(struct ebb_bare_layer *layer);
};

extern const struct ebb_bare_loop ebb_bare_loop_baseline;
extern const struct ebb_bare_loop ebb_bare_loop_avx2;
extern const struct ebb_bare_loop ebb_bare_loop_avx512;

#endif
