/* tests/live_server.h - `ebb serve` on a small network, and what is sent to
 * it. */
#ifndef EBB_TESTS_LIVE_SERVER_H
#define EBB_TESTS_LIVE_SERVER_H

#include "tests/dvs_stream.h"

#include <stddef.h>
#include <stdint.h>

enum { LIVE_WIDTH = 8, LIVE_HEIGHT = 6, LIVE_OUTPUTS = 5, LIVE_TICK_US = 1000 };

/** A spike as it is told: 12 bytes. */
struct live_spike {
    uint64_t t_us;
    uint32_t node;
};

/** Spikes. Zero-initialise; ebb_mem_free(at). */
struct live_spikes {
    struct live_spike *at;
    size_t n, capacity;
};

/** Write the network into the folder: [2, 6, 8] or, merged, [1, 6, 8] inputs,
 *  hidden neurons, 5 outputs, weights drawn from `seed`. */
void live_network_write(const char *path, uint64_t seed, bool merged);

/** Random events on its sensor, about `per_ms` a millisecond, from time 0. */
void live_events_make(struct dvs_stream *s, uint64_t seed, size_t n,
                      double per_ms);

/** What `ebb run` makes of the events; those within a tick are added up. */
void live_reference(struct live_spikes *out, const struct dvs_stream *s,
                    bool merged);

/** A server on its way. */
struct live_server {
    int process;
    int spikes; /* a connection that is told them, or -1 */
};

/** Start `ebb serve` in the folder with these words, and wait until it is
 *  ready. */
void live_start(struct live_server *server, const char *const *words);

/** Start it with --out unix:out.sock added, and listen to its spikes. */
void live_start_heard(struct live_server *server, const char *const *words);

/** Wait until its messages hold `text`; where it comes, else the test fails. */
const char *live_wait_for(const struct live_server *server, const char *text);

/** The address that a kind of socket got, such as "tcp://127.0.0.1:40211". */
void live_address(const struct live_server *server, const char *kind, char *out,
                  size_t room);

/** Wait for its end: its exit status; spikes, where they are listened to, go
 *  to *heard. */
int live_wait(struct live_server *server, struct live_spikes *heard);

/** Ask it to end, and wait. */
int live_stop(struct live_server *server, struct live_spikes *heard);

/** What it wrote: on standard output, and its messages. */
const char *live_output(void);
const char *live_messages(void);

/** Output spikes in a trace in the folder. */
void live_recorded(struct live_spikes *out, const char *name);

/** A number of its summary, which is JSON; -1: none of that name. */
double live_figure(const char *name);

/** Are they the same? Fails the test if not. */
void live_spikes_expect(const struct live_spikes *wanted,
                        const struct live_spikes *got);

/** Connect to an address; bytes are sent, all of them. */
int live_connect(const char *address);
void live_send(int fd, const void *bytes, size_t n);

#endif
