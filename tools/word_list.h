/* tools/word_list.h - words between commas. */
#ifndef EBB_TOOLS_WORD_LIST_H
#define EBB_TOOLS_WORD_LIST_H

#include "core/error.h"

#include <stddef.h>

enum { EBB_WORDS_MAX = 1024 };

/** Words. Zero-initialise. */
struct ebb_word_list {
    const char *word[EBB_WORDS_MAX]; /* owned */
    size_t n;
};

/** Add the words of "a,b,c"; NULL: none. Errors: EBB_ERR_ARG (an empty word,
 *  too many of them), EBB_ERR_NOMEM. */
EBB_NODISCARD ebb_status ebb_word_list_split(struct ebb_word_list *list,
                                             const char *text);

/** Add one. Errors: as above. */
EBB_NODISCARD ebb_status ebb_word_list_add(struct ebb_word_list *list,
                                           const char *word);

/** Free the words. */
void ebb_word_list_finish(struct ebb_word_list *list);

#endif
