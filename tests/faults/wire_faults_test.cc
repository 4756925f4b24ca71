// Faults on the wire, through the whole of the S3 store, with every signature verified.
#include "faults/fault_fixture.h"
#include "http/tls_server.h"
#include "support/temp_folder.h"

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

using namespace audiostore;
using namespace std::chrono_literals;
using Way = FaultProxy::Way;
using Harm = FaultProxy::Harm;

namespace {

const ObjectKey take = *ObjectKey::parse("users/1/take.wav");
const ObjectKey other = *ObjectKey::parse("users/1/other.wav");

/// Bytes that are different wherever one looks.
std::string sound(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 131 >> 4U);
  return bytes;
}

/// What a get delivered, and how it ended.
struct Heard {
  Result<ObjectInfo> result = Error(ErrorCode::internal, "not asked");
  std::string bytes;
};

Heard hear(ObjectStore& store, const ObjectKey& key, GetOptions options = {}) {
  Heard heard;
  heard.result = store.get(
      key,
      [&](ByteSpan piece) -> Result<void> {
        heard.bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
      },
      options);
  return heard;
}

}  // namespace

TEST_CASE("F1: fifty clients in a storm on the wire make no more requests than the quota pays for") {
  constexpr int threads = 50;
  constexpr int puts_each = 4;
  FaultFixture f;
  f.server.otherwise(reaction::refuse(503, "SlowDown"));
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < threads; ++i) {
      clients.emplace_back([&] {
        for (int n = 0; n < puts_each; ++n) {
          const auto put = f.store->put(take, Payload::from_string("RIFF"));
          refused += !put && put.error().code() == ErrorCode::rate_limited ? 1 : 0;
        }
      });
    }
  }
  CHECK(refused == threads * puts_each);
  CHECK(f.server.count("PutObject") == threads * puts_each + 500 / 5);
  f.server.otherwise(reaction::pass());
  CHECK(f.store->put(take, Payload::from_string("RIFF")));
  CHECK(f.stored(take) == "RIFF");
}

TEST_CASE("F16: writes whose replies are lost are made again, and have taken effect once they are acknowledged") {
  for (const auto end : {Reaction::End::fin, Reaction::End::rst}) {
    FaultFixture f;
    f.server.on("PutObject", reaction::lose_reply(end));
    REQUIRE(f.store->put(take, Payload::from_string("one")));
    CHECK(f.stored(take) == "one");
    f.server.on("CopyObject", reaction::lose_reply(end));
    REQUIRE(f.store->copy(take, other));
    CHECK(f.stored(other) == "one");
    f.server.on("DeleteObject", reaction::lose_reply(end));
    REQUIRE(f.store->remove(take));
    CHECK_FALSE(f.stored(take));
    f.server.on("DeleteObjects", reaction::lose_reply(end));
    CHECK(must(f.store->remove_many(std::vector{take, other})).all_removed());
    CHECK_FALSE(f.stored(other));
  }
}

TEST_CASE("F16: a create whose reply is lost wins once, against itself and against nobody else") {
  FaultFixture f;
  f.server.on("PutObject", reaction::lose_reply());
  REQUIRE(f.store->put(take, Payload::from_string("mine"), {.mode = PutMode::create}));
  CHECK(f.server.count("PutObject") == 2);
  CHECK(f.server.count("HeadObject") == 1);
  CHECK(f.stored(take) == "mine");
  f.server.on("PutObject", reaction::cut_request(2));
  CHECK(code_of(f.store->put(take, Payload::from_string("late"), {.mode = PutMode::create})) ==
        ErrorCode::already_exists);
  CHECK(f.stored(take) == "mine");
}

TEST_CASE("F16 F31: a create whose kept connection dies behind it is sent again unasked, and wins all the same") {
  for (const auto end : {Reaction::End::fin, Reaction::End::rst}) {
    FaultFixture f;
    const auto once = f.make({.max_attempts = 1}, {});
    REQUIRE(once->put(other, Payload::from_string("keeps a connection")));
    f.server.on("PutObject", reaction::lose_reply(end));
    REQUIRE(once->put(take, Payload::from_string("mine"), {.mode = PutMode::create}));
    CHECK(f.server.count("PutObject") == 3);
    CHECK(f.server.count("HeadObject") == 1);
    CHECK(f.stored(take) == "mine");
  }
}

TEST_CASE("F24: a download that breaks anywhere is delivered whole, each byte once and in order") {
  const std::string bytes = sound(100'000);
  for (const auto end : {Reaction::End::fin, Reaction::End::rst}) {
    for (const std::uint64_t at : {0U, 1U, 50'000U, 99'999U}) {
      CAPTURE(at);
      FaultFixture f;
      REQUIRE(f.store->put(take, Payload::from_string(bytes)));
      f.server.on("GetObject", reaction::cut_reply(at, end));
      const Heard heard = hear(*f.store, take);
      CHECK(heard.result);
      CHECK(heard.bytes == bytes);
      CHECK(f.server.count("GetObject") == 2);
    }
  }
}

TEST_CASE("F24: where nothing was delivered yet, a download that breaks is simply made again") {
  FaultFixture f;
  REQUIRE(f.store->put(take, Payload::from_string("RIFF")));
  for (const Harm harm : {Harm::end, Harm::reset}) {
    f.proxy.plan({.way = Way::down, .at = f.proxy.seen(Way::down) + 20, .harm = harm});
    CHECK(hear(*f.store, take).bytes == "RIFF");
  }
  f.server.on("GetObject", reaction::lose_reply());
  CHECK(hear(*f.store, take).bytes == "RIFF");
}

TEST_CASE("F25: an upload that breaks anywhere is sent again whole, and half of it is never stored") {
  const std::string bytes = sound(100'000);
  for (const std::uint64_t at : {0U, 1U, 50'000U, 99'999U, 100'000U}) {
    CAPTURE(at);
    FaultFixture f;
    f.server.on("PutObject", reaction::cut_request(at));
    REQUIRE(f.store->put(take, Payload::from_string(bytes)));
    CHECK(f.server.count("PutObject") == 2);
    CHECK(f.stored(take) == bytes);

    f.server.otherwise(reaction::cut_request(at));
    const auto put = f.store->put(take, Payload::from_string("new" + bytes));
    CHECK(code_of(put) == ErrorCode::unavailable);
    CHECK(put.error().attempts() == 3);
    CHECK(f.stored(take) == bytes);
  }
}

TEST_CASE("F31: a thousand puts to a server that ends connections without a word cost no attempt and no error") {
  FaultFixture f;
  const auto once = f.make({.max_attempts = 1}, {});
  f.server.set_replies_per_connection(7);
  for (int i = 0; i < 1000; ++i) {
    const auto put = once->put(take, Payload::from_string(std::to_string(i)));
    if (!put) FAIL(put.error().to_string());
  }
  CHECK(f.stored(take) == "999");
}

TEST_CASE("F32: requests and replies that stall are given up and made again") {
  FaultFixture f({.total_timeout = 200ms});
  f.server.on("PutObject", reaction::stall());
  REQUIRE(f.store->put(take, Payload::from_string("RIFF")));
  f.server.on("PutObject", reaction::stall_reply(0));
  f.server.on("ListObjects", reaction::stall_reply(100));
  REQUIRE(f.store->put(other, Payload::from_string("RIFF")));
  CHECK(must(f.store->list()).objects.size() == 2);
  f.server.on("GetObject", reaction::stall());
  CHECK(hear(*f.store, take).bytes == "RIFF");
}

TEST_CASE("F33: a peer that trickles is ended by the total time-out and by the call's deadline") {
  FaultFixture f;
  REQUIRE(f.store->put(take, Payload::from_string(sound(100'000))));
  f.proxy.slow_down(1, 1ms, 1ms);
  const auto patient = f.make({.max_attempts = 1}, {.total_timeout = 100ms});
  CHECK(code_of(hear(*patient, take).result) == ErrorCode::timed_out);
  CHECK(code_of(patient->put(other, Payload::from_string("RIFF"))) == ErrorCode::timed_out);
  const auto once = f.make({.max_attempts = 1}, {});
  CHECK(code_of(hear(*once, take, {.call = {.deadline = 100ms}}).result) == ErrorCode::timed_out);
  CHECK_FALSE(f.stored(other));
}

TEST_CASE("F34: with jitter and segments of one byte, both ways, everything is as it was") {
  FaultFixture f;
  f.proxy.slow_down(1, 0us, 50us);
  const std::string bytes = sound(500);
  REQUIRE(f.store->put(take, Payload::from_string(bytes), {.attributes = {.content_type = "audio/wav"}}));
  CHECK(hear(*f.store, take).bytes == bytes);
  CHECK(hear(*f.store, take, {.range = ByteRange::between(100, 199)}).bytes == bytes.substr(100, 100));
  REQUIRE(f.store->copy(take, other));
  CHECK(must(f.store->head(other)).attributes.content_type == "audio/wav");
  CHECK(must(f.store->list()).objects.size() == 2);
  CHECK(must(f.store->remove_many(std::vector{take, other})).all_removed());
}

TEST_CASE("F35: a peer that has vanished is given up, and comes back on another connection") {
  FaultFixture f({.total_timeout = 200ms});
  REQUIRE(f.store->put(take, Payload::from_string("RIFF")));
  f.proxy.swallow(true);
  CHECK(code_of(hear(*f.store, take).result) == ErrorCode::timed_out);
  f.proxy.swallow(false);
  CHECK(hear(*f.store, take).bytes == "RIFF");
}

TEST_CASE("F20: a service that refuses connections for a while is reached when it is back") {
  FaultFixture f;
  f.proxy.refuse(true);
  const auto put = f.store->put(take, Payload::from_string("RIFF"));
  CHECK(code_of(put) == ErrorCode::unavailable);
  CHECK(put.error().attempts() == 3);
  f.clock->while_waiting = [&] { f.proxy.refuse(false); };
  CHECK(f.store->put(take, Payload::from_string("RIFF")));
}

TEST_CASE("F42: a server that cannot prove who it is gets one connection and no request") {
  const TempFolder folder;
  const TlsServer server(Authority(folder.path() / "ours").self_signed());
  const FaultProxy proxy(server.port());
  S3Options options{.bucket = "takes",
                    .credentials = static_credentials({.access_key_id = "A", .secret_access_key = Secret("s")}),
                    .region = "us-east-1",
                    .endpoint = "https://127.0.0.1:" + std::to_string(proxy.port()),
                    .clock = std::make_shared<ManualClock>()};
  const auto put = make_s3_store(options).value()->put(take, Payload::from_string(sound(100'000)));
  CHECK(code_of(put) == ErrorCode::permission_denied);
  CHECK(put.error().attempts() == 1);
  CHECK(proxy.seen(Way::up) < 5'000);
}

TEST_CASE("F46: a file that changes while it is uploaded is not stored, one that grows is stored as it was") {
  const TempFolder folder;
  const auto path = folder.path() / "take.wav";
  const std::string bytes = sound(3'000'000);
  std::ofstream(path) << bytes;
  FaultFixture f;
  // Hashed already when the first of it has been sent, and most of it not yet read again.
  const auto put = [&](const std::function<void()>& change) {
    bool changed = false;
    PutOptions options;
    options.call.on_progress = [&](const Progress&) {
      if (!std::exchange(changed, true)) change();
    };
    const auto result = f.store->put(take, Payload::from_file(path).value(), options);
    CHECK(changed);
    return result;
  };

  SECTION("shrinks") {
    const auto result = put([&] { std::filesystem::resize_file(path, 1'000'000); });
    CHECK(code_of(result) == ErrorCode::corrupt);
    CHECK(result.error().attempts() == 1);
    CHECK_FALSE(f.stored(take));
  }
  SECTION("changes") {
    const auto result = put([&] {
      std::fstream file(path, std::ios::in | std::ios::out);
      file.seekp(2'999'999);
      file << '!';
    });
    CHECK(code_of(result) == ErrorCode::corrupt);
    CHECK_FALSE(f.stored(take));
    CHECK(f.server.complaints() == "a body is not the one that was signed; ");
  }
  SECTION("grows") {
    REQUIRE(put([&] { std::ofstream(path, std::ios::app) << "more"; }));
    CHECK(f.stored(take) == bytes);
  }
}

TEST_CASE("F48: bytes that change between hashing and sending are refused, and the old object stays") {
  /// Reads well once, and with one wrong bit from then on.
  struct Rotting final : PayloadSource {
    [[nodiscard]] std::uint64_t size() const override { return 1000; }
    [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
      std::ranges::fill(out, std::byte{'r'});
      if (offset <= 500 && offset + out.size() > 500 && ++reads > 1) out[500 - offset] ^= std::byte{1};
      return {};
    }
    mutable std::atomic<int> reads = 0;
  };
  FaultFixture f;
  REQUIRE(f.store->put(take, Payload::from_string("old")));
  const auto put = f.store->put(take, Payload(std::make_shared<Rotting>()));
  CHECK(code_of(put) == ErrorCode::corrupt);
  CHECK(put.error().service_code() == "XAmzContentSHA256Mismatch");
  CHECK(f.server.complaints() == "a body is not the one that was signed; ");
  CHECK(f.stored(take) == "old");
}

TEST_CASE("F48: bytes that change on the wire are refused too") {
  FaultFixture f;
  REQUIRE(f.store->put(take, Payload::from_string("old")));
  for (const std::uint64_t bit : {0U, 4'003U, 7'999U}) {
    f.server.on("PutObject", reaction::flip_request(bit));
    CHECK(code_of(f.store->put(take, Payload::from_string(sound(1000)))) == ErrorCode::corrupt);
    CHECK(f.stored(take) == "old");
  }
}
