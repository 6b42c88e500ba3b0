/* io/file_kind.c - what kind of file is this? */
#include "io/file_kind.h"

#include "io/child.h"
#include "io/dvs/dsec.h"
#include "io/h5.h"
#include "io/spike_set_parts.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {
    [EBB_FILE_NETWORK] = "network",     [EBB_FILE_PATTERNS] = "patterns",
    [EBB_FILE_TRACE] = "trace",         [EBB_FILE_DATASET] = "dataset",
    [EBB_FILE_GRADIENTS] = "gradients", [EBB_FILE_EXPERIMENT] = "experiment",
    [EBB_FILE_EVENTS] = "events",       [EBB_FILE_RECORDING] = "recording",
    [EBB_FILE_SPIKE_SET] = "spike set", [EBB_FILE_STATE] = "state"};

const char *ebb_file_kind_name(enum ebb_file_kind kind)
{
    return names[kind];
}

static int ends(const char *path, const char *end)
{
    size_t n = strlen(path), m = strlen(end);
    return n > m && strcmp(path + n - m, end) == 0;
}

static ebb_status look_into(enum ebb_file_kind *out, const char *path)
{
    hid_t file;
    char format[32] = "";
    if (ebb_h5_open(&file, path) != EBB_OK) {
        EBB_TRY(ebb_h5_open_growing(&file, path));
    }
    ebb_status status = EBB_OK;
    if (H5Aexists(file, "format") > 0) {
        status = ebb_h5_get_text(format, sizeof(format), file, "format");
    }
    bool patterns = ebb_h5_has(file, "patterns");
    bool recording = !format[0] && ebb_dvs_dsec_looks(file);
    bool spike_set = !format[0] && ebb_spike_set_looks(file);
    H5Fclose(file);
    EBB_TRY(ebb_error_prefix(status, "%s: ", path));
    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        bool ours = k <= EBB_FILE_GRADIENTS || k == EBB_FILE_STATE;
        if (ours && strncmp(format, "ebb ", 4) == 0 &&
            strcmp(format + 4, names[k]) == 0) {
            *out = (enum ebb_file_kind)k;
            return EBB_OK;
        }
    }
    if (patterns) {
        *out = EBB_FILE_PATTERNS; /* somebody's own */
        return EBB_OK;
    }
    if (recording || spike_set) {
        *out = recording ? EBB_FILE_RECORDING : EBB_FILE_SPIKE_SET;
        return EBB_OK;
    }
    return EBB_FAIL(
        EBB_ERR_FORMAT,
        "%s: an HDF5 file, but no network, trace, dataset, "
        "patterns, gradients or state of ebb, and no recording or set of "
        "spikes",
        path);
}

/* Anybody's file: a child looks into it. */
static ebb_status look_in_child(void *self, struct ebb_child_out *out)
{
    const char *const *path = self;
    enum ebb_file_kind kind;
    EBB_TRY(look_into(&kind, *path));
    const struct iovec part = {&kind, sizeof(kind)};
    return ebb_child_send(out, &part, 1);
}

static ebb_status find_h5(enum ebb_file_kind *out, const char *path)
{
    struct ebb_child *child;
    const uint8_t *bytes = NULL;
    size_t n;
    enum ebb_file_kind kind;
    EBB_TRY(ebb_child_start(&child, look_in_child, &path, NULL));
    ebb_status status = ebb_child_receive(child, &bytes, &n);
    bool told = status == EBB_OK && n == sizeof(kind);
    if (told) {
        memcpy(&kind, bytes, n);
        told = kind <= EBB_FILE_STATE;
    }
    ebb_child_end(child);
    if (!told) {
        return status != EBB_OK
                   ? status
                   : EBB_FAIL(EBB_ERR_FORMAT, "%s: the file is damaged", path);
    }
    *out = kind;
    return EBB_OK;
}

ebb_status ebb_file_kind_find(enum ebb_file_kind *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        return EBB_FAIL(EBB_ERR_IO, "cannot read '%s'; is the name right?",
                        path);
    }
    unsigned char start[8] = {0};
    size_t n = fread(start, 1, sizeof(start), file);
    fclose(file);
    if (n == 8 && memcmp(start, "\x89HDF\r\n\x1a\n", 8) == 0) {
        return find_h5(out, path);
    }
    if (ends(path, ".npy")) {
        *out = EBB_FILE_PATTERNS;
        return EBB_OK;
    }
    if (ends(path, ".yaml") || ends(path, ".yml")) {
        *out = EBB_FILE_EXPERIMENT;
        return EBB_OK;
    }
    if (ebb_dvs_is_recording(path)) {
        *out = EBB_FILE_RECORDING;
        return EBB_OK;
    }
    if (ends(path, ".csv") || ends(path, ".txt")) {
        *out = EBB_FILE_EVENTS;
        return EBB_OK;
    }
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "%s: neither HDF5 nor .npy, .yaml or .csv, nor a "
                    "recording of an event camera; nothing that ebb knows",
                    path);
}
