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

/// What people log in with: the `data` of `authenticate`.
struct Login {
  std::string name;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(Login, (), (name, password))

/// Who they are then.
struct Person {
  std::string name;
  bool moderator = false;
};

/// Stands for a database: it knows three people, and answers from a thread of its own.
class Accounts {
 public:
  using Answer = std::function<void(std::optional<Person>)>;

  Accounts();
  ~Accounts();

  /// Nobody, unless the password is right.
  void look_up(Login login, Answer answer);

 private:
  void answer_all();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> questions_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace chat
