#pragma once

#include <map>
#include <string>
#include <vector>

namespace wscast::program {

/// What the servers have noted of a trace, as the HTTP API shows it.
class TraceSteps {
 public:
  /// Reads a response of `GET /api/v1/traces/{id}`. Returns false if it is none.
  bool read(const std::string& json);

  /// The steps that came since the last call, as JSON or as lines for people, in the order of their
  /// times.
  std::vector<std::string> take_json();
  std::vector<std::string> take_lines();

  bool ended() const { return running_ == 0; }
  std::size_t messages() const { return messages_; }
  std::size_t lost() const { return lost_; }

  /// Servers that did not answer.
  const std::vector<std::string>& unanswered() const { return unanswered_; }

 private:
  std::vector<std::string> steps_;            ///< All of them, each a JSON object.
  std::map<std::string, std::size_t> taken_;  ///< How often each was taken.
  std::vector<std::string> unanswered_;
  std::size_t running_ = 0;
  std::size_t messages_ = 0;
  std::size_t lost_ = 0;
};

/// A step for people: time in UTC, message, what happened.
std::string step_line(const std::string& json);

}  // namespace wscast::program
