/* sim/learn/evaluate.c - how good a network is on a split. */
#include "sim/learn/train_parts.h"

#include <string.h>

/* Evaluation: runs of per_run samples; their sums are added in order. */
struct partial {
    double loss, cue_loss;
    size_t right;
};

static void judge_sample(struct ebb_trainer *t, struct ebb_worker *w,
                         size_t slot, struct partial *sum, double *activity,
                         struct ebb_guess *guess)
{
    size_t output = ebb_network_output(t->net);
    const struct ebb_sample *s = &w->samples[slot];
    const float *o = ebb_batch_o_f32(w->batch, output, slot);
    sum->loss += ebb_judge_loss(w->judge, NULL, o, s, 0);
    sum->cue_loss += ebb_judge_cue(w->judge, s, t->options.target_delay);
    size_t found = ebb_judge_class(w->judge, o);
    sum->right += found == s->label;
    if (guess) {
        *guess = (struct ebb_guess){(uint32_t)s->label, (uint32_t)found};
    }
    for (size_t i = 0; i < t->net->n_populations; i++) {
        const float *spikes = ebb_batch_o_f32(w->batch, i, slot);
        size_t cells = (size_t)t->source->ticks * t->net->populations[i].n;
        double count = 0;
        for (size_t k = 0; k < cells; k++) {
            count += (double)spikes[k];
        }
        activity[i] += count / (double)cells;
    }
}

static ebb_status evaluate_run(struct ebb_trainer *t, enum ebb_split split,
                               uint64_t epoch, size_t a, struct partial *sum,
                               double *activity, struct ebb_guess *guess)
{
    struct ebb_worker *w = ebb_worker_own(t);
    size_t n = t->source->size[split];
    size_t b = a + t->per_run < n ? a + t->per_run : n;
    ebb_batch_clear_f32(w->batch);
    for (size_t k = a; k < b; k++) {
        EBB_TRY(ebb_worker_load(t, w, split, epoch, k, k - a));
    }
    ebb_batch_forward_f32(w->batch);
    for (size_t k = a; k < b; k++) {
        judge_sample(t, w, k - a, sum, activity, guess ? &guess[k] : NULL);
    }
    return EBB_OK;
}

static ebb_status evaluate_runs(struct ebb_trainer *t, enum ebb_split split,
                                uint64_t epoch, struct partial *sums,
                                double *activity, struct ebb_guess *guess)
{
    struct ebb_outcome outcome = {0};
    size_t n = t->source->size[split];
    size_t populations = t->net->n_populations;
#if EBB_HAVE_OPENMP
#pragma omp parallel num_threads((int)t->n_workers)
#endif
    {
        ebb_worker_settle();
#if EBB_HAVE_OPENMP
#pragma omp for schedule(dynamic, 1)
#endif
        for (size_t a = 0; a < n; a += t->per_run) {
            size_t run = a / t->per_run;
            ebb_outcome_keep(&outcome,
                             evaluate_run(t, split, epoch, a, &sums[run],
                                          activity + run * populations, guess));
        }
    }
    return ebb_outcome_report(&outcome);
}

ebb_status ebb_trainer_evaluate(struct ebb_trainer *t, enum ebb_split split,
                                uint64_t epoch, struct ebb_score *score)
{
    size_t n = t->source->size[split];
    size_t runs = (n + t->per_run - 1) / t->per_run;
    size_t populations = t->net->n_populations;
    struct partial *sums = ebb_mem_calloc(runs, sizeof(*sums));
    double *activity = ebb_mem_calloc(runs * populations, sizeof(*activity));
    ebb_status status;
    if (!sums || !activity) {
        status = EBB_FAIL(EBB_ERR_NOMEM, "no memory to judge %zu samples", n);
    } else {
        status = evaluate_runs(t, split, epoch, sums, activity, score->guess);
    }
    score->n = n;
    score->loss = score->cue_loss = 0;
    score->right = 0;
    memset(score->activity, 0, populations * sizeof(double));
    for (size_t r = 0; status == EBB_OK && r < runs; r++) {
        score->loss += sums[r].loss;
        score->cue_loss += sums[r].cue_loss;
        score->right += sums[r].right;
        for (size_t i = 0; i < populations; i++) {
            score->activity[i] += activity[r * populations + i];
        }
    }
    ebb_mem_free(sums);
    ebb_mem_free(activity);
    return status;
}
