/* io/dvs/dsec.c - recordings in HDF5 as DSEC lays them out.
 *
 *     /events/{x, y, t, p}  one number an event, t in us
 *     /t_offset             us to be added to t
 *     /ms_to_idx            [ms] the first event with t >= 1000 ms
 *     attributes width, height of / or /events, where they are told */
#include "io/dvs/dsec.h"

#include "core/memory.h"

#include <string.h>

enum { PARTS = 4, T = 0, X = 1, Y = 2, P = 3 };

static const char *const part_names[PARTS] = {"t", "x", "y", "p"};

/* Differences of times fit into 64 bits only where times are that small. */
static const int64_t t_max = INT64_MAX / 8;

struct dsec_reader {
    hid_t file, part[PARTS];
    size_t n, at;
    int64_t offset;
};

static bool dsec_matches(const struct ebb_dvs_start *start)
{
    return start->n >= 8 && memcmp(start->bytes, "\x89HDF\r\n\x1a\n", 8) == 0;
}

static const char *filter_name(H5Z_filter_t id)
{
    static const struct {
        H5Z_filter_t id;
        const char *name;
    } names[] = {{4, "szip"},           {32000, "LZF"},
                 {32001, "Blosc"},      {32004, "LZ4"},
                 {32008, "bitshuffle"}, {32015, "Zstandard"},
                 {32026, "Blosc2"},     {36559, "Prophesee's ECF"}};
    for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++) {
        if (names[k].id == id) {
            return names[k].name;
        }
    }
    return "an unknown one";
}

/* Deflate, shuffle and checksums are read everywhere; the rest is not. */
static ebb_status check_filters(hid_t dataset, const char *name)
{
    hid_t plan = H5Dget_create_plist(dataset);
    int n = H5Pget_nfilters(plan);
    ebb_status status = EBB_OK;
    for (int k = 0; k < n && status == EBB_OK; k++) {
        unsigned flags, config;
        size_t values = 0;
        H5Z_filter_t id = H5Pget_filter2(plan, (unsigned)k, &flags, &values,
                                         NULL, 0, NULL, &config);
        if (id < H5Z_FILTER_DEFLATE || id > H5Z_FILTER_FLETCHER32) {
            status = EBB_FAIL(EBB_ERR_FORMAT,
                              "/events/%s is compressed with the filter %d "
                              "(%s), which ebb has not; where it is installed, "
                              "'h5repack -f GZIP=4 A B' makes a file without",
                              name, (int)id, filter_name(id));
        }
    }
    H5Pclose(plan);
    return status;
}

static ebb_status open_parts(struct dsec_reader *s, hid_t events)
{
    for (size_t k = 0; k < PARTS; k++) {
        size_t n = 0;
        EBB_TRY(ebb_h5_open_list(&s->part[k], &n, events, part_names[k]));
        EBB_TRY(check_filters(s->part[k], part_names[k]));
        if (k > 0 && n != s->n) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "/events/%s holds %zu numbers, and /events/t %zu",
                            part_names[k], n, s->n);
        }
        s->n = n;
    }
    return EBB_OK;
}

static void take_size(struct ebb_dvs_about *about, hid_t at)
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
        (ms = (begin - s->offset) / 1000) <= 0) {
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

static ebb_status open_events(struct ebb_dvs_reader *r)
{
    struct dsec_reader *s = r->state;
    hid_t events;
    if (ebb_h5_has(s->file, "CD")) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "Prophesee's HDF5, compressed with its own ECF "
                        "(filter 36559), which ebb has not; turn it into .csv "
                        "or .raw with Prophesee's metavision_file_to_csv or "
                        "its like");
    }
    if (!ebb_h5_has(s->file, "events")) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "an HDF5 file without /events/{t, x, y, p}, so no "
                        "recording");
    }
    EBB_TRY(ebb_h5_group(&events, s->file, "events"));
    take_size(&r->about, s->file);
    take_size(&r->about, events);
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
    return seek(s, r->options.begin);
}

static ebb_status dsec_open(struct ebb_dvs_reader *r)
{
    struct dsec_reader *s = r->state;
    s->file = -1;
    for (size_t k = 0; k < PARTS; k++) {
        s->part[k] = -1;
    }
    ebb_dvs_bytes_skip(&r->in, r->in.n - r->in.at); /* HDF5 reads for itself */
    EBB_TRY(ebb_h5_open(&s->file, r->name));
    return open_events(r);
}

static ebb_status read_piece(struct dsec_reader *s, void *out, size_t part,
                             hid_t type, size_t n)
{
    return ebb_h5_read_piece(out, s->part[part], part_names[part], type, s->at,
                             n);
}

static ebb_status dsec_read(struct ebb_dvs_reader *r, struct ebb_dvs_block *out)
{
    struct dsec_reader *s = r->state;
    size_t n = s->n - s->at;
    n = n < out->capacity ? n : out->capacity;
    if (n == 0) {
        return EBB_OK;
    }
    EBB_TRY(read_piece(s, out->t, T, H5T_NATIVE_INT64, n));
    EBB_TRY(read_piece(s, out->x, X, H5T_NATIVE_UINT16, n));
    EBB_TRY(read_piece(s, out->y, Y, H5T_NATIVE_UINT16, n));
    int8_t *p = (int8_t *)out->p; /* some write -1 for darker */
    EBB_TRY(read_piece(s, p, P, H5T_NATIVE_INT8, n));
    for (size_t k = 0; k < n; k++) {
        if (out->t[k] < -t_max || out->t[k] > t_max) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "/events/t[%zu] is %lld us, which is no time",
                            s->at + k, (long long)out->t[k]);
        }
        out->t[k] += s->offset;
        out->p[k] = p[k] > 0;
    }
    out->n = n;
    s->at += n;
    return EBB_OK;
}

static void dsec_close(struct ebb_dvs_reader *r)
{
    struct dsec_reader *s = r->state;
    for (size_t k = 0; k < PARTS && s->file >= 0; k++) {
        if (s->part[k] >= 0) {
            H5Dclose(s->part[k]);
        }
    }
    if (s->file >= 0) {
        H5Fclose(s->file);
    }
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

const struct ebb_dvs_format ebb_dvs_dsec = {
    .name = "dsec",
    .title = "HDF5 as of DSEC",
    .ending = ".h5",
    .matches = dsec_matches,
    .reader_bytes = sizeof(struct dsec_reader),
    .open = dsec_open,
    .read = dsec_read,
    .close = dsec_close,
    .writer_bytes = sizeof(struct ebb_dsec_writer),
    .in_file = true,
    .rising = true,
    .side_max = 0xFFFF,
    .t_max = INT64_MAX / 8,
    .begin = ebb_dsec_begin,
    .write = ebb_dsec_write,
    .end = ebb_dsec_end,
    .drop = ebb_dsec_drop};
