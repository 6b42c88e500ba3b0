/* tests/shd_file.c - data sets of spikes as SHD lays them out. */
#include "tests/shd_file.h"

#include <check.h>
#include <stdlib.h>

enum { CLASSES = 20, CHANNELS = 700 };

unsigned shd_label(size_t k)
{
    return (unsigned)(k * 7 % CLASSES);
}

size_t shd_spikes(size_t k)
{
    return k == 1 ? 0 : 5 + 3 * k;
}

/* Steps of 2^-10 s: half precision has them up to 2 s. */
float shd_time(size_t k, size_t i)
{
    return (float)((i * 37 + k * 11) % 1024) / 1024;
}

unsigned shd_unit(size_t k, size_t i)
{
    return (unsigned)((i * 191 + k * 13) % CHANNELS);
}

/* IEEE half precision, which HDF5 1.10 has no name for. */
static hid_t make_half(void)
{
    hid_t half = H5Tcopy(H5T_IEEE_F32LE);
    ck_assert(H5Tset_fields(half, 15, 10, 5, 0, 10) >= 0);
    ck_assert(H5Tset_precision(half, 16) >= 0);
    ck_assert(H5Tset_size(half, 2) >= 0);
    ck_assert(H5Tset_ebias(half, 15) >= 0);
    return half;
}

static hid_t create(hid_t at, const char *name, hid_t type, hsize_t n,
                    H5Z_filter_t filter)
{
    hsize_t chunk = n ? n : 1;
    hid_t space = H5Screate_simple(1, &n, NULL);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    if (filter) {
        H5Pset_chunk(plan, 1, &chunk);
        H5Pset_filter(plan, filter, H5Z_FLAG_OPTIONAL, 0, NULL);
    }
    hid_t set =
        H5Dcreate2(at, name, type, space, H5P_DEFAULT, plan, H5P_DEFAULT);
    ck_assert(set >= 0);
    H5Pclose(plan);
    H5Sclose(space);
    return set;
}

static void write_lists(hid_t at, const char *name, hid_t base, hid_t memory,
                        const hvl_t *lists, size_t n, H5Z_filter_t filter)
{
    hid_t type = H5Tvlen_create(base), as = H5Tvlen_create(memory);
    hid_t set = create(at, name, type, n, filter);
    ck_assert(H5Dwrite(set, as, H5S_ALL, H5S_ALL, H5P_DEFAULT, lists) >= 0);
    H5Dclose(set);
    H5Tclose(as);
    H5Tclose(type);
}

static void write_times(hid_t at, size_t samples, const struct shd_quirks *q)
{
    hvl_t *lists = calloc(samples + 1, sizeof(*lists));
    ck_assert_ptr_nonnull(lists);
    for (size_t k = 0; k < samples; k++) {
        size_t n = shd_spikes(k);
        float *t = calloc(n + 1, sizeof(*t));
        ck_assert_ptr_nonnull(t);
        for (size_t i = 0; i < n; i++) {
            t[i] = shd_time(k, i);
        }
        t[0] = k == 0 && q->first_time != 0 ? q->first_time : t[0];
        lists[k] = (hvl_t){.len = n, .p = t};
    }
    hid_t half = make_half();
    hid_t type = q->wide ? H5T_IEEE_F32LE : half;
    write_lists(at, "times", q->whole_times ? H5T_STD_U32LE : type,
                H5T_NATIVE_FLOAT, lists, samples, q->filter);
    H5Tclose(half);
    for (size_t k = 0; k < samples; k++) {
        free(lists[k].p);
    }
    free(lists);
}

static void write_units(hid_t at, size_t samples, const struct shd_quirks *q)
{
    hvl_t *lists = calloc(samples + 1, sizeof(*lists));
    ck_assert_ptr_nonnull(lists);
    for (size_t k = 0; k < samples; k++) {
        size_t n = shd_spikes(k);
        int32_t *unit = calloc(n + 1, sizeof(*unit));
        ck_assert_ptr_nonnull(unit);
        for (size_t i = 0; i < n; i++) {
            unit[i] = (int32_t)shd_unit(k, i);
        }
        unit[0] = k == 0 && q->first_unit ? q->first_unit : unit[0];
        n -= k + 1 == samples && q->short_units;
        lists[k] = (hvl_t){.len = n, .p = unit};
    }
    write_lists(at, "units", q->first_unit ? H5T_STD_I32LE : H5T_STD_U16LE,
                H5T_NATIVE_INT32, lists, samples, 0);
    for (size_t k = 0; k < samples; k++) {
        free(lists[k].p);
    }
    free(lists);
}

static void write_labels(hid_t file, size_t samples, const struct shd_quirks *q)
{
    unsigned *label = calloc(samples + 1, sizeof(*label));
    ck_assert_ptr_nonnull(label);
    for (size_t k = 0; k < samples; k++) {
        label[k] = shd_label(k);
    }
    hid_t set = create(file, "labels", q->wide ? H5T_STD_U8LE : H5T_STD_U16LE,
                       samples - (q->few_labels != 0), 0);
    ck_assert(H5Dwrite(set, H5T_NATIVE_UINT, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                       label) >= 0);
    H5Dclose(set);
    free(label);
}

void shd_file(const char *path, size_t samples, const struct shd_quirks *q)
{
    static const struct shd_quirks none;
    q = q ? q : &none;
    hid_t file = H5Fcreate(path, H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    hid_t spikes =
        H5Gcreate2(file, "spikes", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    write_times(spikes, samples, q);
    write_units(spikes, samples, q);
    write_labels(file, samples, q);
    H5Gclose(spikes);
    ck_assert(H5Fclose(file) >= 0);
}
