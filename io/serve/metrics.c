/* io/serve/metrics.c - figures in Prometheus' text format 0.0.4. */
#include "io/serve/metrics.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

/* A backslash and a line feed are escaped everywhere, quotes in labels. */
static void put_escaped(struct ebb_text *out, const char *text, char quote)
{
    for (const char *c = text; *c; c++) {
        if (*c == '\n') {
            ebb_text_put(out, "\\n", 2);
        } else if (*c == '\\' || (quote && *c == quote)) {
            ebb_text_add(out, "\\%c", *c);
        } else {
            ebb_text_put(out, c, 1);
        }
    }
}

void ebb_metrics_family(struct ebb_text *out, const char *name,
                        const char *type, const char *help)
{
    ebb_text_add(out, "# HELP %s ", name);
    put_escaped(out, help, '\0');
    ebb_text_add(out, "\n# TYPE %s %s\n", name, type);
}

/* Name, suffix and labels; `le` is the last label where it is not NULL. */
static void begin_sample(struct ebb_text *out, const char *name,
                         const char *suffix,
                         const struct ebb_metrics_label *labels, size_t n,
                         const char *le)
{
    ebb_text_add(out, "%s%s", name, suffix);
    for (size_t k = 0; k < n; k++) {
        ebb_text_add(out, "%c%s=\"", k ? ',' : '{', labels[k].name);
        put_escaped(out, labels[k].value, '"');
        ebb_text_put(out, "\"", 1);
    }
    if (le) {
        ebb_text_add(out, "%cle=\"%s\"", n ? ',' : '{', le);
    }
    ebb_text_add(out, "%s ", n || le ? "}" : "");
}

static void end_value(struct ebb_text *out, double value)
{
    if (isnan(value)) {
        ebb_text_add(out, "NaN\n");
    } else if (isinf(value)) {
        ebb_text_add(out, "%s\n", value > 0 ? "+Inf" : "-Inf");
    } else {
        ebb_text_add(out, "%.15g\n", value);
    }
}

static void end_count(struct ebb_text *out, uint64_t value)
{
    ebb_text_add(out, "%" PRIu64 "\n", value);
}

void ebb_metrics_value(struct ebb_text *out, const char *name, double value,
                       const struct ebb_metrics_label *labels, size_t n)
{
    begin_sample(out, name, "", labels, n, NULL);
    end_value(out, value);
}

void ebb_metrics_count(struct ebb_text *out, const char *name, uint64_t value,
                       const struct ebb_metrics_label *labels, size_t n)
{
    begin_sample(out, name, "", labels, n, NULL);
    end_count(out, value);
}

void ebb_metrics_counter(struct ebb_text *out, const char *name,
                         const char *help, uint64_t value)
{
    ebb_metrics_family(out, name, "counter", help);
    ebb_metrics_count(out, name, value, NULL, 0);
}

void ebb_metrics_gauge(struct ebb_text *out, const char *name, const char *help,
                       double value)
{
    ebb_metrics_family(out, name, "gauge", help);
    ebb_metrics_value(out, name, value, NULL, 0);
}

void ebb_metrics_histogram(struct ebb_text *out, const char *name,
                           const struct ebb_metrics_histogram *h,
                           const struct ebb_metrics_label *labels, size_t n)
{
    uint64_t sum = 0;
    for (size_t k = 0; k <= h->n; k++) {
        char le[32] = "+Inf";
        if (k < h->n) {
            snprintf(le, sizeof(le), "%.15g", h->bound[k]);
        }
        sum += h->count[k];
        begin_sample(out, name, "_bucket", labels, n, le);
        end_count(out, sum);
    }
    begin_sample(out, name, "_sum", labels, n, NULL);
    end_value(out, h->sum);
    begin_sample(out, name, "_count", labels, n, NULL);
    end_count(out, sum);
}
