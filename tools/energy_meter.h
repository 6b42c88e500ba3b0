/* tools/energy_meter.h - joules that the machine measures itself. */
#ifndef EBB_TOOLS_ENERGY_METER_H
#define EBB_TOOLS_ENERGY_METER_H

#include <stdbool.h>
#include <stddef.h>

enum { EBB_METER_PACKAGES = 8 };

/** Processor packages with a counter of energy (RAPL, by Linux' powercap). */
struct ebb_energy_meter {
    size_t n;
    char path[EBB_METER_PACKAGES][128];
    double start_uj[EBB_METER_PACKAGES];
    double range_uj[EBB_METER_PACKAGES]; /* the counter begins anew there */
};

/** Begin to measure. `root` is the folder of the counters, NULL:
 *  /sys/class/powercap. False: none can be read here (virtual machines have
 *  none, and some systems let only root read them). */
bool ebb_energy_meter_begin(struct ebb_energy_meter *m, const char *root);

/** J that all packages took since then, idle power and other programs
 *  included; a counter may have begun anew once. NaN: none, or not readable
 *  any more. */
double ebb_energy_meter_end(const struct ebb_energy_meter *m);

#endif
