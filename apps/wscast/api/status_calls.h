#pragma once

#include "api/route.h"

namespace wscast::program {

void handle_get_servers(const ApiCall& call, const Respond& respond);
void handle_get_server(const ApiCall& call, const Respond& respond);
void handle_get_stats(const ApiCall& call, const Respond& respond);
void handle_get_metrics(const ApiCall& call, const Respond& respond);
void handle_get_openapi(const ApiCall& call, const Respond& respond);

}  // namespace wscast::program
