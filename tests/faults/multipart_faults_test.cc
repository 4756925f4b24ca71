// Faults that meet uploads in parts, on the wire, with every signature verified.
#include "http/fetch.h"
#include "support/fault_server.h"
#include "support/manual_clock.h"
#include "support/results.h"

#include <audiostore/local_endpoint.h>
#include <audiostore/memory_store.h>

#include <atomic>
#include <chrono>
#include <thread>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

const ObjectKey take = *ObjectKey::parse("users/1/take.wav");

constexpr std::size_t part_size = 50'000;
constexpr std::size_t size = 4 * part_size + 1'000;  // five parts

/// Bytes that are different wherever one looks.
std::string sound() {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 131 >> 4U);
  return bytes;
}

/// S3Store -> FaultServer -> LocalEndpoint -> MemoryStore. Pauses between attempts take no time.
struct Uploads {
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<ObjectStore> memory = make_memory_store(clock);
  std::unique_ptr<LocalEndpoint> endpoint = LocalEndpoint::start(memory, {.min_part_bytes = 1, .clock = clock}).value();
  FaultServer server{*endpoint};
  std::unique_ptr<ObjectStore> store = make();

  [[nodiscard]] std::unique_ptr<ObjectStore> make(int parts_in_flight = 3) const {
    S3Options options = server.s3_options();
    options.transfer = {.multipart_threshold = part_size, .part_size = part_size, .parts_in_flight = parts_in_flight};
    options.transport = transport();
    return make_s3_store(std::move(options)).value();
  }
  [[nodiscard]] Result<std::string> stored() const { return read_to_string(*memory, take); }
  [[nodiscard]] std::size_t unfinished() const { return must(store->list_uploads()).size(); }
  void wait_for(std::string_view operation) const {
    while (server.count(operation) == 0) std::this_thread::yield();
  }
};

}  // namespace

TEST_CASE("F16: a completion whose reply is lost on the wire has taken effect, and the put knows") {
  for (const auto end : {Reaction::End::fin, Reaction::End::rst}) {
    for (const auto mode : {PutMode::overwrite, PutMode::create}) {
      Uploads f;
      f.server.on("CompleteMultipartUpload", reaction::lose_reply(end));
      const PutResult put = must(f.store->put(take, Payload::from_string(sound()), {.mode = mode}));
      CHECK(must(f.stored()) == sound());
      CHECK(must(f.store->head(take)).etag == put.etag);
      CHECK(f.server.count("AbortMultipartUpload") == 0);
      CHECK(f.server.count("UploadPart") == 5);
    }
  }
}

TEST_CASE("F16: a writer's lost replies cost it nothing") {
  Uploads f;
  f.server.on("CreateMultipartUpload", reaction::lose_reply());
  for (int i = 0; i < 3; ++i) f.server.on("UploadPart", reaction::lose_reply());
  f.server.on("CompleteMultipartUpload", reaction::lose_reply());
  const auto writer = must(f.store->writer(take));
  must(writer->write(as_bytes(sound())));
  must(writer->finish());
  CHECK(must(f.stored()) == sound());
  CHECK(f.unfinished() == 1);  // the one whose beginning nobody was told of
}

TEST_CASE("F25: a part that breaks anywhere is sent again, and no other") {
  for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{part_size - 1}}) {
    CAPTURE(at);
    Uploads f;
    f.server.on("UploadPart", reaction::cut_request(at));
    f.server.on("UploadPart", reaction::cut_request(at));
    must(f.store->put(take, Payload::from_string(sound())));
    CHECK(must(f.stored()) == sound());
    CHECK(f.server.count("UploadPart") == 7);
  }
}

TEST_CASE("F48: a part that changes on the wire is refused, and nothing is published or left") {
  Uploads f;
  f.server.on("UploadPart", reaction::flip_request(12'345));
  CHECK(code_of(f.store->put(take, Payload::from_string(sound()))) == ErrorCode::corrupt);
  CHECK(code_of(f.stored()) == ErrorCode::not_found);
  CHECK(f.unfinished() == 0);
}

TEST_CASE("F66: a put in parts that is stopped while any of its requests hangs ends within a second, leaving nothing") {
  for (const auto* operation : {"UploadPart", "CompleteMultipartUpload"}) {
    CAPTURE(operation);
    Uploads f;
    f.server.on(operation, reaction::stall());
    std::stop_source stop;
    std::chrono::steady_clock::time_point stopped;
    std::jthread stopper([&] {
      f.wait_for(operation);
      stopped = std::chrono::steady_clock::now();
      stop.request_stop();
    });
    const auto put = f.store->put(take, Payload::from_string(sound()), {.call = {.stop = stop.get_token()}});
    stopper.join();
    CHECK(code_of(put) == ErrorCode::cancelled);
    CHECK(std::chrono::steady_clock::now() - stopped < 1s);
    CHECK(code_of(f.stored()) == ErrorCode::not_found);
    CHECK(f.unfinished() == 0);
  }
}

TEST_CASE("F66: even where the abort hangs too") {
  Uploads f;
  f.server.on("UploadPart", reaction::stall());
  f.server.on("AbortMultipartUpload", reaction::stall());
  std::stop_source stop;
  std::chrono::steady_clock::time_point stopped;
  std::jthread stopper([&] {
    f.wait_for("UploadPart");
    stopped = std::chrono::steady_clock::now();
    stop.request_stop();
  });
  CHECK(code_of(f.store->put(take, Payload::from_string(sound()), {.call = {.stop = stop.get_token()}})) ==
        ErrorCode::cancelled);
  stopper.join();
  CHECK(std::chrono::steady_clock::now() - stopped < 1s);
}

TEST_CASE("F66: a stop while the upload is begun waits a moment for its id, and drops it") {
  Uploads f;
  std::stop_source stop;
  f.server.on("CreateMultipartUpload", reaction::slice_reply());
  std::jthread stopper([&] {
    f.wait_for("CreateMultipartUpload");
    stop.request_stop();
  });
  CHECK(code_of(f.store->put(take, Payload::from_string(sound()), {.call = {.stop = stop.get_token()}})) ==
        ErrorCode::cancelled);
  CHECK(f.unfinished() == 0);
}

TEST_CASE("F69: an upload that could not be dropped is found, and dropped later") {
  Uploads f;
  f.server.on("UploadPart", reaction::refuse(403, "AccessDenied"));
  f.server.on("AbortMultipartUpload", reaction::refuse(403, "AccessDenied"));
  CHECK(code_of(f.store->put(take, Payload::from_string(sound()))) == ErrorCode::permission_denied);
  CHECK(must(f.store->list_uploads({.begun_before = f.clock->now()})).empty());
  f.clock->advance(1h);
  const auto left = must(f.store->list_uploads({.prefix = "users/", .begun_before = f.clock->now()}));
  REQUIRE(left.size() == 1);
  CHECK(left[0].key == take.str());
  must(f.store->abort_upload(take, left[0].upload_id));
  CHECK(f.unfinished() == 0);
}

TEST_CASE("F69: what a program that was killed has left behind is gone on with by its checkpoint, elsewhere") {
  Uploads f;
  std::string journal;
  std::stop_source stop;  // stands for the kill: nothing is cleaned up where there is a checkpoint
  const auto note = [&](const UploadCheckpoint& checkpoint) {
    journal = checkpoint.to_string();
    if (checkpoint.parts.size() >= 2) stop.request_stop();
  };
  // One part after the other, so that none is still on its way to the server when the parts are counted.
  CHECK(code_of(f.make(1)->put(take, Payload::from_string(sound()),
                               {.on_checkpoint = note, .call = {.stop = stop.get_token()}})) == ErrorCode::cancelled);
  CHECK(f.unfinished() == 1);
  const std::size_t sent = f.server.count("UploadPart");
  const auto checkpoint = must(UploadCheckpoint::parse(journal));
  must(f.make()->put(take, Payload::from_string(sound()), {.resume_from = checkpoint}));
  CHECK(must(f.stored()) == sound());
  CHECK(f.server.count("UploadPart") - sent == 5 - checkpoint.parts.size());
  CHECK(f.unfinished() == 0);
}

TEST_CASE("F70: of many creates in parts at the same time one wins, whole, and the others leave nothing") {
  constexpr int writers = 6;
  Uploads f;
  std::atomic<int> won = 0;
  std::atomic<int> lost = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < writers; ++i) {
      threads.emplace_back([&, i] {
        const auto put = f.store->put(take, Payload::from_string(std::string(size, static_cast<char>('a' + i))),
                                      {.mode = PutMode::create});
        ++(put ? won : lost);
        if (!put && put.error().code() != ErrorCode::already_exists) lost = -1000;
      });
    }
  }
  CHECK(won == 1);
  CHECK(lost == writers - 1);
  const std::string found = must(f.stored());
  CHECK(found == std::string(size, found.front()));
  CHECK(f.unfinished() == 0);
}
