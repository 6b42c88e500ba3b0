/* tests/fuzz/dvs_seeds.c - write a small file of every format into a folder:
 * what libFuzzer starts from.
 *
 * usage: dvs_seeds FOLDER */
#include "tests/dvs_corpus.h"

#include <stdlib.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
    struct dvs_bytes file = {.n = 0};
    struct dvs_stream s = {.status = EBB_OK};
    struct dvs_kind kind;
    int bad = argc != 2;
    for (size_t k = 0; !bad && (kind = dvs_corpus_kind(k)).name; k++) {
        char path[512];
        dvs_corpus_make(&file, &s, k, 512);
        snprintf(path, sizeof(path), "%s/%s", argv[1], kind.format);
        mkdir(path, 0777);
        snprintf(path, sizeof(path), "%s/%s/%s", argv[1], kind.format,
                 kind.name);
        FILE *out = fopen(path, "wb");
        bad = !out || fwrite(file.at, 1, file.n, out) != file.n;
        bad = (out && fclose(out) != 0) || bad;
    }
    dvs_bytes_finish(&file);
    dvs_stream_finish(&s);
    return bad ? EXIT_FAILURE : EXIT_SUCCESS;
}
