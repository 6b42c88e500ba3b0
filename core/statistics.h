/* core/statistics.h - means with intervals, and where a measured curve crosses
 * a level. */
#ifndef EBB_CORE_STATISTICS_H
#define EBB_CORE_STATISTICS_H

#include <stddef.h>

/** A mean, and half the width of its 95 % interval (Student's t); 0 of fewer
 *  than two values. */
struct ebb_interval {
    double mean, half;
};

/** Mean of x [n], n >= 1. */
struct ebb_interval ebb_interval_of(const double *x, size_t n);

/** Student's t of which 95 % lie within ±t, for `freedom` >= 1 degrees; to
 *  0.5 %. */
double ebb_student_95(size_t freedom);

/** x at which a rising curve first reaches `level` > 0: between the points
 *  (x[k], y[k]), x > 0 rising, by interpolation of both logarithms. 0 where it
 *  does not, or starts above. */
double ebb_level_crossing(const double *x, const double *y, size_t n,
                          double level);

/**
 * The same for the mean of `curves` measured curves, with an interval by the
 * jackknife: each curve left out in turn (Tukey 1958).
 *
 *     x      [n] rising
 *     y      [curves, n]
 *     mean   [n] scratch
 *
 * Its mean is 0 where the mean curve, or one without a curve, does not cross.
 */
struct ebb_interval ebb_level_crossing_of(const double *x, const double *y,
                                          size_t curves, size_t n, double level,
                                          double *mean);

#endif
