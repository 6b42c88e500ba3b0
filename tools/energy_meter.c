/* tools/energy_meter.c - joules that the machine measures itself. */
#include "tools/energy_meter.h"

#include <math.h>
#include <stdio.h>

static bool read_number(const char *folder, const char *file, double *out)
{
    char path[192];
    snprintf(path, sizeof(path), "%s/%s", folder, file);
    FILE *in = fopen(path, "r");
    if (!in) {
        return false;
    }
    bool good = fscanf(in, "%lf", out) == 1 && isfinite(*out) && *out >= 0;
    fclose(in);
    return good;
}

bool ebb_energy_meter_begin(struct ebb_energy_meter *m, const char *root)
{
    root = root ? root : "/sys/class/powercap";
    m->n = 0;
    for (unsigned k = 0; k < EBB_METER_PACKAGES; k++) {
        char *path = m->path[m->n];
        size_t room = sizeof(m->path[0]);
        int n = snprintf(path, room, "%s/intel-rapl:%u", root, k);
        if (n > 0 && (size_t)n < room &&
            read_number(path, "max_energy_range_uj", &m->range_uj[m->n]) &&
            read_number(path, "energy_uj", &m->start_uj[m->n])) {
            m->n++;
        }
    }
    return m->n > 0;
}

double ebb_energy_meter_end(const struct ebb_energy_meter *m)
{
    double sum = 0;
    for (size_t k = 0; k < m->n; k++) {
        double now;
        if (!read_number(m->path[k], "energy_uj", &now)) {
            return (double)NAN;
        }
        double taken = now - m->start_uj[k];
        sum += taken < 0 ? taken + m->range_uj[k] : taken;
    }
    return m->n > 0 ? 1e-6 * sum : (double)NAN;
}
