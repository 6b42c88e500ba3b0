/* tools/cmd_merge.c - one trace of the pieces of a run. */
#include "tools/commands.h"
#include "tools/json.h"

#include "io/trace_merge.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* OUT is not one of the parts, nor there already. */
static ebb_status check_output(const struct ebb_args *args)
{
    const char *out = args->operand[0];
    for (size_t k = 1; k < args->n_operands; k++) {
        if (strcmp(out, args->operand[k]) == 0) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "%s is one of the parts: the first name is that "
                            "of the trace to be made",
                            out);
        }
    }
    if (access(out, F_OK) == 0 && !ebb_args_has(args, "force")) {
        return EBB_FAIL(EBB_ERR_ARG, "%s is there already; --force replaces it",
                        out);
    }
    return EBB_OK;
}

static void tell(const struct ebb_args *args, const struct ebb_trace_merge *r)
{
    typedef unsigned long long count;
    if (ebb_args_has(args, "json")) {
        struct ebb_json out = {.n = 0};
        ebb_json_text(&out, "trace", args->operand[0]);
        ebb_json_count(&out, "parts", args->n_operands - 1);
        ebb_json_count(&out, "first_tick", r->first);
        ebb_json_count(&out, "ticks", r->ticks);
        ebb_json_count(&out, "intended_ticks", r->intended);
        ebb_json_count(&out, "spikes", r->spikes);
        ebb_json_print(&out);
        return;
    }
    printf("%s: ticks %llu to %llu", args->operand[0], (count)r->first,
           (count)r->ticks);
    if (r->intended > r->ticks) {
        printf(" of %llu", (count)r->intended);
    }
    printf(", %llu spikes and input events\n", (count)r->spikes);
}

static int run(struct ebb_args *args)
{
    struct ebb_trace_merge result = {.broken = false};
    ebb_status status = check_output(args);
    if (status == EBB_OK) {
        status =
            ebb_trace_merge(&result, (const char *const *)(args->operand + 1),
                            args->n_operands - 1, args->operand[0]);
    }
    if (status == EBB_OK) {
        tell(args, &result);
    }
    int end = ebb_args_end(args, status);
    if (result.broken) {
        _exit(end);
    }
    return end;
}

static const struct ebb_option options[] = {
    {"force", 0, NULL, "replace a trace of that name"},
    {"json", 0, NULL, "print a JSON object"},
    {0}};

const struct ebb_command ebb_command_merge = {
    .name = "merge",
    .operands = "OUT.trace.h5 PART...",
    .summary = "one trace of the pieces of a run",
    .text = "A run that goes on from a checkpoint (ebb run --resume) records "
            "from there on, and each\nrank of a job records its own neurons. "
            "This joins such traces, in any order, to the one\nthat an "
            "uninterrupted run would have left. They must be of one network, "
            "input and way of\nrunning, all of it, without gaps.\n\n"
            "A recording that was cut short (NAME.part) is made a trace with "
            "ebb repair first; what\nit holds beyond the checkpoint has to "
            "be what the later piece holds.\n\n"
            "examples:\n"
            "  ebb run n.net.h5 in.csv --until 1000 -o a.trace.h5 --checkpoint "
            "c.state.h5\n"
            "  ebb run n.net.h5 in.csv --resume c.state.h5 -o b.trace.h5\n"
            "  ebb merge all.trace.h5 a.trace.h5 b.trace.h5",
    .operands_min = 2,
    .operands_max = 100000,
    .options = options,
    .run = run};
