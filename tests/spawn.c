/* tests/spawn.c - run the program as a person would. */
#include "tests/spawn.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 32 };

const char *spawn_program(void)
{
    const char *program = getenv("EBB");
    ck_assert_msg(program != NULL, "set EBB to the program under test");
    return program;
}

static size_t file_limit, memory_limit;

void spawn_limit_files(size_t bytes)
{
    file_limit = bytes;
}

void spawn_limit_memory(size_t bytes)
{
    memory_limit = bytes;
}

static const char *input_path;

void spawn_feed(const char *path)
{
    input_path = path;
}

static bool feed(void)
{
    int in = input_path ? open(input_path, O_RDONLY) : -1;
    return !input_path || (in >= 0 && dup2(in, 0) == 0);
}

/* ThreadSanitizer maps a file of its own of 64 KiB that it writes to $TMPDIR,
 * and reads beyond its end where that was cut short; without one it does
 * without. */
static int limit_files(void)
{
    struct rlimit limit = {file_limit, file_limit};
    return file_limit ? setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
                            setenv("TMPDIR", "/nowhere", 1) != 0
                      : 0;
}

static int limit_memory(void)
{
    struct rlimit limit = {memory_limit, memory_limit};
    return memory_limit ? setrlimit(RLIMIT_AS, &limit) : 0;
}

static int start(const char *folder, const char *const *words, int out, int err)
{
    char *argv[WORDS_MAX] = {0};
    argv[0] = strdup(spawn_program());
    for (size_t k = 0; words[k]; k++) {
        ck_assert_uint_lt(k + 2, WORDS_MAX);
        argv[k + 1] = strdup(words[k]);
    }
    pid_t process = fork();
    ck_assert_int_ge(process, 0);
    if (process == 0) {
        if (chdir(folder) != 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 ||
            limit_files() != 0 || limit_memory() != 0 || !feed()) {
            _exit(99);
        }
        execv(argv[0], argv);
        _exit(98);
    }
    for (size_t k = 0; argv[k]; k++) {
        free(argv[k]);
    }
    return (int)process;
}

int spawn_start(const char *folder, const char *const *words)
{
    int nothing = open("/dev/null", O_WRONLY);
    int process = start(folder, words, nothing, nothing);
    close(nothing);
    return process;
}

int spawn_start_to(const char *folder, const char *const *words,
                   const char *out_path, const char *err_path)
{
    int out = open(out_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    int err = open(err_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    ck_assert_msg(out >= 0 && err >= 0, "cannot write '%s'", out_path);
    int process = start(folder, words, out, err);
    close(out);
    close(err);
    return process;
}

int spawn_wait(int process)
{
    int status = 0;
    ck_assert_int_eq(waitpid(process, &status, 0), process);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void take(char *text, size_t size, FILE *from)
{
    rewind(from);
    size_t n = fread(text, 1, size - 1, from);
    text[n] = '\0';
    fclose(from);
}

void spawn_run(struct spawn *result, const char *folder,
               const char *const *words)
{
    FILE *out = tmpfile(), *err = tmpfile();
    ck_assert(out != NULL && err != NULL);
    result->status = spawn_wait(start(folder, words, fileno(out), fileno(err)));
    take(result->out, sizeof(result->out), out);
    take(result->err, sizeof(result->err), err);
}

bool files_are_equal(const char *a, const char *b)
{
    FILE *one = fopen(a, "rb"), *other = fopen(b, "rb");
    bool equal = one && other;
    for (int c = 0; equal && c != EOF;) {
        c = fgetc(one);
        equal = c == fgetc(other);
    }
    if (one) {
        fclose(one);
    }
    if (other) {
        fclose(other);
    }
    return equal;
}
