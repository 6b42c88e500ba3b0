/* io/experiment_layers.c - the short notation of a network: layers in a row,
 *
 *     32C3-32C3-64C7s2p3-P2-256-10
 *
 * written out as the populations that it stands for. */
#include "io/experiment_parts.h"

#include <stdio.h>
#include <string.h>

enum { TOKEN_MAX = 64, NAME_MAX_BYTES = 32 };

/* The layers being written out. */
struct row {
    const struct ebb_place *place; /* of the section network */
    const char *layers;            /* as they stand there */
    struct ebb_arena *arena;
    struct ebb_doc_network *out;
    const char **written;      /* [populations] "3: 64C3", for messages */
    struct ebb_doc_pool *pool; /* of the layer to come, or NULL */
    unsigned tokens, convs, denses;
    bool full; /* no memory */
};

/* A copy of `n` characters, or NULL and `full`. */
static char *copy(struct row *row, const char *text, size_t n)
{
    char *to = ebb_arena_calloc(row->arena, n + 1, 1);
    if (!to) {
        row->full = true;
        return NULL;
    }
    memcpy(to, text, n);
    return to;
}

/* Take "7" or "7x5" off the front of a text. */
static char *take_size(struct row *row, const char **text)
{
    size_t n = strspn(*text, "0123456789");
    if (n > 0 && (*text)[n] == 'x') {
        n += 1 + strspn(*text + n + 1, "0123456789");
    }
    char *size = n > 0 ? copy(row, *text, n) : NULL;
    *text += n;
    return size;
}

static ebb_status refuse(const struct row *row, const char *token,
                         const char *why)
{
    if (row->full) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for layers");
    }
    return ebb_place_fail(row->place, "layers", row->layers,
                          "layer %u, '%.40s': %s", row->tokens, token, why);
}

static ebb_status refuse_form(const struct row *row, const char *token)
{
    return refuse(row, token,
                  "a layer is 64C7 (64 channels of 7x7), 64C7s2p3 with stride "
                  "and padding, d and g for dilation and groups; P2, A2 or S2 "
                  "(the maximum, average or sum of 2x2); or 256 (so many "
                  "neurons)");
}

/* Letters with a number each, such as s2p3; false: another letter, a letter
 * twice or without a number. */
static bool take_options(struct row *row, const char *text, const char *letters,
                         char **const *values)
{
    while (*text) {
        const char *letter = strchr(letters, *text);
        char **value = letter ? values[letter - letters] : NULL;
        text++;
        if (!value || *value || !(*value = take_size(row, &text))) {
            return false;
        }
    }
    return true;
}

static ebb_status take_pool(struct row *row, const char *token)
{
    const char *rest = token + 1;
    struct ebb_doc_pool *pool = ebb_arena_calloc(row->arena, 1, sizeof(*pool));
    row->full = row->full || !pool;
    if (row->full) {
        return EBB_OK;
    }
    pool->kind = token[0] == 'P' ? "max" : token[0] == 'A' ? "average" : "sum";
    pool->size = take_size(row, &rest);
    char **const values[] = {&pool->stride};
    if (!pool->size || !take_options(row, rest, "s", values)) {
        return refuse_form(row, token);
    }
    if (row->pool) {
        return refuse(row, token, "two poolings in a row; make it one");
    }
    row->pool = pool;
    return EBB_OK;
}

static ebb_status take_conv(struct row *row, struct ebb_doc_population *to,
                            char *channels, const char *token, const char *rest)
{
    struct ebb_doc_conv *conv = ebb_arena_calloc(row->arena, 1, sizeof(*conv));
    row->full = row->full || !conv;
    if (row->full) {
        return EBB_OK;
    }
    conv->channels = channels;
    conv->size = take_size(row, &rest);
    char **const values[] = {&conv->stride, &conv->padding, &conv->dilation,
                             &conv->groups};
    if (!conv->size || !take_options(row, rest, "spdg", values)) {
        return refuse_form(row, token);
    }
    to->space.conv = conv;
    return EBB_OK;
}

static void name_layer(struct row *row, struct ebb_doc_population *to,
                       const char *token, bool last)
{
    char name[NAME_MAX_BYTES], written[TOKEN_MAX + 16];
    unsigned *count = to->space.conv ? &row->convs : &row->denses;
    int n = snprintf(name, sizeof(name), "%s%u",
                     to->space.conv ? "conv" : "dense", ++*count);
    to->name = last ? copy(row, "output", 6) : copy(row, name, (size_t)n);
    n = snprintf(written, sizeof(written), "%u: %s", row->tokens, token);
    row->written[row->out->n_populations++] = copy(row, written, (size_t)n);
}

static ebb_status take_token(struct row *row, const char *token, bool last)
{
    if (token[0] && strchr("PAS", token[0])) {
        EBB_TRY(take_pool(row, token));
        return last ? refuse(row, token, "there is no layer behind it")
                    : EBB_OK;
    }
    struct ebb_doc_population *to =
        &row->out->populations[row->out->n_populations];
    size_t digits = strspn(token, "0123456789");
    char *number = copy(row, token, digits);
    to->space.pool = row->pool;
    row->pool = NULL;
    if (digits == 0 || (token[digits] && token[digits] != 'C')) {
        return refuse_form(row, token);
    }
    if (token[digits] == 'C') {
        EBB_TRY(take_conv(row, to, number, token, token + digits + 1));
    } else {
        to->size = number;
    }
    name_layer(row, to, token, last);
    return EBB_OK;
}

static ebb_status take_tokens(struct row *row)
{
    for (const char *at = row->layers; !row->full;) {
        char token[TOKEN_MAX];
        size_t n = strcspn(at, "-");
        row->tokens++;
        snprintf(token, sizeof(token), "%.*s", (int)(n < 1000 ? n : 1000), at);
        if (n >= sizeof(token)) {
            return refuse_form(row, token);
        }
        EBB_TRY(take_token(row, token, at[n] == '\0'));
        if (at[n] == '\0') {
            break;
        }
        at += n + 1;
    }
    return EBB_OK;
}

/* The input, before all layers. */
static ebb_status take_input(struct row *row, const struct ebb_doc_list *input)
{
    struct ebb_doc_population *to = row->out->populations;
    if (input->n != 1 && input->n != 3) {
        return ebb_place_fail(row->place, input->n ? "input" : "layers", NULL,
                              "give input: [channels, rows, columns], or "
                              "[neurons] where it has no space");
    }
    to->name = copy(row, "input", 5);
    to->input = copy(row, "true", 4);
    if (input->n == 1) {
        to->size = input->item[0];
    } else {
        to->shape = *input;
    }
    row->written[row->out->n_populations++] = "0: input";
    return EBB_OK;
}

static ebb_status check(const struct ebb_place *p,
                        const struct ebb_doc_network *doc)
{
    if (!doc->layers && doc->n_populations == 0) {
        return ebb_place_fail(p, NULL, NULL,
                              "'populations' is missing; give populations, or "
                              "input and layers");
    }
    if (!doc->layers && doc->input.n > 0) {
        return ebb_place_fail(p, "input", NULL,
                              "it belongs to layers; mark one of the "
                              "populations with input: true");
    }
    if (doc->layers && doc->n_populations > 0) {
        return ebb_place_fail(p, "layers", doc->layers,
                              "give populations or layers, not both");
    }
    return doc->layers && doc->n_projections > 0
               ? ebb_place_fail(p, "layers", doc->layers,
                                "each feeds the next; for other projections "
                                "list populations")
               : EBB_OK;
}

ebb_status ebb_experiment_expand_layers(struct ebb_doc_network *out,
                                        struct ebb_arena *arena,
                                        const struct ebb_place *p,
                                        const struct ebb_doc_network *doc)
{
    *out = *doc;
    EBB_TRY(check(p, doc));
    if (!doc->layers) {
        return EBB_OK;
    }
    size_t room = 2;
    for (const char *at = doc->layers; *at; at++) {
        room += *at == '-';
    }
    struct row row = {.place = p,
                      .layers = doc->layers,
                      .arena = arena,
                      .out = out,
                      .written =
                          ebb_arena_calloc(arena, room, sizeof(*row.written))};
    out->populations = ebb_arena_calloc(arena, room, sizeof(*out->populations));
    if (!row.written || !out->populations) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu layers", room);
    }
    out->written = row.written;
    EBB_TRY(take_input(&row, &doc->input));
    EBB_TRY(take_tokens(&row));
    return row.full ? EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu layers", room)
                    : EBB_OK;
}
