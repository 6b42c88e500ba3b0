/* models/kernel.c - PSP kernels: what one spike on an axon sounds like. */
#include "models/kernel.h"

#include "core/poles.h"

#include <math.h>
#include <string.h>

static const char *const shape_names[] = {
    [EBB_KERNEL_NONE] = "none",
    [EBB_KERNEL_EXPONENTIAL] = "exponential",
    [EBB_KERNEL_ALPHA] = "alpha",
    [EBB_KERNEL_DUAL_EXPONENTIAL] = "dual_exponential",
    [EBB_KERNEL_IIR] = "iir",
};

enum { SHAPES = sizeof(shape_names) / sizeof(shape_names[0]) };

const char *ebb_kernel_shape_name(enum ebb_kernel_shape shape)
{
    return (unsigned)shape < SHAPES ? shape_names[shape] : NULL;
}

bool ebb_kernel_shape_find(const char *name, enum ebb_kernel_shape *out)
{
    for (unsigned i = 0; i < SHAPES; i++) {
        if (strcmp(name, shape_names[i]) == 0) {
            *out = (enum ebb_kernel_shape)i;
            return true;
        }
    }
    return false;
}

ebb_status ebb_kernel_alloc(struct ebb_kernel *k, struct ebb_arena *arena,
                            unsigned order_p, unsigned order_q, size_t n)
{
    if (order_p > EBB_ORDER_MAX) {
        return EBB_FAIL(EBB_ERR_ARG, "kernel order P = %u; at most %d", order_p,
                        EBB_ORDER_MAX);
    }
    if (order_q > EBB_KERNEL_ORDER_Q_MAX) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "kernel order Q = %u; at most %d (give long delays "
                        "as delay_ticks)",
                        order_q, EBB_KERNEL_ORDER_Q_MAX);
    }
    double *alpha = NULL;
    if (order_p > 0) {
        alpha = ebb_arena_calloc(arena, order_p * n, sizeof(double));
    }
    double *beta = ebb_arena_calloc(arena, (order_q + 1) * n, sizeof(double));
    if ((order_p > 0 && !alpha) || !beta) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a kernel of %zu axons",
                        n);
    }
    k->order_p = order_p;
    k->order_q = order_q;
    k->n = n;
    k->alpha = alpha;
    k->beta = beta;
    return EBB_OK;
}

/* A shape's coefficients with time constants in ticks: P, Q, α, β. */
struct recipe {
    unsigned order_p, order_q;
    double alpha[2], beta[2];
};

static struct recipe recipe_exponential(double tau)
{
    return (struct recipe){1, 0, {exp(-1 / tau)}, {1}};
}

static struct recipe recipe_alpha(double tau)
{
    double pole = exp(-1 / tau);
    return (struct recipe){2, 1, {2 * pole, -exp(-2 / tau)}, {0, pole / tau}};
}

static struct recipe recipe_dual(double tau_m, double tau_s, int input_lag,
                                 bool normalised)
{
    double slow = exp(-1 / tau_m);
    double fast = exp(-1 / tau_s);
    double gain = slow - fast; /* (4c) */
    if (normalised) {          /* the continuous kernel then peaks at 1 */
        double eta = tau_m / tau_s;
        gain *= pow(eta, eta / (eta - 1)) / (eta - 1);
    }
    struct recipe r = {
        .order_p = 2,
        .order_q = (unsigned)input_lag,
        .alpha = {slow + fast, -exp(-1 / tau_m - 1 / tau_s)},
    };
    r.beta[input_lag] = gain;
    return r;
}

static ebb_status check_spec(const struct ebb_kernel_spec *spec, double tick_s)
{
    const char *name = ebb_kernel_shape_name(spec->shape);
    bool dual = spec->shape == EBB_KERNEL_DUAL_EXPONENTIAL;
    if (spec->shape == EBB_KERNEL_IIR) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "an iir kernel needs its alpha and beta, not a tau");
    }
    if (spec->shape != EBB_KERNEL_NONE &&
        !(spec->tau_m > 0 && isfinite(spec->tau_m))) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s kernel with tau %g: a time constant is positive",
                        name, spec->tau_m);
    }
    if (dual && !(spec->tau_s > 0 && spec->tau_s < spec->tau_m)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s kernel with tau_m %g and tau_s %g: needs "
                        "0 < tau_s < tau_m (equal ones are an alpha kernel)",
                        name, spec->tau_m, spec->tau_s);
    }
    if (dual && spec->input_lag != 0 && spec->input_lag != 1) {
        return EBB_FAIL(EBB_ERR_ARG, "input_lag %d: it is 0 or 1",
                        spec->input_lag);
    }
    if (spec->seconds && !(tick_s > 0)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s kernel has time constants in seconds but the "
                        "network has no tick length; set its tick",
                        name);
    }
    return EBB_OK;
}

ebb_status ebb_kernel_expand(struct ebb_kernel *k, struct ebb_arena *arena,
                             const struct ebb_kernel_spec *spec, size_t n,
                             double tick_s)
{
    EBB_TRY(check_spec(spec, tick_s));
    double unit = spec->seconds ? tick_s : 1;
    double tau_m = spec->tau_m / unit;
    double tau_s = spec->tau_s / unit;
    struct recipe r = {.beta = {1}};
    if (spec->shape == EBB_KERNEL_EXPONENTIAL) {
        r = recipe_exponential(tau_m);
    } else if (spec->shape == EBB_KERNEL_ALPHA) {
        r = recipe_alpha(tau_m);
    } else if (spec->shape == EBB_KERNEL_DUAL_EXPONENTIAL) {
        r = recipe_dual(tau_m, tau_s, spec->input_lag, spec->normalised);
    }
    EBB_TRY(ebb_kernel_alloc(k, arena, r.order_p, r.order_q, n));
    for (size_t j = 0; j < n; j++) {
        for (unsigned p = 0; p < r.order_p; p++) {
            k->alpha[p * n + j] = r.alpha[p];
        }
        for (unsigned q = 0; q <= r.order_q; q++) {
            k->beta[q * n + j] = r.beta[q];
        }
    }
    k->spec = *spec;
    return EBB_OK;
}

unsigned ebb_kernel_first_tap(const struct ebb_kernel *k)
{
    for (unsigned q = 0; q <= k->order_q; q++) {
        for (size_t j = 0; j < k->n; j++) {
            if (k->beta[q * k->n + j] != 0.0) {
                return q;
            }
        }
    }
    return k->order_q + 1;
}
