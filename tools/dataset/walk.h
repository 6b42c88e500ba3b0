/* tools/dataset/walk.h - the files of a folder and of those in it. */
#ifndef EBB_TOOLS_DATASET_WALK_H
#define EBB_TOOLS_DATASET_WALK_H

#include "core/error.h"

#include <stdbool.h>

/** What to do with one file; a failure ends the walk. */
typedef ebb_status ebb_folder_visit(void *self, const char *path);

/** Visit the files in order of their names, folders at most 8 deep; names that
 *  start with '.' are passed over. Errors: EBB_ERR_IO, those of `visit`. */
EBB_NODISCARD ebb_status ebb_folder_walk(const char *folder,
                                         ebb_folder_visit *visit, void *self);

/** Is it a folder? */
bool ebb_folder_is(const char *path);

/** Does a name end so, in any case of letters? */
bool ebb_name_ends(const char *name, const char *ending);

#endif
