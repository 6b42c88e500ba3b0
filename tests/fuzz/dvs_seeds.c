/* tests/fuzz/dvs_seeds.c - write a small file of every format into a folder,
 * $EBB_SEEDS: what libFuzzer starts from. */
#include "tests/dvs_corpus.h"
#include "tests/run_suite.h"
#include "tests/serve_frames.h"

#include <stdlib.h>
#include <sys/stat.h>

/* Live streams, behind the byte that chooses their encoding. */
static void write_streams(const char *folder)
{
    struct dvs_bytes stream = {.n = 0};
    char path[512];
    snprintf(path, sizeof(path), "%s/ingest", folder);
    mkdir(path, 0777);
    for (size_t k = 0; k < SERVE_STREAMS; k++) {
        serve_stream_make(&stream, k);
        snprintf(path, sizeof(path), "%s/ingest/%zu", folder, k);
        FILE *out = fopen(path, "wb");
        ck_assert_msg(out && fputc((int)(k / 2), out) != EOF &&
                          fwrite(stream.at, 1, stream.n, out) == stream.n,
                      "cannot write '%s'", path);
        ck_assert_int_eq(fclose(out), 0);
    }
    dvs_bytes_finish(&stream);
}

START_TEST(write_a_seed_of_every_kind)
{
    struct dvs_bytes file = {.n = 0};
    struct dvs_stream s = {.status = EBB_OK};
    struct dvs_kind kind;
    const char *folder = getenv("EBB_SEEDS");
    ck_assert_msg(folder != NULL, "usage: EBB_SEEDS=FOLDER dvs_seeds");
    for (size_t k = 0; (kind = dvs_corpus_kind(k)).name; k++) {
        char path[512];
        dvs_corpus_make(&file, &s, k, 512);
        snprintf(path, sizeof(path), "%s/%s", folder, kind.format);
        mkdir(path, 0777);
        snprintf(path, sizeof(path), "%s/%s/%s", folder, kind.format,
                 kind.name);
        FILE *out = fopen(path, "wb");
        ck_assert_msg(out && fwrite(file.at, 1, file.n, out) == file.n,
                      "cannot write '%s'", path);
        ck_assert_int_eq(fclose(out), 0);
    }
    write_streams(folder);
    dvs_bytes_finish(&file);
    dvs_stream_finish(&s);
}
END_TEST

RUN_SUITE("fuzz", "seeds", write_a_seed_of_every_kind)
