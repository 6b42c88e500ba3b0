/* models/kernel.h - PSP kernels: what one spike on an axon sounds like.
 *
 * F_j[t] = Σ_{p=1..P} α_{j,p} F_j[t-p] + Σ_{q=0..Q} β_{j,q} S_j[t-q]   (5d)
 * Fang et al., IJCAI 2020. */
#ifndef EBB_MODELS_KERNEL_H
#define EBB_MODELS_KERNEL_H

#include "core/error.h"
#include "core/memory.h"

#include <stdbool.h>
#include <stddef.h>

enum ebb_kernel_shape {
    EBB_KERNEL_NONE,             /* F = S: the membrane is the only filter */
    EBB_KERNEL_EXPONENTIAL,      /* e^(-n/τ) */
    EBB_KERNEL_ALPHA,            /* (n/τ) e^(-n/τ) */
    EBB_KERNEL_DUAL_EXPONENTIAL, /* e^(-n/τm) - e^(-n/τs)   (4c) */
    EBB_KERNEL_IIR               /* any coefficients */
};

/** "dual_exponential" and so on; NULL beyond the list. */
const char *ebb_kernel_shape_name(enum ebb_kernel_shape shape);

/** Shape of that name. Returns false when there is none. */
bool ebb_kernel_shape_find(const char *name, enum ebb_kernel_shape *out);

/** A named kernel as a person gives it. */
struct ebb_kernel_spec {
    enum ebb_kernel_shape shape;
    double tau_m;    /* slow (or only) time constant; see `seconds` */
    double tau_s;    /* fast one, dual exponential only; < tau_m */
    bool seconds;    /* time constants in seconds, else in ticks */
    int input_lag;   /* dual exponential: 1 = β_1 as in (4c), 0 = β_0 */
    bool normalised; /* dual exponential: peak of the continuous kernel = 1 */
};

/** Coefficients of one projection; one column for all axons or one each. */
struct ebb_kernel {
    struct ebb_kernel_spec spec; /* EBB_KERNEL_IIR: only the numbers below */
    unsigned order_p;            /* P */
    unsigned order_q;            /* Q */
    size_t n;                    /* columns: 1 (shared) or number of axons */
    double *alpha;               /* [P][n]; NULL when P = 0 */
    double *beta;                /* [Q + 1][n] */
};

enum { EBB_KERNEL_ORDER_Q_MAX = 4095 };

/** Room for a kernel's coefficients in the arena, all zero. The spec is left
 *  alone. Errors: EBB_ERR_ARG, EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_kernel_alloc(struct ebb_kernel *k,
                                          struct ebb_arena *arena,
                                          unsigned order_p, unsigned order_q,
                                          size_t n);

/**
 * Fill a kernel from its spec: allocates P, Q as the shape demands and gives
 * each of the n columns the same coefficients.
 *
 *     tick_s  length of a tick, s; only used when spec->seconds
 *
 * Errors: EBB_ERR_ARG (time constants not positive, τs >= τm, no tick length),
 * EBB_ERR_NOMEM.
 */
EBB_NODISCARD ebb_status ebb_kernel_expand(struct ebb_kernel *k,
                                           struct ebb_arena *arena,
                                           const struct ebb_kernel_spec *spec,
                                           size_t n, double tick_s);

/** Index of the first tap that is not zero on any axon; Q + 1 when all are. */
unsigned ebb_kernel_first_tap(const struct ebb_kernel *k);

/** The column of axon j: j itself or 0. */
static inline size_t ebb_kernel_column(const struct ebb_kernel *k, size_t axon)
{
    return k->n == 1 ? 0 : axon;
}

#endif
