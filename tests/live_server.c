/* tests/live_server.c - `ebb serve` on a small network. */
#include "tests/live_server.h"

#include "core/memory.h"
#include "core/random.h"
#include "io/network_file.h"
#include "io/serve/address.h"
#include "tests/command_folder.h"

#include <check.h>
#include <errno.h>
#include <hdf5.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HIDDEN = 20, WAIT_S = 120, TEXT = 1 << 20, WORDS = 40 };

static char text_out[TEXT], text_err[TEXT];

static void connect_layers(struct ebb_network *net, const char *name,
                           size_t from, size_t to, float scale, uint64_t seed)
{
    struct ebb_kernel_spec spec = {.shape = EBB_KERNEL_EXPONENTIAL, .tau_m = 4};
    struct ebb_random random = ebb_random_stream(seed, EBB_RANDOM_TEST, from);
    size_t q;
    ck_assert_int_eq(ebb_network_add_projection(net, name, from, to,
                                                EBB_PROJECTION_DENSE,
                                                EBB_FLOAT32, 0, &q),
                     EBB_OK);
    float *weight = net->projections[q].weight;
    for (size_t k = 0; k < net->projections[q].synapses; k++) {
        weight[k] =
            scale * ((float)ebb_random_below(&random, 1000) / 1000 - 0.3F);
    }
    ck_assert_int_eq(
        ebb_kernel_expand(&net->projections[q].kernel, net->arena, &spec, 1, 0),
        EBB_OK);
}

void live_network_write(const char *path, uint64_t seed, bool merged)
{
    struct ebb_network *net;
    size_t channels = merged ? 1 : 2, in, hidden, out;
    ck_assert_int_eq(ebb_network_create(&net), EBB_OK);
    net->tick_s = 1e-6 * LIVE_TICK_US;
    ck_assert_int_eq(
        ebb_network_add_population(
            net, "input", channels * LIVE_HEIGHT * LIVE_WIDTH, true, &in),
        EBB_OK);
    ck_assert_int_eq(
        ebb_network_set_grid(
            net, in, (struct ebb_grid){channels, LIVE_HEIGHT, LIVE_WIDTH}),
        EBB_OK);
    ck_assert_int_eq(
        ebb_network_add_population(net, "hidden", HIDDEN, false, &hidden),
        EBB_OK);
    ck_assert_int_eq(
        ebb_network_add_population(net, "out", LIVE_OUTPUTS, false, &out),
        EBB_OK);
    connect_layers(net, "input:hidden", in, hidden, 0.8F, seed);
    connect_layers(net, "hidden:out", hidden, out, 0.6F, seed);
    ck_assert_int_eq(ebb_network_finish(net), EBB_OK);
    ck_assert_int_eq(ebb_network_file_write(path, net, NULL), EBB_OK);
    ebb_network_destroy(net);
}

void live_events_make(struct dvs_stream *s, uint64_t seed, size_t n,
                      double per_ms)
{
    struct ebb_random random = ebb_random_stream(seed, EBB_RANDOM_TEST, 99);
    int64_t t = 0;
    for (size_t k = 0; k < n; k++) {
        dvs_stream_add(s, t, ebb_random_below(&random, LIVE_WIDTH),
                       ebb_random_below(&random, LIVE_HEIGHT),
                       ebb_random_below(&random, 2));
        t += ebb_random_below(&random, (uint32_t)(2000 / per_ms));
    }
}

static void add_spike(struct live_spikes *s, uint64_t t_us, uint32_t node)
{
    ck_assert_int_eq(
        ebb_mem_grow(&s->at, &s->capacity, s->n + 1, sizeof(*s->at)), EBB_OK);
    s->at[s->n++] = (struct live_spike){t_us, node};
}

static void read_reference(struct live_spikes *out, const char *path)
{
    FILE *file = fopen(path, "r");
    char line[128], where[32];
    unsigned long long tick;
    unsigned node;
    double value;
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof(line), file)) {
        if (sscanf(line, "%llu,%u,%lf,%31s", &tick, &node, &value, where) ==
                4 &&
            strcmp(where, "out") == 0) {
            add_spike(out, tick * LIVE_TICK_US, node);
        }
    }
    fclose(file);
}

void live_reference(struct live_spikes *out, const struct dvs_stream *s,
                    bool merged)
{
    FILE *file = fopen(in_folder("reference.csv"), "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "tick,node\n");
    for (size_t k = 0; k < s->all.n; k++) {
        unsigned row =
            (merged ? 0U : s->all.p[k] * (unsigned)LIVE_HEIGHT) + s->all.y[k];
        fprintf(file, "%lld,%u\n", (long long)(s->all.t[k] / LIVE_TICK_US),
                row * LIVE_WIDTH + s->all.x[k]);
    }
    fclose(file);
    SPAWN(&r, folder, "run", "live.net.h5", "reference.csv", "--spikes",
          "reference_spikes.csv");
    expect(0, NULL, NULL);
    out->n = 0;
    read_reference(out, in_folder("reference_spikes.csv"));
}

static const char *read_text(char *to, const char *name)
{
    FILE *file = fopen(in_folder(name), "rb");
    size_t n = file ? fread(to, 1, TEXT - 1, file) : 0;
    to[n] = '\0';
    if (file) {
        fclose(file);
    }
    return to;
}

const char *live_output(void)
{
    return read_text(text_out, "serve.out");
}

const char *live_messages(void)
{
    return read_text(text_err, "serve.err");
}

/* Has it ended without being waited for? */
static bool has_ended(int process)
{
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)process, &info, WEXITED | WNOHANG | WNOWAIT) ==
               0 &&
           info.si_pid == process;
}

const char *live_wait_for(const struct live_server *server, const char *text)
{
    for (int k = 0; k < WAIT_S * 500; k++) {
        const char *at = strstr(live_messages(), text);
        if (at) {
            return at;
        }
        ck_assert_msg(!has_ended(server->process), "it has ended:\n%s",
                      live_messages());
        usleep(2000);
    }
    ck_abort_msg("no '%s' in:\n%s", text, live_messages());
    return NULL;
}

void live_start(struct live_server *server, const char *const *words)
{
    const char *all[WORDS] = {"serve", "live.net.h5"};
    size_t n = 2;
    for (size_t k = 0; words[k]; k++) {
        ck_assert_uint_lt(n + 1, WORDS);
        all[n++] = words[k];
    }
    char out[160], err[160];
    snprintf(out, sizeof(out), "%s", in_folder("serve.out"));
    snprintf(err, sizeof(err), "%s", in_folder("serve.err"));
    server->process = spawn_start_to(folder, all, out, err);
    server->spikes = -1;
    live_wait_for(server, "ready\n");
}

void live_start_heard(struct live_server *server, const char *const *words)
{
    const char *all[WORDS];
    char address[192];
    size_t n = 0;
    for (; words[n]; n++) {
        ck_assert_uint_lt(n + 3, WORDS);
        all[n] = words[n];
    }
    all[n++] = "--out";
    all[n++] = "unix:out.sock";
    all[n] = NULL;
    live_start(server, all);
    snprintf(address, sizeof(address), "unix:%s", in_folder("out.sock"));
    server->spikes = live_connect(address);
    live_wait_for(server, "a reader has come");
}

void live_address(const struct live_server *server, const char *kind, char *out,
                  size_t room)
{
    char wanted[64];
    snprintf(wanted, sizeof(wanted), "listening on %s://", kind);
    const char *at = live_wait_for(server, wanted) + strlen("listening on ");
    snprintf(out, room, "%.*s", (int)strcspn(at, "\n"), at);
}

static uint64_t le(const uint8_t *b, size_t n)
{
    uint64_t value = 0;
    for (size_t k = 0; k < n; k++) {
        value |= (uint64_t)b[k] << 8 * k;
    }
    return value;
}

static void hear(struct live_server *server, struct live_spikes *heard)
{
    uint8_t record[12];
    size_t have = 0;
    ssize_t n;
    while ((n = read(server->spikes, record + have, sizeof(record) - have)) >
           0) {
        have += (size_t)n;
        if (have == sizeof(record)) {
            add_spike(heard, le(record, 8), (uint32_t)le(record + 8, 4));
            have = 0;
        }
    }
    ck_assert_uint_eq(have, 0);
    close(server->spikes);
    server->spikes = -1;
}

int live_wait(struct live_server *server, struct live_spikes *heard)
{
    if (heard) {
        heard->n = 0;
    }
    if (server->spikes >= 0 && heard) {
        hear(server, heard);
    } else if (server->spikes >= 0) {
        close(server->spikes);
    }
    return spawn_wait(server->process);
}

int live_stop(struct live_server *server, struct live_spikes *heard)
{
    ck_assert_int_eq(kill(server->process, SIGTERM), 0);
    return live_wait(server, heard);
}

static size_t read_column(hid_t file, const char *name, uint64_t **out)
{
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    ck_assert_msg(set >= 0, "no %s", name);
    hid_t space = H5Dget_space(set);
    size_t n = (size_t)H5Sget_simple_extent_npoints(space);
    *out = ebb_mem_calloc(n, sizeof(**out));
    ck_assert_int_ge(
        H5Dread(set, H5T_NATIVE_UINT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, *out),
        0);
    H5Sclose(space);
    H5Dclose(set);
    return n;
}

void live_recorded(struct live_spikes *out, const char *name)
{
    uint64_t *tick, *node;
    hid_t file = H5Fopen(in_folder(name), H5F_ACC_RDONLY, H5P_DEFAULT);
    ck_assert_msg(file >= 0, "%s:\n%s", name, live_messages());
    size_t n = read_column(file, "/spikes/out/ticks", &tick);
    ck_assert_uint_eq(read_column(file, "/spikes/out/node_ids", &node), n);
    out->n = 0;
    for (size_t k = 0; k < n; k++) {
        add_spike(out, tick[k] * LIVE_TICK_US, (uint32_t)node[k]);
    }
    ebb_mem_free(tick);
    ebb_mem_free(node);
    H5Fclose(file);
}

double live_figure(const char *name)
{
    char wanted[80];
    snprintf(wanted, sizeof(wanted), "\"%s\": ", name);
    const char *summary = strstr(live_output(), "{\"summary\"");
    const char *at = summary ? strstr(summary, wanted) : NULL;
    return at ? strtod(at + strlen(wanted), NULL) : -1;
}

void live_spikes_expect(const struct live_spikes *wanted,
                        const struct live_spikes *got)
{
    ck_assert_msg(wanted->n == got->n, "%zu spikes, wanted %zu\n%s", got->n,
                  wanted->n, live_messages());
    for (size_t k = 0; k < wanted->n; k++) {
        if (wanted->at[k].t_us != got->at[k].t_us ||
            wanted->at[k].node != got->at[k].node) {
            ck_abort_msg(
                "spike %zu at %llu us of neuron %u, wanted %llu, %u", k,
                (unsigned long long)got->at[k].t_us, got->at[k].node,
                (unsigned long long)wanted->at[k].t_us, wanted->at[k].node);
        }
    }
}

int live_connect(const char *address)
{
    struct ebb_address a;
    int fd = -1;
    ck_assert_msg(ebb_address_parse(&a, address) == EBB_OK, "%s",
                  ebb_error_message());
    ck_assert_msg(ebb_address_connect(&fd, &a) == EBB_OK, "%s",
                  ebb_error_message());
    return fd;
}

void live_send(int fd, const void *bytes, size_t n)
{
    const char *at = bytes;
    while (n > 0) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);
        ck_assert_msg(sent > 0 || errno == EINTR, "%s", strerror(errno));
        at += sent > 0 ? sent : 0;
        n -= sent > 0 ? (size_t)sent : 0;
    }
}
