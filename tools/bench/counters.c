/* tools/bench/counters.c - what the engine's counters cost: the engine against
 * the same sources built without them. */
#include "tools/bench/counters.h"
#include "tools/progress.h"

#include "sim/engine.h"

#include <math.h>

/* The difference is small, and where memory happens to lie makes a larger one:
 * so both engines are built anew many times. */
enum { BUILDS = 21, PAIRS = 9 };

ebb_status uncounted_ebb_engine_create(struct ebb_engine **,
                                       const struct ebb_network *,
                                       const struct ebb_engine_options *);
void uncounted_ebb_engine_destroy(struct ebb_engine *);
ebb_status uncounted_ebb_engine_reset(struct ebb_engine *);
ebb_status uncounted_ebb_engine_input(struct ebb_engine *, size_t,
                                      const struct ebb_event *, size_t);
ebb_status uncounted_ebb_engine_run(struct ebb_engine *, ebb_tick);

/* The functions of one of the two engines. */
struct kind {
    ebb_status (*create)(struct ebb_engine **, const struct ebb_network *,
                         const struct ebb_engine_options *);
    void (*destroy)(struct ebb_engine *);
    ebb_status (*reset)(struct ebb_engine *);
    ebb_status (*input)(struct ebb_engine *, size_t, const struct ebb_event *,
                        size_t);
    ebb_status (*run)(struct ebb_engine *, ebb_tick);
};

static const struct kind kinds[2] = {
    {ebb_engine_create, ebb_engine_destroy, ebb_engine_reset, ebb_engine_input,
     ebb_engine_run},
    {uncounted_ebb_engine_create, uncounted_ebb_engine_destroy,
     uncounted_ebb_engine_reset, uncounted_ebb_engine_input,
     uncounted_ebb_engine_run}};

static ebb_status time_run(const struct kind *kind, struct ebb_engine *e,
                           const struct ebb_network *net,
                           const struct ebb_events *input, ebb_tick ticks,
                           double *seconds)
{
    EBB_TRY(kind->reset(e));
    double start = ebb_seconds_now();
    EBB_TRY(kind->input(e, ebb_network_input(net), input->at, input->n));
    EBB_TRY(kind->run(e, ticks));
    *seconds = ebb_seconds_now() - start;
    return EBB_OK;
}

/* Both, built anew, by turns. */
static ebb_status time_pairs(const struct ebb_network *net,
                             const struct ebb_events *input, ebb_tick ticks,
                             double *ratio)
{
    struct ebb_engine_options how = ebb_engine_options_default();
    struct ebb_engine *engine[2] = {NULL, NULL};
    double seconds[2];
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < 2 && status == EBB_OK; k++) {
        status = kinds[k].create(&engine[k], net, &how);
    }
    for (size_t pair = 0; pair < PAIRS && status == EBB_OK; pair++) {
        for (size_t k = 0; k < 2 && status == EBB_OK; k++) {
            size_t own = (k + pair) % 2; /* neither is always first */
            status = time_run(&kinds[own], engine[own], net, input, ticks,
                              &seconds[own]);
        }
        ratio[pair] = seconds[0] / seconds[1];
    }
    for (size_t k = 0; k < 2; k++) {
        kinds[k].destroy(engine[k]);
    }
    return status;
}

ebb_status ebb_bench_counters(struct ebb_bench *bench, const char *name,
                              const struct ebb_network *net,
                              const struct ebb_events *input, ebb_tick ticks)
{
    double ratio[BUILDS * PAIRS];
    for (size_t k = 0; k < BUILDS; k++) {
        EBB_TRY(time_pairs(net, input, ticks, ratio + k * PAIRS));
    }
    double median = ebb_bench_median(ratio, BUILDS * PAIRS);
    ebb_bench_report(bench,
                     &(struct ebb_bench_figure){name, 100 * (median - 1), "%",
                                                median, 1.01, false});
    return EBB_OK;
}
