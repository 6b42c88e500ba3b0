/* core/error.h - status codes, and the text of the last failure. */
#ifndef EBB_CORE_ERROR_H
#define EBB_CORE_ERROR_H

#define EBB_NODISCARD           __attribute__((warn_unused_result))
#define EBB_PRINTF(text, first) __attribute__((format(printf, text, first)))

#define EBB_STATUS_LIST(X)                                                     \
    X(EBB_OK, "ok")                                                            \
    X(EBB_ERR_NOMEM, "out of memory")                                          \
    X(EBB_ERR_ARG, "invalid argument")                                         \
    X(EBB_ERR_SHAPE, "array shapes do not agree")                              \
    X(EBB_ERR_FULL, "fixed capacity exceeded")                                 \
    X(EBB_ERR_DIVERGED, "non-finite value in state or loss")                   \
    X(EBB_ERR_IO, "input or output failed")                                    \
    X(EBB_ERR_FORMAT, "file is not as its format demands")                     \
    X(EBB_ERR_STOPPED, "stopped on request")

typedef enum ebb_status {
#define EBB_STATUS_ENUM(code, text) code,
    EBB_STATUS_LIST(EBB_STATUS_ENUM)
#undef EBB_STATUS_ENUM
} ebb_status;

/** What a status means, in a few words. Never NULL. */
const char *ebb_status_text(ebb_status status);

/** Text of the last failure on this thread: what went wrong, where and, when
 *  it is known, the way out. Valid until the next failure on this thread. */
const char *ebb_error_message(void);

/** Source line that reported the last failure on this thread ("file.c:12"). */
const char *ebb_error_place(void);

/** Store a failure and return `status`. Called through EBB_FAIL. */
ebb_status ebb_error_set(ebb_status status, const char *file, int line,
                         const char *format, ...) EBB_PRINTF(4, 5);

/** Put text in front of the stored message ("net.h5: " + "no weight"), so that
 *  each layer adds what it knows. Returns `status`; EBB_OK changes nothing. */
ebb_status ebb_error_prefix(ebb_status status, const char *format, ...)
    EBB_PRINTF(2, 3);

#define EBB_FAIL(status, ...)                                                  \
    ebb_error_set((status), __FILE__, __LINE__, __VA_ARGS__)

/** Pass a failure on; for places that own nothing. */
#define EBB_TRY(call)                                                          \
    do {                                                                       \
        ebb_status ebb_try_status = (call);                                    \
        if (ebb_try_status != EBB_OK) {                                        \
            return ebb_try_status;                                             \
        }                                                                      \
    } while (0)

#endif
