#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/json_scanner.h"

namespace wscast::protocol {

/// A client's message `{"event":...,"data"?:...,"id"?:...}` (protocol.md section 1). The views are
/// the JSON texts of the members in the text that was parsed; `null` is a member like any other.
struct Envelope {
  std::string event;  ///< Unescaped, not empty.
  std::optional<std::string_view> data;
  std::optional<std::string_view> id;
  std::optional<std::string_view> ext{};  ///< What a client asks for (H4).
};

enum class EnvelopeStatus : std::uint8_t {
  ok,
  invalid,    ///< Not JSON, or nested too deeply: the client gets an error (M1, M15).
  malformed,  ///< No object, or no usable `event`: dropped (M2, M16).
};

struct ParsedEnvelope {
  EnvelopeStatus status;
  Envelope envelope;  ///< Valid only if `status` is ok.
};

/// Parses a message. `text` must be valid UTF-8; the caller rejects other text (M12).
ParsedEnvelope parse_envelope(std::string_view text, std::size_t max_depth = kMaxJsonDepth);

/// Nesting depth that the data of an envelope may have: the envelope itself is one level (M15).
inline constexpr std::size_t kMaxDataDepth = kMaxJsonDepth - 1;

/// Fields of a message to a client; the JSON texts are copied unchanged (D15).
struct Content {
  std::string_view event;
  std::optional<std::string_view> data{};  ///< `std::nullopt` leaves the key out.
  std::optional<std::string_view> id{};    ///< The same.
};

/// Size of what write_envelope writes, in bytes.
std::size_t envelope_size(const Content& content);

/// Writes `{"event":...,"data":...,"id":...}`. Returns the end of what it wrote.
char* write_envelope(char* out, const Content& content);

/// The same as a string.
std::string make_envelope(const Content& content);

}  // namespace wscast::protocol
