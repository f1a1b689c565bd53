// TLS on real sockets: resumption, certificates by name, reloading, deadlines and limits.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wscast/log.h"

#include "client/swarm.h"
#include "client/tls_session.h"
#include "integration/server_fixture.h"
#include "support/tls_files.h"

namespace wscast {
namespace {

using client::BlockingClient;
using client::Event;
using client::TlsClient;
using client::TlsSettings;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class Tls : public testing::Test {
 protected:
  TlsOptions options() {
    return {.certificates = {files_.issue("server")}, .reload_interval = milliseconds(0)};
  }

  std::string listen(const TlsOptions& tls) {
    return fixture_.server().listen("127.0.0.1:0", {.tls = tls});
  }

  std::string failure(const TlsOptions& tls) {
    try {
      listen(tls);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return {};
  }

  TlsSettings trusting(const std::string& name = "localhost") const {
    return {.ca_file = files_.ca(), .name = name};
  }

  /// A client that is connected by TLS, with its settings.
  struct Peer {
    explicit Peer(const TlsSettings& settings) : tls(settings) { socket.use_tls(tls); }
    TlsClient tls;
    BlockingClient socket;
  };

  /// The name in the certificate that a new client sees.
  std::string presented(const std::string& address, const std::string& name = "localhost") {
    Peer peer(trusting(name));
    const auto error = peer.socket.open(endpoint_of(address));
    return error ? error.message() : peer.socket.tls()->server_name();
  }

  static void authenticate(BlockingClient& socket) {
    ASSERT_TRUE(socket.send_text(R"({"event":"authenticate","data":{"token":"alice"}})"));
    ASSERT_THAT(socket.receive().payload, HasSubstr("connected"));
  }

  /// Waits until the server has handled what was sent before.
  static void expect_alive(BlockingClient& socket) {
    ASSERT_TRUE(socket.send_frame(ws::Opcode::ping, "alive"));
    const Event event = socket.receive();
    ASSERT_EQ(event.kind, Event::Kind::pong);
    ASSERT_EQ(event.payload, "alive");
  }

  test::TlsFiles files_;
  ServerFixture fixture_{2};
};

TEST_F(Tls, StandsBesideAPlainListener) {
  const auto address = listen(options());
  Peer secure(trusting());
  ASSERT_FALSE(secure.socket.connect(endpoint_of(address)));
  EXPECT_EQ(secure.socket.tls()->version(), "TLSv1.3");
  EXPECT_EQ(secure.socket.tls()->protocol(), "http/1.1");
  authenticate(secure.socket);
  const auto plain = fixture_.join("bob", "lobby");
  fixture_.server().broadcast({.event = "both", .data = Json::text("1")});
  EXPECT_EQ(secure.socket.receive().payload, message("both", "1"));
  EXPECT_EQ(plain->receive().payload, message("both", "1"));
  EXPECT_EQ(fixture_.count(Counter::tls_handshakes), 1u);
}

TEST_F(Tls, CarriesLargeMessagesToAClientThatReadsSlowly) {
  const auto address = listen(options());
  Peer peer(trusting());
  ASSERT_FALSE(peer.socket.connect(endpoint_of(address)));
  authenticate(peer.socket);
  const std::string data = '"' + std::string(90'000, 'x') + '"';
  for (int i = 0; i < 10; ++i) {  // Less than the backpressure limit.
    fixture_.server().broadcast({.event = "large", .data = Json::text(data)});
  }
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(peer.socket.receive().payload.size(), message("large", data).size()) << i;
  }
  expect_alive(peer.socket);
}

TEST_F(Tls, ResumesBothVersionsByTickets) {
  const auto address = listen(options());
  for (const bool old : {false, true}) {
    TlsSettings settings = trusting();
    settings.tls_1_2 = old;
    Peer first(settings);
    ASSERT_FALSE(first.socket.connect(endpoint_of(address)));
    EXPECT_FALSE(first.socket.tls()->resumed());
    first.socket.close();
    first.tls.resume(true);
    BlockingClient second;
    second.use_tls(first.tls);
    ASSERT_FALSE(second.connect(endpoint_of(address)));
    EXPECT_TRUE(second.tls()->resumed()) << second.tls()->version();
    EXPECT_EQ(second.tls()->version(), old ? "TLSv1.2" : "TLSv1.3");
  }
  EXPECT_EQ(fixture_.count(Counter::tls_resumptions), 2u);
}

TEST_F(Tls, ATicketOutlivesAReload) {
  const auto address = listen(options());
  Peer first(trusting());
  ASSERT_FALSE(first.socket.connect(endpoint_of(address)));
  ASSERT_EQ(fixture_.server().reload_certificates().listeners, 1u);
  first.tls.resume(true);
  BlockingClient second;
  second.use_tls(first.tls);
  ASSERT_FALSE(second.connect(endpoint_of(address)));
  EXPECT_TRUE(second.tls()->resumed());
}

TEST_F(Tls, ChoosesTheCertificateByName) {
  TlsOptions tls = options();
  tls.certificates.push_back(files_.issue("other", {.names = {"other.test", "*.other.test"}}));
  const auto address = listen(tls);
  EXPECT_EQ(presented(address, "localhost"), "localhost");
  EXPECT_EQ(presented(address, "other.test"), "other.test");
  EXPECT_EQ(presented(address, "a.other.test"), "other.test");
  EXPECT_EQ(presented(address, "127.0.0.1"), "localhost") << "no name: the first";
}

TEST_F(Tls, ServesClientsOfEitherKindOfKey) {
  TlsOptions tls = options();
  tls.certificates.push_back(files_.issue("rsa", {.rsa = true}));
  const auto address = listen(tls);
  Peer peer(trusting());
  ASSERT_FALSE(peer.socket.connect(endpoint_of(address)));
  EXPECT_EQ(peer.socket.tls()->server_key(), "EC");
}

TEST_F(Tls, RefusesAVersionBelowItsLowest) {
  TlsOptions tls = options();
  tls.min_version = TlsVersion::tls_1_3;
  const auto address = listen(tls);
  TlsSettings old = trusting();
  old.tls_1_2 = true;
  Peer refused(old);
  EXPECT_TRUE(refused.socket.open(endpoint_of(address)));
  EXPECT_THAT(refused.socket.tls()->failure(), HasSubstr("protocol version"));
  EXPECT_EQ(presented(address), "localhost");
  EXPECT_EQ(fixture_.count(Counter::tls_handshake_failures), 1u);
}

TEST_F(Tls, RefusesAClientThatOffersAnotherProtocolOnly) {
  const auto address = listen(options());
  TlsSettings settings = trusting();
  settings.alpn = "h2";
  Peer refused(settings);
  EXPECT_TRUE(refused.socket.open(endpoint_of(address)));
  EXPECT_THAT(refused.socket.tls()->failure(), HasSubstr("no application protocol"));
  settings.alpn = "";
  Peer none(settings);
  EXPECT_FALSE(none.socket.connect(endpoint_of(address)));
}

TEST_F(Tls, ReloadsWhenToldToAndKeepsItsConnections) {
  const auto address = listen(options());
  Peer peer(trusting());
  ASSERT_FALSE(peer.socket.connect(endpoint_of(address)));
  files_.issue("server", {.names = {"renewed", "localhost"}});
  EXPECT_EQ(presented(address), "localhost");
  const CertificateReload result = fixture_.server().reload_certificates();
  EXPECT_EQ(result.listeners, 1u);
  EXPECT_THAT(result.faults, IsEmpty());
  EXPECT_EQ(presented(address), "renewed");
  expect_alive(peer.socket);
  EXPECT_EQ(fixture_.count(Counter::certificate_reloads), 1u);
}

TEST_F(Tls, ABadCertificateIsRefusedByNameAndTheOldOneStays) {
  const auto address = listen(options());
  TlsOptions second = options();
  second.certificates = {files_.issue("second", {.names = {"second", "localhost"}})};
  const auto other = listen(second);
  std::ofstream(files_.file("server.key")) << "no key";
  files_.issue("second", {.names = {"second-renewed", "localhost"}});
  const CertificateReload result = fixture_.server().reload_certificates();
  EXPECT_EQ(result.listeners, 1u) << "each listener for itself";
  EXPECT_THAT(result.faults, ElementsAre(address + ": " + files_.file("server.key") +
                                         " holds no PEM private key"));
  EXPECT_EQ(presented(address), "localhost");
  EXPECT_EQ(presented(other), "second-renewed");
  EXPECT_EQ(fixture_.count(Counter::certificate_reload_failures), 1u);
}

TEST_F(Tls, FollowsItsFilesAlsoThroughHalfWrittenPairsAndLinks) {
  namespace fs = std::filesystem;
  // As Kubernetes mounts a secret: one link is swapped for all files.
  const auto folder = files_.folder();
  const auto put = [&](const std::string& name, const std::string& version) {
    const auto pair = files_.issue(version, {.names = {name, "localhost"}});
    fs::create_directory(folder / version);
    fs::rename(pair.certificate, folder / version / "tls.crt");
    fs::rename(pair.key, folder / version / "tls.key");
  };
  put("first", "v1");
  put("second", "v2");
  put("third", "v3");
  const auto swap = [&](const std::string& version) {
    fs::create_directory_symlink(version, folder / "new");
    fs::rename(folder / "new", folder / "data");
  };
  swap("v1");
  const auto address = listen(
      {.certificates = {{.certificate = folder / "data/tls.crt", .key = folder / "data/tls.key"}},
       .reload_interval = milliseconds(5)});
  Peer peer(trusting());
  ASSERT_FALSE(peer.socket.connect(endpoint_of(address)));
  EXPECT_EQ(presented(address), "first");
  swap("v2");
  ServerFixture::await([&] { return fixture_.count(Counter::certificate_reloads) == 1; });
  EXPECT_EQ(presented(address), "second");

  // A certificate without its key yet: refused once, and right when the key is there.
  fs::copy_file(folder / "v3/tls.crt", folder / "v2/tls.crt", fs::copy_options::overwrite_existing);
  ServerFixture::await([&] { return fixture_.count(Counter::certificate_reload_failures) > 0; });
  EXPECT_EQ(presented(address), "second");
  fs::copy_file(folder / "v3/tls.key", folder / "v2/tls.key", fs::copy_options::overwrite_existing);
  ServerFixture::await([&] { return presented(address) == "third"; });
  expect_alive(peer.socket);
}

TEST(TlsLog, OneLineIsLoggedForAFileThatStaysBad) {
  std::mutex mutex;
  std::vector<std::string> lines;
  set_log_sink([&](const LogLine& logged) {
    const std::string_view line = logged.message;
    const std::lock_guard lock(mutex);
    if (line.find("certificates not reloaded") != std::string_view::npos) lines.emplace_back(line);
  });
  test::TlsFiles files;
  std::string address;
  {
    ServerFixture fixture(1);
    TlsOptions tls{.certificates = {files.issue("server")}, .reload_interval = milliseconds(2)};
    address = fixture.server().listen("127.0.0.1:0", {.tls = tls});
    std::filesystem::remove(files.file("server.key"));
    ServerFixture::await([&] { return fixture.count(Counter::certificate_reload_failures) == 1; });
    // Another listener's reload shows that the files were looked at again meanwhile.
    tls.certificates = {files.issue("watched")};
    fixture.server().listen("127.0.0.1:0", {.tls = tls});
    files.issue("watched");
    ServerFixture::await([&] { return fixture.count(Counter::certificate_reloads) > 0; });
  }
  set_log_sink(nullptr);
  std::erase_if(lines, [&](const std::string& line) { return line.find(address) == line.npos; });
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines.front(), HasSubstr("server.key"));
}

TEST_F(Tls, EachFaultIsNamedWhenItIsToListen) {
  EXPECT_THAT(failure({}), HasSubstr("tls.certificates is empty"));
  EXPECT_THAT(
      failure({.certificates = {{"/no/cert", "/no/key"}, {files_.ca(), "/no/key"}}}),
      testing::AllOf(HasSubstr("/no/cert: No such file"), HasSubstr("/no/key: No such file")));
  EXPECT_EQ(failure(options()), "");
}

TEST_F(Tls, ASlowHandshakeIsResetAndNoLaterThanThat) {
  TlsOptions tls = options();
  tls.handshake_timeout = milliseconds(50);
  const auto address = listen(tls);
  BlockingClient silent;
  ASSERT_FALSE(silent.open(endpoint_of(address)));
  BlockingClient half;
  ASSERT_FALSE(half.open(endpoint_of(address)));
  half.send_raw(std::string("\x16\x03\x01\x02\x00\x01", 6));
  const auto over = testing::AnyOf(Event::Kind::end, Event::Kind::reset);
  EXPECT_THAT(silent.receive().kind, over);
  EXPECT_THAT(half.receive().kind, over);
  ServerFixture::await([&] { return fixture_.count(Counter::tls_handshake_timeouts) == 2; });
  EXPECT_EQ(presented(address), "localhost");
}

TEST_F(Tls, TheRequestHasItsTimeAfterTheHandshake) {
  ServerFixture fixture(
      1, [](ServerOptions& options) { options.transport.head_timeout = milliseconds(50); });
  const auto address = fixture.server().listen("127.0.0.1:0", {.tls = options()});
  Peer peer(trusting());
  ASSERT_FALSE(peer.socket.open(endpoint_of(address)));
  ASSERT_FALSE(peer.socket.read_response());
  EXPECT_EQ(peer.socket.response().status, 408);
}

TEST_F(Tls, HandshakesUnderWayAreLimited) {
  TlsOptions tls = options();
  tls.max_handshakes = 2;
  const auto address = listen(tls);
  std::vector<std::unique_ptr<BlockingClient>> slow;
  for (int i = 0; i < 3; ++i) {
    slow.push_back(std::make_unique<BlockingClient>());
    ASSERT_FALSE(slow.back()->open(endpoint_of(address)));
    slow.back()->send_raw(std::string("\x16\x03\x01\x02\x00\x01", 6));
  }
  ServerFixture::await([&] { return fixture_.count(Counter::tls_handshakes_refused) == 1; });
  Peer refused(trusting());
  EXPECT_TRUE(refused.socket.open(endpoint_of(address)));
  slow.clear();
  ServerFixture::await([&] { return fixture_.count(Counter::tls_handshake_failures) == 2; });
  EXPECT_EQ(presented(address), "localhost");
}

TEST_F(Tls, PlainHttpAtATlsPortIsClosed) {
  const auto address = listen(options());
  BlockingClient plain;
  EXPECT_TRUE(plain.connect(endpoint_of(address)));
  EXPECT_EQ(fixture_.count(Counter::tls_handshake_failures), 1u);
}

TEST_F(Tls, AConnectionEndsByCloseFrameCloseNotifyAndFin) {
  const auto address = listen(options());
  Peer peer(trusting());
  ASSERT_FALSE(peer.socket.connect(endpoint_of(address)));
  peer.socket.send_close(1000, "bye");
  EXPECT_EQ(peer.socket.receive().kind, Event::Kind::close);
  EXPECT_EQ(peer.socket.receive().kind, Event::Kind::end);
  EXPECT_EQ(peer.socket.tls()->failure(), "") << "not a truncation";
}

TEST_F(Tls, CloseNotifyAloneEndsTheConnectionThoughTheSocketStaysOpen) {
  const auto address = listen(options());
  Peer peer(trusting());
  ASSERT_FALSE(peer.socket.connect(endpoint_of(address)));
  authenticate(peer.socket);
  EXPECT_EQ(fixture_.server().client_count(), 1u);
  peer.socket.tls()->shutdown_write();
  ServerFixture::await([&] { return fixture_.server().client_count() == 0; });
}

TEST_F(Tls, ASwarmEchoesOverTls) {
  const auto address = listen(options());
  struct Handler final : client::Swarm::Handler {
    void on_open(std::size_t index) override {
      swarm->send_text(index, R"({"event":"authenticate","data":{"token":"a"}})");
    }
    void on_message(std::size_t, std::string_view) override { ++messages; }
    void on_closed(std::size_t, std::string_view) override { ++closed; }
    client::Swarm* swarm = nullptr;
    std::size_t messages = 0;
    int closed = 0;
  } handler;
  client::Swarm swarm({.url = {.endpoint = endpoint_of(address), .target = "/ws", .tls = true},
                       .connections = 100,
                       .tls = trusting()},
                      handler);
  handler.swarm = &swarm;
  ServerFixture::await([&] {
    swarm.run_once(milliseconds(10));
    return handler.messages == 100;
  });
  EXPECT_EQ(handler.closed, 0);
  fixture_.server().broadcast({.event = "all"});
  ServerFixture::await([&] {
    swarm.run_once(milliseconds(10));
    return handler.messages == 200;
  });
}

TEST_F(Tls, AServerThatStopsClosesItsTlsClientsProperly) {
  const auto address = listen(options());
  Peer peer(trusting());
  ASSERT_FALSE(peer.socket.connect(endpoint_of(address)));
  authenticate(peer.socket);
  fixture_.server().shutdown();
  const Event event = peer.socket.receive();
  EXPECT_EQ(event.kind, Event::Kind::close);
  EXPECT_EQ(event.code, 1001);
  peer.socket.send_close(1001);
  EXPECT_EQ(peer.socket.receive().kind, Event::Kind::end);
  peer.socket.close();
  fixture_.server().wait();
  EXPECT_EQ(fixture_.server().reload_certificates().listeners, 0u);
}

}  // namespace
}  // namespace wscast
