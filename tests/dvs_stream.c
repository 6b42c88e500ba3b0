/* tests/dvs_stream.c - recordings in memory, for tests of their formats. */
#include "tests/dvs_stream.h"

#include "core/memory.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void dvs_stream_finish(struct dvs_stream *s)
{
    ebb_dvs_block_finish(&s->all);
    *s = (struct dvs_stream){.status = EBB_OK};
}

static void make_room(struct dvs_stream *s, size_t n)
{
    struct ebb_dvs_block *b = &s->all, bigger;
    if (n <= b->capacity) {
        return;
    }
    ck_assert(ebb_dvs_block_init(&bigger, 2 * n) == EBB_OK);
    if (b->n) {
        memcpy(bigger.t, b->t, b->n * sizeof(*b->t));
        memcpy(bigger.x, b->x, b->n * sizeof(*b->x));
        memcpy(bigger.y, b->y, b->n * sizeof(*b->y));
        memcpy(bigger.p, b->p, b->n * sizeof(*b->p));
    }
    bigger.n = b->n;
    ebb_dvs_block_finish(b);
    *b = bigger;
}

void dvs_stream_add(struct dvs_stream *s, int64_t t, unsigned x, unsigned y,
                    unsigned p)
{
    make_room(s, s->all.n + 1);
    s->all.t[s->all.n] = t;
    s->all.x[s->all.n] = (uint16_t)x;
    s->all.y[s->all.n] = (uint16_t)y;
    s->all.p[s->all.n++] = (uint8_t)p;
}

static void read_all(struct dvs_stream *s, struct ebb_dvs_reader *reader,
                     size_t block)
{
    struct ebb_dvs_block some;
    ck_assert(ebb_dvs_block_init(&some, block) == EBB_OK);
    do {
        s->status = ebb_dvs_read(reader, &some);
        for (size_t k = 0; k < some.n; k++) {
            dvs_stream_add(s, some.t[k], some.x[k], some.y[k], some.p[k]);
        }
    } while (s->status == EBB_OK && some.n > 0);
    s->about = *ebb_dvs_about(reader);
    ebb_dvs_block_finish(&some);
    ebb_dvs_close(reader);
}

void dvs_stream_read(struct dvs_stream *s, const char *path,
                     const struct ebb_dvs_options *options, size_t block)
{
    struct ebb_dvs_reader *reader;
    dvs_stream_finish(s);
    s->status = ebb_dvs_open(&reader, path, options);
    if (s->status == EBB_OK) {
        read_all(s, reader, block);
    }
}

void dvs_stream_parse(struct dvs_stream *s, const void *bytes, size_t n,
                      const char *name, const struct ebb_dvs_options *options,
                      size_t block)
{
    struct ebb_dvs_reader *reader;
    dvs_stream_finish(s);
    /* a stream in memory may not be empty */
    void *copy = malloc(n + 1);
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes, n);
    FILE *stream = n ? fmemopen(copy, n, "rb") : fopen("/dev/null", "rb");
    ck_assert_ptr_nonnull(stream);
    s->status = ebb_dvs_open_stream(&reader, stream, name, options);
    if (s->status == EBB_OK) {
        read_all(s, reader, block);
    }
    free(copy);
}

void dvs_stream_print(const struct dvs_stream *s, struct dvs_bytes *out,
                      const char *format, const struct ebb_dvs_about *about)
{
    char *text = NULL;
    size_t n = 0;
    FILE *stream = open_memstream(&text, &n);
    struct ebb_dvs_writer *writer;
    ck_assert_ptr_nonnull(stream);
    ck_assert(ebb_dvs_writer_create(&writer, stream, format, about) == EBB_OK);
    ck_assert_msg(ebb_dvs_write(writer, &s->all) == EBB_OK, "%s: %s", format,
                  ebb_error_message());
    ck_assert(ebb_dvs_writer_end(writer) == EBB_OK);
    ebb_dvs_writer_destroy(writer);
    fclose(stream);
    dvs_bytes_finish(out);
    *out = (struct dvs_bytes){(unsigned char *)text, n, 0};
}

bool dvs_streams_equal(const struct dvs_stream *a, const struct dvs_stream *b)
{
    size_t n = a->all.n;
    return n == b->all.n &&
           (n == 0 || (memcmp(a->all.t, b->all.t, n * 8) == 0 &&
                       memcmp(a->all.x, b->all.x, n * 2) == 0 &&
                       memcmp(a->all.y, b->all.y, n * 2) == 0 &&
                       memcmp(a->all.p, b->all.p, n) == 0));
}

bool dvs_bytes_load(struct dvs_bytes *out, const char *path)
{
    FILE *file = fopen(path, "rb");
    dvs_bytes_finish(out);
    if (!file) {
        return false;
    }
    unsigned char some[4096];
    for (size_t n; (n = fread(some, 1, sizeof(some), file)) > 0;) {
        dvs_bytes_add(out, some, n);
    }
    fclose(file);
    return true;
}

void dvs_bytes_finish(struct dvs_bytes *bytes)
{
    free(bytes->at);
    *bytes = (struct dvs_bytes){.n = 0};
}

void dvs_bytes_add(struct dvs_bytes *out, const void *from, size_t n)
{
    if (out->n + n + 1 > out->room) {
        out->room = 2 * (out->n + n + 1);
        out->at = realloc(out->at, out->room);
        ck_assert(out->at != NULL);
    }
    memcpy(out->at + out->n, from, n);
    out->n += n;
}

void dvs_bytes_text(struct dvs_bytes *out, const char *text)
{
    dvs_bytes_add(out, text, strlen(text));
}

void dvs_bytes_le(struct dvs_bytes *out, uint64_t value, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        dvs_bytes_add(out, &(unsigned char){(unsigned char)(value >> 8 * k)},
                      1);
    }
}

void dvs_bytes_be(struct dvs_bytes *out, uint64_t value, size_t n)
{
    for (size_t k = n; k-- > 0;) {
        dvs_bytes_add(out, &(unsigned char){(unsigned char)(value >> 8 * k)},
                      1);
    }
}

const char *dvs_sample(const char *name)
{
    static char path[512];
    snprintf(path, sizeof(path), "%s/../shared/data/%s", EBB_SOURCE, name);
    return path;
}

bool dvs_samples_are_here(void)
{
    if (access(dvs_sample("formats/es/dvs.es"), R_OK) == 0) {
        return true;
    }
    printf("skipped: no sample recordings beside the source tree\n");
    return false;
}
