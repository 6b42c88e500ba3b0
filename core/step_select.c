/* core/step_select.c - which build of the step functions runs here; built
 * once per precision. */
#include "core/segment.h"
#include "core/step.h"
#include "core/sweep.h"

#include "core/real_build.inc"

#include <stdlib.h>
#include <string.h>

typedef struct EBB_NAME(ebb_step) step;

#define TABLE(isa) EBB_PASTE(EBB_NAME(ebb_step), EBB_PASTE(_, isa))

extern const step TABLE(baseline);
#if EBB_STEP_X86
extern const step TABLE(avx2);
extern const step TABLE(avx512);
#endif

#if EBB_STEP_X86
static size_t builds_that_run(void)
{
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi2")) {
        return 1;
    }
    bool wide = __builtin_cpu_supports("avx512f") &&
                __builtin_cpu_supports("avx512bw") &&
                __builtin_cpu_supports("avx512dq") &&
                __builtin_cpu_supports("avx512vl");
    return wide ? 3 : 2;
}
#else
static size_t builds_that_run(void)
{
    return 1;
}
#endif

const step *const *EBB_NAME(ebb_step_all)(size_t *n)
{
    static const step *const all[] = {
        &TABLE(baseline),
#if EBB_STEP_X86
        &TABLE(avx2),
        &TABLE(avx512),
#endif
    };
    *n = builds_that_run();
    return all;
}

const step *EBB_NAME(ebb_step_best)(void)
{
    size_t n;
    const step *const *all = EBB_NAME(ebb_step_all)(&n);
    const char *asked = getenv("EBB_ISA");
    for (size_t i = 0; asked && i < n; i++) {
        if (strcmp(asked, all[i]->isa) == 0) {
            return all[i];
        }
    }
    return all[n - 1];
}

#define SWEEPS(isa) EBB_PASTE(EBB_NAME(ebb_sweep), EBB_PASTE(_, isa))

extern const struct EBB_NAME(ebb_sweep_ops) SWEEPS(baseline);
#if EBB_STEP_X86
extern const struct EBB_NAME(ebb_sweep_ops) SWEEPS(avx2);
extern const struct EBB_NAME(ebb_sweep_ops) SWEEPS(avx512);
#endif

const struct EBB_NAME(ebb_sweep_ops) * EBB_NAME(ebb_sweep_find)(const char *isa)
{
#if EBB_STEP_X86
    if (strcmp(isa, "avx512") == 0) {
        return &SWEEPS(avx512);
    }
    if (strcmp(isa, "avx2") == 0) {
        return &SWEEPS(avx2);
    }
#endif
    (void)isa;
    return &SWEEPS(baseline);
}

#define SEGMENTS(isa) EBB_PASTE(EBB_NAME(ebb_segment), EBB_PASTE(_, isa))

extern const struct EBB_NAME(ebb_segment_ops) SEGMENTS(baseline);
#if EBB_STEP_X86
extern const struct EBB_NAME(ebb_segment_ops) SEGMENTS(avx2);
extern const struct EBB_NAME(ebb_segment_ops) SEGMENTS(avx512);
#endif

const struct EBB_NAME(ebb_segment_ops) *
    EBB_NAME(ebb_segment_find)(const char *isa)
{
#if EBB_STEP_X86
    if (strcmp(isa, "avx512") == 0) {
        return &SEGMENTS(avx512);
    }
    if (strcmp(isa, "avx2") == 0) {
        return &SEGMENTS(avx2);
    }
#endif
    (void)isa;
    return &SEGMENTS(baseline);
}
