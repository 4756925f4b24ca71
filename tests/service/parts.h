// The parts of the service without HTTP, over a store in memory that fails as a test says.
#pragma once

#include "clean_up.h"
#include "policy.h"
#include "service/tripping_store.h"
#include "support/manual_clock.h"
#include "support/results.h"
#include "support/temp_folder.h"
#include "support/wav.h"
#include "text.h"

#include <audiostore/local_endpoint.h>
#include <audiostore/memory_store.h>

#include <memory>
#include <string>
#include <vector>

namespace audio_service {

struct Parts {
  explicit Parts(audiostore::AccessPolicy policy = {}, TicketOptions ticket_options = {},
                 audiostore::S3Provider provider = audiostore::S3Provider::local)
      : bucket(connect(*endpoint, provider)),
        recordings(rows, store, policy ? std::move(policy) : database_policy(database), {}),
        tickets(ticket_rows, recordings, store, bucket, clock, ticket_options) {
    const std::string token = audiostore::must(accounts.add_user("alice"));
    user = accounts.user_of(token)->id;
    project = audiostore::must(accounts.add_project(user, "project")).id;
  }

  /// With only what the service uses of the endpoint that `provider` is known to have.
  static std::shared_ptr<audiostore::S3Store> connect(const audiostore::LocalEndpoint& endpoint,
                                                      audiostore::S3Provider provider) {
    auto options = endpoint.s3_options();
    options.provider = provider;
    return audiostore::must(audiostore::make_s3_store(std::move(options)));
  }

  [[nodiscard]] NewRecording take(std::uint16_t pitch = 50) const {
    const std::string bytes = audiostore::make_wav(100, pitch);
    return {.project = project,
            .recording = "r",
            .bytes = audiostore::Payload::from_string(bytes),
            .sha256 = sha256_hex(bytes)};
  }
  [[nodiscard]] std::vector<std::string> objects() const {
    std::vector<std::string> keys;
    for (const auto& object : audiostore::must(memory->list()).objects) keys.push_back(object.key);
    return keys;
  }
  [[nodiscard]] std::string state() {
    const auto row = rows.find(user, "r");
    return row ? row->state : "none";
  }
  /// Object and row of "r" are both there, or neither is.
  void consistent() {
    const bool is_there = state() == "stored";
    CHECK((is_there || state() == "none"));
    CHECK(objects().size() == (is_there ? 1U : 0U));
    CHECK(audiostore::must(clean_up.compare()).empty());
  }

  audiostore::TempFolder folder;
  std::shared_ptr<audiostore::ManualClock> clock =
      std::make_shared<audiostore::ManualClock>(std::chrono::system_clock::now());
  Database database{folder.path() / "db"};
  Accounts accounts{database, clock};
  RecordingRows rows{database, clock};
  TicketRows ticket_rows{database, clock};
  std::shared_ptr<audiostore::ObjectStore> memory = audiostore::make_memory_store();
  std::unique_ptr<audiostore::LocalEndpoint> endpoint = audiostore::must(audiostore::LocalEndpoint::start(memory));
  std::shared_ptr<audiostore::S3Store> bucket;
  std::shared_ptr<TrippingStore> store = std::make_shared<TrippingStore>(bucket);
  Recordings recordings;
  Tickets tickets;
  CleanUp clean_up{accounts, rows, recordings, ticket_rows, tickets, memory, clock};
  std::string user;
  std::string project;
};

}  // namespace audio_service
