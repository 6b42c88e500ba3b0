/* io/dvs/aedat_header.h - the lines of text before AEDAT's data. */
#ifndef EBB_IO_DVS_AEDAT_HEADER_H
#define EBB_IO_DVS_AEDAT_HEADER_H

#include "io/dvs/format.h"

enum { EBB_AEDAT_LINE = 256 };

/** Take the next line, if it is one: '#', then printed text. Its start goes to
 *  `line`, without its end. */
bool ebb_aedat_line(struct ebb_dvs_bytes *in, char line[EBB_AEDAT_LINE]);

/** Does the file end in the midst of a line? */
bool ebb_aedat_is_cut(struct ebb_dvs_bytes *in);

/** Does a file start with this word? */
bool ebb_aedat_starts(const struct ebb_dvs_start *start, const char *word);

/** Note the sensor of a chip or camera by its name ("Davis240C"). */
void ebb_aedat_sensor(struct ebb_dvs_about *about, const char *chip);

#endif
