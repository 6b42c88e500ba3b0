/* io/serve/no_server.c - what stands in for the server without libevent. */
#include "io/serve/server.h"

struct ebb_serve_options ebb_serve_options_default(void)
{
    return (struct ebb_serve_options){.wire = EBB_WIRE_T64,
                                      .pump = ebb_pump_options_default()};
}

bool ebb_server_is_built(void)
{
    return false;
}

ebb_status ebb_server_create(struct ebb_server **out,
                             const struct ebb_serve_options *options)
{
    (void)options;
    *out = NULL;
    return EBB_FAIL(EBB_ERR_ARG, "this ebb was built without libevent: install "
                                 "libevent-dev and build it again with "
                                 "-Dserve=enabled");
}

void ebb_server_destroy(struct ebb_server *server)
{
    (void)server;
}

struct ebb_run_sink ebb_server_sink(struct ebb_server *server)
{
    (void)server;
    return (struct ebb_run_sink){.self = NULL};
}

ebb_status ebb_server_run(struct ebb_server *server,
                          const struct ebb_live_network *network,
                          struct ebb_serve_summary *summary)
{
    (void)server;
    (void)network;
    *summary = (struct ebb_serve_summary){.events = 0};
    return EBB_FAIL(EBB_ERR_ARG, "this ebb was built without libevent");
}
