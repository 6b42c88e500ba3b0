/* core/memory_left.c - what this process can still take. */
#include "core/memory.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

size_t ebb_mem_limit(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY
               ? (size_t)limit.rlim_cur
               : 0;
}

/* Addresses that this process has taken. */
static size_t taken(void)
{
    unsigned long pages = 0;
    long page = sysconf(_SC_PAGESIZE);
    char text[64] = "";
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) {
        return 0;
    }
    if (fgets(text, sizeof(text), file)) {
        (void)sscanf(text, "%lu", &pages);
    }
    fclose(file);
    return page > 0 ? (size_t)pages * (size_t)page : 0;
}

/* What the machine could give without writing pages out; 0: not known. */
static size_t available(void)
{
    char line[128];
    unsigned long kib = 0;
    FILE *file = fopen("/proc/meminfo", "re");
    while (file && fgets(line, sizeof(line), file)) {
        if (sscanf(line, "MemAvailable: %lu", &kib) == 1) {
            break;
        }
    }
    if (file) {
        fclose(file);
    }
    return (size_t)kib * 1024;
}

static size_t left_of_limit(size_t limit)
{
    size_t now = taken();
    return now < limit ? limit - now : 0;
}

size_t ebb_mem_left(void)
{
    size_t limit = ebb_mem_limit(), machine = available();
    size_t left = limit ? left_of_limit(limit) : SIZE_MAX;
    left = left > EBB_MEM_RESERVE ? left - EBB_MEM_RESERVE : 0;
    return machine && machine < left ? machine : left;
}

int ebb_mem_fits(size_t bytes)
{
    size_t limit = ebb_mem_limit();
    size_t left = limit ? left_of_limit(limit) : SIZE_MAX;
    return left > EBB_MEM_RESERVE && bytes <= left - EBB_MEM_RESERVE;
}

ebb_status ebb_mem_refuse(const char *what, double bytes)
{
    size_t limit = ebb_mem_limit();
    char of[64] = "";
    if (limit) {
        snprintf(of, sizeof(of), " of the %.4g GB to which it is limited",
                 (double)limit / 1e9);
    }
    return EBB_FAIL(EBB_ERR_NOMEM,
                    "no memory for %s: %.4g GB are wanted, %.4g GB are left to "
                    "this process%s; fewer synapses take less",
                    what, bytes / 1e9, (double)ebb_mem_left() / 1e9, of);
}
