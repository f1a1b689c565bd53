#include "stream.h"
#include "ws/frame_reader.h"

namespace wscast {
namespace {

using Step = ws::FrameReader::Step;

/// What was read: each frame with as much of its payload as came, then how it ended.
struct Reading {
  struct Frame {
    std::uint64_t payload_size;
    ws::MaskKey mask;
    ws::Opcode opcode;
    std::uint8_t rsv;
    bool fin;
    bool masked;
    std::vector<std::uint8_t> payload;
    bool operator==(const Frame&) const = default;
  };
  std::vector<Frame> frames;
  ws::Failure failure;
  std::size_t consumed = 0;
  bool failed = false;
  bool idle = false;
};

/// Takes one piece; answers whether reading goes on.
bool read_piece(ws::FrameReader& reader, std::span<std::uint8_t> input, Reading& reading) {
  const std::size_t size = input.size();
  while (true) {
    const Step step = reader.next(input);
    if (step == Step::need_more || step == Step::failure) {
      fuzz::require(step == Step::failure || input.empty(), "need_more means all was taken");
      reading.failed = step == Step::failure;
      reading.consumed += size - input.size();
      return !reading.failed;
    }
    if (step == Step::header) {
      const ws::FrameHeader& header = reader.header();
      reading.frames.push_back({header.payload_size,
                                header.mask,
                                header.opcode,
                                header.rsv,
                                header.fin,
                                header.masked,
                                {}});
      continue;
    }
    auto& frame = reading.frames.back();
    frame.payload.insert(frame.payload.end(), reader.payload().begin(), reader.payload().end());
    fuzz::require(reader.frame_done() == (frame.payload.size() == frame.payload_size),
                  "a frame is done when its payload is whole");
  }
}

Reading read(ws::Role role, std::vector<std::vector<std::uint8_t>> pieces) {
  ws::FrameReader reader(role);
  Reading reading;
  for (auto& piece : pieces) {
    if (!read_piece(reader, piece, reading)) break;
  }
  reading.failure = reader.failure();
  reading.idle = reader.idle();
  return reading;
}

void check(const fuzz::Stream& stream) {
  const ws::Role role = stream.choice(0) ? ws::Role::client : ws::Role::server;
  const Reading whole = read(role, stream.whole());
  const Reading split = read(role, stream.pieces());
  fuzz::require(whole.frames == split.frames, "the same frames");
  fuzz::require(whole.failed == split.failed, "the same end");
  fuzz::require(whole.failure.code == split.failure.code, "the same code");
  fuzz::require(whole.failure.reason == split.failure.reason, "the same reason");
  fuzz::require(whole.consumed == split.consumed, "refused at the same byte");
  fuzz::require(whole.idle == split.idle, "idle at the same time");
}

}  // namespace
}  // namespace wscast

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < wscast::fuzz::Stream::kPrefix) return 0;
  wscast::check(wscast::fuzz::Stream(data, size));
  return 0;
}
