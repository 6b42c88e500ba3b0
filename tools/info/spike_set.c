/* tools/info/spike_set.c - what a data set of spikes in HDF5 holds. */
#include "tools/info/info.h"

#include "core/memory.h"
#include "io/spike_set.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* Counted over all samples. */
struct counts {
    size_t samples, classes, fewest, most; /* spikes of a sample */
    uint64_t spikes;
    uint32_t unit_max;
    float last_s; /* latest spike of any */
    uint64_t *of; /* [of_room] samples of each class */
    size_t of_room;
};

static ebb_status count(struct counts *c, const struct ebb_spike_set_sample *s)
{
    size_t label = s->label;
    EBB_TRY(ebb_mem_grow(&c->of, &c->of_room, label + 1, sizeof(*c->of)));
    c->of[label]++;
    c->classes = label + 1 > c->classes ? label + 1 : c->classes;
    c->fewest = c->samples == 0 || s->n < c->fewest ? s->n : c->fewest;
    c->most = s->n > c->most ? s->n : c->most;
    c->spikes += s->n;
    c->samples++;
    for (size_t k = 0; k < s->n; k++) {
        c->unit_max = s->unit[k] > c->unit_max ? s->unit[k] : c->unit_max;
        c->last_s = fmaxf(c->last_s, s->time_s[k]);
    }
    return EBB_OK;
}

static ebb_status count_all(struct counts *c, struct ebb_spike_set *set,
                            size_t n)
{
    for (size_t k = 0; k < n; k++) {
        struct ebb_spike_set_sample sample;
        EBB_TRY(ebb_spike_set_read(set, &sample));
        EBB_TRY(count(c, &sample));
    }
    return EBB_OK;
}

static void range(const struct counts *c, uint64_t *smallest, uint64_t *largest)
{
    *smallest = *largest = c->classes ? c->of[0] : 0;
    for (size_t k = 0; k < c->classes; k++) {
        *smallest = c->of[k] < *smallest ? c->of[k] : *smallest;
        *largest = c->of[k] > *largest ? c->of[k] : *largest;
    }
}

static void tell(const struct counts *c, struct ebb_json *json)
{
    uint64_t smallest, largest;
    range(c, &smallest, &largest);
    if (json) {
        ebb_json_count(json, "samples", c->samples);
        ebb_json_count(json, "classes", c->classes);
        ebb_json_count(json, "smallest_class", smallest);
        ebb_json_count(json, "largest_class", largest);
        ebb_json_count(json, "spikes", c->spikes);
        ebb_json_count(json, "fewest_spikes", c->fewest);
        ebb_json_count(json, "most_spikes", c->most);
        ebb_json_count(json, "highest_unit", c->unit_max);
        ebb_json_number(json, "last_s", (double)c->last_s);
        return;
    }
    printf("spikes in HDF5 as of SHD and SSC: %zu samples of %zu classes, "
           "%" PRIu64 " to %" PRIu64 " of each\n",
           c->samples, c->classes, smallest, largest);
    printf("%" PRIu64 " spikes, %zu to %zu a sample, units up to %u, times up "
           "to %.4g s\n",
           c->spikes, c->fewest, c->most, c->unit_max, (double)c->last_s);
    printf("'ebb dataset FILE -o NAME.data.h5' makes a data set for training "
           "of it\n");
}

ebb_status ebb_info_spike_set(const char *path, struct ebb_json *json)
{
    struct ebb_spike_set *set;
    struct counts c = {.samples = 0};
    size_t n;
    EBB_TRY(ebb_spike_set_open(&set, path, &n));
    ebb_status status = count_all(&c, set, n);
    if (status == EBB_OK) {
        tell(&c, json);
    }
    ebb_spike_set_close(set);
    ebb_mem_free(c.of);
    return status;
}
