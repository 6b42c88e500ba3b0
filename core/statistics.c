/* core/statistics.c - means with intervals, and where a measured curve crosses
 * a level. */
#include "core/statistics.h"

#include <math.h>

double ebb_student_95(size_t freedom)
{
    static const double few[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447};
    if (freedom <= sizeof(few) / sizeof(few[0])) {
        return few[freedom > 0 ? freedom - 1 : 0];
    }
    /* Hill's expansion about the normal, in 1 / freedom. */
    const double z = 1.959964;
    double v = (double)freedom, z2 = z * z;
    return z + z * (z2 + 1) / (4 * v) +
           z * (5 * z2 * z2 + 16 * z2 + 3) / (96 * v * v);
}

struct ebb_interval ebb_interval_of(const double *x, size_t n)
{
    double sum = 0, squares = 0;
    for (size_t k = 0; k < n; k++) {
        sum += x[k];
    }
    double mean = sum / (double)n;
    for (size_t k = 0; k < n; k++) {
        squares += (x[k] - mean) * (x[k] - mean);
    }
    double half = 0;
    if (n > 1) {
        double error = sqrt(squares / ((double)(n - 1) * (double)n));
        half = ebb_student_95(n - 1) * error;
    }
    return (struct ebb_interval){mean, half};
}

double ebb_level_crossing(const double *x, const double *y, size_t n,
                          double level)
{
    for (size_t k = 1; k < n; k++) {
        if (y[k - 1] < level && y[k] >= level) {
            /* from 0 there is no logarithm; the step is at its end */
            double part =
                y[k - 1] > 0 ? log(level / y[k - 1]) / log(y[k] / y[k - 1]) : 1;
            return x[k - 1] * pow(x[k] / x[k - 1], part);
        }
    }
    return 0;
}

/* Mean of all curves but one; curve `curves` leaves out none. */
static void mean_without(double *mean, const double *y, size_t curves, size_t n,
                         size_t without)
{
    double count = (double)(without < curves ? curves - 1 : curves);
    for (size_t k = 0; k < n; k++) {
        double sum = 0;
        for (size_t c = 0; c < curves; c++) {
            sum += c == without ? 0 : y[c * n + k];
        }
        mean[k] = sum / count;
    }
}

struct ebb_interval ebb_level_crossing_of(const double *x, const double *y,
                                          size_t curves, size_t n, double level,
                                          double *mean)
{
    const struct ebb_interval none = {0, 0};
    double squares = 0;
    mean_without(mean, y, curves, n, curves);
    double all = ebb_level_crossing(x, mean, n, level);
    if (!(all > 0) || curves < 2) {
        return (struct ebb_interval){all, 0};
    }
    for (size_t c = 0; c < curves; c++) {
        mean_without(mean, y, curves, n, c);
        double one = ebb_level_crossing(x, mean, n, level);
        if (!(one > 0)) {
            return none;
        }
        squares += (one - all) * (one - all);
    }
    double many = (double)curves;
    double error = sqrt(squares * (many - 1) / many);
    return (struct ebb_interval){all, ebb_student_95(curves - 1) * error};
}
