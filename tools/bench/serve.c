/* tools/bench/serve.c - events of a camera over UDP, and how long their spikes
 * take: `ebb serve` and `ebb play` beside each other, as people run them. */
#include "tools/bench/bench.h"
#include "tools/bench/dvs_net.h"

#include "io/dvs/dvs.h"
#include "io/network_file.h"
#include "io/serve/server.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { RUNS_MAX = 99, TEXT = 8192, SYNTHETIC = 1500 };

/* What is served, and with what result. */
struct show {
    char folder[64];
    char net[96], clip[4096], messages[96], summary[96];
    bool drawn; /* the clip */
};

static ebb_status write_network(const struct show *s)
{
    struct ebb_network *net;
    EBB_TRY(ebb_dvs_net_create(&net, true));
    ebb_status status = ebb_network_file_write(s->net, net, NULL);
    ebb_network_destroy(net);
    return status;
}

static ebb_status write_edges(const struct show *s,
                              const struct ebb_events *events)
{
    FILE *out = fopen(s->clip, "w");
    if (!out) {
        return EBB_FAIL(EBB_ERR_IO, "%s cannot be written", s->clip);
    }
    fprintf(out, "# geometry:%d,%d\nt,x,y,p\n", EBB_DVS_SIDE, EBB_DVS_SIDE);
    for (size_t k = 0; k < events->n; k++) {
        size_t at = events->at[k].node, side = EBB_DVS_SIDE;
        fprintf(out, "%llu,%zu,%zu,%d\n",
                1000 * (unsigned long long)events->at[k].tick, at % side,
                at / side % side, at < side * side);
    }
    bool good = ferror(out) == 0;
    return fclose(out) == 0 && good
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_IO, "%s cannot be written", s->clip);
}

/* The first clip of a folder, or edges that move. */
static ebb_status find_clip(struct show *s, const char *folder)
{
    struct ebb_events events = {0};
    snprintf(s->clip, sizeof(s->clip), "%s/1.bs2", folder ? folder : "");
    if (folder && access(s->clip, R_OK) == 0) {
        return EBB_OK;
    }
    s->drawn = true;
    snprintf(s->clip, sizeof(s->clip), "%s/edges.csv", s->folder);
    ebb_status status = ebb_dvs_edges_draw(&events, SYNTHETIC, 1);
    if (status == EBB_OK) {
        status = write_edges(s, &events);
    }
    ebb_events_finish(&events);
    return status;
}

static ebb_status make(struct show *s, const char *folder)
{
    strcpy(s->folder, "/tmp/ebb_serve_XXXXXX");
    if (!mkdtemp(s->folder)) {
        return EBB_FAIL(EBB_ERR_IO, "no folder can be made in /tmp");
    }
    snprintf(s->net, sizeof(s->net), "%s/dvs.net.h5", s->folder);
    snprintf(s->messages, sizeof(s->messages), "%s/messages", s->folder);
    snprintf(s->summary, sizeof(s->summary), "%s/summary", s->folder);
    EBB_TRY(write_network(s));
    return find_clip(s, folder);
}

static void clear(const struct show *s)
{
    remove(s->net);
    remove(s->messages);
    remove(s->summary);
    if (s->drawn) {
        remove(s->clip);
    }
    rmdir(s->folder);
}

/* This program again, with other words; its output goes to files. */
static pid_t start(const char *const *words, const char *out, const char *err)
{
    pid_t child = fork();
    if (child == 0) {
        int to = open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        int says = open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (to >= 0 && says >= 0 && dup2(to, 1) >= 0 && dup2(says, 2) >= 0) {
            execv("/proc/self/exe", (char *const *)(uintptr_t)words);
        }
        _exit(127);
    }
    return child;
}

static const char *read_text(const char *path, char text[TEXT])
{
    FILE *in = fopen(path, "r");
    size_t n = in ? fread(text, 1, TEXT - 1, in) : 0;
    if (in) {
        fclose(in);
    }
    text[n] = '\0';
    return text;
}

/* The address that it listens at, once it is ready. */
static bool wait_ready(const struct show *s, char address[64])
{
    char text[TEXT];
    for (int k = 0; k < 1000; k++, usleep(10000)) {
        const char *at = strstr(read_text(s->messages, text), "udp://");
        if (at && strstr(at, "ready")) {
            size_t n = strcspn(at, " \n");
            n = n < 63 ? n : 63;
            memcpy(address, at, n);
            address[n] = '\0';
            return true;
        }
    }
    return false;
}

static double figure(const char *text, const char *name)
{
    char word[64];
    snprintf(word, sizeof(word), "\"%s\": ", name);
    const char *at = strstr(text, word);
    return at ? strtod(at + strlen(word), NULL) : (double)NAN;
}

static bool ended_well(pid_t child)
{
    int how;
    return child > 0 && waitpid(child, &how, 0) == child && WIFEXITED(how) &&
           WEXITSTATUS(how) == 0;
}

/* Serve the clip once, three times as fast as it was. */
static ebb_status serve(const struct show *s, char text[TEXT])
{
    char address[64] = "";
    const char *const words[] = {
        "ebb",    "serve", s->net,   "--listen", "udp://127.0.0.1:0",
        "--idle", "never", "--json", NULL};
    remove(s->messages); /* those of the last run tell another address */
    pid_t server = start(words, s->summary, s->messages);
    bool good = server > 0 && wait_ready(s, address);
    if (good) {
        const char *const play[] = {"ebb",  "play",     s->clip,
                                    "--to", address,    "--speed",
                                    "3",    "--framed", NULL};
        good = ended_well(start(play, "/dev/null", "/dev/null"));
    }
    if (server > 0) {
        kill(server, SIGTERM);
        good = ended_well(server) && good;
    }
    read_text(s->summary, text);
    return good && isfinite(figure(text, "latency_p99_s"))
               ? EBB_OK
               : EBB_FAIL(EBB_ERR_IO, "serving failed: %s",
                          read_text(s->messages, text));
}

static void report(struct ebb_bench *bench, const char *name, double value,
                   const char *unit, double bar)
{
    const struct ebb_bench_figure f = {name,        value, unit,
                                       (double)NAN, bar,   false};
    ebb_bench_report(bench, &f);
}

static ebb_status measure(struct ebb_bench *bench, const struct show *s)
{
    double p50[RUNS_MAX], p99[RUNS_MAX], lost = 0, events = 0;
    size_t n = bench->runs < RUNS_MAX ? bench->runs : RUNS_MAX;
    char text[TEXT];
    for (size_t k = 0; k < n; k++) {
        EBB_TRY(serve(s, text));
        p50[k] = 1e3 * figure(text, "latency_p50_s");
        p99[k] = 1e3 * figure(text, "latency_p99_s");
        events += figure(text, "events");
        lost += figure(text, "dropped_udp") + figure(text, "lost_frames") +
                figure(text, "malformed") + figure(text, "late");
    }
    report(bench, "serve.events", events / (double)n, "", (double)NAN);
    report(bench, "serve.lost", lost, "", 0);
    report(bench, "serve.latency_p50", ebb_bench_median(p50, n), "ms",
           (double)NAN);
    report(bench, "serve.latency_p99", ebb_bench_median(p99, n), "ms", 2);
    return EBB_OK;
}

static ebb_status run(struct ebb_bench *bench)
{
    struct show s = {.drawn = false};
    if (!ebb_server_is_built()) {
        return EBB_FAIL(EBB_ERR_ARG, "this ebb was built without libevent, "
                                     "which serving needs");
    }
    ebb_status status = make(&s, bench->input);
    if (status == EBB_OK) {
        status = measure(bench, &s);
    }
    clear(&s);
    return status;
}

const struct ebb_bench_suite ebb_bench_serve = {
    .name = "serve",
    .summary = "from a packet to its spikes, over UDP",
    .input = "../shared/data/dvs128-gesture-clips",
    .run = run};
