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

Accounts::Accounts() : thread_([this] { answer_all(); }) {}

Accounts::~Accounts() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Accounts::look_up(Login login, Answer answer) {
  {
    const std::lock_guard lock(mutex_);
    questions_.emplace_back(
        [login = std::move(login), answer = std::move(answer)] { answer(find(login)); });
  }
  changed_.notify_one();
}

void Accounts::answer_all() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ended_ || !questions_.empty(); });
    if (ended_) return;
    const auto question = std::move(questions_.front());
    questions_.pop_front();
    lock.unlock();
    question();
    lock.lock();
  }
}

}  // namespace chat
