/* tools/args.c - command lines: options, help, and what was meant. */
#include "tools/args.h"

#include "core/memory.h"
#include "core/nearest.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t count_options(const struct ebb_command *command)
{
    size_t n = 0;
    while (command->options && command->options[n].name) {
        n++;
    }
    return n;
}

static void print_option(const struct ebb_option *o)
{
    char left[48];
    const char *gap = o->value ? " " : "";
    const char *value = o->value ? o->value : "";
    if (o->letter) {
        snprintf(left, sizeof(left), "-%c, --%s%s%s", o->letter, o->name, gap,
                 value);
    } else {
        snprintf(left, sizeof(left), "    --%s%s%s", o->name, gap, value);
    }
    printf("  %-28s %s\n", left, o->help);
}

static void print_help(const struct ebb_command *command)
{
    printf("usage: ebb %s %s%s\n\n%s\n", command->name, command->operands,
           count_options(command) ? " [options]" : "", command->summary);
    if (command->text) {
        printf("\n%s\n", command->text);
    }
    printf("\noptions:\n");
    for (size_t k = 0; k < count_options(command); k++) {
        print_option(&command->options[k]);
    }
    printf("  %-28s %s\n", "-h, --help", "this text");
}

static int complain(const struct ebb_command *command)
{
    fprintf(stderr, "ebb %s: %s\n", command->name, ebb_error_message());
    fprintf(stderr, "usage: ebb %s %s   (ebb %s --help tells more)\n",
            command->name, command->operands, command->name);
    return EBB_EXIT_USAGE;
}

static ebb_status unknown(const struct ebb_command *command, const char *word)
{
    size_t n = count_options(command);
    char name[64];
    snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
    const char *near = n ? ebb_nearest(name, &command->options[0].name, n,
                                       sizeof(command->options[0]))
                         : NULL;
    return near ? EBB_FAIL(EBB_ERR_ARG,
                           "unknown option '%.80s'; did you mean '--%s'?", word,
                           near)
                : EBB_FAIL(EBB_ERR_ARG, "unknown option '%.80s'", word);
}

/* The option that a word names, or NULL; *inline_value gets what follows '='
 * or the letter. */
static const struct ebb_option *find(const struct ebb_command *command,
                                     const char *word,
                                     const char **inline_value)
{
    *inline_value = NULL;
    size_t n = count_options(command);
    for (size_t k = 0; k < n; k++) {
        const struct ebb_option *o = &command->options[k];
        size_t length = strlen(o->name);
        if (word[1] != '-') {
            if (o->letter && word[1] == o->letter) {
                *inline_value = word[2] ? word + 2 : NULL;
                return o;
            }
        } else if (strncmp(word + 2, o->name, length) == 0 &&
                   (!word[2 + length] || word[2 + length] == '=')) {
            *inline_value = word[2 + length] ? word + 3 + length : NULL;
            return o;
        }
    }
    return NULL;
}

/* Take the option at argv[*k] and its value. */
static ebb_status take_option(struct ebb_args *args, int argc, char **argv,
                              int *k)
{
    const struct ebb_command *command = args->command;
    const char *value = NULL;
    const struct ebb_option *o = find(command, argv[*k], &value);
    if (!o) {
        return unknown(command, argv[*k]);
    }
    if (!o->value && value) {
        return EBB_FAIL(EBB_ERR_ARG, "--%s takes no value, but got '%.60s'",
                        o->name, value);
    }
    if (o->value && !value) {
        if (*k + 1 >= argc) {
            return EBB_FAIL(EBB_ERR_ARG, "--%s needs a value: --%s %s", o->name,
                            o->name, o->value);
        }
        value = argv[++*k];
    }
    size_t index = (size_t)(o - command->options);
    if (args->value[index]) {
        return EBB_FAIL(EBB_ERR_ARG, "--%s is given twice", o->name);
    }
    args->value[index] = value ? value : "";
    return EBB_OK;
}

static ebb_status take_words(struct ebb_args *args, int argc, char **argv)
{
    bool options = true;
    for (int k = 0; k < argc; k++) {
        const char *word = argv[k];
        if (options && strcmp(word, "--") == 0) {
            options = false;
        } else if (options && word[0] == '-' && word[1]) {
            EBB_TRY(take_option(args, argc, argv, &k));
        } else {
            args->operand[args->n_operands++] = argv[k];
        }
    }
    const struct ebb_command *command = args->command;
    if (args->n_operands < command->operands_min) {
        return EBB_FAIL(EBB_ERR_ARG, "%s missing: %s",
                        args->n_operands ? "something is" : "operands are",
                        command->operands);
    }
    if (args->n_operands > command->operands_max) {
        return EBB_FAIL(EBB_ERR_ARG, "'%.80s' is one word too many",
                        args->operand[command->operands_max]);
    }
    return EBB_OK;
}

bool ebb_args_parse(struct ebb_args *args, const struct ebb_command *command,
                    int argc, char **argv, int *exit_status)
{
    args->command = command;
    for (int k = 0; k < argc && strcmp(argv[k], "--") != 0; k++) {
        if (strcmp(argv[k], "--help") == 0 || strcmp(argv[k], "-h") == 0) {
            print_help(command);
            *exit_status = EBB_EXIT_OK;
            return false;
        }
    }
    args->value =
        ebb_mem_calloc(count_options(command) + 1, sizeof(*args->value));
    args->operand = ebb_mem_calloc((size_t)argc + 1, sizeof(*args->operand));
    if (!args->value || !args->operand) {
        (void)EBB_FAIL(EBB_ERR_NOMEM, "no memory for %d words", argc);
        *exit_status = ebb_args_end(args, EBB_ERR_NOMEM);
        return false;
    }
    if (take_words(args, argc, argv) != EBB_OK) {
        *exit_status = complain(command);
        return false;
    }
    return true;
}

void ebb_args_finish(struct ebb_args *args)
{
    ebb_mem_free(args->value);
    ebb_mem_free(args->operand);
    *args = (struct ebb_args){0};
}

const char *ebb_args_text(const struct ebb_args *args, const char *name)
{
    for (size_t k = 0; k < count_options(args->command); k++) {
        if (strcmp(args->command->options[k].name, name) == 0) {
            return args->value[k];
        }
    }
    return NULL;
}

bool ebb_args_has(const struct ebb_args *args, const char *name)
{
    return ebb_args_text(args, name) != NULL;
}

ebb_status ebb_args_count(const struct ebb_args *args, const char *name,
                          uint64_t low, uint64_t high, uint64_t *out)
{
    const char *text = ebb_args_text(args, name);
    if (!text) {
        return EBB_OK;
    }
    char *end = NULL;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || errno == ERANGE || n < low ||
        n > high) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--%s is '%.60s'; it must be a whole number of %llu "
                        "to %llu",
                        name, text, (unsigned long long)low,
                        (unsigned long long)high);
    }
    *out = n;
    return EBB_OK;
}

ebb_status ebb_args_number(const struct ebb_args *args, const char *name,
                           double low, double high, double *out)
{
    const char *text = ebb_args_text(args, name);
    if (!text) {
        return EBB_OK;
    }
    char *end = NULL;
    double x = strtod(text, &end);
    if (end == text || *end || !(x >= low && x <= high)) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--%s is '%.60s'; it must be a number of %g to %g",
                        name, text, low, high);
    }
    *out = x;
    return EBB_OK;
}

ebb_status ebb_args_seconds(const struct ebb_args *args, const char *name,
                            double *out)
{
    static const struct {
        const char *unit;
        double seconds;
    } units[] = {{"s", 1}, {"ms", 1e-3}, {"us", 1e-6}, {"ns", 1e-9}};
    const char *text = ebb_args_text(args, name);
    if (!text) {
        return EBB_OK;
    }
    char *end = NULL;
    double x = strtod(text, &end);
    const char *unit = end + strspn(end, " ");
    for (size_t k = 0; k < sizeof(units) / sizeof(units[0]); k++) {
        if (x > 0 && isfinite(x) && strcmp(unit, units[k].unit) == 0) {
            *out = x * units[k].seconds;
            return EBB_OK;
        }
    }
    return EBB_FAIL(EBB_ERR_ARG,
                    "--%s is '%.60s'; it must be a time above 0 with a unit, "
                    "such as 1ms (s, ms, us, ns)",
                    name, text);
}

ebb_status ebb_args_word(const struct ebb_args *args, const char *name,
                         const char *const *words, size_t n, size_t *out)
{
    const char *text = ebb_args_text(args, name);
    if (!text) {
        return EBB_OK;
    }
    char list[300] = "";
    for (size_t k = 0, at = 0; k < n && at < sizeof(list); k++) {
        if (strcmp(text, words[k]) == 0) {
            *out = k;
            return EBB_OK;
        }
        at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s",
                               k ? ", " : "", words[k]);
    }
    const char *near = ebb_nearest(text, words, n, sizeof(*words));
    return EBB_FAIL(EBB_ERR_ARG, "--%s is '%.60s'; %s%s%sit is one of %s", name,
                    text, near ? "did you mean '" : "", near ? near : "",
                    near ? "'? " : "", list);
}

int ebb_args_end(const struct ebb_args *args, ebb_status status)
{
    if (status == EBB_OK) {
        return EBB_EXIT_OK;
    }
    fprintf(stderr, "ebb %s: %s\n", args->command->name, ebb_error_message());
    return EBB_EXIT_FAILED;
}

int ebb_args_usage(const struct ebb_args *args, ebb_status status)
{
    return status == EBB_OK ? EBB_EXIT_OK : complain(args->command);
}
