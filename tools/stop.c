/* tools/stop.c - Ctrl-C as a wish to stop, not as an end. */
#include "tools/stop.h"

#include <signal.h>

/* A signal handler has no other place to leave its message. */
static volatile sig_atomic_t wanted;

static void remember(int number)
{
    (void)number;
    wanted = 1;
}

void ebb_stop_listen(void)
{
    struct sigaction action = {.sa_handler = remember,
                               .sa_flags = (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

bool ebb_stop_wanted(void)
{
    return wanted != 0;
}
