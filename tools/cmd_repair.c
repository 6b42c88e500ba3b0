/* tools/cmd_repair.c - a trace of a recording that was cut short. */
#include "tools/commands.h"
#include "tools/json.h"

#include "io/trace_file.h"
#include "io/trace_repair.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PATH_BYTES = 4096 };

/* NAME.part becomes NAME unless somebody says otherwise. */
static ebb_status name_output(char path[PATH_BYTES],
                              const struct ebb_args *args)
{
    const char *part = args->operand[0], *out = ebb_args_text(args, "out");
    size_t n = strlen(part), end = strlen(EBB_TRACE_PART);
    if (!out && (n <= end || strcmp(part + n - end, EBB_TRACE_PART) != 0)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s does not end in %s: give the trace a name with -o",
                        part, EBB_TRACE_PART);
    }
    int used = out ? snprintf(path, PATH_BYTES, "%s", out)
                   : snprintf(path, PATH_BYTES, "%.*s", (int)(n - end), part);
    if (used < 0 || used >= PATH_BYTES) {
        return EBB_FAIL(EBB_ERR_ARG, "the name '%.60s…' is too long", part);
    }
    if (strcmp(path, part) == 0) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s is what is to be repaired; give the "
                        "trace another name with -o",
                        part);
    }
    if (access(path, F_OK) == 0 && !ebb_args_has(args, "force")) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "%s is there already; --force replaces it, -o NAME "
                        "writes another",
                        path);
    }
    return EBB_OK;
}

static void tell(const struct ebb_args *args, const char *path,
                 const struct ebb_trace_repair *r)
{
    if (ebb_args_has(args, "json")) {
        struct ebb_json out = {.n = 0};
        ebb_json_text(&out, "trace", path);
        ebb_json_count(&out, "ticks", r->ticks);
        ebb_json_count(&out, "intended_ticks", r->intended);
        ebb_json_count(&out, "spikes", r->spikes);
        ebb_json_print(&out);
        return;
    }
    printf("%s: %llu", path, (unsigned long long)r->ticks);
    if (r->intended > 0) {
        printf(" of %llu", (unsigned long long)r->intended);
    }
    printf(" ticks, %llu spikes and input events\n",
           (unsigned long long)r->spikes);
}

static int run(struct ebb_args *args)
{
    char path[PATH_BYTES];
    struct ebb_trace_repair result = {.broken = false};
    ebb_status status = name_output(path, args);
    if (status == EBB_OK) {
        status = ebb_trace_repair(&result, args->operand[0], path);
    }
    if (status == EBB_OK) {
        tell(args, path, &result);
    }
    int end = ebb_args_end(args, status);
    if (result.broken) {
        _exit(end);
    }
    return end;
}

static const struct ebb_option options[] = {
    {"out", 'o', "FILE", "the trace (FILE.part without .part)"},
    {"force", 0, NULL, "replace a trace of that name"},
    {"json", 0, NULL, "print a JSON object"},
    {0}};

const struct ebb_command ebb_command_repair = {
    .name = "repair",
    .operands = "FILE.part",
    .summary = "a whole trace of a recording that was cut short",
    .text = "ebb run writes NAME.trace.h5.part until it is done. When it was "
            "killed, or its disk was\nfull, this makes a trace of every tick "
            "that was committed; FILE.part is left as it is.\n\n"
            "examples:\n"
            "  ebb repair a.trace.h5.part\n"
            "  ebb repair a.trace.h5.part -o b.trace.h5 --force",
    .operands_min = 1,
    .operands_max = 1,
    .options = options,
    .run = run};
