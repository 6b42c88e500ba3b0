/* io/serve/text.h - a text that grows. */
#ifndef EBB_IO_SERVE_TEXT_H
#define EBB_IO_SERVE_TEXT_H

#include "core/error.h"

#include <stddef.h>

/** A text being written; zero-initialise. A failure sticks: what comes after it
 *  is left out, and ebb_text_status() tells once, at the end. */
struct ebb_text {
    char *chars; /* [n], no NUL at the end */
    size_t n, capacity;
    ebb_status status;
};

/** Append as printf() would. */
void ebb_text_add(struct ebb_text *text, const char *format, ...)
    EBB_PRINTF(2, 3);

/** Append `n` characters as they are. */
void ebb_text_put(struct ebb_text *text, const void *chars, size_t n);

/** Append a JSON string with its quotes. What is not UTF-8 comes out as the
 *  replacement character. */
void ebb_text_add_json(struct ebb_text *text, const char *string);

/** Append a JSON number; null where it is not finite. */
void ebb_text_add_number(struct ebb_text *text, double value);

/** Append bytes in base64 (RFC 4648, padded). */
void ebb_text_add_base64(struct ebb_text *text, const void *bytes, size_t n);

/** Empty it and forget a failure; the memory stays for the next text. */
void ebb_text_clear(struct ebb_text *text);

/** EBB_OK, or the failure that cut the text short. Errors: EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_text_status(const struct ebb_text *text);

/** Free the memory and leave an empty text. */
void ebb_text_finish(struct ebb_text *text);

#endif
