// Reads one stream whole and in pieces, with limits that nothing here reaches and with small ones,
// and holds it against hiredis' reader, which takes everything that ours takes.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <hiredis/hiredis.h>

#include "broker/redis/resp/resp_reader.h"
#include "stream.h"

namespace wscast::redis {
namespace {

using fuzz::require;
using Kind = RespValue::Kind;
using Pieces = std::vector<std::vector<std::uint8_t>>;

constexpr RespReader::Limits kSmall = {
    .max_bulk_bytes = 16, .max_line_bytes = 32, .max_elements = 4, .max_depth = 3};

/// One value of a reply; `integer` has the number of elements, too.
struct Value {
  Kind kind;
  std::string text{};
  std::int64_t integer = 0;
  bool operator==(const Value&) const = default;
};

/// A reply, its values in the order of the wire.
using Flat = std::vector<Value>;

struct Reading {
  std::vector<Flat> replies;
  bool failed = false;
  bool operator==(const Reading&) const = default;
};

void flatten(const RespValue& reply, Flat& flat) {
  const auto size = static_cast<std::int64_t>(reply.elements.size());
  require(size == 0 || reply.kind == Kind::array, "only arrays have elements");
  flat.push_back(
      {reply.kind, std::string(reply.text), reply.kind == Kind::array ? size : reply.integer});
  for (const auto& element : reply.elements) flatten(element, flat);
}

std::span<const char> chars(const std::vector<std::uint8_t>& piece) {
  return {reinterpret_cast<const char*>(piece.data()), piece.size()};
}

Reading read(const Pieces& pieces, RespReader::Limits limits) {
  RespReader reader(limits);
  Reading reading;
  for (const auto& piece : pieces) {
    reader.feed(chars(piece));
    std::vector<RespValue> replies;
    while (auto reply = reader.next()) replies.push_back(std::move(*reply));
    // Only now: views are good until the next feed.
    for (const auto& reply : replies) flatten(reply, reading.replies.emplace_back());
  }
  reading.failed = reader.failed();
  return reading;
}

/// Collects the values that hiredis' reader tells of. An object must be something to it.
class Oracle {
 public:
  Reading read(const std::vector<std::uint8_t>& stream) {
    redisReplyObjectFunctions functions{};
    functions.createString = &create_string;
    functions.createArray = &create_array;
    functions.createInteger = &create_integer;
    functions.createNil = &create_nil;
    functions.freeObject = [](void*) {};
    const std::unique_ptr<redisReader, decltype(&redisReaderFree)> reader(
        redisReaderCreateWithFunctions(&functions), redisReaderFree);
    reader->privdata = this;
    Reading reading;
    redisReaderFeed(reader.get(), chars(stream).data(), stream.size());
    for (void* reply = this; reply != nullptr;) {
      flat_.clear();
      reply = nullptr;
      reading.failed = redisReaderGetReply(reader.get(), &reply) != REDIS_OK;
      if (reply != nullptr) reading.replies.push_back(flat_);
    }
    return reading;
  }

 private:
#if HIREDIS_MAJOR >= 1
  using Elements = std::size_t;
#else
  using Elements = int;
#endif

  static void* add(const redisReadTask* task, Value value) {
    const auto* root = task;
    while (root->parent != nullptr) root = root->parent;
    auto* oracle = static_cast<Oracle*>(root->privdata);
    oracle->flat_.push_back(std::move(value));
    return oracle;
  }

  static void* create_string(const redisReadTask* task, char* text, std::size_t size) {
    const auto kind = task->type == REDIS_REPLY_STATUS  ? Kind::status
                      : task->type == REDIS_REPLY_ERROR ? Kind::error
                                                        : Kind::bulk;
    return add(task, {kind, std::string(text, size)});
  }
  static void* create_array(const redisReadTask* task, Elements size) {
    return add(task, {Kind::array, {}, static_cast<std::int64_t>(size)});
  }
  static void* create_integer(const redisReadTask* task, long long value) {
    return add(task, {Kind::integer, {}, value});
  }
  static void* create_nil(const redisReadTask* task) {
    return add(task, {Kind::nil});
  }

  Flat flat_;
};

/// hiredis does not look at what ends a bulk string, and bounds nothing: it may go on where ours
/// has failed, never the other way round.
void check_against_oracle(const Reading& ours, const std::vector<std::uint8_t>& stream) {
  const Reading theirs = Oracle().read(stream);
  require(ours.failed || !theirs.failed, "hiredis takes what we take");
  require(ours.failed ? ours.replies.size() <= theirs.replies.size()
                      : ours.replies.size() == theirs.replies.size(),
          "as many replies as hiredis finds");
  require(std::equal(ours.replies.begin(), ours.replies.end(), theirs.replies.begin()),
          "the same replies as hiredis'");
}

bool same_but_for_oversize(const Value& small, const Value& large) {
  if (small.kind != Kind::oversize) {
    return small == large && small.text.size() <= kSmall.max_line_bytes;
  }
  return large.kind == Kind::bulk && small.text.empty() &&
         large.text.size() > kSmall.max_bulk_bytes &&
         small.integer == static_cast<std::int64_t>(large.text.size());
}

/// Small limits fail earlier, or leave a long bulk string out; they change nothing else.
void check_limits(const Reading& small, const Reading& large) {
  require(small.failed || !large.failed, "limits excuse nothing");
  require(small.replies.size() <= large.replies.size(), "limits add no reply");
  for (std::size_t i = 0; i < small.replies.size(); ++i) {
    require(std::ranges::equal(small.replies[i], large.replies[i], same_but_for_oversize),
            "limits only leave out");
  }
}

void check(const fuzz::Stream& stream) {
  const auto whole = stream.whole();
  const auto pieces = stream.pieces();
  const Reading large = read(whole, {});
  const Reading small = read(whole, kSmall);
  require(large == read(pieces, {}), "pieces change nothing");
  require(small == read(pieces, kSmall), "pieces change nothing under limits");
  check_limits(small, large);
  check_against_oracle(large, whole.front());
}

}  // namespace
}  // namespace wscast::redis

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < wscast::fuzz::Stream::kPrefix) return 0;
  wscast::redis::check(wscast::fuzz::Stream(data, size));
  return 0;
}
