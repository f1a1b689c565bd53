#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>

#include <openssl/bio.h>

namespace wscast {

/// What became of bytes that OpenSSL wanted to send.
struct BioSent {
  int bytes = -1;      ///< Taken; -1: none.
  bool later = false;  ///< With -1: it is to try again.
};

/// OpenSSL's way to a connection: it reads what was received before, and sends directly. `Owner`
/// has, for this class,
///
///     std::span<const std::uint8_t> input_;                   // What was received; read from the
///     front. BioSent send_record(std::span<const char>) noexcept;
template <class Owner>
class OpensslBio {
 public:
  /// For `owner`, which must outlive it. Null without memory, or throws std::bad_alloc.
  static BIO* make(Owner& owner) {
    static BIO_METHOD* const method = make_method();  // Made again if it throws.
    BIO* bio = BIO_new(method);
    if (bio == nullptr) return nullptr;
    BIO_set_data(bio, &owner);
    BIO_set_init(bio, 1);
    return bio;
  }

 private:
  static BIO_METHOD* make_method() {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wscast");
    if (method == nullptr) throw std::bad_alloc();
    BIO_meth_set_read(method, read);
    BIO_meth_set_write(method, write);
    BIO_meth_set_ctrl(method, control);
    return method;
  }

  static Owner& owner_of(BIO* bio) { return *static_cast<Owner*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, int size) {
    std::span<const std::uint8_t>& input = owner_of(bio).input_;
    BIO_clear_retry_flags(bio);
    if (input.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const std::size_t taken = std::min(input.size(), static_cast<std::size_t>(size));
    std::memcpy(into, input.data(), taken);
    input = input.subspan(taken);
    return static_cast<int>(taken);
  }

  static int write(BIO* bio, const char* bytes, int size) {
    BIO_clear_retry_flags(bio);
    const BioSent sent = owner_of(bio).send_record({bytes, static_cast<std::size_t>(size)});
    if (sent.later) BIO_set_retry_write(bio);
    return sent.bytes;
  }

  static long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {  // NOLINT
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }
};

}  // namespace wscast
