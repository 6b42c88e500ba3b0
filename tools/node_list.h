/* tools/node_list.h - neurons named on the command line: "0:10,50". */
#ifndef EBB_TOOLS_NODE_LIST_H
#define EBB_TOOLS_NODE_LIST_H

#include "core/error.h"

#include <stddef.h>
#include <stdint.h>

/** Numbers, rising. Zero-initialise. */
struct ebb_node_list {
    uint32_t *at; /* NULL: none */
    size_t n;
};

/** Read the words of --neurons: a rising list of numbers and ranges, whose end
 *  is left out. Errors: EBB_ERR_ARG, EBB_ERR_NOMEM; the list may be half read
 *  and is finished by the caller all the same. */
EBB_NODISCARD ebb_status ebb_node_list_parse(struct ebb_node_list *out,
                                             const char *text);

/** Free the numbers. */
void ebb_node_list_finish(struct ebb_node_list *list);

#endif
