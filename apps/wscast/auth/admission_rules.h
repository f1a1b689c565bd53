#pragma once

#include <memory>

#include "auth/admission.h"
#include "serve_arguments.h"

namespace wscast::program {

/// Makes the rules that the options name; reads files. Throws std::runtime_error, or
/// std::invalid_argument, that says what is wrong.
std::shared_ptr<const AdmissionRules> admission_rules(const ServeArguments& arguments);

}  // namespace wscast::program
