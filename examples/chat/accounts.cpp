#include "accounts.h"

#include <utility>

namespace chat {
namespace {

std::optional<Person> find(const Login& login) {
  struct Account {
    Person person;
    std::string password;
  };
  static const Account accounts[] = {{{.name = "ada"}, "lovelace"},
                                     {{.name = "alan"}, "turing"},
                                     {{.name = "grace", .moderator = true}, "hopper"}};
  for (const auto& [person, password] : accounts) {
    if (login.name == person.name && login.password == password) return person;
  }
  return std::nullopt;
}

}  // namespace

Accounts::Accounts() : thread_([this] { run(); }) {}

Accounts::~Accounts() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Accounts::look_up(Login login, OnResult on_result) {
  {
    const std::lock_guard lock(mutex_);
    queries_.emplace_back(
        [login = std::move(login), on_result = std::move(on_result)] { on_result(find(login)); });
  }
  changed_.notify_one();
}

void Accounts::run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ended_ || !queries_.empty(); });
    if (ended_) return;
    const auto query = std::move(queries_.front());
    queries_.pop_front();
    lock.unlock();
    query();
    lock.lock();
  }
}

}  // namespace chat
