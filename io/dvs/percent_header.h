/* io/dvs/percent_header.h - lines of "% key value" before Prophesee's data. */
#ifndef EBB_IO_DVS_PERCENT_HEADER_H
#define EBB_IO_DVS_PERCENT_HEADER_H

#include "io/dvs/format.h"

/** What the lines say. */
struct ebb_percent_header {
    char evt[8];            /* "2.0", "2.1", "3.0"; empty: no raw file */
    char endianness[8];     /* "little", "legacy"; empty: not told */
    char device[64];        /* name of the plug-in */
    uint32_t version;       /* of DAT; 0: not told */
    uint32_t width, height; /* 0: not told */
    size_t bytes;           /* of all lines */
    bool ended;             /* by a line that says so */
    bool known;             /* a key that only such files have */
};

/** Take the lines at the start of `bytes` apart. They end with "% end", or
 *  where something else than printed text after "% " comes. */
void ebb_percent_header_parse(struct ebb_percent_header *out,
                              const uint8_t *bytes, size_t n);

/** Parse those of a file, pass over them and note the sensor. Errors:
 *  EBB_ERR_FORMAT (the file ends within a line). */
EBB_NODISCARD ebb_status ebb_percent_header_take(struct ebb_percent_header *out,
                                                 struct ebb_dvs_reader *r);

/** Of bytes that are handed over: are all such lines there? */
bool ebb_percent_header_ready(struct ebb_dvs_reader *r);

#endif
