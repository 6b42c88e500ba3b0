/* tools/cmd_memory.c - large sparse associative memories. */
#include "tools/commands.h"
#include "tools/memory/memory.h"

#include "core/nearest.h"

#include <stdio.h>
#include <string.h>

#define NETWORK                                                                \
    " kind neurons patterns cells connect threshold delay kernel tau tau-s "   \
    "lambda theta reset refractory tick inhibitory inhibition seed json "
#define CUES " missing added jitter cues mode float "

/* What can be done with a memory. */
struct verb {
    const char *name;
    size_t operands, most; /* the verb itself included */
    const char *needs;
    const char *options; /* those that it takes */
    ebb_status (*run)(const struct ebb_args *args);
};

static const struct verb verbs[] = {
    {"build", 1, 1, "no operands, but -o NAME.net.h5",
     NETWORK " out threads weights ", ebb_memory_build},
    {"recall", 2, 2, "NETWORK (from ebb memory build)",
     CUES " steps pattern threshold seed json ", ebb_memory_recall},
    {"capacity", 1, 2,
     "one experiment (experiments/willshaw_capacity.yaml) or none, and the "
     "options of build without --patterns",
     " neurons cells connect threshold delay tick missing cues seeds points "
     "seed json out figure threads ",
     ebb_memory_capacity}};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]) };

/* An option that another verb takes would be passed over in silence. */
static ebb_status check_options(const struct ebb_args *args,
                                const struct verb *verb)
{
    for (const struct ebb_option *o = args->command->options; o->name; o++) {
        char word[32];
        snprintf(word, sizeof(word), " %s ", o->name);
        if (ebb_args_has(args, o->name) && !strstr(verb->options, word)) {
            return EBB_FAIL(EBB_ERR_ARG, "ebb memory %s takes no --%s",
                            verb->name, o->name);
        }
    }
    return EBB_OK;
}

static ebb_status find(const struct ebb_args *args, const struct verb **out)
{
    const char *name = args->operand[0];
    for (size_t k = 0; k < VERBS; k++) {
        if (strcmp(verbs[k].name, name) == 0) {
            *out = &verbs[k];
            return args->n_operands >= verbs[k].operands &&
                           args->n_operands <= verbs[k].most
                       ? check_options(args, &verbs[k])
                       : EBB_FAIL(EBB_ERR_ARG, "ebb memory %s takes %s", name,
                                  verbs[k].needs);
        }
    }
    const char *near =
        ebb_nearest(name, &verbs[0].name, VERBS, sizeof(verbs[0]));
    return EBB_FAIL(EBB_ERR_ARG,
                    "'%.60s' is nothing to do with a memory%s%s%s "
                    "(ebb memory --help tells what is)",
                    name, near ? "; did you mean '" : "", near ? near : "",
                    near ? "'?" : "");
}

static int run(struct ebb_args *args)
{
    const struct verb *verb = NULL;
    ebb_status status = find(args, &verb);
    if (status != EBB_OK || !verb) {
        return ebb_args_usage(args, status);
    }
    return ebb_args_end(args, verb->run(args));
}

static const struct ebb_option options[] = {
    {"out", 'o', "FILE", "build: the network; capacity: lines of JSON"},
    {"figure", 0, "FILE", "capacity: a picture of it, .svg or .png"},
    {"kind", 0, "KIND", "willshaw (the default), hopfield or attractor"},
    {"neurons", 0, "N", "neurons (2000)"},
    {"patterns", 0, "P", "patterns that are stored (200)"},
    {"cells", 0, "M", "neurons of a pattern (50)"},
    {"connect", 0, "Z", "share of the pairs that are connected (0.5)"},
    {"threshold", 0, "K", "coincident spikes on which a neuron fires"},
    {"delay", 0, "TICKS", "from a spike to the synapses (5)"},
    {"kernel", 0, "SHAPE", "none, exponential, alpha or dual_exponential"},
    {"tau", 0, "TICKS", "its (slow) time constant (5)"},
    {"tau-s", 0, "TICKS", "the fast one of dual_exponential (tau / 4)"},
    {"lambda", 0, "X", "decay of the membrane per tick (0)"},
    {"reset", 0, "KIND", "hybrid (V is set to 0, the default) or filter"},
    {"refractory", 0, "TICKS", "hybrid: V is held (delay - 1 with a kernel)"},
    {"theta", 0, "X", "filter: decay of the reset per tick (0)"},
    {"tick", 0, "TIME", "length of a tick (1ms)"},
    {"inhibitory", 0, "N", "attractor: neurons of the inhibition (32)"},
    {"inhibition", 0, "G", "attractor: share of spikes that it costs (0.5)"},
    {"weights", 0, "TYPE", "hopfield: float, or int8 (rounded; it is told)"},
    {"threads", 0, "N", "to build with (all cores); the network is the same"},
    {"missing", 0, "X", "share of the cells that a cue lacks (0)"},
    {"added", 0, "X", "wrong neurons in a cue, as a share of M (0)"},
    {"jitter", 0, "TICKS", "deviation of a cue's spikes in time (0)"},
    {"cues", 0, "N", "how many, patterns taking turns (100)"},
    {"pattern", 0, "K", "recall: ask for this one only"},
    {"steps", 0, "N", "recall: waves of spikes after the cue (5)"},
    {"seeds", 0, "N", "capacity: memories of each size (24)"},
    {"points", 0, "N", "capacity: numbers of patterns (9)"},
    {"mode", 0, "MODE", "of the engine: adaptive, lazy or swept"},
    {"float", 0, NULL, "states in single precision"},
    {"seed", 0, "N", "of patterns and connections, or of the cues (1)"},
    {"json", 0, NULL, "print JSON objects"},
    {0}};

const struct ebb_command ebb_command_memory = {
    .name = "memory",
    .operands = "build | recall NETWORK | capacity [EXPERIMENT.yaml]",
    .summary = "large sparse associative memories",
    .text =
        "A pattern is M of N neurons. `build` stores P random patterns in the "
        "synapses of the\npairs that are connected, and writes the network "
        "and its patterns to one file:\n"
        "  willshaw   a synapse is 1 between cells of a common pattern, else "
        "absent\n"
        "  hopfield   the covariance of the two cells over all patterns\n"
        "  attractor  willshaw, with an inhibition that counts all spikes: "
        "recall goes on by itself\n"
        "Synapses are built straight into compact rows (3 bytes each, or less) "
        "and are drawn row by\nrow from the seed: 10^6 neurons of 1000 "
        "synapses "
        "each take a few minutes.\n"
        "`recall` makes damaged cues fire and tells, wave by wave, how much of "
        "the pattern fires\n(completion), how many others do (false, as a "
        "share of M), and the overlap (cosine).\n\n"
        "`capacity` measures, over seeds and numbers of patterns, how many "
        "neurons a cue makes fire\nfalsely in one step of a willshaw memory, "
        "beside theory. Sizes, targets and the files to\nwrite come from an "
        "experiment file (docs/files.md), and options stand over it; without "
        "one\nit is 2000 neurons and patterns of 32.\n\n"
        "A neuron fires on K coincident spikes. Unless --threshold says so, K "
        "is "
        "chosen for cues of 4\nin 5 cells (hopfield, attractor: a share of "
        "what "
        "a whole pattern gives). Jitter needs a\nkernel that outlasts it.\n\n"
        "examples:\n"
        "  ebb memory build -o m.net.h5\n"
        "  ebb memory recall m.net.h5 --missing 0.2 --added 0.1\n"
        "  ebb memory build -o a.net.h5 --kind attractor --kernel exponential "
        "--tau 3\n"
        "  ebb memory recall a.net.h5 --missing 0.4 --jitter 1 --steps 20\n"
        "  ebb memory build -o big.net.h5 --neurons 1000000 --patterns 200000 "
        "--cells 100 --connect 0.5\n"
        "  ebb memory capacity experiments/willshaw_capacity.yaml\n"
        "  ebb memory capacity --missing 0.25 -o capacity.jsonl\n"
        "  ebb plot capacity capacity.jsonl -o capacity.svg\n"
        "  ebb run m.net.h5 cue.csv --spikes spikes.csv    it is a network "
        "like any other",
    .operands_min = 1,
    .operands_max = 2,
    .options = options,
    .run = run};
