/* tools/work_tell.c - what a run cost, for people and for programs. */
#include "tools/work_tell.h"

#include <math.h>
#include <stdio.h>

/* 12.3 uJ */
static const char *quantity(char text[32], double value, const char *unit)
{
    static const struct {
        double factor;
        const char *letter;
    } steps[] = {{1, ""}, {1e-3, "m"}, {1e-6, "u"}, {1e-9, "n"}, {1e-12, "p"}};
    size_t k = 0;
    while (k < 4 && fabs(value) < steps[k].factor) {
        k++;
    }
    snprintf(text, 32, "%.3g %s%s", value / steps[k].factor, steps[k].letter,
             unit);
    return text;
}

static double sum_of(struct ebb_energy e)
{
    return e.arithmetic + e.memory;
}

/* A line: so many operations and joules, in a sample. */
static void line(const char *label, double operations, struct ebb_energy e,
                 double n)
{
    char arithmetic[32], memory[32];
    printf("  %-25s %.4g synaptic operations: %s arithmetic + %s memory\n",
           label, operations / n, quantity(arithmetic, e.arithmetic / n, "J"),
           quantity(memory, e.memory / n, "J"));
}

static void print_chips(const struct ebb_work *w, double n)
{
    const struct ebb_chip *chip;
    printf("  %-25s", "its operations on");
    for (size_t k = 0; (chip = ebb_work_chip(k)); k++) {
        char text[32];
        double j = w->synaptic_operations / n * chip->synaptic_operation;
        printf("%s %s %s", k ? "," : "", chip->name, quantity(text, j, "J"));
    }
    printf("\n");
}

void ebb_work_print(const struct ebb_work *w, size_t samples,
                    const struct ebb_work_measured *measured)
{
    double n = (double)samples;
    struct ebb_energy own = ebb_work_energy(w);
    char text[32];
    printf("energy of a sample, an estimate (45 nm, 32-bit floats, 32 KiB "
           "cache; Horowitz 2014):\n");
    line("these events", w->synaptic_operations, own, n);
    line("dense, at each tick", w->dense_operations, ebb_work_dense_energy(w),
         n);
    line("one frame of this shape", w->frame_operations,
         ebb_work_frame_energy(w), n);
    print_chips(w, n);
    if (w->seconds > 0) {
        printf("  %-25s %.4g synaptic operations, %.4g updates, %.4g bytes; "
               "%s\n",
               "a second", w->synaptic_operations / w->seconds,
               w->neuron_updates / w->seconds, w->bytes / w->seconds,
               quantity(text, sum_of(own) / w->seconds, "W"));
    }
    if (measured->seconds > 0 && w->seconds > 0) {
        printf("  %-25s %.3g s, %.3g x real time\n", "simulated in",
               measured->seconds / n, w->seconds / measured->seconds);
    }
    if (isfinite(measured->joules)) {
        printf("  %-25s %s of the whole processor (RAPL)\n", "measured",
               quantity(text, measured->joules / n, "J"));
    }
}

void ebb_work_json(struct ebb_json *out, const struct ebb_work *w,
                   size_t samples, const struct ebb_work_measured *measured)
{
    double n = (double)samples;
    struct ebb_energy own = ebb_work_energy(w);
    const struct {
        const char *name;
        double value;
    } figures[] = {{"seconds", w->seconds},
                   {"adds", w->adds},
                   {"multiplies", w->multiplies},
                   {"bytes", w->bytes},
                   {"arithmetic_joules", own.arithmetic},
                   {"memory_joules", own.memory},
                   {"dense_operations", w->dense_operations},
                   {"dense_joules", sum_of(ebb_work_dense_energy(w))},
                   {"frame_operations", w->frame_operations},
                   {"frame_joules", sum_of(ebb_work_frame_energy(w))}};
    for (size_t k = 0; k < sizeof(figures) / sizeof(figures[0]); k++) {
        char name[64];
        snprintf(name, sizeof(name), "%s_per_sample", figures[k].name);
        ebb_json_number(out, name, figures[k].value / n);
    }
    ebb_json_number(out, "simulated_in_s", measured->seconds / n);
    if (isfinite(measured->joules)) {
        ebb_json_number(out, "measured_joules_per_sample",
                        measured->joules / n);
    }
}
