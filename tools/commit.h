/* tools/commit.h - which sources this program was built from. */
#ifndef EBB_TOOLS_COMMIT_H
#define EBB_TOOLS_COMMIT_H

/** The commit, with "-dirty" where files were changed since; "unknown" where
 *  the sources have no history. */
const char *ebb_commit(void);

#endif
