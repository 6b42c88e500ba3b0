/* io/experiment_values.h - values of an experiment file, from text. */
#ifndef EBB_IO_EXPERIMENT_VALUES_H
#define EBB_IO_EXPERIMENT_VALUES_H

#include "io/yaml_map.h"
#include "models/kernel.h"

#include <stdbool.h>
#include <stdint.h>

/** A mapping of the file whose fields are being read. */
struct ebb_place {
    const struct ebb_yaml_map *map;
    char path[160]; /* "network.populations[1]" */
};

/** The mapping `field` inside another one. */
struct ebb_place ebb_place_in(const struct ebb_place *outer, const char *field);

/** Entry `index` of the list `field` inside a mapping. */
struct ebb_place ebb_place_at(const struct ebb_place *outer, const char *field,
                              size_t index);

/** Store a failure about one field: "file:line: field 'value': …"; returns
 *  EBB_ERR_FORMAT. `text` may be NULL. */
ebb_status ebb_place_fail(const struct ebb_place *p, const char *field,
                          const char *text, const char *format, ...)
    EBB_PRINTF(4, 5);

/* Each of the following leaves *out alone where text is NULL (left out), and
 * fails with EBB_ERR_FORMAT naming file, line, field, value and reason. */

/** A number of low..high. */
EBB_NODISCARD ebb_status ebb_take_number(const struct ebb_place *p,
                                         const char *field, const char *text,
                                         double low, double high, double *out);

/** A whole number of low..high. */
EBB_NODISCARD ebb_status ebb_take_count(const struct ebb_place *p,
                                        const char *field, const char *text,
                                        uint64_t low, uint64_t high,
                                        uint64_t *out);

/** A share of something, below 1: 0.1 or 10 %. */
EBB_NODISCARD ebb_status ebb_take_share(const struct ebb_place *p,
                                        const char *field, const char *text,
                                        double *out);

/** true or false. */
EBB_NODISCARD ebb_status ebb_take_bool(const struct ebb_place *p,
                                       const char *field, const char *text,
                                       bool *out);

/** One word of a list; *out gets its index. */
EBB_NODISCARD ebb_status ebb_take_word(const struct ebb_place *p,
                                       const char *field, const char *text,
                                       const char *const *words, size_t n,
                                       size_t *out);

/** A duration: seconds where it has a unit, ticks where it is bare. */
struct ebb_duration {
    double value;
    bool seconds;
};

/** A duration above 0 (or, with `zero`, from 0). */
EBB_NODISCARD ebb_status ebb_take_duration(const struct ebb_place *p,
                                           const char *field, const char *text,
                                           bool zero, struct ebb_duration *out);

/** A duration as a whole number of ticks of tick_s (0: not known, units are
 *  refused); *seconds gets what was written, 0 when bare. */
EBB_NODISCARD ebb_status ebb_take_ticks(const struct ebb_place *p,
                                        const char *field, const char *text,
                                        double tick_s, uint64_t *ticks,
                                        double *seconds);

#endif
