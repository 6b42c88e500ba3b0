/* io/dvs/formats.h - the list of formats, and how one is found. */
#ifndef EBB_IO_DVS_FORMATS_H
#define EBB_IO_DVS_FORMATS_H

#include "io/dvs/format.h"

/** The format of this name, or NULL. */
const struct ebb_dvs_format *ebb_dvs_format_find(const char *name);

/** The format that a file starts like, or NULL. */
const struct ebb_dvs_format *
ebb_dvs_format_match(const struct ebb_dvs_start *start);

/** The failure of a name that is no format's. */
EBB_NODISCARD ebb_status ebb_dvs_format_unknown(const char *name);

#endif
