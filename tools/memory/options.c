/* tools/memory/options.c - what the options of `ebb memory` say. */
#include "tools/memory/memory.h"

static ebb_status take_kernel(const struct ebb_args *args,
                              struct ebb_association_params *p)
{
    static const char *const shapes[] = {"none", "exponential", "alpha",
                                         "dual_exponential"};
    size_t shape = p->kernel.shape;
    EBB_TRY(ebb_args_word(args, "kernel", shapes, 4, &shape));
    p->kernel.shape = (enum ebb_kernel_shape)shape;
    EBB_TRY(ebb_args_number(args, "tau", 1e-3, 1e6, &p->kernel.tau_m));
    p->kernel.tau_s = p->kernel.tau_m / 4;
    return ebb_args_number(args, "tau-s", 1e-3, 1e6, &p->kernel.tau_s);
}

/* Where PSPs last, a neuron would fire at every tick of them. */
static ebb_status take_reset(const struct ebb_args *args,
                             struct ebb_association_params *p)
{
    static const char *const resets[] = {"filter", "hybrid"};
    size_t reset = p->reset == EBB_RESET_HYBRID;
    EBB_TRY(ebb_args_word(args, "reset", resets, 2, &reset));
    p->reset = reset ? EBB_RESET_HYBRID : EBB_RESET_FILTER;
    bool lasts = p->kernel.shape != EBB_KERNEL_NONE || p->lambda > 0;
    p->refractory_ticks = reset && lasts ? p->delay_ticks - 1 : 0;
    if (!reset && ebb_args_has(args, "refractory")) {
        return EBB_FAIL(EBB_ERR_ARG, "--refractory needs --reset hybrid");
    }
    if (reset && ebb_args_has(args, "theta")) {
        return EBB_FAIL(EBB_ERR_ARG, "--theta needs --reset filter");
    }
    EBB_TRY(ebb_args_number(args, "theta", 0, 1, &p->theta));
    return ebb_args_count(args, "refractory", 0, 1000000, &p->refractory_ticks);
}

static ebb_status take_inhibition(const struct ebb_args *args,
                                  struct ebb_association_params *p)
{
    uint64_t inhibitory = p->inhibitory;
    if (p->kind != EBB_ASSOCIATION_ATTRACTOR &&
        (ebb_args_has(args, "inhibitory") ||
         ebb_args_has(args, "inhibition"))) {
        return EBB_FAIL(EBB_ERR_ARG, "--inhibitory and --inhibition need "
                                     "--kind attractor");
    }
    EBB_TRY(ebb_args_count(args, "inhibitory", 1, 65536, &inhibitory));
    p->inhibitory = inhibitory;
    return ebb_args_number(args, "inhibition", 0, 100, &p->inhibition);
}

static ebb_status take_weights(const struct ebb_args *args,
                               struct ebb_association_params *p)
{
    static const char *const kinds[] = {"float", "int8"};
    size_t kind = p->weight_bits == 8;
    EBB_TRY(ebb_args_word(args, "weights", kinds, 2, &kind));
    if (kind == 1 && p->kind != EBB_ASSOCIATION_HOPFIELD) {
        return EBB_FAIL(EBB_ERR_ARG, "--weights int8 needs --kind hopfield; "
                                     "the weights of others are all 1");
    }
    p->weight_bits = kind == 1 ? 8 : 0;
    return EBB_OK;
}

ebb_status ebb_memory_take_threads(const struct ebb_args *args,
                                   unsigned *threads)
{
    uint64_t n = *threads;
    EBB_TRY(ebb_args_count(args, "threads", 1, 1024, &n));
    *threads = (unsigned)n;
    return EBB_OK;
}

ebb_status ebb_memory_take_network(const struct ebb_args *args,
                                   struct ebb_association_params *p,
                                   struct ebb_memory_size *size)
{
    static const char *const kinds[] = {"willshaw", "hopfield", "attractor"};
    size_t kind = p->kind;
    EBB_TRY(ebb_args_word(args, "kind", kinds, EBB_ASSOCIATIONS, &kind));
    p->kind = (enum ebb_association_kind)kind;
    EBB_TRY(ebb_args_count(args, "neurons", 2, UINT32_MAX - 1, &size->neurons));
    EBB_TRY(ebb_args_count(args, "patterns", 1, UINT32_MAX, &size->patterns));
    EBB_TRY(ebb_args_count(args, "cells", 1, UINT32_MAX - 1, &size->cells));
    EBB_TRY(ebb_args_number(args, "connect", 1e-9, 1, &p->connect));
    EBB_TRY(ebb_args_number(args, "threshold", 0.6, 1e9, &p->threshold));
    EBB_TRY(ebb_args_count(args, "delay", 1, 1000000, &p->delay_ticks));
    EBB_TRY(ebb_args_number(args, "lambda", 0, 0.999999, &p->lambda));
    EBB_TRY(ebb_args_seconds(args, "tick", &p->tick_s));
    EBB_TRY(ebb_args_count(args, "seed", 0, UINT64_MAX, &p->seed));
    EBB_TRY(take_kernel(args, p));
    EBB_TRY(take_reset(args, p));
    EBB_TRY(take_weights(args, p));
    return take_inhibition(args, p);
}

ebb_status ebb_memory_take_cues(const struct ebb_args *args,
                                struct ebb_recall_options *o)
{
    static const char *const modes[] = {"adaptive", "lazy", "swept"};
    size_t mode = EBB_ENGINE_ADAPTIVE;
    uint64_t steps = o->steps;
    EBB_TRY(ebb_args_number(args, "missing", 0, 1, &o->noise.missing));
    EBB_TRY(ebb_args_number(args, "added", 0, 1e6, &o->noise.added));
    EBB_TRY(ebb_args_number(args, "jitter", 0, 1e6, &o->noise.jitter));
    EBB_TRY(ebb_args_count(args, "steps", 1, 10000, &steps));
    EBB_TRY(ebb_args_word(args, "mode", modes, 3, &mode));
    o->steps = steps;
    o->mode = (enum ebb_engine_mode)mode;
    o->single = ebb_args_has(args, "float");
    return EBB_OK;
}
