/* tests/sample_archive.c - published data sets beside the source tree. */
#include "tests/sample_archive.h"

#include "tests/command_folder.h"
#include "tests/dvs_stream.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool sample_is_here(const char *name)
{
    if (access(dvs_sample(name), R_OK) == 0) {
        return true;
    }
    printf("skipped: no %s beside the source tree\n", name);
    return false;
}

void unpack_sample(const char *archive, const char *into)
{
    char words[1400];
    snprintf(words, sizeof(words), "mkdir -p '%s' && tar -xJf '%s' -C '%s'",
             in_folder(into), dvs_sample(archive), in_folder(into));
    ck_assert_msg(system(words) == 0, "%s", words);
}
