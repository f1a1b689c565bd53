#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include <boost/describe/class.hpp>

namespace chat {

/// The `data` of `authenticate`.
struct Login {
  std::string name;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(Login, (), (name, password))

/// An authenticated user; the metadata of its clients.
struct Person {
  std::string name;
  bool moderator = false;
};

/// A stand-in for a database: it has three accounts, and returns results on a thread of its own.
class Accounts {
 public:
  using OnResult = std::function<void(std::optional<Person>)>;

  Accounts();
  ~Accounts();

  /// Finds a person; std::nullopt if the name or the password is wrong.
  void look_up(Login login, OnResult on_result);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queries_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace chat
