// Compresses one message for every size of window, and reads each form back as a client does.

#include <algorithm>
#include <string>
#include <vector>

#include "base/counters.h"
#include "stream.h"
#include "ws/frame.h"
#include "ws/frame_compressor.h"
#include "ws/inflater.h"
#include "ws/message_assembler.h"

namespace {

using namespace wscast;
using fuzz::require;

/// The message that a client receives by this frame.
std::string received(const ws::FrameRef& frame, ws::Inflater& inflater) {
  ws::MessageAssembler assembler(ws::Role::client, std::uint64_t{1} << 20);
  std::vector<std::uint8_t> wire(frame.bytes().begin(), frame.bytes().end());
  std::span<std::uint8_t> input(wire);
  const ws::Incoming incoming =
      assembler.next(input, {.inflater = &inflater, .max_message = std::uint64_t{1} << 20});
  require(incoming.kind == ws::Incoming::Kind::binary && input.empty(), "one whole message");
  return std::string(incoming.text());
}

void check(std::string_view message, std::size_t threshold) {
  static ws::Inflater inflater;
  Counters counters;
  const DeflateOptions options{.enabled = true, .threshold = threshold};
  ws::FrameCompressor compressor(options, counters);
  const ws::FrameRef frame = ws::make_frame(ws::Opcode::binary, message);
  for (std::uint8_t bits = ws::kMinWindowBits; bits <= ws::kMaxWindowBits; ++bits) {
    const ws::FrameRef form = compressor.form_of(frame, bits);
    require(form.size() <= frame.size(), "a form is no larger");
    require(message.size() >= threshold || form.size() == frame.size(), "short ones are plain");
    require(received(form, inflater) == message, "and reads the same");
    require(compressor.form_of(frame, bits).bytes().data() == form.bytes().data(), "made once");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string repeated;
  for (int i = 0; i < data[0] % 8; ++i) repeated += text;
  check(data[0] % 2 == 0 ? text : repeated, data[0] / 8);
  return 0;
}
