/* tests/test_energy_meter.c - counters of energy, in a folder that stands for
 * the system's. */
#include "tools/energy_meter.h"

#include "tests/run_suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/ebb_meter_XXXXXX";

static void put(unsigned package, const char *file, const char *text)
{
    char path[160];
    snprintf(path, sizeof(path), "%s/intel-rapl:%u", root, package);
    mkdir(path, 0755);
    snprintf(path, sizeof(path), "%s/intel-rapl:%u/%s", root, package, file);
    FILE *out = fopen(path, "w");
    ck_assert_ptr_nonnull(out);
    fputs(text, out);
    fclose(out);
}

static void drop(unsigned package)
{
    static const char *const files[] = {"/energy_uj", "/max_energy_range_uj",
                                        ""};
    char path[160];
    for (size_t k = 0; k < 3; k++) {
        snprintf(path, sizeof(path), "%s/intel-rapl:%u%s", root, package,
                 files[k]);
        remove(path);
    }
}

START_TEST(end_adds_packages_up_and_knows_that_counters_begin_anew)
{
    struct ebb_energy_meter m;
    ck_assert_ptr_nonnull(mkdtemp(root));
    ck_assert(!ebb_energy_meter_begin(&m, root));
    ck_assert(isnan(ebb_energy_meter_end(&m)));
    put(0, "max_energy_range_uj", "1000000\n");
    put(0, "energy_uj", "200000\n");
    put(1, "max_energy_range_uj", "1000000\n");
    put(1, "energy_uj", "900000\n");
    put(2, "energy_uj", "nonsense\n");
    ck_assert(ebb_energy_meter_begin(&m, root));
    put(0, "energy_uj", "450000\n");
    put(1, "energy_uj", "150000\n");
    ck_assert_double_eq_tol(ebb_energy_meter_end(&m), 0.25 + 0.25, 1e-12);
    drop(1);
    ck_assert(isnan(ebb_energy_meter_end(&m)));
    drop(0);
    drop(2);
    ck_assert_int_eq(rmdir(root), 0);
}
END_TEST

RUN_SUITE("tools", "energy_meter",
          end_adds_packages_up_and_knows_that_counters_begin_anew)
