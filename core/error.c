/* core/error.c - status codes, and the text of the last failure. */
#include "core/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_SIZE = 1024, PLACE_SIZE = 128 };

static _Thread_local char last_message[MESSAGE_SIZE] = "no failure";
static _Thread_local char last_place[PLACE_SIZE] = "";

const char *ebb_status_text(ebb_status status)
{
    switch (status) {
#define EBB_STATUS_CASE(code, text)                                            \
    case code:                                                                 \
        return text;
        EBB_STATUS_LIST(EBB_STATUS_CASE)
#undef EBB_STATUS_CASE
    }
    return "unknown status";
}

const char *ebb_error_message(void)
{
    return last_message;
}

const char *ebb_error_place(void)
{
    return last_place;
}

ebb_status ebb_error_set(ebb_status status, const char *file, int line,
                         const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(last_message, sizeof(last_message), format, args);
    va_end(args);
    snprintf(last_place, sizeof(last_place), "%s:%d", file, line);
    return status;
}

ebb_status ebb_error_prefix(ebb_status status, const char *format, ...)
{
    if (status == EBB_OK) {
        return status;
    }
    char rest[MESSAGE_SIZE];
    memcpy(rest, last_message, sizeof(rest));
    va_list args;
    va_start(args, format);
    int used = vsnprintf(last_message, sizeof(last_message), format, args);
    va_end(args);
    if (used >= 0 && used < MESSAGE_SIZE - 1) {
        size_t room = sizeof(last_message) - (size_t)used;
        snprintf(last_message + used, room, "%s", rest);
    }
    return status;
}
