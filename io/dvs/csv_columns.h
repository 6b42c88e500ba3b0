/* io/dvs/csv_columns.h - which column of a text is what. */
#ifndef EBB_IO_DVS_CSV_COLUMNS_H
#define EBB_IO_DVS_CSV_COLUMNS_H

#include "core/error.h"
#include "io/dvs/csv_line.h"

/** Where things are, and in what unit. */
struct ebb_csv_columns {
    size_t t, x, y, p; /* numbers of columns */
    size_t least;      /* columns that a line has at least */
    bool seconds;      /* times are in seconds, not us */
    bool known;
    uint32_t width, height; /* "geometry:W,H" in a comment; 0: not told */
    size_t lines; /* of the start that were looked at and are events */
};

/** Take "txyp" or a longer list in which other letters are passed over.
 *  Errors: EBB_ERR_ARG. */
EBB_NODISCARD ebb_status ebb_csv_columns_named(struct ebb_csv_columns *out,
                                               const char *letters);

/** Find out by the start of a text: by names in its first line, else by the
 *  numbers; where `out` is known already, only the unit. Not known
 *  afterwards: no events in sight. */
void ebb_csv_columns_sniff(struct ebb_csv_columns *out, const char *text,
                           size_t n);

/** A comment or an empty line, to be passed over? Notes the sensor. */
bool ebb_csv_comment(struct ebb_csv_columns *c, const char *line, size_t n);

/** Are these names of columns? */
bool ebb_csv_names(struct ebb_csv_columns *c, const char *line, size_t n);

#endif
