/* tools/node_list.c - neurons named on the command line. */
#include "tools/node_list.h"

#include "core/memory.h"

#include <stdlib.h>

static ebb_status bad_nodes(const char *text)
{
    return EBB_FAIL(EBB_ERR_ARG,
                    "--neurons is '%.60s'; it must be a rising list such as "
                    "0:10,50 (the end of a range is left out)",
                    text);
}

static ebb_status push_nodes(struct ebb_node_list *list, size_t *room,
                             unsigned long a, unsigned long b)
{
    EBB_TRY(
        ebb_mem_grow(&list->at, room, list->n + (b - a), sizeof(*list->at)));
    for (unsigned long i = a; i < b; i++) {
        list->at[list->n++] = (uint32_t)i;
    }
    return EBB_OK;
}

ebb_status ebb_node_list_parse(struct ebb_node_list *list, const char *text)
{
    size_t room = 0;
    unsigned long least = 0;
    for (const char *at = text; *at;) {
        char *end = NULL;
        unsigned long a = strtoul(at, &end, 10), b = a + 1;
        if (end == at || *at < '0' || *at > '9') {
            return bad_nodes(text);
        }
        if (*end == ':') {
            at = end + 1;
            b = strtoul(at, &end, 10);
        }
        if (end == at || (*end && *end != ',') || a < least || b <= a ||
            b > 100 * 1000 * 1000) {
            return bad_nodes(text);
        }
        EBB_TRY(push_nodes(list, &room, a, b));
        least = b;
        at = end + (*end == ',');
    }
    return list->n ? EBB_OK : bad_nodes(text);
}

void ebb_node_list_finish(struct ebb_node_list *list)
{
    ebb_mem_free(list->at);
    *list = (struct ebb_node_list){.n = 0};
}
