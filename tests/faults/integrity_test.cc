// Bytes that change where they should not, through the whole of the S3 store.
#include <audiostore/local_endpoint.h>
#include <audiostore/memory_store.h>
#include <audiostore/s3_store.h>

#include "support/fault_proxy.h"
#include "support/files.h"
#include "support/random.h"
#include "support/results.h"
#include "support/temp_folder.h"

using namespace audiostore;
using Way = FaultProxy::Way;
using Harm = FaultProxy::Harm;

namespace {

const ObjectKey take = *ObjectKey::parse("take.wav");

/// An S3 store, whose service can also be reached through a proxy.
struct Service {
  std::shared_ptr<ObjectStore> behind = make_memory_store();
  std::unique_ptr<LocalEndpoint> endpoint = must(LocalEndpoint::start(behind));
  FaultProxy proxy{endpoint->port()};
  std::unique_ptr<ObjectStore> direct = must(make_s3_store(endpoint->s3_options()));
  std::unique_ptr<ObjectStore> proxied = through_proxy();

  std::unique_ptr<ObjectStore> through_proxy() {
    S3Options options = endpoint->s3_options();
    options.endpoint = proxy.url();
    return must(make_s3_store(std::move(options)));
  }
  /// Bytes that came down so far.
  [[nodiscard]] std::uint64_t down() const { return proxy.seen(Way::down); }
};

Result<std::string> read(ObjectStore& store) {
  std::string bytes;
  return store
      .get(take,
           [&](ByteSpan piece) -> Result<void> {
             bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
             return {};
           })
      .transform([&](const ObjectInfo&) { return bytes; });
}

}  // namespace

TEST_CASE("F44: a bit that flips on the way down is corrupt, wherever it is") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  Service service;
  const std::string bytes = random.bytes(100'000);
  must(service.direct->put(take, Payload::from_string(bytes)));
  const auto before = service.down();
  REQUIRE(must(read(*service.proxied)) == bytes);
  const std::uint64_t head = service.down() - before - bytes.size();  // dates and ids of one length
  for (const std::size_t at : {std::size_t{0}, std::size_t{1}, random.below(bytes.size()), bytes.size() - 1}) {
    CAPTURE(at);
    service.proxy.plan({.way = Way::down,
                        .at = service.down() + head + at,
                        .harm = Harm::flip,
                        .bit = static_cast<unsigned>(random.below(8))});
    CHECK(code_of(read(*service.proxied)) == ErrorCode::corrupt);
    CHECK(must(read(*service.proxied)) == bytes);
  }
}

TEST_CASE("F48: LocalEndpoint checks the checksum that goes beside the signature") {
  const Service service;
  for (const UploadChecksum checksum : {UploadChecksum::crc32c, UploadChecksum::crc64nvme}) {
    S3Options options = service.endpoint->s3_options();
    options.upload_checksum = checksum;
    const auto store = must(make_s3_store(std::move(options)));
    const std::string bytes(100'000, 'c');
    must(store->put(take, Payload::from_string(bytes)));
    CHECK(must(read(*store)) == bytes);
  }
}

TEST_CASE("F44: a download in parts gets over a flipped bit, and publishes nothing where bits keep flipping") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  Service service;
  const TempFolder folder;
  const auto path = folder.path() / "take.wav";
  const std::string bytes = random.bytes(100'000);
  must(service.direct->put(take, Payload::from_string(bytes)));
  const auto plan_flip = [&](std::uint64_t at) {
    service.proxy.plan({.way = Way::down, .at = at, .harm = Harm::flip});
  };
  const auto download = [&] {
    return service.proxied->get_to_file(take, path, {.part_size = 30'000, .parts_in_flight = 1});
  };
  const auto before = service.down();
  must(download());
  const std::uint64_t all = service.down() - before;
  const std::uint64_t in_last_part = all - 5'000;

  write_text(path, "old");
  plan_flip(service.down() + in_last_part);
  must(download());
  CHECK(text_of(path) == bytes);

  write_text(path, "old");
  plan_flip(service.down() + in_last_part);
  plan_flip(service.down() + all + in_last_part);
  CHECK(code_of(download()) == ErrorCode::corrupt);
  CHECK(text_of(path) == "old");
  CHECK(names_in(folder.path()).size() == 1);
}
