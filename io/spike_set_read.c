/* io/spike_set_read.c - data sets of spikes, read by a child process. */
#include "io/spike_set_parts.h"

#include "core/memory.h"
#include "io/h5_filters.h"
#include "io/spike_set.h"

#include <math.h>

enum { UNIT_MAX = 65535, BYTES_MAX = 8, SPIKES_MAX = 1 << 22 };

/* Bytes of a list of lists in a file before it is compressed, and what deflate
 * makes of them at best. */
enum { LIST_BYTES = 16, DEFLATE_RATIO_MAX = 1032 };

struct set {
    hid_t file, spikes;
    hid_t times, units;           /* lists of lists */
    hid_t time_lists, unit_lists; /* what they are in memory */
    hid_t space;                  /* of one list in memory */
    size_t n;
    uint32_t *label; /* [n] */
    uint32_t *unit;  /* [unit_room] of one sample, as they are sent */
    size_t unit_room;
};

/* Whole numbers are not clipped in silence: -1 is no channel. */
static ebb_status check_type(hid_t dataset, const char *name,
                             H5T_class_t wanted)
{
    hid_t type = H5Dget_type(dataset);
    hid_t base = H5Tget_class(type) == H5T_VLEN ? H5Tget_super(type) : -1;
    bool good = base >= 0 && H5Tget_class(base) == wanted &&
                H5Tget_size(base) <= BYTES_MAX;
    if (base >= 0) {
        H5Tclose(base);
    }
    H5Tclose(type);
    return good ? EBB_OK
                : EBB_FAIL(EBB_ERR_FORMAT,
                           "/spikes/%s holds no lists of %s numbers", name,
                           wanted == H5T_FLOAT ? "real" : "whole");
}

static ebb_status check_storage(hid_t dataset, const char *name)
{
    hid_t plan = H5Dget_create_plist(dataset);
    bool here =
        H5Pget_layout(plan) != H5D_VIRTUAL && H5Pget_external_count(plan) == 0;
    H5Pclose(plan);
    return here ? ebb_h5_check_filters(dataset, name)
                : EBB_FAIL(EBB_ERR_FORMAT, "%s is not in this file", name);
}

/* The number of lists, where the file can hold so many. */
static ebb_status measure(size_t *n, hid_t file, hid_t dataset,
                          const char *name)
{
    hsize_t size = 0, bytes = 0;
    hid_t space = H5Dget_space(dataset);
    bool flat = H5Sget_simple_extent_ndims(space) == 1;
    if (flat) {
        H5Sget_simple_extent_dims(space, &size, NULL);
    }
    H5Sclose(space);
    H5Fget_filesize(file, &bytes);
    if (!flat || size > bytes * DEFLATE_RATIO_MAX / LIST_BYTES ||
        size > UINT32_MAX) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "/spikes/%s is no list of lists, or claims more than "
                        "a file of %llu bytes can hold",
                        name, (unsigned long long)bytes);
    }
    *n = (size_t)size;
    return EBB_OK;
}

static ebb_status open_lists(hid_t *out, size_t *n, const struct set *s,
                             const char *name, H5T_class_t wanted)
{
    char path[32];
    snprintf(path, sizeof(path), "/spikes/%s", name);
    *out = ebb_h5_has(s->spikes, name) ? H5Dopen2(s->spikes, name, H5P_DEFAULT)
                                       : -1;
    if (*out < 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "%s is missing", path);
    }
    EBB_TRY(check_type(*out, name, wanted));
    EBB_TRY(check_storage(*out, path));
    return measure(n, s->file, *out, name);
}

static ebb_status take_labels(struct set *s, hid_t labels, size_t n)
{
    if (n != s->n) {
        return EBB_FAIL(EBB_ERR_FORMAT, "%zu labels for %zu samples", n, s->n);
    }
    EBB_TRY(check_storage(labels, "/labels"));
    s->label = ebb_mem_calloc(n, sizeof(*s->label));
    if (!s->label) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu labels", n);
    }
    EBB_TRY(n ? ebb_h5_read_piece(s->label, labels, "labels", H5T_NATIVE_UINT32,
                                  0, n)
              : EBB_OK);
    for (size_t k = 0; k < n; k++) {
        if (s->label[k] > EBB_SPIKE_SET_LABEL_MAX) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "/labels[%zu] is %u; %d is the "
                            "most that is taken",
                            k, s->label[k], EBB_SPIKE_SET_LABEL_MAX);
        }
    }
    return EBB_OK;
}

static ebb_status read_labels(struct set *s)
{
    hid_t labels;
    size_t n = 0;
    EBB_TRY(ebb_h5_open_list(&labels, &n, s->file, "labels"));
    ebb_status status = take_labels(s, labels, n);
    H5Dclose(labels);
    return status;
}

static ebb_status open_set(struct set *s, const char *path)
{
    size_t units = 0;
    hsize_t one = 1;
    EBB_TRY(ebb_h5_open(&s->file, path));
    EBB_TRY(ebb_h5_group(&s->spikes, s->file, "spikes"));
    EBB_TRY(open_lists(&s->times, &s->n, s, "times", H5T_FLOAT));
    EBB_TRY(open_lists(&s->units, &units, s, "units", H5T_INTEGER));
    if (units != s->n) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "/spikes/units holds %zu lists, and /spikes/times %zu",
                        units, s->n);
    }
    s->time_lists = H5Tvlen_create(H5T_NATIVE_FLOAT);
    s->unit_lists = H5Tvlen_create(H5T_NATIVE_INT64);
    s->space = H5Screate_simple(1, &one, NULL);
    return read_labels(s);
}

static ebb_status read_list(hvl_t *out, const struct set *s, hid_t dataset,
                            hid_t type, size_t k)
{
    hsize_t at = k, one = 1;
    hid_t space = H5Dget_space(dataset);
    herr_t result =
        H5Sselect_hyperslab(space, H5S_SELECT_SET, &at, NULL, &one, NULL);
    *out = (hvl_t){.len = 0};
    if (result >= 0) {
        result = H5Dread(dataset, type, s->space, space, H5P_DEFAULT, out);
    }
    H5Sclose(space);
    if (result < 0) {
        return EBB_FAIL(EBB_ERR_FORMAT, "cannot be read: the file is damaged");
    }
    return out->len <= SPIKES_MAX
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_FORMAT,
                          "%zu spikes; %d are the most that are taken",
                          (size_t)out->len, SPIKES_MAX);
}

static ebb_status check_spikes(struct set *s, const float *time_s,
                               const int64_t *unit, size_t n)
{
    EBB_TRY(ebb_mem_grow(&s->unit, &s->unit_room, n + 1, sizeof(*s->unit)));
    for (size_t k = 0; k < n; k++) {
        if (!(time_s[k] >= 0) || isinf(time_s[k])) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "spike %zu at %g s, which is no time", k,
                            (double)time_s[k]);
        }
        if (unit[k] < 0 || unit[k] > UNIT_MAX) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "spike %zu of unit %lld; there are units 0 to %d",
                            k, (long long)unit[k], UNIT_MAX);
        }
        s->unit[k] = (uint32_t)unit[k];
    }
    return EBB_OK;
}

static ebb_status send_lists(struct set *s, size_t k, const hvl_t *times,
                             const hvl_t *units, struct ebb_child_out *out)
{
    size_t n = times->len;
    struct ebb_spike_set_head head = {s->label[k], (uint32_t)n};
    if (units->len != n) {
        return EBB_FAIL(EBB_ERR_FORMAT, "%zu times and %zu units", n,
                        (size_t)units->len);
    }
    EBB_TRY(check_spikes(s, times->p, units->p, n));
    const struct iovec parts[] = {{&head, sizeof(head)},
                                  {times->p, n * sizeof(float)},
                                  {s->unit, n * sizeof(*s->unit)}};
    return ebb_child_send(out, parts, 3);
}

static ebb_status send_sample(struct set *s, size_t k,
                              struct ebb_child_out *out)
{
    hvl_t times = {.len = 0}, units = {.len = 0};
    ebb_status status = read_list(&times, s, s->times, s->time_lists, k);
    if (status == EBB_OK) {
        status = read_list(&units, s, s->units, s->unit_lists, k);
    }
    if (status == EBB_OK) {
        status = send_lists(s, k, &times, &units, out);
    }
    H5Dvlen_reclaim(s->time_lists, s->space, H5P_DEFAULT, &times);
    H5Dvlen_reclaim(s->unit_lists, s->space, H5P_DEFAULT, &units);
    return status;
}

static ebb_status send_all(struct set *s, struct ebb_child_out *out)
{
    uint64_t n = s->n;
    const struct iovec part = {&n, sizeof(n)};
    EBB_TRY(ebb_child_send(out, &part, 1));
    for (size_t k = 0; k < s->n; k++) {
        ebb_status status = send_sample(s, k, out);
        if (status != EBB_OK) {
            return ebb_error_prefix(status, "sample %zu: ", k);
        }
    }
    return EBB_OK;
}

static void finish(struct set *s)
{
    const hid_t held[] = {s->times, s->units,  s->time_lists, s->unit_lists,
                          s->space, s->spikes, s->file};
    for (size_t k = 0; k < sizeof(held) / sizeof(held[0]); k++) {
        if (held[k] >= 0) {
            H5Idec_ref(held[k]); /* closes whatever it is */
        }
    }
    ebb_mem_free(s->label);
    ebb_mem_free(s->unit);
}

ebb_status ebb_spike_set_read_in_child(void *self, struct ebb_child_out *out)
{
    const char *const *path = self;
    struct set s = {.file = -1,
                    .spikes = -1,
                    .times = -1,
                    .units = -1,
                    .time_lists = -1,
                    .unit_lists = -1,
                    .space = -1};
    ebb_status status = open_set(&s, *path);
    if (status == EBB_OK) {
        status = send_all(&s, out);
    }
    finish(&s);
    return status;
}

bool ebb_spike_set_looks(hid_t file)
{
    hid_t spikes;
    if (!ebb_h5_has(file, "labels") || !ebb_h5_has(file, "spikes") ||
        ebb_h5_group(&spikes, file, "spikes") != EBB_OK) {
        return false;
    }
    bool both = ebb_h5_has(spikes, "times") && ebb_h5_has(spikes, "units");
    H5Gclose(spikes);
    return both;
}
