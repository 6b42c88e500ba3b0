/* tools/dataset/name_pattern.c - what names of files tell. */
#include "tools/dataset/name_pattern.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Copy n characters; false: too long. */
static bool copy(char out[EBB_NAME_BYTES], const char *from, size_t n)
{
    if (n >= EBB_NAME_BYTES) {
        return false;
    }
    memcpy(out, from, n);
    out[n] = '\0';
    return true;
}

/* Text up to the next '{', and the field behind it. */
static ebb_status parse_piece(struct ebb_name_pattern *p, const char **at,
                              const char *whole)
{
    size_t text = strcspn(*at, "{");
    bool good = copy(p->text[p->n], *at, text);
    *at += text;
    if (good && **at == '{') {
        size_t name = strcspn(*at + 1, "{}/");
        good = p->n < EBB_NAME_FIELDS && name > 0 && (*at)[1 + name] == '}' &&
               copy(p->field[p->n], *at + 1, name) && (text > 0 || p->n == 0) &&
               ebb_name_pattern_field(p, *at + 1, name) == p->n;
        *at += good ? name + 2 : 0;
        p->n += good;
    }
    return good ? EBB_OK
                : EBB_FAIL(EBB_ERR_ARG,
                           "--names '%.80s': wanted is text with at most %d "
                           "fields between, such as {class}_{speaker}.wav: "
                           "each name once, text between two fields",
                           whole, EBB_NAME_FIELDS);
}

ebb_status ebb_name_pattern_parse(struct ebb_name_pattern *out,
                                  const char *pattern)
{
    const char *at = pattern;
    *out = (struct ebb_name_pattern){.n = 0};
    while (*at) {
        EBB_TRY(parse_piece(out, &at, pattern));
    }
    for (at = pattern; *at; at++) {
        out->slashes += *at == '/';
    }
    return ebb_name_pattern_field(out, "class", 5) < out->n
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG,
                          "--names '%.80s' tells no {class}; each sample has "
                          "one",
                          pattern);
}

size_t ebb_name_pattern_field(const struct ebb_name_pattern *p,
                              const char *name, size_t length)
{
    size_t k = 0;
    while (k < p->n && (strlen(p->field[k]) != length ||
                        memcmp(p->field[k], name, length) != 0)) {
        k++;
    }
    return k;
}

/* Text k at the start of `at`, and all that follows it. At most one call a
 * character and field. */
static bool match_from(const struct ebb_name_pattern *p, size_t k,
                       const char *at, struct ebb_name_fields *out)
{
    size_t n = strlen(p->text[k]);
    if (strncmp(at, p->text[k], n) != 0) {
        return false;
    }
    at += n;
    if (k == p->n) {
        return *at == '\0';
    }
    size_t most = strcspn(at, "/");
    most = most < EBB_NAME_BYTES ? most : EBB_NAME_BYTES - 1;
    for (size_t take = most; take > 0; take--) {
        if (match_from(p, k + 1, at + take, out)) {
            return copy(out->is[k], at, take);
        }
    }
    return false;
}

bool ebb_name_pattern_match(const struct ebb_name_pattern *p, const char *path,
                            struct ebb_name_fields *out)
{
    const char *at = path + strlen(path);
    size_t slashes = 0;
    while (at > path && (at[-1] != '/' || slashes < p->slashes)) {
        at--;
        slashes += *at == '/';
    }
    return match_from(p, 0, at, out);
}

/* A word of n digits and nothing else. */
static bool is_number(const char *word, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        if (!isdigit((unsigned char)word[k])) {
            return false;
        }
    }
    return n > 0 && n < 10;
}

/* One item of a list, of n characters. */
static bool is_item(const char *word, const char *item, size_t n)
{
    size_t length = strlen(word);
    const char *dash = memchr(item, '-', n);
    size_t low = dash ? (size_t)(dash - item) : 0;
    if (dash && is_number(word, length) && is_number(item, low) &&
        is_number(dash + 1, n - low - 1)) {
        long value = atol(word);
        return value >= atol(item) && value <= atol(dash + 1);
    }
    return length == n && memcmp(word, item, n) == 0;
}

bool ebb_name_is_among(const char *word, const char *list)
{
    while (true) {
        size_t n = strcspn(list, ",");
        if (is_item(word, list, n)) {
            return true;
        }
        if (!list[n]) {
            return false;
        }
        list += n + 1;
    }
}
