/* tools/plot/recall.c - cue, target and recall side by side. */
#include "tools/plot/plot.h"

#include "core/memory.h"
#include "io/network_file.h"
#include "sim/engine.h"
#include "sim/learn/score.h"
#include "tools/plot/gnuplot.h"
#include "tools/setting.h"

/* A recall on its way to a picture. */
struct job {
    struct ebb_setting setting;
    struct ebb_network *net;
    struct ebb_sample sample;
    struct ebb_events recall; /* spikes of the output */
    double cue_loss, loss;
};

static ebb_status keep_output(void *self, size_t population, ebb_tick tick,
                              const ebb_neuron_id *node, const double *value,
                              size_t n)
{
    struct job *j = self;
    (void)value;
    for (size_t k = 0; population == ebb_network_output(j->net) && k < n; k++) {
        struct ebb_event e = {tick, node[k], 1};
        EBB_TRY(ebb_events_push(&j->recall, e));
    }
    return EBB_OK;
}

static ebb_status take_sample(struct job *j, const struct ebb_args *args)
{
    struct ebb_sample_source *source = &j->setting.source;
    size_t n = source->size[EBB_SPLIT_TEST];
    uint64_t index = 0;
    if (n == 0 || source->outputs == 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s has no test samples with wanted spikes to compare "
                        "with",
                        args->operand[2]);
    }
    EBB_TRY(ebb_args_count(args, "sample", 0, n - 1, &index));
    return source->read(source->self, EBB_SPLIT_TEST, 0, index, &j->sample);
}

static ebb_status simulate(struct job *j)
{
    struct ebb_counters counters;
    struct ebb_engine_options how = ebb_engine_options_default();
    how.sink = (struct ebb_run_sink){.self = j, .spikes = keep_output};
    return ebb_engine_simulate(&counters, j->net, &how, j->sample.input.at,
                               j->sample.input.n, j->setting.source.ticks);
}

/* Distances of cue and recall to the target, in the experiment's loss. */
static ebb_status judge(struct job *j)
{
    size_t n = j->setting.source.outputs, ticks = j->setting.source.ticks;
    struct ebb_judge *judge = NULL;
    float *o = ebb_mem_calloc(ticks * n, sizeof(*o));
    ebb_status status =
        o ? ebb_judge_create(&judge, &j->setting.options.loss,
                             &j->setting.source, n, ticks)
          : EBB_FAIL(EBB_ERR_NOMEM, "no memory to judge a recall");
    for (size_t k = 0; status == EBB_OK && k < j->recall.n; k++) {
        o[j->recall.at[k].tick * n + j->recall.at[k].node] = 1;
    }
    if (status == EBB_OK) {
        j->loss = ebb_judge_loss(judge, NULL, o, &j->sample, 0);
        j->cue_loss =
            ebb_judge_cue(judge, &j->sample, j->setting.options.target_delay);
    }
    ebb_judge_destroy(judge);
    ebb_mem_free(o);
    return status;
}

static void put_spikes(FILE *to, const char *name,
                       const struct ebb_events *spikes)
{
    fprintf(to, "$%s << EOD\nNaN NaN\n", name); /* never an empty block */
    for (size_t k = 0; k < spikes->n; k++) {
        fprintf(to, "%llu %u\n", (unsigned long long)spikes->at[k].tick,
                spikes->at[k].node);
    }
    fputs("EOD\n", to);
}

static void draw(FILE *to, const struct job *j)
{
    put_spikes(to, "cue", &j->sample.input);
    put_spikes(to, "target", &j->sample.target);
    put_spikes(to, "recall", &j->recall);
    fprintf(to,
            "set multiplot layout 1,3\nunset key\n"
            "set xrange [0:%llu]\nset xlabel 'time (ticks)'\n"
            "set ylabel 'neuron'\nset yrange [%zu:0]\nset title 'cue, distance "
            "%.4f'\n"
            "plot $cue w p pt 7 ps .28 lc 2\n"
            "unset ylabel\nset yrange [%zu:0]\nset title 'target'\n"
            "plot $target w p pt 7 ps .28 lc '#404040'\n"
            "set title 'recall, distance %.4f'\n"
            "plot $recall w p pt 7 ps .28 lc 1\nunset multiplot\n",
            (unsigned long long)j->setting.source.ticks,
            j->setting.source.inputs, j->cue_loss, j->setting.source.outputs,
            j->loss);
}

static ebb_status work(struct job *j, const struct ebb_args *args,
                       const char *out)
{
    struct ebb_gnuplot g;
    EBB_TRY(ebb_setting_init(&j->setting, args->operand[2],
                             ebb_args_text(args, "patterns")));
    EBB_TRY(ebb_network_file_read(&j->net, args->operand[1]));
    EBB_TRY(ebb_setting_check(&j->setting, j->net, args->operand[1]));
    EBB_TRY(take_sample(j, args));
    EBB_TRY(simulate(j));
    EBB_TRY(judge(j));
    EBB_TRY(ebb_gnuplot_begin(&g, out, 1200, 440));
    draw(g.script, j);
    return ebb_gnuplot_end(&g, EBB_OK);
}

ebb_status ebb_plot_recall(const struct ebb_args *args, const char *out)
{
    struct job j = {.loss = 0};
    ebb_status status = work(&j, args, out);
    ebb_events_finish(&j.recall);
    ebb_events_finish(&j.sample.input);
    ebb_events_finish(&j.sample.target);
    ebb_network_destroy(j.net);
    ebb_setting_finish(&j.setting);
    return status;
}
