/* tools/dataset/labelled.c - samples-to-be. */
#include "tools/dataset/labelled.h"

#include "core/memory.h"
#include "core/random.h"
#include "tools/dataset/sample_list.h"
#include "tools/dataset/walk.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

ebb_status ebb_labelled_add(struct ebb_labelled_list *list, const char *path,
                            uint32_t label, enum ebb_split split)
{
    EBB_TRY(
        ebb_mem_grow(&list->at, &list->room, list->n + 1, sizeof(*list->at)));
    char *copy = path ? ebb_mem_strdup(path) : NULL;
    if (path && !copy) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a list of samples");
    }
    list->at[list->n++] = (struct ebb_labelled){copy, NULL, label, split};
    return EBB_OK;
}

static ebb_status take_file(void *self, const char *path)
{
    struct ebb_labelled_list *list = self;
    struct ebb_name_fields fields;
    if (!ebb_name_pattern_match(&list->pattern, path, &fields)) {
        list->others++;
        return EBB_OK;
    }
    EBB_TRY(ebb_labelled_add(list, path, 0, EBB_SPLIT_TRAIN));
    struct ebb_name_fields *copy = ebb_mem_calloc(1, sizeof(*copy));
    if (!copy) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for a list of samples");
    }
    *copy = fields;
    list->at[list->n - 1].fields = copy;
    return EBB_OK;
}

static bool is_number(const char *word)
{
    size_t n = strspn(word, "0123456789");
    return n > 0 && n < 7 && !word[n];
}

static int by_word(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The words of the class, each once, in order. */
static size_t unique(const char **word, size_t n)
{
    size_t kept = 0;
    qsort(word, n, sizeof(*word), by_word);
    for (size_t k = 0; k < n; k++) {
        if (kept == 0 || strcmp(word[kept - 1], word[k]) != 0) {
            word[kept++] = word[k];
        }
    }
    return kept;
}

/* Class names become numbers. */
static ebb_status settle_classes(struct ebb_labelled_list *list)
{
    const size_t f = ebb_name_pattern_field(&list->pattern, "class", 5);
    const char **word = ebb_mem_calloc(list->n, sizeof(*word));
    bool numbers = true;
    if (!word) {
        return EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu classes", list->n);
    }
    for (size_t k = 0; k < list->n; k++) {
        word[k] = list->at[k].fields->is[f];
        numbers = numbers && is_number(word[k]);
    }
    size_t classes = unique(word, list->n);
    for (size_t k = 0; k < list->n; k++) {
        const char *name = list->at[k].fields->is[f];
        const char **at = bsearch(&name, word, classes, sizeof(*word), by_word);
        list->at[k].label =
            (uint32_t)(numbers ? strtoul(name, NULL, 10) : (size_t)(at - word));
    }
    ebb_mem_free(word);
    return EBB_OK;
}

ebb_status ebb_labelled_collect(struct ebb_labelled_list *list,
                                const char *folder, const char *pattern)
{
    EBB_TRY(ebb_name_pattern_parse(&list->pattern, pattern));
    EBB_TRY(ebb_folder_walk(folder, take_file, list));
    if (list->n == 0) {
        return EBB_FAIL(EBB_ERR_FORMAT,
                        "%s: none of %zu files has a name as '%s'; give "
                        "--names",
                        folder, list->others, pattern);
    }
    return settle_classes(list);
}

ebb_status ebb_labelled_read(struct ebb_labelled_list *list, const char *path)
{
    struct ebb_sample_list files;
    EBB_TRY(ebb_sample_list_read(&files, path));
    ebb_status status = EBB_OK;
    for (size_t k = 0; k < files.n && status == EBB_OK; k++) {
        const struct ebb_sample_file *f = &files.at[k];
        status = ebb_labelled_add(list, f->path, f->label, f->split);
    }
    ebb_sample_list_finish(&files);
    return status;
}

/* Which samples are meant: field number `field` among `list`. */
struct choice {
    size_t field;
    const char *list;
};

static ebb_status take_choice(struct choice *out,
                              const struct ebb_labelled_list *list,
                              const char *option, const char *text)
{
    size_t n = strcspn(text, "=");
    out->field = ebb_name_pattern_field(&list->pattern, text, n);
    out->list = text + n + 1;
    if (text[n] && out->field < list->pattern.n) {
        return EBB_OK;
    }
    char known[EBB_NAME_FIELDS * (EBB_NAME_BYTES + 2)] = "";
    for (size_t k = 0; k < list->pattern.n; k++) {
        strcat(known, k ? ", " : "");
        strcat(known, list->pattern.field[k]);
    }
    return EBB_FAIL(EBB_ERR_ARG,
                    "--%s '%.60s': wanted is a share such as 10%%%s%s%s",
                    option, text, known[0] ? ", or FIELD=WORDS, such as " : "",
                    known[0] ? "take=0-4; names tell " : "", known);
}

static bool is_chosen(const struct choice *c, const struct ebb_labelled *one)
{
    return ebb_name_is_among(one->fields->is[c->field], c->list);
}

static void drop(struct ebb_labelled *one)
{
    ebb_mem_free(one->path);
    ebb_mem_free(one->fields);
}

ebb_status ebb_labelled_keep(struct ebb_labelled_list *list, const char *option,
                             const char *chosen)
{
    struct choice c;
    size_t kept = 0;
    EBB_TRY(take_choice(&c, list, option, chosen));
    for (size_t k = 0; k < list->n; k++) {
        if (is_chosen(&c, &list->at[k])) {
            list->at[kept++] = list->at[k];
        } else {
            drop(&list->at[k]);
        }
    }
    list->n = kept;
    return kept > 0 ? settle_classes(list)
                    : EBB_FAIL(EBB_ERR_ARG, "--%s '%.60s' leaves no sample",
                               option, chosen);
}

/* The first of class `label`'s training samples, shuffled. */
static void move_share(struct ebb_labelled_list *list, enum ebb_split split,
                       size_t *member, size_t n, double share, uint64_t seed)
{
    const uint32_t label = list->at[member[0]].label;
    struct ebb_random r = ebb_random_stream(seed, EBB_RANDOM_SPLIT,
                                            (uint64_t)split << 32 | label);
    size_t wanted = (size_t)llround(share * (double)n);
    for (size_t k = 0; k < wanted && k < n; k++) {
        size_t other = k + ebb_random_below(&r, (uint32_t)(n - k));
        size_t drawn = member[other];
        member[other] = member[k];
        list->at[drawn].split = split;
    }
}

/* Training samples, class after class. */
struct member {
    uint32_t label;
    size_t at;
};

static int by_label(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    if (x->label != y->label) {
        return x->label < y->label ? -1 : 1;
    }
    return x->at < y->at ? -1 : x->at > y->at;
}

static ebb_status move_shares(struct ebb_labelled_list *list,
                              enum ebb_split split, double share, uint64_t seed)
{
    struct member *all = ebb_mem_calloc(list->n, sizeof(*all));
    size_t *number = ebb_mem_calloc(list->n, sizeof(*number)), n = 0;
    ebb_status status =
        all && number
            ? EBB_OK
            : EBB_FAIL(EBB_ERR_NOMEM, "no memory for %zu samples", list->n);
    for (size_t k = 0; k < list->n && status == EBB_OK; k++) {
        if (list->at[k].split == EBB_SPLIT_TRAIN) {
            all[n++] = (struct member){list->at[k].label, k};
        }
    }
    if (n > 0) {
        qsort(all, n, sizeof(*all), by_label);
    }
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from; to < n && all[to].label == all[from].label; to++) {
            number[to] = all[to].at;
        }
        move_share(list, split, number + from, to - from, share, seed);
    }
    ebb_mem_free(all);
    ebb_mem_free(number);
    return status;
}

/* "10%" as 0.1; false: no share. */
static bool take_share(const char *text, double *out)
{
    char *end;
    *out = strtod(text, &end) / 100;
    return end != text && strcmp(end, "%") == 0 && *out > 0 && *out < 1;
}

ebb_status ebb_labelled_move(struct ebb_labelled_list *list,
                             enum ebb_split split, const char *option,
                             const char *chosen, uint64_t seed)
{
    double share;
    struct choice c;
    size_t before = ebb_labelled_count(list, EBB_SPLIT_TRAIN);
    if (take_share(chosen, &share)) {
        EBB_TRY(move_shares(list, split, share, seed));
    } else {
        EBB_TRY(take_choice(&c, list, option, chosen));
        for (size_t k = 0; k < list->n; k++) {
            if (list->at[k].split == EBB_SPLIT_TRAIN &&
                is_chosen(&c, &list->at[k])) {
                list->at[k].split = split;
            }
        }
    }
    size_t left = ebb_labelled_count(list, EBB_SPLIT_TRAIN);
    return left > 0 && left < before
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_ARG,
                          "--%s '%.60s' takes %zu of %zu training samples",
                          option, chosen, before - left, before);
}

size_t ebb_labelled_count(const struct ebb_labelled_list *list,
                          enum ebb_split split)
{
    size_t n = 0;
    for (size_t k = 0; k < list->n; k++) {
        n += list->at[k].split == split;
    }
    return n;
}

void ebb_labelled_finish(struct ebb_labelled_list *list)
{
    for (size_t k = 0; k < list->n; k++) {
        drop(&list->at[k]);
    }
    ebb_mem_free(list->at);
    *list = (struct ebb_labelled_list){0};
}
