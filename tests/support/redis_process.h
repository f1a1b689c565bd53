#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace wscast::test {

/// A folder in the system's temporary one, removed with its content by the destructor.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// A port of 127.0.0.1 that is not in use, outside of those that the system gives to connecting
/// sockets, so that it stays free while a server that had it is down. The port 10,000 above it is
/// free too (a Redis Cluster node's second one).
std::uint16_t free_port();

/// A real `redis-server`, empty, that saves nothing, on a free port of 127.0.0.1 and on a Unix
/// socket. The constructor returns when it answers; all that waits here throws std::runtime_error
/// after 20 s, with Redis' log. It ends with this object, or with the test's process if that
/// crashes. Any thread.
class RedisProcess {
 public:
  struct Setup {
    std::vector<std::string> lines{};  ///< More for redis.conf, such as `requirepass secret`.
    bool sentinel = false;             ///< `redis-server --sentinel`.

    /// Not empty: the port speaks TLS (`Certificates` makes the files). A client certificate is
    /// asked for but not required, unless `lines` say `tls-auth-clients yes`.
    std::filesystem::path tls_folder{};
  };

  RedisProcess() : RedisProcess(Setup{}) {}
  explicit RedisProcess(Setup setup);
  ~RedisProcess();
  RedisProcess(const RedisProcess&) = delete;
  RedisProcess& operator=(const RedisProcess&) = delete;

  std::uint16_t port() const { return port_; }
  std::string address() const;  ///< `127.0.0.1:PORT`
  std::string url() const;      ///< `redis://127.0.0.1:PORT`, or `rediss://...`
  std::filesystem::path unix_path() const;
  int pid() const;

  void kill();        ///< SIGKILL; returns when it is gone.
  void stop() const;  ///< SIGSTOP; returns when it stands still.
  void cont() const;  ///< SIGCONT.
  void start();       ///< After kill(): on the same port, with the same configuration.
  void start_soon();  ///< The same, without waiting until it answers.

  /// Sends a command over the Unix socket (as the default user) and returns its reply: arrays
  /// are one element a line, nil is `(nil)`, an error is `(error) ...`.
  std::string call(const std::vector<std::string_view>& words) const;

  /// Waits for a log line with `text`, since the last start.
  void await_log(std::string_view text) const { await_logs(text, 1); }

  /// The same, for `count` of them.
  void await_logs(std::string_view text, std::size_t count) const;

  std::string log() const;

 private:
  bool try_start();
  void write_configuration() const;
  bool await_readiness() const;
  void follow(int log_pipe);
  void run(int log_pipe, int log_end);
  void join();

  Setup setup_;
  ScratchFolder folder_;
  std::uint16_t port_ = 0;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::string log_;
  int pid_ = 0;         ///< 0: not running.
  bool over_ = true;    ///< It ended, and was waited for.
  std::thread thread_;  ///< Parent of the process and reader of its log.
};

/// Keys and certificates, made anew: `ca.pem`; `server.pem`, `server.key` (for localhost and
/// 127.0.0.1); `client.pem`, `client.key`; and `other-ca.pem`, which signed none of them.
class Certificates {
 public:
  Certificates();

  const std::filesystem::path& folder() const { return folder_.path(); }
  std::string file(std::string_view name) const { return (folder_.path() / name).string(); }

 private:
  ScratchFolder folder_;
};

/// A master with one replica that nobody watches; returns when the replica has what it has.
class ReplicatedRedis {
 public:
  ReplicatedRedis();

  const RedisProcess& first() const { return first_; }  ///< The master at first.

  /// Waits until the replica has counted the messages of a room's history so far.
  void await_offset(const std::string& position_key, int last) const;

  /// Now there are two masters.
  void promote_second();

  /// Makes the first a replica of the second, from which it gets all data, and a master again.
  void demote_and_promote_first();

 private:
  RedisProcess first_;
  RedisProcess second_;
};

/// A master with one replica, watched by Sentinels under the name `main`; returns when they know
/// each other. A master that dies is replaced after half a second and an election.
class SentinelGroup {
 public:
  explicit SentinelGroup(std::size_t sentinels);

  RedisProcess& first() { return first_; }     ///< The master at first.
  RedisProcess& second() { return *second_; }  ///< The replica at first.
  std::vector<std::unique_ptr<RedisProcess>>& sentinels() { return sentinels_; }

  /// Makes the replica the master, both living; returns when the Sentinels say so. They leave the
  /// old one in the belief that it is the master for 8 s more: first().await_log("REPLICAOF").
  void swap();

  std::string url() const;  ///< `redis-sentinel://...`

 private:
  RedisProcess first_;
  std::unique_ptr<RedisProcess> second_;
  std::vector<std::unique_ptr<RedisProcess>> sentinels_;
};

/// A Redis Cluster of three masters; returns when all find it well.
class ClusterGroup {
 public:
  ClusterGroup();

  /// Waits until its nodes take commands with keys, which is 2 s after their start, and have links
  /// to each other.
  void await_keys();

  /// A further node, which has what that one has by now.
  RedisProcess& add_replica_of(std::size_t node);

  std::vector<std::unique_ptr<RedisProcess>>& nodes() { return nodes_; }
  std::string url() const;  ///< `redis-cluster://...`

 private:
  void await_acquaintance();

  std::vector<std::unique_ptr<RedisProcess>> nodes_;
};

}  // namespace wscast::test
