#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wscast/publish_result.h"

#include "base/clock.h"
#include "broker/redis/resp_reader.h"

namespace wscast::redis {

/// What became of one PUBLISH.
struct Published {
  Backplane outcome = Backplane::unknown;  ///< `down`: it is certain that nobody got it.
  std::int64_t receivers = 0;  ///< Of `ok`: the subscribers that Redis sent it to by itself.
  std::string refusal{};       ///< Redis' own words, if it refused the message; else empty.
};

/// The commands that are under way on a link that publishes, in the order of their answers. It is
/// told what happens and answers with commands to write and callbacks to run; it calls nobody, but
/// for the answers to commands of ours.
class Publisher {
 public:
  using Done = std::function<void(const Published&)>;
  /// What Redis answered to a command of ours. It does not come when the link is lost.
  using Answer = std::function<void(const Reply&)>;

  /// What a message costs in memory, beside its bytes, until it is answered: about its entry here
  /// and two callbacks that are nested in each other.
  static constexpr std::size_t kItemBytes = 256;

  struct Settings {
    std::chrono::milliseconds answer_timeout;
    std::size_t max_unsent_bytes;  ///< A message under way counts kItemBytes beside its bytes.
  };

  /// One that is through, and what to tell whom. `done` may be empty.
  struct Finished {
    Done done;
    Published published;
  };

  explicit Publisher(Settings settings) : settings_(settings) {}
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

  /// `unsent`: the bytes that wait on the link already. The message is `down` when it and what is
  /// under way are over the limit; a single one never is.
  void publish(std::string_view channel, std::string_view envelope, Done done, std::size_t unsent,
               SteadyTime now);

  /// A command of ours; nothing happens without a link.
  void ask(std::span<const std::string_view> words, Answer answer);

  /// False when nothing was asked.
  bool on_reply(const Reply& reply);

  void on_link_up() { up_ = true; }
  void on_link_down();

  void on_time(SteadyTime now);

  /// When on_time() has something to do.
  std::optional<SteadyTime> next_deadline() const;

  /// What the link is to be told. The view is valid, and the same is told again, until told().
  std::string_view commands() const { return commands_; }
  void told() { commands_.clear(); }

  /// What is through, in the order in which it became so.
  std::vector<Finished> take_finished() { return std::exchange(finished_, {}); }
  bool any_finished() const { return !finished_.empty(); }

  /// Messages whose outcome is open.
  std::size_t open() const { return open_; }

  /// Why Redis last refused a message; empty when it did not since this was asked.
  std::string take_refusal() { return std::exchange(refusal_, {}); }

 private:
  struct UnderWay {
    Done done{};
    Answer answer{};        // Of a command of ours.
    SteadyTime deadline{};  // Of a message.
    bool open = false;      // A message whose outcome is still to be told.
  };

  void finish(UnderWay& message, const Published& published);
  Published validate(const Reply& reply);

  const Settings settings_;
  bool up_ = false;
  std::string commands_;
  std::deque<UnderWay> under_way_;
  std::size_t judged_ = 0;  // So many at its front are late already, or ours.
  std::size_t open_ = 0;
  std::vector<Finished> finished_;
  std::string refusal_;
};

}  // namespace wscast::redis
