/* io/spike_set.c - data sets of spikes in HDF5, as a child process sends
 * them. */
#include "io/spike_set.h"

#include "core/memory.h"
#include "io/spike_set_parts.h"

#include <string.h>

struct ebb_spike_set {
    struct ebb_child *child;
    char *path;
};

static ebb_status open_set(struct ebb_spike_set *set, size_t *samples)
{
    const uint8_t *bytes;
    size_t n;
    uint64_t count;
    EBB_TRY(ebb_child_start(&set->child, ebb_spike_set_read_in_child,
                            &set->path, NULL));
    EBB_TRY(ebb_child_receive(set->child, &bytes, &n));
    if (n != sizeof(count)) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the file is damaged");
    }
    memcpy(&count, bytes, n);
    *samples = (size_t)count;
    return EBB_OK;
}

ebb_status ebb_spike_set_open(struct ebb_spike_set **out, const char *path,
                              size_t *samples)
{
    *out = NULL;
    struct ebb_spike_set *set = ebb_mem_calloc(1, sizeof(*set));
    if (set) {
        set->path = ebb_mem_strdup(path);
    }
    if (!set || !set->path) {
        ebb_spike_set_close(set);
        return EBB_FAIL(EBB_ERR_NOMEM, "%s: no memory for a reader", path);
    }
    ebb_status status = open_set(set, samples);
    if (status != EBB_OK) {
        ebb_spike_set_close(set);
        return ebb_error_prefix(status, "%s: ", path);
    }
    *out = set;
    return EBB_OK;
}

static ebb_status take(struct ebb_spike_set_sample *out, const uint8_t *bytes,
                       size_t n)
{
    struct ebb_spike_set_head head = {.n = 0};
    if (n >= sizeof(head)) {
        memcpy(&head, bytes, sizeof(head));
    }
    if (n < sizeof(head) || n - sizeof(head) != (size_t)head.n * 8) {
        return EBB_FAIL(EBB_ERR_FORMAT, "the file is damaged");
    }
    *out = (struct ebb_spike_set_sample){
        .label = head.label,
        .n = head.n,
        .time_s = (const float *)(const void *)(bytes + sizeof(head)),
        .unit = (const uint32_t *)(const void *)(bytes + sizeof(head) +
                                                 head.n * sizeof(float))};
    for (size_t k = 0; k < out->n; k++) {
        if (!(out->time_s[k] >= 0) || out->unit[k] > UINT16_MAX) {
            return EBB_FAIL(EBB_ERR_FORMAT, "the file is damaged");
        }
    }
    return EBB_OK;
}

ebb_status ebb_spike_set_read(struct ebb_spike_set *set,
                              struct ebb_spike_set_sample *out)
{
    const uint8_t *bytes = NULL;
    size_t n;
    ebb_status status = ebb_child_receive(set->child, &bytes, &n);
    status = status == EBB_OK ? take(out, bytes, n) : status;
    return ebb_error_prefix(status, "%s: ", set->path);
}

void ebb_spike_set_close(struct ebb_spike_set *set)
{
    if (set) {
        ebb_child_end(set->child);
        ebb_mem_free(set->path);
        ebb_mem_free(set);
    }
}
