/* tools/stop.h - Ctrl-C as a wish to stop, not as an end. */
#ifndef EBB_TOOLS_STOP_H
#define EBB_TOOLS_STOP_H

#include <stdbool.h>

/** From now on SIGINT and SIGTERM only set a flag; a second one kills. */
void ebb_stop_listen(void);

/** Has somebody asked to stop? */
bool ebb_stop_wanted(void);

#endif
