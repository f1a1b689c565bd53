#include "ws/message_assembler.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::ws {
namespace {

using Kind = Incoming::Kind;

std::string frame(Opcode opcode, std::string_view payload, bool fin = true) {
  std::array<std::uint8_t, kMaxHeaderBytes> head{};
  const FrameHeader header{.payload_size = payload.size(),
                           .mask = {0x11, 0x22, 0x33, 0x44},
                           .opcode = opcode,
                           .fin = fin,
                           .masked = true};
  const std::size_t size = encode(header, head);
  std::string bytes(head.begin(), head.begin() + static_cast<std::ptrdiff_t>(size));
  std::vector<std::uint8_t> masked(payload.begin(), payload.end());
  apply_mask(masked, header.mask, 0);
  return bytes.append(masked.begin(), masked.end());
}

struct Seen {
  Kind kind;
  std::string payload;
  std::uint16_t code = 0;
  friend bool operator==(const Seen&, const Seen&) = default;
};

std::vector<Seen> read(std::string bytes, std::size_t piece, std::uint64_t max_payload = 1000) {
  MessageAssembler assembler(Role::server, max_payload);
  std::vector<Seen> seen;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::span<std::uint8_t> input(reinterpret_cast<std::uint8_t*>(bytes.data()) + at,
                                  std::min(piece, bytes.size() - at));
    for (auto in = assembler.next(input); in.kind != Kind::need_more; in = assembler.next(input)) {
      seen.push_back({in.kind, std::string(in.text()), in.code});
      if (in.kind == Kind::failure) return seen;
    }
  }
  return seen;
}

/// Reads `bytes` whole and in pieces of every size, and returns what all of them saw.
std::vector<Seen> read_in_all_pieces(const std::string& bytes, std::uint64_t max_payload = 1000) {
  const auto whole = read(bytes, bytes.size(), max_payload);
  for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
    EXPECT_EQ(read(bytes, piece, max_payload), whole) << "in pieces of " << piece;
  }
  return whole;
}

using Sequence = std::vector<Seen>;

TEST(MessageAssembler, PutsFragmentsTogetherWithControlFramesBetween) {
  const std::string bytes = frame(Opcode::text, "Hel", false) + frame(Opcode::ping, "ping") +
                            frame(Opcode::continuation, "", false) + frame(Opcode::pong, "") +
                            frame(Opcode::continuation, "lo") + frame(Opcode::binary, "next");
  EXPECT_EQ(
      read_in_all_pieces(bytes),
      (Sequence{
          {Kind::ping, "ping"}, {Kind::pong, ""}, {Kind::text, "Hello"}, {Kind::binary, "next"}}));
}

TEST(MessageAssembler, RefusesContinuationWithoutAStart) {
  EXPECT_EQ(read_in_all_pieces(frame(Opcode::continuation, "x")),
            (Sequence{{Kind::failure, "", 1002}}));
}

TEST(MessageAssembler, RefusesANewMessageInsideAFragmentedOne) {
  EXPECT_EQ(read_in_all_pieces(frame(Opcode::text, "a", false) + frame(Opcode::text, "b")),
            (Sequence{{Kind::failure, "", 1002}}));
}

TEST(MessageAssembler, RefusesRsv1WhichOnlyDeflateUses) {
  std::string bytes = frame(Opcode::text, "x");
  bytes[0] |= 0x40;
  EXPECT_EQ(read_in_all_pieces(bytes), (Sequence{{Kind::failure, "", 1002}}));
}

/// With an inflater that inflates up to `max_inflated` bytes.
std::vector<Seen> read_compressed(std::string bytes, std::size_t piece,
                                  std::uint64_t max_inflated) {
  Inflater inflater;
  MessageAssembler assembler(Role::server, 1000);
  std::vector<Seen> seen;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    std::span<std::uint8_t> input(reinterpret_cast<std::uint8_t*>(bytes.data()) + at,
                                  std::min(piece, bytes.size() - at));
    while (true) {
      const auto in = assembler.next(input, {.inflater = &inflater, .max_message = max_inflated});
      if (in.kind == Kind::need_more) break;
      seen.push_back({in.kind, std::string(in.text()), in.code});
      if (in.kind == Kind::failure) return seen;
    }
  }
  EXPECT_FALSE(assembler.incomplete());
  return seen;
}

std::vector<Seen> read_compressed_in_all_pieces(const std::string& bytes,
                                                std::uint64_t max_inflated = 100) {
  const auto whole = read_compressed(bytes, bytes.size(), max_inflated);
  for (std::size_t piece = 1; piece < bytes.size(); ++piece) {
    EXPECT_EQ(read_compressed(bytes, piece, max_inflated), whole) << "in pieces of " << piece;
  }
  return whole;
}

std::string with_rsv1(std::string frame) {
  frame[0] = static_cast<char>(frame[0] | 0x40);
  return frame;
}

const std::string kHello("\xf2\x48\xcd\xc9\xc9\x07\x00", 7);  // RFC 7692 section 7.2.3.1

TEST(MessageAssembler, InflatesMessagesWithRsv1AndTakesOthersAsTheyAre) {
  EXPECT_EQ(read_compressed_in_all_pieces(with_rsv1(frame(Opcode::text, kHello)) +
                                          frame(Opcode::text, "plain") +
                                          with_rsv1(frame(Opcode::binary, kHello))),
            (Sequence{{Kind::text, "Hello"}, {Kind::text, "plain"}, {Kind::binary, "Hello"}}));
}

TEST(MessageAssembler, InflatesTheFragmentsOfAMessageTogether) {
  EXPECT_EQ(
      read_compressed_in_all_pieces(
          with_rsv1(frame(Opcode::text, kHello.substr(0, 3), false)) + frame(Opcode::ping, "p") +
          frame(Opcode::continuation, "", false) + frame(Opcode::continuation, kHello.substr(3))),
      (Sequence{{Kind::ping, "p"}, {Kind::text, "Hello"}}));
}

TEST(MessageAssembler, RefusesRsv1OnContinuationsAndControlFrames) {
  const Sequence refused{{Kind::failure, "", 1002}};
  EXPECT_EQ(read_compressed_in_all_pieces(with_rsv1(frame(Opcode::text, kHello, false)) +
                                          with_rsv1(frame(Opcode::continuation, ""))),
            refused);
  EXPECT_EQ(read_compressed_in_all_pieces(with_rsv1(frame(Opcode::ping, ""))), refused);
}

TEST(MessageAssembler, ChecksWhatItInflates) {
  EXPECT_EQ(read_compressed_in_all_pieces(with_rsv1(frame(Opcode::text, kHello)), 5).front().kind,
            Kind::text);
  EXPECT_EQ(read_compressed_in_all_pieces(with_rsv1(frame(Opcode::text, kHello)), 4),
            (Sequence{{Kind::failure, "", 1009}}));
  EXPECT_EQ(read_compressed_in_all_pieces(with_rsv1(frame(Opcode::text, "\xff\xff"))),
            (Sequence{{Kind::failure, "", 1007}}));
  const std::string no_utf8("\x00\x01\x00\xfe\xff\xff\x00", 7);
  EXPECT_EQ(read_compressed_in_all_pieces(with_rsv1(frame(Opcode::text, no_utf8))),
            (Sequence{{Kind::failure, "", 1007}}));
  EXPECT_EQ(read_compressed_in_all_pieces(with_rsv1(frame(Opcode::binary, no_utf8))),
            (Sequence{{Kind::binary, "\xff"}}));
}

TEST(MessageAssembler, ChecksTheSumOfTheFragmentsOnTheHeader) {
  std::string bytes = frame(Opcode::binary, std::string(600, 'x'), false);
  EXPECT_EQ(read(bytes + frame(Opcode::continuation, std::string(400, 'x')), 4096).front().kind,
            Kind::binary);
  bytes += frame(Opcode::continuation, std::string(401, 'x')).substr(0, 8);  // Header alone.
  EXPECT_EQ(read(bytes, 4096), (Sequence{{Kind::failure, "", 1009}}));
}

TEST(MessageAssembler, RefusesInvalidUtf8AcrossFragments) {
  EXPECT_EQ(read_in_all_pieces(frame(Opcode::text, "\xe2\x82", false) +
                               frame(Opcode::continuation, "\xac")),
            (Sequence{{Kind::text, "\xe2\x82\xac"}}));
  EXPECT_EQ(read_in_all_pieces(frame(Opcode::text, "\xe2\x82", false) +
                               frame(Opcode::continuation, "x", false)),
            (Sequence{{Kind::failure, "", 1007}}));
  EXPECT_EQ(read_in_all_pieces(frame(Opcode::text, "\xe2\x82")),
            (Sequence{{Kind::failure, "", 1007}}));
}

TEST(MessageAssembler, LeavesBinaryBytesAlone) {
  EXPECT_EQ(read_in_all_pieces(frame(Opcode::binary, "\xff\xfe")),
            (Sequence{{Kind::binary, "\xff\xfe"}}));
}

TEST(MessageAssembler, ReadsCloseFrames) {
  EXPECT_EQ(read_in_all_pieces(frame(Opcode::close, "")), (Sequence{{Kind::close, "", 1005}}));
  EXPECT_EQ(read_in_all_pieces(frame(Opcode::close,
                                     "\x03\xe8"
                                     "bye")),
            (Sequence{{Kind::close, "bye", 1000}}));
  EXPECT_EQ(read_in_all_pieces(frame(Opcode::close, "\x03")),
            (Sequence{{Kind::failure, "", 1002}}));
  EXPECT_EQ(read_in_all_pieces(frame(Opcode::close, "\x03\xed")),
            (Sequence{{Kind::failure, "", 1002}}));
  EXPECT_EQ(read_in_all_pieces(frame(Opcode::close, "\x03\xe8\xff")),
            (Sequence{{Kind::failure, "", 1007}}));
}

TEST(MessageAssembler, AcceptsAnyNumberOfFragmentsWithinTheLimit) {
  std::string bytes = frame(Opcode::text, "x", false);
  for (int i = 0; i < 998; ++i) bytes += frame(Opcode::continuation, "x", false);
  bytes += frame(Opcode::continuation, "x");
  EXPECT_EQ(read(bytes, 4096), (Sequence{{Kind::text, std::string(1000, 'x')}}));
}

TEST(MessageAssembler, KnowsWhetherAMessageIsIncomplete) {
  std::string bytes = frame(Opcode::text, "a", false);
  MessageAssembler assembler(Role::server, 10);
  EXPECT_FALSE(assembler.incomplete());
  std::span<std::uint8_t> first(reinterpret_cast<std::uint8_t*>(bytes.data()), 1);
  assembler.next(first);
  EXPECT_TRUE(assembler.incomplete());
  std::span<std::uint8_t> rest(reinterpret_cast<std::uint8_t*>(bytes.data()) + 1, bytes.size() - 1);
  assembler.next(rest);
  EXPECT_TRUE(assembler.incomplete()) << "the frame is whole, the message is not";
}

TEST(MessageAssembler, StaysFailed) {
  std::string bytes = frame(Opcode::continuation, "x") + frame(Opcode::text, "later");
  MessageAssembler assembler(Role::server, 10);
  std::span<std::uint8_t> input(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
  EXPECT_EQ(assembler.next(input).kind, Kind::failure);
  EXPECT_EQ(assembler.next(input).kind, Kind::failure);
}

TEST(MessageAssembler, T2ALimitMayChange) {
  MessageAssembler assembler(Role::server, 1'000);
  const auto next = [&assembler](std::string bytes) {
    std::span<std::uint8_t> input(reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
    const Incoming in = assembler.next(input);
    return Seen{in.kind, std::string(in.text()), in.code};
  };
  assembler.set_max_payload(2'000);
  const std::string longer(1'500, 'x');
  EXPECT_EQ(next(frame(Opcode::text, longer)), (Seen{Kind::text, longer}));
  EXPECT_EQ(next(frame(Opcode::text, longer, false)), (Seen{Kind::need_more, ""}));
  assembler.set_max_payload(1'000);
  EXPECT_EQ(next(frame(Opcode::continuation, "x")), (Seen{Kind::failure, "", 1009}))
      << "also for the message that has begun";
}

}  // namespace
}  // namespace wscast::ws
