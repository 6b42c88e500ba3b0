/* tools/word_list.c - words between commas. */
#include "tools/word_list.h"

#include "core/memory.h"

#include <stdint.h>
#include <string.h>

/* Add `n` characters as a word. */
static ebb_status add(struct ebb_word_list *list, const char *at, size_t n)
{
    if (n == 0) {
        return EBB_FAIL(EBB_ERR_ARG, "a list with an empty word");
    }
    if (list->n == EBB_WORDS_MAX) {
        return EBB_FAIL(EBB_ERR_ARG, "a list of more than %d words",
                        EBB_WORDS_MAX);
    }
    char *word = ebb_mem_calloc(n + 1, 1);
    if (!word) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a word");
    }
    memcpy(word, at, n);
    list->word[list->n++] = word;
    return EBB_OK;
}

ebb_status ebb_word_list_add(struct ebb_word_list *list, const char *word)
{
    return add(list, word, strlen(word));
}

ebb_status ebb_word_list_split(struct ebb_word_list *list, const char *text)
{
    while (text) {
        size_t n = strcspn(text, ",");
        EBB_TRY(add(list, text, n));
        text = text[n] ? text + n + 1 : NULL;
    }
    return EBB_OK;
}

void ebb_word_list_finish(struct ebb_word_list *list)
{
    for (size_t k = 0; k < list->n; k++) {
        ebb_mem_free((void *)(uintptr_t)list->word[k]);
    }
    list->n = 0;
}
