/* tools/record_spec.c - what to record, from words. */
#include "tools/record_spec.h"

#include "core/nearest.h"

#include <stdio.h>
#include <string.h>

enum { WORD_BYTES = 160 };

static ebb_status parse_state(const char *letter, enum ebb_state *out)
{
    static const char letters[] = "VRIF";
    static const enum ebb_state states[] = {EBB_STATE_V, EBB_STATE_R,
                                            EBB_STATE_I, EBB_STATE_F};
    const char *at = letter[0] && !letter[1] ? strchr(letters, *letter) : NULL;
    if (!at) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--record: '%.60s' is no state; there are V, R and I "
                        "(V@population) and F (F@projection)",
                        letter);
    }
    *out = states[at - letters];
    return EBB_OK;
}

static ebb_status unknown(const char *kind, const char *name,
                          const char *const *names, size_t n, size_t stride)
{
    const char *near = n ? ebb_nearest(name, names, n, stride) : NULL;
    return EBB_FAIL(EBB_ERR_ARG,
                    "--record: no %s is called '%.60s'%s%s%s (ebb info lists "
                    "them)",
                    kind, name, near ? "; did you mean '" : "",
                    near ? near : "", near ? "'?" : "");
}

static ebb_status find_population(const struct ebb_network *net,
                                  const char *name, size_t *out)
{
    *out = ebb_network_find_population(net, name);
    if (*out == net->n_populations) {
        return unknown("population", name,
                       (const char *const *)&net->populations[0].name,
                       net->n_populations, sizeof(net->populations[0]));
    }
    if (net->populations[*out].input) {
        return EBB_FAIL(EBB_ERR_ARG,
                        "--record: '%s' is an input; it has spikes, no V, R "
                        "or I",
                        name);
    }
    return EBB_OK;
}

/* A projection by its name or by SOURCE:TARGET. */
static ebb_status find_projection(const struct ebb_network *net,
                                  const char *name, size_t *out)
{
    *out = ebb_network_find_projection(net, name);
    for (size_t q = 0; *out == net->n_projections && q < net->n_projections;
         q++) {
        const struct ebb_projection *p = &net->projections[q];
        char ends[WORD_BYTES];
        snprintf(ends, sizeof(ends), "%s:%s", net->populations[p->source].name,
                 net->populations[p->target].name);
        if (strcmp(ends, name) == 0) {
            *out = q;
            return EBB_OK;
        }
    }
    return *out < net->n_projections
               ? EBB_OK
               : unknown("projection", name,
                         (const char *const *)&net->projections[0].name,
                         net->n_projections, sizeof(net->projections[0]));
}

static ebb_status place(struct ebb_record_spec *spec,
                        const struct ebb_network *net, size_t from,
                        const char *where)
{
    for (size_t k = from; k < spec->n; k++) {
        struct ebb_probe *p = &spec->probe[k];
        if (p->state == EBB_STATE_F) {
            EBB_TRY(find_projection(net, where, &p->where));
        } else {
            EBB_TRY(find_population(net, where, &p->where));
        }
    }
    return EBB_OK;
}

static ebb_status parse_words(struct ebb_record_spec *spec,
                              const struct ebb_network *net, const char *words)
{
    size_t homeless = 0; /* first probe that has no place yet */
    const char *at = words;
    while (*at) {
        char word[WORD_BYTES];
        size_t length = strcspn(at, ",");
        if (length >= sizeof(word) || spec->n == EBB_RECORD_MAX) {
            return EBB_FAIL(EBB_ERR_ARG, "--record: too much: '%.60s…'", at);
        }
        memcpy(word, at, length);
        word[length] = '\0';
        at += length + (at[length] == ',');
        char *where = strchr(word, '@');
        if (where) {
            *where++ = '\0';
        }
        EBB_TRY(parse_state(word, &spec->probe[spec->n].state));
        spec->n++;
        if (where) {
            EBB_TRY(place(spec, net, homeless, where));
            homeless = spec->n;
        }
    }
    return place(spec, net, homeless,
                 net->populations[ebb_network_output(net)].name);
}

/* Give each probe its neurons. */
static ebb_status settle_nodes(struct ebb_record_spec *spec,
                               const struct ebb_network *net)
{
    for (size_t k = 0; k < spec->n; k++) {
        struct ebb_probe *p = &spec->probe[k];
        size_t population = p->state == EBB_STATE_F
                                ? net->projections[p->where].source
                                : p->where;
        const struct ebb_population *owner = &net->populations[population];
        p->nodes = spec->nodes.at;
        p->n = spec->nodes.at ? spec->nodes.n : owner->n;
        if (spec->nodes.at && spec->nodes.at[spec->nodes.n - 1] >= owner->n) {
            return EBB_FAIL(
                EBB_ERR_ARG, "--neurons goes up to %u, but '%s' has %zu",
                spec->nodes.at[spec->nodes.n - 1], owner->name, owner->n);
        }
    }
    return EBB_OK;
}

/* V of every population: what a replay needs. */
static ebb_status take_all(struct ebb_record_spec *spec,
                           const struct ebb_network *net)
{
    for (size_t k = 0; k < net->n_populations; k++) {
        if (net->populations[k].input) {
            continue;
        }
        if (spec->n == EBB_RECORD_MAX) {
            return EBB_FAIL(EBB_ERR_ARG,
                            "--record all: more than %d populations",
                            EBB_RECORD_MAX);
        }
        spec->probe[spec->n++] =
            (struct ebb_probe){.state = EBB_STATE_V, .where = k};
    }
    return EBB_OK;
}

ebb_status ebb_record_spec_parse(struct ebb_record_spec *out,
                                 const struct ebb_network *net,
                                 const char *words, const char *nodes,
                                 ebb_tick every)
{
    EBB_TRY(strcmp(words, "all") == 0 ? take_all(out, net)
                                      : parse_words(out, net, words));
    for (size_t k = 0; k < out->n; k++) {
        out->probe[k].every = every;
    }
    if (nodes) {
        EBB_TRY(ebb_node_list_parse(&out->nodes, nodes));
    }
    return settle_nodes(out, net);
}

void ebb_record_spec_finish(struct ebb_record_spec *spec)
{
    ebb_node_list_finish(&spec->nodes);
    *spec = (struct ebb_record_spec){0};
}
