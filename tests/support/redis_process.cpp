#include "support/redis_process.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <random>
#include <stdexcept>
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "client/socket.h"

namespace wscast::test {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);
constexpr int kMaxStarts = 10;
constexpr std::uint16_t kClusterBusOffset = 10'000;
constexpr const char* kServer = "/usr/bin/redis-server";

bool can_listen(std::uint16_t port) {
  const client::Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::bind(socket.fd(), reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
}

/// The child's side of fork(): nothing but system calls, since other threads may hold locks.
[[noreturn]] void become_server(const char* configuration, bool sentinel, int log_end,
                                pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);
  sigset_t none;
  sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
  ::dup2(log_end, STDOUT_FILENO);
  ::dup2(log_end, STDERR_FILENO);
  ::close_range(STDERR_FILENO + 1, ~0U, 0);
  ::execl(kServer, kServer, configuration, sentinel ? "--sentinel" : nullptr, nullptr);
  ::_exit(127);
}

void append(std::string& text, const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_ERROR:
      text.append("(error) ").append(reply.str, static_cast<std::size_t>(reply.len));
      return;
    case REDIS_REPLY_INTEGER:
      text += std::to_string(reply.integer);
      return;
    case REDIS_REPLY_NIL:
      text += "(nil)";
      return;
    case REDIS_REPLY_ARRAY:
      for (std::size_t i = 0; i < static_cast<std::size_t>(reply.elements); ++i) {
        if (i > 0) text += '\n';
        append(text, *reply.element[i]);
      }
      return;
    default:
      text.append(reply.str, static_cast<std::size_t>(reply.len));
  }
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string_view::npos;
       at = text.find(part, at + part.size()))
    ++count;
  return count;
}

}  // namespace

ScratchFolder::ScratchFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "wscast-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::uint16_t free_port() {
  static std::random_device device;
  std::uniform_int_distribution<std::uint16_t> ports(10'000, 21'999);
  while (true) {
    const std::uint16_t port = ports(device);
    if (can_listen(port) && can_listen(static_cast<std::uint16_t>(port + kClusterBusOffset))) {
      return port;
    }
  }
}

RedisProcess::RedisProcess(Setup setup) : setup_(std::move(setup)) {
  for (int starts = 0; starts < kMaxStarts; ++starts) {
    port_ = free_port();
    write_configuration();
    if (try_start()) return;  // Else another process has just taken the port, or a line is wrong.
  }
  throw std::runtime_error("redis-server does not start: " + log());
}

RedisProcess::~RedisProcess() {
  kill();
}

std::string RedisProcess::address() const {
  return "127.0.0.1:" + std::to_string(port_);
}

std::string RedisProcess::url() const {
  return (setup_.tls_folder.empty() ? "redis://" : "rediss://") + address();
}

std::filesystem::path RedisProcess::unix_path() const {
  return folder_.path() / "redis.sock";
}

int RedisProcess::pid() const {
  const std::lock_guard lock(mutex_);
  return pid_;
}

void RedisProcess::kill() {
  if (const int process = pid()) ::kill(process, SIGKILL);
  join();
}

void RedisProcess::stop() const {
  const int process = pid();
  ::kill(process, SIGSTOP);
  siginfo_t info{};  // Left for others to wait for: the thread reaps.
  ::waitid(P_PID, static_cast<id_t>(process), &info, WSTOPPED | WNOWAIT);
}

void RedisProcess::cont() const {
  ::kill(pid(), SIGCONT);
}

void RedisProcess::start() {
  if (!try_start()) throw std::runtime_error("redis-server does not start again: " + log());
}

bool RedisProcess::try_start() {
  start_soon();
  if (await_readiness()) return true;
  join();
  return false;
}

void RedisProcess::start_soon() {
  join();
  std::array<int, 2> log_pipe{};
  if (::pipe2(log_pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  std::unique_lock lock(mutex_);
  log_.clear();
  over_ = false;
  thread_ = std::thread([this, log_pipe] { run(log_pipe[0], log_pipe[1]); });
  changed_.wait(lock, [this] { return pid_ > 0 || over_; });
}

/// The process dies with the thread that made it, so that thread stays as long as it.
void RedisProcess::run(int log_pipe, int log_end) {
  const std::string configuration = (folder_.path() / "redis.conf").string();
  const pid_t parent = ::getpid();
  const pid_t process = ::fork();
  if (process == 0) become_server(configuration.c_str(), setup_.sentinel, log_end, parent);
  ::close(log_end);
  {
    const std::lock_guard lock(mutex_);
    pid_ = process;
  }
  changed_.notify_all();
  follow(log_pipe);
  ::close(log_pipe);
  ::waitpid(process, nullptr, 0);
  {
    const std::lock_guard lock(mutex_);
    pid_ = 0;
    over_ = true;
  }
  changed_.notify_all();
}

void RedisProcess::follow(int log_pipe) {
  std::array<char, 4096> bytes;
  while (true) {
    const ssize_t size = ::read(log_pipe, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;
    {
      const std::lock_guard lock(mutex_);
      log_.append(bytes.data(), static_cast<std::size_t>(size));
    }
    changed_.notify_all();
  }
}

void RedisProcess::join() {
  if (thread_.joinable()) thread_.join();
}

void RedisProcess::write_configuration() const {
  std::ofstream file(folder_.path() / "redis.conf");
  file << "bind 127.0.0.1\ndaemonize no\nlogfile \"\"\nsave \"\"\n"
       << "dir " << folder_.path().string() << '\n'
       << "unixsocket " << unix_path().string() << '\n';
  if (setup_.tls_folder.empty()) {
    file << "port " << port_ << '\n';
  } else {
    const std::string folder = setup_.tls_folder.string();
    file << "port 0\ntls-port " << port_ << "\ntls-auth-clients optional\n"
         << "tls-ca-cert-file " << folder << "/ca.pem\n"
         << "tls-cert-file " << folder << "/server.pem\n"
         << "tls-key-file " << folder << "/server.key\n";
  }
  for (const std::string& line : setup_.lines) file << line << '\n';
}

bool RedisProcess::await_readiness() const {
  const std::string_view ready = setup_.sentinel ? "+monitor" : "Ready to accept connections";
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kPatience,
                    [&] { return over_ || log_.find(ready) != std::string::npos; });
  return log_.find(ready) != std::string::npos;
}

std::string RedisProcess::call(const std::vector<std::string_view>& words) const {
  const timeval patience{std::chrono::seconds(kPatience).count(), 0};
  const std::unique_ptr<redisContext, decltype(&redisFree)> context(
      redisConnectUnixWithTimeout(unix_path().c_str(), patience), redisFree);
  if (!context || context->err != 0) throw std::runtime_error("redis is not reached: " + log());
  redisSetTimeout(context.get(), patience);
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string_view word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  const std::unique_ptr<redisReply, decltype(&freeReplyObject)> reply(
      static_cast<redisReply*>(redisCommandArgv(context.get(), static_cast<int>(words.size()),
                                                texts.data(), sizes.data())),
      freeReplyObject);
  if (!reply) throw std::runtime_error("redis does not answer: " + log());
  std::string text;
  append(text, *reply);
  return text;
}

void RedisProcess::await_logs(std::string_view text, std::size_t count) const {
  std::unique_lock lock(mutex_);
  const auto seen = [&] { return count_of(log_, text) >= count; };
  changed_.wait_for(lock, kPatience, [&] { return over_ || seen(); });
  if (!seen()) throw std::runtime_error("redis does not log '" + std::string(text) + "': " + log_);
}

std::string RedisProcess::log() const {
  const std::lock_guard lock(mutex_);
  return log_;
}

}  // namespace wscast::test
