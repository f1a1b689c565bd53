#include "ws/frame.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include "ws/frame_extras.h"
#include "ws/small_blocks.h"

namespace wscast::ws {
namespace {

thread_local SmallBlocks small_blocks;

struct Head {
  std::array<std::uint8_t, kMaxHeaderBytes> bytes;
  std::size_t size;
};

Head make_head(Opcode opcode, std::size_t payload_size, std::uint8_t rsv = 0) {
  Head head;
  head.size = encode({.payload_size = payload_size, .opcode = opcode, .rsv = rsv}, head.bytes);
  return head;
}

/// The longest prefix of `text` of at most `most` bytes that splits no UTF-8 character.
std::string_view cut_at_character(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<std::uint8_t>(text[most]) & 0xc0) == 0x80) --most;
  return text.substr(0, most);
}

}  // namespace

FrameRef::Block::Block() = default;
FrameRef::Block::~Block() = default;

FrameRef::Extras& FrameRef::Block::need_extras() {
  if (!extras) extras = std::make_unique<Extras>();
  return *extras;
}

const std::shared_ptr<MessageTrace>& FrameRef::shared_trace() const {
  return block_->extras->trace;
}

void FrameRef::set_origin(const FrameOrigin& origin) {
  block_->taken = origin.taken;
  if (!origin.trace) return;
  block_->need_extras().trace = origin.trace;
  block_->traced = true;
}

void FrameRef::set_origin_of(const FrameRef& other) {
  set_origin({other.taken(), other.block_->traced ? other.shared_trace() : nullptr});
}

FrameRef FrameRef::of(SharedFrame shared, const FrameOrigin& origin) {
  Block* block = allocate(0);
  block->size = shared.size;
  block->payload_size = shared.payload_size;
  block->messages = shared.messages;
  block->bytes = shared.bytes.get();
  block->owner = std::move(shared.bytes);
  FrameRef frame(block);
  frame.set_origin(origin);
  return frame;
}

std::span<const FrameRef> FrameRef::parts() const {
  auto& parts = block_->need_extras().parts;
  if (!parts.empty()) return parts;
  std::vector<FrameRef> made;
  made.reserve(messages());
  for (auto rest = bytes(); !rest.empty(); rest = rest.subspan(made.back().size())) {
    const FrameHeader header = decode_own(rest);
    const auto payload_size = static_cast<std::size_t>(header.payload_size);
    made.push_back(of({.bytes = {block_->owner, rest.data()},
                       .size = encoded_size(header) + payload_size,
                       .payload_size = payload_size},
                      {.taken = taken()}));
  }
  parts = std::move(made);
  return parts;
}

FrameRef::Block* FrameRef::allocate(std::size_t bytes_behind) {
  void* memory = small_blocks.allocate(sizeof(Block) + bytes_behind);
  Block* block = new (memory) Block;
  block->bytes = static_cast<std::uint8_t*>(memory) + sizeof(Block);
  block->size = bytes_behind;
  return block;
}

void FrameRef::destroy(Block* block) noexcept {
  const std::size_t size = sizeof(Block) + (block->owner ? 0 : block->size);
  block->~Block();
  small_blocks.release(block, size);
}

FrameBuilder::FrameBuilder(Opcode opcode, std::size_t payload_size, std::uint8_t rsv) {
  const Head head = make_head(opcode, payload_size, rsv);
  FrameRef::Block* block = FrameRef::allocate(head.size + payload_size);
  block->payload_size = payload_size;
  frame_ = FrameRef(block);
  char* bytes = reinterpret_cast<char*>(block) + sizeof(FrameRef::Block);
  std::memcpy(bytes, head.bytes.data(), head.size);
  payload_ = {bytes + head.size, payload_size};
}

SharedFrameBuilder::SharedFrameBuilder(Opcode opcode, std::size_t payload_size) {
  const Head head = make_head(opcode, payload_size);
  const auto bytes = std::make_shared_for_overwrite<std::uint8_t[]>(head.size + payload_size);
  std::memcpy(bytes.get(), head.bytes.data(), head.size);
  frame_ = {.bytes = bytes, .size = head.size + payload_size, .payload_size = payload_size};
  payload_ = {reinterpret_cast<char*>(bytes.get()) + head.size, payload_size};
}

FrameRef make_frame(Opcode opcode, std::string_view payload) {
  FrameBuilder builder(opcode, payload.size());
  std::ranges::copy(payload, builder.payload().begin());
  return std::move(builder).finish();
}

FrameRef make_close_frame(std::uint16_t code, std::string_view reason) {
  if (code == to_number(CloseCode::no_status)) {
    return make_frame(Opcode::close, {});
  }
  reason = cut_at_character(reason, kMaxControlPayload - 2);
  FrameBuilder builder(Opcode::close, 2 + reason.size());
  builder.payload()[0] = static_cast<char>(code >> 8);
  builder.payload()[1] = static_cast<char>(code & 0xff);
  std::ranges::copy(reason, builder.payload().begin() + 2);
  return std::move(builder).finish();
}

FrameRef make_raw(std::string_view bytes) {
  FrameRef::Block* block = FrameRef::allocate(bytes.size());
  std::memcpy(reinterpret_cast<char*>(block) + sizeof(FrameRef::Block), bytes.data(), bytes.size());
  return FrameRef(block);
}

}  // namespace wscast::ws
