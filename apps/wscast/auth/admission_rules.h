#pragma once

#include <memory>

#include "auth/admission.h"
#include "http_client/http_client.h"
#include "serve_arguments.h"

namespace wscast::program {

/// The client for what decides about clients elsewhere; null if nothing does.
std::shared_ptr<HttpClient> admission_client(const ServeArguments& arguments);

/// Makes the rules that the options name; reads files, and waits for keys that are fetched. Throws
/// std::runtime_error, or std::invalid_argument, that says what is wrong. `client` may be null
/// when admission_client() returns null for the same options.
std::shared_ptr<const AdmissionRules> admission_rules(const ServeArguments& arguments,
                                                      std::shared_ptr<HttpClient> client);

}  // namespace wscast::program
