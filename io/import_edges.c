/* io/import_edges.c - lists of synapses in text as networks. */
#include "io/import_edges.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 256 };

static const char *pass_gap(const char *at)
{
    at += strspn(at, " \t");
    at += *at == ',';
    return at + strspn(at, " \t\r\n");
}

static bool whole(const char **at, uint64_t most, uint32_t *out)
{
    char *end = NULL;
    errno = 0;
    unsigned long long n = strtoull(*at, &end, 10);
    bool right = **at >= '0' && **at <= '9' && errno == 0 && n <= most;
    *out = right ? (uint32_t)n : 0;
    *at = pass_gap(end);
    return right;
}

static bool parse(const char *line, struct ebb_edge *edge, uint32_t delay)
{
    char *end = NULL;
    *edge = (struct ebb_edge){.delay_ticks = delay};
    line += strspn(line, " \t");
    if (!whole(&line, UINT32_MAX - 2, &edge->source) ||
        !whole(&line, UINT32_MAX - 2, &edge->target)) {
        return false;
    }
    double weight = strtod(line, &end);
    edge->weight = (float)weight;
    if (end == line || !isfinite(edge->weight)) {
        return false;
    }
    line = pass_gap(end);
    return !*line || (whole(&line, UINT32_MAX, &edge->delay_ticks) && !*line);
}

static bool says_nothing(const char *line, size_t number)
{
    size_t lead = strspn(line, " \t\r\n");
    return !line[lead] || line[lead] == '#' ||
           (number == 1 && strncmp(line + lead, "source", 6) == 0);
}

/* Not cut by the end of the room, nor by a zero byte. */
static bool is_whole_line(const char *line, FILE *file)
{
    size_t n = strlen(line);
    return (n > 0 && line[n - 1] == '\n') || (n + 1 < LINE_BYTES && feof(file));
}

static ebb_status read_lines(struct ebb_edges *out, FILE *file, uint32_t delay)
{
    char line[LINE_BYTES];
    for (size_t number = 1; fgets(line, sizeof(line), file); number++) {
        struct ebb_edge edge;
        if (says_nothing(line, number)) {
            continue;
        }
        if (!is_whole_line(line, file) || !parse(line, &edge, delay)) {
            line[strcspn(line, "\r\n")] = '\0';
            return EBB_FAIL(EBB_ERR_FORMAT,
                            "line %zu: '%.60s' is no synapse; a line is "
                            "source,target,weight or "
                            "source,target,weight,delay in ticks",
                            number, line);
        }
        EBB_TRY(ebb_edges_push(out, edge));
    }
    if (ferror(file)) {
        return EBB_FAIL(EBB_ERR_IO, "reading stopped before the end");
    }
    return out->count > 0 ? EBB_OK : EBB_FAIL(EBB_ERR_FORMAT, "no synapses");
}

bool ebb_edges_csv_looks(const char *path)
{
    char line[LINE_BYTES];
    struct ebb_edge edge;
    bool looks = false;
    FILE *file = fopen(path, "rb");
    for (size_t number = 1; file && fgets(line, sizeof(line), file); number++) {
        looks = strncmp(line, "source", 6) == 0;
        if (looks || !says_nothing(line, number)) {
            looks = looks || parse(line, &edge, 1);
            break;
        }
    }
    if (file) {
        fclose(file);
    }
    return looks;
}

/* Neurons on each side. */
struct sizes {
    size_t sources, targets;
};

static ebb_status find_sizes(struct sizes *s, const struct ebb_edges *list,
                             size_t neurons, bool feed_forward)
{
    size_t n = (size_t)list->count;
    *s = (struct sizes){list->highest_source + (size_t)1,
                        list->highest_target + (size_t)1};
    if (!feed_forward) {
        s->sources = s->sources > s->targets ? s->sources : s->targets;
        s->targets = s->sources;
    }
    if (neurons > 0) {
        s->targets = neurons;
        s->sources = feed_forward ? s->sources : neurons;
    } else {
        EBB_TRY(ebb_edges_check_size(s->targets, n));
    }
    return ebb_edges_check_size(s->sources,
                                neurons > 0 && !feed_forward ? SIZE_MAX : n);
}

static ebb_status fill(struct ebb_network *net, struct ebb_edges *list,
                       size_t neurons, bool feed_forward,
                       const struct ebb_edge_neurons *how)
{
    struct sizes s;
    size_t input = 0, index = 0;
    EBB_TRY(find_sizes(&s, list, neurons, feed_forward));
    net->tick_s = how->tick_s;
    if (feed_forward) {
        EBB_TRY(
            ebb_network_add_population(net, "input", s.sources, true, &input));
    }
    EBB_TRY(ebb_edges_add_neurons(net, "neurons", s.targets, how, &index));
    EBB_TRY(ebb_edges_add(net, "synapses", feed_forward ? input : index, index,
                          list, how));
    if (!feed_forward) {
        EBB_TRY(ebb_edges_add_input(net, index, how));
    }
    return ebb_network_finish(net);
}

ebb_status ebb_edges_csv_read(struct ebb_network **out, const char *path,
                              size_t neurons, bool feed_forward,
                              const struct ebb_edge_neurons *how)
{
    struct ebb_edges list = {.n = 0};
    struct ebb_network *net = NULL;
    *out = NULL;
    FILE *file = fopen(path, "rb");
    if (!file) {
        return EBB_FAIL(EBB_ERR_IO, "cannot read '%s': %s", path,
                        strerror(errno));
    }
    ebb_status status = read_lines(&list, file, (uint32_t)how->delay_ticks);
    fclose(file);
    status = status ? status : ebb_network_create(&net);
    status = status ? status : fill(net, &list, neurons, feed_forward, how);
    ebb_edges_finish(&list);
    if (status != EBB_OK) {
        ebb_network_destroy(net);
        return ebb_error_prefix(status, "%s: ", path);
    }
    *out = net;
    return EBB_OK;
}
