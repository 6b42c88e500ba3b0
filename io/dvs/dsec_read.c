/* io/dvs/dsec_read.c - recordings in HDF5 as DSEC lays them out, in the
 * child process that reads them.
 *
 *     /events/{x, y, t, p}  one number an event, t in us
 *     /t_offset             us to be added to t
 *     /ms_to_idx            [ms] the first event with t >= 1000 ms
 *     attributes width, height of / or /events, where they are told */
#include "io/dvs/dsec.h"
#include "io/h5_filters.h"

#include <string.h>

enum { PARTS = 4, T = 0, X = 1, Y = 2, P = 3, BLOCK = 1 << 16 };

static const char *const part_names[PARTS] = {"t", "x", "y", "p"};

/* Differences of times fit into 64 bits only where times are that small. */
static const int64_t t_max = INT64_MAX / 8;

struct dsec_reader {
    hid_t file, part[PARTS];
    size_t n, at;
    int64_t offset;
    struct ebb_dvs_block block;
};

static ebb_status open_parts(struct dsec_reader *s, hid_t events)
{
    char name[16];
    for (size_t k = 0; k < PARTS; k++) {
        size_t n = 0;
        EBB_TRY(ebb_h5_open_list(&s->part[k], &n, events, part_names[k]));
        snprintf(name, sizeof(name), "/events/%s", part_names[k]);
        EBB_TRY(ebb_h5_check_filters(s->part[k], name));
        if (k > 0 && n != s->n) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "/events/%s holds %zu numbers, and /events/t %zu",
                            part_names[k], n, s->n);
        }
        s->n = n;
    }
    return EBB_OK;
}

static void take_size(struct ebb_dsec_about *about, hid_t at)
{
    uint64_t width = 0, height = 0;
    if (H5Aexists(at, "width") > 0 && H5Aexists(at, "height") > 0 &&
        ebb_h5_get_count(&width, at, "width") == EBB_OK &&
        ebb_h5_get_count(&height, at, "height") == EBB_OK && width <= 65536 &&
        height <= 65536) {
        about->width = (uint32_t)width;
        about->height = (uint32_t)height;
    }
}

/* Where to begin: the index leads past what is too early. */
static ebb_status seek(struct dsec_reader *s, int64_t begin)
{
    hid_t list;
    size_t n;
    uint64_t at = 0;
    int64_t ms = 0;
    if (begin < -t_max || !ebb_h5_has(s->file, "ms_to_idx") ||
        (ms = ((begin < t_max ? begin : t_max) - s->offset) / 1000) <= 0) {
        return EBB_OK;
    }
    EBB_TRY(ebb_h5_open_list(&list, &n, s->file, "ms_to_idx"));
    ebb_status status = EBB_OK;
    if ((uint64_t)ms >= n) {
        ms = (int64_t)n - 1;
    }
    if (ms >= 0) {
        status = ebb_h5_read_piece(&at, list, "ms_to_idx", H5T_NATIVE_UINT64,
                                   (size_t)ms, 1);
    }
    H5Dclose(list);
    s->at = at < s->n ? (size_t)at : s->n;
    return status;
}

/* Prophesee's own layout, a list of structures. */
static ebb_status refuse_cd(hid_t file)
{
    hid_t group, events = -1;
    EBB_TRY(ebb_h5_group(&group, file, "CD"));
    ebb_status status = EBB_OK;
    if (ebb_h5_has(group, "events")) {
        events = H5Dopen2(group, "events", H5P_DEFAULT);
    }
    if (events >= 0) {
        status = ebb_h5_check_filters(events, "/CD/events");
        H5Dclose(events);
    }
    H5Gclose(group);
    EBB_TRY(status);
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "Prophesee's layout of HDF5 (/CD/events), which ebb does "
                    "not read; make text of it: metavision_file_to_csv -i "
                    "A.hdf5");
}

static ebb_status find_events(hid_t *out, hid_t file)
{
    if (ebb_h5_has(file, "CD")) {
        return refuse_cd(file);
    }
    if (ebb_h5_has(file, "spikes")) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "a data set of spikes, not a recording: 'ebb dataset' "
                        "takes it");
    }
    if (!ebb_h5_has(file, "events")) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "an HDF5 file without /events/{t, x, y, p}, so no "
                        "recording");
    }
    return ebb_h5_group(out, file, "events");
}

static ebb_status open_events(struct dsec_reader *s,
                              struct ebb_dsec_about *about, int64_t begin)
{
    hid_t events;
    EBB_TRY(find_events(&events, s->file));
    take_size(about, s->file);
    take_size(about, events);
    ebb_status status = open_parts(s, events);
    H5Gclose(events);
    EBB_TRY(status);
    if (ebb_h5_has(s->file, "t_offset")) {
        EBB_TRY(
            ebb_h5_read(&s->offset, s->file, "t_offset", H5T_NATIVE_INT64, 1));
    }
    if (s->offset < -t_max || s->offset > t_max) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "/t_offset is %lld us, which is no "
                        "time",
                        (long long)s->offset);
    }
    return seek(s, begin);
}

static ebb_status read_piece(struct dsec_reader *s, void *out, size_t part,
                             hid_t type, size_t n)
{
    return ebb_h5_read_piece(out, s->part[part], part_names[part], type, s->at,
                             n);
}

/* The next `n` events, into the block. */
static ebb_status read_block(struct dsec_reader *s, size_t n)
{
    struct ebb_dvs_block *b = &s->block;
    int8_t *p = (int8_t *)b->p; /* some write -1 for darker */
    EBB_TRY(read_piece(s, b->t, T, H5T_NATIVE_INT64, n));
    EBB_TRY(read_piece(s, b->x, X, H5T_NATIVE_UINT16, n));
    EBB_TRY(read_piece(s, b->y, Y, H5T_NATIVE_UINT16, n));
    EBB_TRY(read_piece(s, p, P, H5T_NATIVE_INT8, n));
    for (size_t k = 0; k < n; k++) {
        if (b->t[k] < -t_max || b->t[k] > t_max) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "/events/t[%zu] is %lld us, which is no time",
                            s->at + k, (long long)b->t[k]);
        }
        b->t[k] += s->offset;
        b->p[k] = p[k] > 0;
    }
    return EBB_OK;
}

static ebb_status send_all(struct dsec_reader *s, struct ebb_child_out *out)
{
    while (s->at < s->n) {
        size_t n = s->n - s->at < BLOCK ? s->n - s->at : BLOCK;
        const struct iovec parts[PARTS] = {{s->block.t, n * 8},
                                           {s->block.x, n * 2},
                                           {s->block.y, n * 2},
                                           {s->block.p, n}};
        EBB_TRY(read_block(s, n));
        EBB_TRY(ebb_child_send(out, parts, PARTS));
        s->at += n;
    }
    return EBB_OK;
}

static ebb_status read_file(struct dsec_reader *s, int64_t begin,
                            struct ebb_child_out *out)
{
    struct ebb_dsec_about about = {.width = 0};
    const struct iovec part = {&about, sizeof(about)};
    EBB_TRY(open_events(s, &about, begin));
    EBB_TRY(ebb_dvs_block_init(&s->block, s->n < BLOCK ? s->n : BLOCK));
    EBB_TRY(ebb_child_send(out, &part, 1));
    return send_all(s, out);
}

static void finish(struct dsec_reader *s)
{
    for (size_t k = 0; k < PARTS; k++) {
        if (s->part[k] >= 0) {
            H5Dclose(s->part[k]);
        }
    }
    if (s->file >= 0) {
        H5Fclose(s->file);
    }
    ebb_dvs_block_finish(&s->block);
}

ebb_status ebb_dsec_read_in_child(void *self, struct ebb_child_out *out)
{
    const struct ebb_dvs_reader *r = self;
    struct dsec_reader s = {.file = -1, .part = {-1, -1, -1, -1}};
    ebb_status status = ebb_h5_open(&s.file, r->name);
    if (status == EBB_OK) {
        status = read_file(&s, r->options.begin, out);
    }
    finish(&s);
    return status;
}

bool ebb_dvs_dsec_looks(hid_t file)
{
    hid_t events;
    if (ebb_h5_has(file, "CD")) {
        return true;
    }
    if (!ebb_h5_has(file, "events") ||
        ebb_h5_group(&events, file, "events") != EBB_OK) {
        return false;
    }
    bool all = true;
    for (size_t k = 0; k < PARTS; k++) {
        all = all && ebb_h5_has(events, part_names[k]);
    }
    H5Gclose(events);
    return all;
}
