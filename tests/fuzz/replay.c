/* tests/fuzz/replay.c - kept inputs of a fuzzer, read again without libFuzzer:
 * its place is taken by this main(). Folders are the arguments. */
#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20 };

/* In a block of its own length, so that a sanitizer sees what reads beyond. */
static bool read_input(const char *path)
{
    static uint8_t all[INPUT_MAX + 1];
    FILE *file = fopen(path, "rb");
    size_t n = file ? fread(all, 1, sizeof(all), file) : 0;
    bool ok = file && !ferror(file) && n <= INPUT_MAX;
    if (file) {
        fclose(file);
    }
    uint8_t *input = ok ? malloc(n > 0 ? n : 1) : NULL;
    if (!input) {
        fprintf(stderr, "%s: cannot be read, or is too large\n", path);
        return false;
    }
    memcpy(input, all, n);
    printf("%s\n", path); /* what a crash is to be blamed on */
    fflush(stdout);
    LLVMFuzzerTestOneInput(input, n);
    free(input);
    return true;
}

/* Number of inputs in it; 0: there are none, or not all can be read. */
static size_t read_folder(const char *folder)
{
    char path[4096];
    size_t n = 0;
    bool ok = true;
    DIR *entries = opendir(folder);
    for (struct dirent *e; entries && ok && (e = readdir(entries));) {
        if (e->d_name[0] != '.') {
            snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
            ok = read_input(path);
            n++;
        }
    }
    if (entries) {
        closedir(entries);
    }
    return ok ? n : 0;
}

int main(int n, char **folders)
{
    if (n < 2) {
        fprintf(stderr, "give folders of inputs\n");
        return 2;
    }
    for (int k = 1; k < n; k++) {
        size_t inputs = read_folder(folders[k]);
        if (inputs == 0) {
            fprintf(stderr, "%s: no inputs, or not all read\n", folders[k]);
            return 1;
        }
        printf("%zu inputs of %s\n", inputs, folders[k]);
    }
    return 0;
}
