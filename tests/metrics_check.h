/* tests/metrics_check.h - is a text in Prometheus' format 0.0.4? */
#ifndef EBB_TESTS_METRICS_CHECK_H
#define EBB_TESTS_METRICS_CHECK_H

#include <stddef.h>

/** What is wrong with a text, or NULL: HELP and TYPE before the samples of each
 *  family, once; names and labels as the format wants them; counters end in
 *  _total; histograms cumulative, up to +Inf, which is their count. */
const char *metrics_complaint(const char *text);

#endif
