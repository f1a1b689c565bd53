// OpenSSL's memory, in a program that links this: see AllocationFaults.

#include <cstdlib>

#include <openssl/crypto.h>

#include "support/allocation_faults.h"

namespace wscast::test {
namespace {

bool is_due() noexcept {
  return AllocationFaults::is_due(AllocationFaults::Heap::openssl);
}

void* allocate(std::size_t bytes, const char* /*file*/, int /*line*/) {
  return is_due() ? nullptr : std::malloc(bytes);
}

void* reallocate(void* memory, std::size_t bytes, const char* /*file*/, int /*line*/) {
  return is_due() ? nullptr : std::realloc(memory, bytes);
}

void release(void* memory, const char* /*file*/, int /*line*/) {
  std::free(memory);
}

/// OpenSSL takes them before its first allocation only, which static objects of others may make.
[[gnu::constructor(101)]] void install() {
  if (CRYPTO_set_mem_functions(allocate, reallocate, release) != 1) std::abort();
}

}  // namespace
}  // namespace wscast::test
