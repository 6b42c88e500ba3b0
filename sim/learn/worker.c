/* sim/learn/worker.c - what threads of training and evaluation share. */
#include "sim/learn/train_parts.h"

#include "core/denormals.h"

#include <string.h>

#if EBB_HAVE_OPENMP
#include <omp.h>
#endif

/* At the start of each thread's work. Products run on one thread each: with a
 * team of one, oneDNN would otherwise start threads of its own. */
void ebb_worker_settle(void)
{
    ebb_denormals_flush();
#if EBB_HAVE_OPENMP
    omp_set_num_threads(1);
#endif
}

static unsigned this_thread(void)
{
#if EBB_HAVE_OPENMP
    return (unsigned)omp_get_thread_num();
#else
    return 0;
#endif
}

struct ebb_worker *ebb_worker_own(struct ebb_trainer *t)
{
    return &t->workers[this_thread()];
}

ebb_status ebb_worker_load(struct ebb_trainer *t, struct ebb_worker *w,
                           enum ebb_split split, uint64_t epoch, size_t index,
                           size_t slot)
{
    struct ebb_sample *s = &w->samples[slot];
    EBB_TRY(t->source->read(t->source->self, split, epoch, index, s));
    size_t input = ebb_network_input(t->net);
    size_t channels = t->net->populations[input].n;
    EBB_TRY(ebb_events_check(&s->input, channels, t->source->ticks));
    float *rows = ebb_batch_o_f32(w->batch, input, slot);
    for (size_t i = 0; i < s->input.n; i++) {
        const struct ebb_event *e = &s->input.at[i];
        rows[e->tick * channels + e->node] += (float)e->value;
    }
    return EBB_OK;
}

void ebb_outcome_keep(struct ebb_outcome *o, ebb_status status)
{
    if (status == EBB_OK) {
        return;
    }
#if EBB_HAVE_OPENMP
#pragma omp critical(ebb_train_outcome)
#endif
    if (o->status == EBB_OK) {
        o->status = status;
        strncpy(o->text, ebb_error_message(), sizeof(o->text) - 1);
    }
}

ebb_status ebb_outcome_report(const struct ebb_outcome *o)
{
    return o->status == EBB_OK ? EBB_OK : EBB_FAIL(o->status, "%s", o->text);
}
