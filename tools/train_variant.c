/* tools/train_variant.c - what a training run varies of its experiment. */
#include "tools/train_variant.h"

#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WORDS = 3 };

static const char *const words[WORDS] = {[EBB_KERNELS_FIXED] = "fixed",
                                         [EBB_KERNELS_FREE] = "free",
                                         [EBB_KERNELS_STABLE] = "stable"};

struct variant {
    enum ebb_kernel_learning kernels;
    double penalty; /* NaN: the experiment's */
    bool bf16;
};

/* What the options make of a variant. */
static ebb_status ask(struct variant *v, const struct ebb_args *args)
{
    size_t which = v->kernels;
    bool none = ebb_args_has(args, "no-kernels");
    EBB_TRY(ebb_args_word(args, "kernels", words, WORDS, &which));
    if (none && ebb_args_has(args, "kernels") && which != EBB_KERNELS_FIXED) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--no-kernels is --kernels fixed, but --kernels says "
                        "%s; leave one of them out",
                        words[which]);
    }
    v->kernels = none ? EBB_KERNELS_FIXED : (enum ebb_kernel_learning)which;
    v->bf16 = v->bf16 || ebb_args_has(args, "bf16");
    return ebb_args_number(args, "penalty", 0, 1e6, &v->penalty);
}

static ebb_status begun(struct variant *v, const struct ebb_checkpoint *at,
                        const char *checkpoint)
{
    *v = (struct variant){.penalty = at->penalty, .bf16 = at->bf16};
    for (size_t k = 0; k < WORDS; k++) {
        if (strcmp(at->kernels, words[k]) == 0) {
            v->kernels = (enum ebb_kernel_learning)k;
            return EBB_OK;
        }
    }
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "%s: /training: the attribute 'kernels' is '%s'; it must "
                    "be fixed, free or stable",
                    checkpoint, at->kernels);
}

static bool differ(double a, double b)
{
    return !(isnan(a) && isnan(b)) && !(fabs(a - b) <= 0);
}

/* A run that goes on learns as it did. */
static ebb_status hold(const struct variant *now, const struct variant *then,
                       const char *checkpoint)
{
    char was[40] = "without it", is[40] = "";
    const char *name = NULL;
    if (now->kernels != then->kernels) {
        name = "kernels";
        snprintf(is, sizeof(is), " %s", words[now->kernels]);
        snprintf(was, sizeof(was), "with %s", words[then->kernels]);
    } else if (differ(now->penalty, then->penalty)) {
        name = "penalty";
        snprintf(is, sizeof(is), " %g", now->penalty);
        if (!isnan(then->penalty)) {
            snprintf(was, sizeof(was), "with %g", then->penalty);
        }
    } else if (now->bf16 != then->bf16) {
        name = "bf16";
    }
    return !name ? EBB_OK
                 : EBB_FAIL(EBB_ERR_ARG,
                            "--%s%s, but %s was begun %s; leave it out, or "
                            "begin anew with another --out",
                            name, is, checkpoint, was);
}

/* The same weight on all populations but inputs, which fire what they get. */
static ebb_status spread_penalty(double **out, double weight,
                                 struct ebb_setting *s)
{
    const struct ebb_network *net = s->experiment->network;
    if (isnan(weight)) {
        return EBB_OK;
    }
    *out = ebb_mem_calloc(net->n_populations, sizeof(**out));
    if (!*out) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for penalties");
    }
    for (size_t k = 0; k < net->n_populations; k++) {
        (*out)[k] = net->populations[k].input ? 0 : weight;
    }
    s->options.penalty = *out;
    return EBB_OK;
}

ebb_status ebb_train_variant_settle(double **penalty, struct ebb_setting *s,
                                    struct ebb_checkpoint *at,
                                    const char *checkpoint,
                                    const struct ebb_args *args)
{
    struct ebb_learn *learn = &s->options.learn;
    struct variant then = {.kernels = learn->kernels, .penalty = (double)NAN};
    bool known = checkpoint && at->kernels[0];
    *penalty = NULL;
    if (known) {
        EBB_TRY(begun(&then, at, checkpoint));
    }
    struct variant now = then;
    EBB_TRY(ask(&now, args));
    if (known) {
        EBB_TRY(hold(&now, &then, checkpoint));
    }
    learn->kernels = now.kernels;
    s->options.bf16 = now.bf16;
    snprintf(at->kernels, sizeof(at->kernels), "%s", words[now.kernels]);
    at->bf16 = now.bf16;
    at->penalty = now.penalty;
    return spread_penalty(penalty, now.penalty, s);
}
