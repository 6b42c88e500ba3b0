/* io/h5_filters.c - compression in HDF5 files of others. */
#include "io/h5_filters.h"

#define REPACK "h5repack -f GZIP=4 A.h5 B.h5"
#define REPACK_PIP                                                             \
    "HDF5_PLUGIN_PATH=$(python3 -c 'import hdf5plugin as p; "                  \
    "print(p.PLUGIN_PATH)') " REPACK

static const struct filter {
    H5Z_filter_t id;
    const char *name, *package, *command;
} filters[] = {
    {4, "szip", "Debian's hdf5-tools", REPACK},
    {307, "BZip2", "Debian's hdf5-filter-plugin", REPACK},
    {32000, "LZF", "Debian's hdf5-plugin-lzf", REPACK},
    {32001, "Blosc", "Debian's hdf5-filter-plugin-blosc-serial", REPACK},
    {32004, "LZ4", "Debian's hdf5-filter-plugin", REPACK},
    {32008, "bitshuffle", "pip's hdf5plugin", REPACK_PIP},
    {32015, "Zstandard", "pip's hdf5plugin", REPACK_PIP},
    {32026, "Blosc2", "pip's hdf5plugin", REPACK_PIP},
    {0x8ECF, "Prophesee's ECF", "Prophesee's hdf5-plugin-ecf",
     "metavision_file_to_csv -i A.hdf5"}};

static ebb_status tell(H5Z_filter_t id, const char *name)
{
    for (size_t k = 0; k < sizeof(filters) / sizeof(filters[0]); k++) {
        const struct filter *f = &filters[k];
        if (f->id == id) {
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "%s is compressed with the filter %d (%s), which "
                            "ebb has not; install %s, then make a file "
                            "without: %s",
                            name, (int)id, f->name, f->package, f->command);
        }
    }
    return EBB_FAIL(EBB_ERR_FORMAT,
                    "%s is compressed with the filter %d, which ebb does not "
                    "know; where it is installed, this makes a file "
                    "without: %s",
                    name, (int)id, REPACK);
}

ebb_status ebb_h5_check_filters(hid_t dataset, const char *name)
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
            status = tell(id, name);
        }
    }
    H5Pclose(plan);
    return status;
}
