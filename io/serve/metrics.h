/* io/serve/metrics.h - figures in Prometheus' text format 0.0.4. */
#ifndef EBB_IO_SERVE_METRICS_H
#define EBB_IO_SERVE_METRICS_H

#include "io/serve/text.h"

#include <stdint.h>

/** A label of a sample; the value is escaped here. */
struct ebb_metrics_label {
    const char *name, *value;
};

/** Begin a family: its HELP and TYPE lines. Names are [a-zA-Z_][a-zA-Z0-9_]*,
 *  units are seconds and bytes, counters end in _total. All samples of a family
 *  follow its beginning.
 *
 *     type  "counter", "gauge" or "histogram"
 *     help  one sentence; escaped here */
void ebb_metrics_family(struct ebb_text *out, const char *name,
                        const char *type, const char *help);

/** A sample with `n` labels (NULL where n is 0). */
void ebb_metrics_value(struct ebb_text *out, const char *name, double value,
                       const struct ebb_metrics_label *labels, size_t n);

/** The same of a count, exactly. */
void ebb_metrics_count(struct ebb_text *out, const char *name, uint64_t value,
                       const struct ebb_metrics_label *labels, size_t n);

/** A family of one sample without labels. */
void ebb_metrics_counter(struct ebb_text *out, const char *name,
                         const char *help, uint64_t value);
void ebb_metrics_gauge(struct ebb_text *out, const char *name, const char *help,
                       double value);

/** What has been observed so far. */
struct ebb_metrics_histogram {
    const double *bound;   /* [n] upper bounds, rising, finite */
    const uint64_t *count; /* [n + 1] observations in each bucket, the last
                              above all bounds; not cumulative */
    size_t n;
    double sum; /* of all observations */
};

/** The samples of a histogram: cumulative buckets up to +Inf, sum, count. */
void ebb_metrics_histogram(struct ebb_text *out, const char *name,
                           const struct ebb_metrics_histogram *h,
                           const struct ebb_metrics_label *labels, size_t n);

#endif
