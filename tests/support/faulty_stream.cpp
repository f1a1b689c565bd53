#include "support/faulty_stream.h"

namespace wscast::test {

using net::IoResult;
using net::IoStatus;

std::string_view to_string(IoFault fault) {
  switch (fault) {
    case IoFault::error:
      return "error";
    case IoFault::end:
      return "end";
    case IoFault::interrupt:
      return "interrupt";
    case IoFault::one_byte:
      return "one byte";
  }
  return "?";
}

IoResult FaultyStream::read(std::span<std::uint8_t> into) {
  if (broken_) return {IoStatus::error};
  if (ended_) return {IoStatus::end};
  if (!plan_.is_due(IoCall::read)) return below_.read(into);
  switch (plan_.fault) {
    case IoFault::error:
      broken_ = true;
      return {IoStatus::error};
    case IoFault::end:
      ended_ = true;
      return {IoStatus::end};
    case IoFault::interrupt:
      return {IoStatus::would_block};
    case IoFault::one_byte:
      break;
  }
  return below_.read(into.first(1));
}

IoResult FaultyStream::write(std::span<const iovec> pieces) {
  if (broken_) return {IoStatus::error};
  if (!plan_.is_due(IoCall::write)) return below_.write(pieces);
  switch (plan_.fault) {
    case IoFault::error:
    case IoFault::end:
      broken_ = true;
      return {IoStatus::error};
    case IoFault::interrupt:
      return {IoStatus::would_block};
    case IoFault::one_byte:
      break;
  }
  const iovec first{pieces.front().iov_base, 1};
  return below_.write({&first, 1});
}

}  // namespace wscast::test
