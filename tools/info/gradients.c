/* tools/info/gradients.c - what a file of gradients holds. */
#include "tools/info/info.h"

#include "io/gradients_file.h"

#include <stdbool.h>
#include <stdio.h>

/* "[50, 40]" or "[50]". */
static const char *pair_text(char *text, size_t size, size_t a, size_t b,
                             bool both)
{
    if (both) {
        snprintf(text, size, "[%zu, %zu]", a, b);
    } else {
        snprintf(text, size, "[%zu]", a);
    }
    return text;
}

static void put(struct ebb_json *j, const struct ebb_gradients_about *about)
{
    ebb_json_number(j, "loss", about->loss);
    ebb_json_text(j, "network_hash", about->network_hash);
    ebb_json_count(j, "arrays", about->n);
    ebb_json_print(j);
    for (size_t k = 0; k < about->n; k++) {
        const struct ebb_gradient_array *a = &about->arrays[k];
        double shape[2] = {(double)a->rows, (double)a->columns};
        double place[2] = {(double)a->row, (double)a->column};
        size_t rank = a->columns > 0 ? 2 : 1;
        *j = (struct ebb_json){.n = 0};
        ebb_json_text(j, "array", a->name);
        ebb_json_numbers(j, "shape", shape, rank);
        ebb_json_number(j, "largest", a->largest);
        ebb_json_numbers(j, "at", place, rank);
        ebb_json_print(j);
    }
    *j = (struct ebb_json){.n = 0};
}

static void tell(const struct ebb_gradients_about *about)
{
    char shape[64], place[64];
    printf("loss %.6g, of the network %s\n%-40s %-14s %-16s at\n", about->loss,
           about->network_hash, "array", "shape", "largest |gradient|");
    for (size_t k = 0; k < about->n; k++) {
        const struct ebb_gradient_array *a = &about->arrays[k];
        bool both = a->columns > 0;
        printf("  %-38s %-14s %-18.6g %s\n", a->name,
               pair_text(shape, sizeof(shape), a->rows, a->columns, both),
               a->largest,
               pair_text(place, sizeof(place), a->row, a->column, both));
    }
}

ebb_status ebb_info_gradients(const char *path, struct ebb_json *json)
{
    struct ebb_gradients_about about = {.n = 0};
    ebb_status status = ebb_gradients_about_read(&about, path);
    if (status == EBB_OK && json) {
        put(json, &about);
    } else if (status == EBB_OK) {
        tell(&about);
    }
    ebb_gradients_about_finish(&about);
    return status;
}
