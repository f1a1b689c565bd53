#include "ws/frame.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace wscast::ws {
namespace {

std::string text(const FrameRef& frame) {
  return {reinterpret_cast<const char*>(frame.bytes().data()), frame.size()};
}

TEST(Frame, HoldsHeaderAndPayload) {
  const FrameRef frame = make_frame(Opcode::text, "Hello");
  EXPECT_EQ(text(frame), "\x81\x05Hello");
  EXPECT_EQ(frame.payload_size(), 5u);
}

TEST(Frame, IsSharedByItsReferencesAndOutlivesTheFirst) {
  FrameRef first = make_frame(Opcode::text, "shared");
  const FrameRef second = first;
  EXPECT_EQ(first.bytes().data(), second.bytes().data());
  first = FrameRef();
  EXPECT_EQ(text(second), "\x81\x06shared");
}

TEST(Frame, OfSharedBytesIsThoseBytes) {
  SharedFrameBuilder builder(Opcode::binary, 3);
  std::ranges::copy(std::string_view("abc"), builder.payload().begin());
  const SharedFrame shared = std::move(builder).finish();
  const FrameRef frame = FrameRef::of(shared);
  EXPECT_EQ(frame.bytes().data(), shared.bytes.get());
  EXPECT_EQ(text(frame),
            "\x82\x03"
            "abc");
}

TEST(Frame, CloseCarriesCodeAndReason) {
  EXPECT_EQ(text(make_close_frame(1002, "no")), std::string("\x88\x04\x03\xea"
                                                            "no"));
  EXPECT_EQ(text(make_close_frame(1005, "")), std::string("\x88\x00", 2));
}

TEST(Frame, CloseCutsALongReasonAtACharacter) {
  std::string reason(122, 'x');
  reason += "\xc3\xa9";  // Would end at byte 124.
  const FrameRef frame = make_close_frame(1000, reason);
  EXPECT_EQ(frame.payload_size(), 2 + 122u);
}

TEST(Frame, RawBytesGetNoHeader) {
  EXPECT_EQ(text(make_raw("HTTP/1.1 200 OK\r\n\r\n")), "HTTP/1.1 200 OK\r\n\r\n");
}

TEST(Frame, CostsMoreThanItsBytes) {
  const FrameRef frame = make_frame(Opcode::text, "x");
  EXPECT_EQ(frame.cost(), frame.size() + FrameRef::kCost);
}

}  // namespace
}  // namespace wscast::ws
