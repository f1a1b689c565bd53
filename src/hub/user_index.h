#pragma once

#include <cstddef>
#include <string_view>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/string_hash.h"
#include "hub/client_record.h"

namespace wscast::hub {

/// Index of clients by user. Costs no memory but one entry per user: the clients of a user are
/// linked through their records (`links`). One thread at a time.
template <UserLinks ClientRecord::*links>
class UserIndex {
 public:
  /// Throws std::bad_alloc: the client was not added.
  void add(ClientRecord& client) {
    const auto [place, first] = heads_.insert(&client);
    if (first) return;
    UserLinks& head = (*place)->*links;
    (client.*links) = {.previous = *place, .next = head.next};
    if (head.next != nullptr) (head.next->*links).previous = &client;
    head.next = &client;
  }

  /// No-op for a client that was not added.
  void remove(ClientRecord& client) noexcept {
    UserLinks& own = client.*links;
    if (own.previous != nullptr) {
      (own.previous->*links).next = own.next;
      if (own.next != nullptr) (own.next->*links).previous = own.previous;
    } else {
      const auto head = heads_.find(user_of(&client));
      if (head == heads_.end() || *head != &client) return;
      if (own.next == nullptr) {
        heads_.erase(head);
      } else {  // In its place, since it has the same key: removing must not need memory.
        const_cast<ClientRecord*&>(*head) = own.next;
        (own.next->*links).previous = nullptr;
      }
    }
    own = {};
  }

  bool contains(std::string_view user) const { return heads_.contains(user); }

  /// Whether the user has `count` clients or more. Takes time in proportion to `count`.
  bool has_at_least(std::size_t count, std::string_view user) const {
    const auto head = heads_.find(user);
    const ClientRecord* client = head == heads_.end() ? nullptr : *head;
    for (; client != nullptr && count > 0; --count) client = (client->*links).next;
    return count == 0;
  }

  template <class Visitor>
  void for_each(std::string_view user, Visitor visit) const {
    const auto head = heads_.find(user);
    if (head == heads_.end()) return;
    for (ClientRecord* client = *head; client != nullptr;) {
      ClientRecord* next = (client->*links).next;
      visit(*client);
      client = next;
    }
  }

 private:
  static std::string_view user_of(const ClientRecord* client) {
    return client->identity.user_id.view();
  }
  static std::string_view user_of(std::string_view user) { return user; }

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const auto& key) const noexcept { return StringHash{}(user_of(key)); }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const noexcept {
      return user_of(a) == user_of(b);
    }
  };

  boost::unordered_flat_set<ClientRecord*, Hash, Equal> heads_;
};

}  // namespace wscast::hub
