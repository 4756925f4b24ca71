// S17: between the ticket and its completion things change.
#include "data/sql.h"
#include "service/client.h"
#include "service/parts.h"

#include <catch2/catch.hpp>

#include <utility>

using namespace audio_service;
using audiostore::code_of;
using audiostore::ErrorCode;
using audiostore::must;
using audiostore::ObjectKey;
using audiostore::Payload;
using audiostore::Result;

namespace {

TicketRequest request_for(const Parts& parts, const std::string& bytes) {
  return {.project = parts.project, .recording = "r", .size = bytes.size(), .content_type = "audio/wav"};
}

/// A ticket with its bytes in staging.
std::string staged_ticket(Parts& parts, const std::string& bytes) {
  const std::string id = must(parts.tickets.open(parts.user, request_for(parts, bytes))).row.id;
  must(parts.memory->put(must(ObjectKey::parse("staging/" + id)), Payload::from_string(bytes)));
  return id;
}

}  // namespace

TEST_CASE("S17: what replaces the inspected bytes does not become the recording", "[service]") {
  Parts parts;
  const std::string good = audiostore::make_wav(100);
  const std::string evil = "<script>" + std::string(good.size() - 8, 'x');
  const std::string id = staged_ticket(parts, good);
  parts.store->before = [&](const std::string& operation, const std::string&) -> Result<void> {
    if (operation != "copy") return {};
    return parts.memory->put(must(ObjectKey::parse("staging/" + id)), Payload::from_string(evil)).transform([](auto&&) {
    });
  };
  CHECK(code_of(parts.tickets.complete(parts.user, id)) == ErrorCode::precondition_failed);
  parts.store->before = {};
  CHECK(parts.state() == "none");
  CHECK(parts.objects() == std::vector<std::string>{"staging/" + id});
  CHECK(code_of(parts.tickets.complete(parts.user, id)) == ErrorCode::unsupported_media_type);
  CHECK(parts.state() == "none");
}

TEST_CASE("S17: bytes that change while they are inspected are refused", "[service]") {
  Parts parts;
  const std::string good = audiostore::make_wav(100);
  const std::string id = staged_ticket(parts, good);
  parts.store->after = [&](const std::string& operation, const std::string&) -> Result<void> {
    if (operation != "head") return {};
    return parts.memory
        ->put(must(ObjectKey::parse("staging/" + id)), Payload::from_string(audiostore::make_wav(100, 77)))
        .transform([](auto&&) {});
  };
  CHECK_FALSE(parts.tickets.complete(parts.user, id));
  CHECK(parts.state() == "none");
}

TEST_CASE("S17: a ticket does not outlive its end, its size, its type or the right to use it", "[service]") {
  Parts parts;
  const std::string wav = audiostore::make_wav(100);
  SECTION("its end") {
    const std::string id = staged_ticket(parts, wav);
    parts.clock->advance(std::chrono::minutes(31));
    CHECK(code_of(parts.tickets.complete(parts.user, id)) == ErrorCode::not_found);
  }
  SECTION("another size") {
    const std::string id = must(parts.tickets.open(parts.user, request_for(parts, wav))).row.id;
    must(parts.memory->put(must(ObjectKey::parse("staging/" + id)), Payload::from_string(audiostore::make_wav(101))));
    CHECK(code_of(parts.tickets.complete(parts.user, id)) == ErrorCode::precondition_failed);
  }
  SECTION("another type") {
    TicketRequest request = request_for(parts, wav);
    request.content_type = "audio/webm";
    const std::string id = must(parts.tickets.open(parts.user, request)).row.id;
    must(parts.memory->put(must(ObjectKey::parse("staging/" + id)), Payload::from_string(wav)));
    CHECK(code_of(parts.tickets.complete(parts.user, id)) == ErrorCode::unsupported_media_type);
  }
  SECTION("the project is another's by now") {
    const std::string id = staged_ticket(parts, wav);
    const std::string bob = parts.accounts.user_of(must(parts.accounts.add_user("bob")))->id;
    const auto db = parts.database.lease();
    db->exec("PRAGMA foreign_keys = OFF");
    sql::run(*db, "UPDATE projects SET owner_id = ?", bob);
    db->exec("PRAGMA foreign_keys = ON");
    CHECK(code_of(parts.tickets.complete(parts.user, id)) == ErrorCode::not_found);
  }
  SECTION("nothing was uploaded") {
    const std::string id = must(parts.tickets.open(parts.user, request_for(parts, wav))).row.id;
    CHECK(code_of(parts.tickets.complete(parts.user, id)) == ErrorCode::precondition_failed);
  }
  SECTION("the recording exists by now, by another way") {
    const std::string id = staged_ticket(parts, wav);
    must(parts.recordings.upload(parts.user, parts.take(99)));
    CHECK(code_of(parts.tickets.complete(parts.user, id)) == ErrorCode::already_exists);
    CHECK(must(parts.recordings.find(parts.user, {.recording = "r"})).sha256 == parts.take(99).sha256);
    return;
  }
  CHECK(parts.state() == "none");
}

TEST_CASE("a completion that fails in the middle is done by the next one", "[service]") {
  Parts parts;
  const std::string id = staged_ticket(parts, audiostore::make_wav(100));
  const std::string operation = GENERATE("head", "copy", "remove");
  const bool is_lost = GENERATE(true, false);
  auto& trip = is_lost ? parts.store->after : parts.store->before;
  trip = [&](const std::string& called, const std::string& key) -> Result<void> {
    const bool is_it = called == operation && (operation != "head" || key.starts_with("staging/"));
    return is_it ? Result<void>(audiostore::Error(ErrorCode::unavailable, "injected")) : Result<void>();
  };
  const bool first = parts.tickets.complete(parts.user, id).has_value();
  CHECK(first == (operation == "remove"));
  trip = {};
  must(parts.tickets.complete(parts.user, id));
  must(parts.tickets.complete(parts.user, id));  // and once more is the same
  CHECK(parts.state() == "stored");
  CHECK(must(parts.clean_up.compare()).empty());

  // The end of the ticket takes what its signatures may still have written.
  static_cast<void>(parts.memory->put(must(ObjectKey::parse("staging/" + id)), parts.take().bytes));
  parts.clock->advance(std::chrono::hours(2));
  CHECK(parts.clean_up.sweep().tickets == 1);
  parts.consistent();
}

TEST_CASE("of two completions at once both say what has become of it", "[service]") {
  Parts parts;
  const std::string id = staged_ticket(parts, audiostore::make_wav(100));
  const std::string operation = GENERATE("head", "get", "copy");
  bool is_second = false;
  parts.store->before = [&](const std::string& called, const std::string&) -> Result<void> {
    if (called != operation || std::exchange(is_second, true)) return {};
    return parts.tickets.complete(parts.user, id).transform([](const RecordingRow&) {});
  };
  CHECK(must(parts.tickets.complete(parts.user, id)).ticket == id);
  CHECK(is_second);
  parts.store->before = {};
  parts.consistent();
}

TEST_CASE("S17: a ticket makes one recording, and does not bring it back once that is deleted", "[service]") {
  Parts parts;
  const std::string id = staged_ticket(parts, audiostore::make_wav(100));
  must(parts.tickets.complete(parts.user, id));
  CHECK(must(parts.tickets.complete(parts.user, id)).ticket == id);
  must(parts.recordings.remove(parts.user, {.recording = "r"}));

  must(parts.memory->put(must(ObjectKey::parse("staging/" + id)), parts.take().bytes));
  CHECK(code_of(parts.tickets.complete(parts.user, id)) == ErrorCode::not_found);
  CHECK(parts.state() == "none");
  CHECK(must(parts.clean_up.compare()).empty());
  const std::string next = staged_ticket(parts, audiostore::make_wav(100, 7));  // another one can have the id
  CHECK(must(parts.tickets.complete(parts.user, next)).ticket == next);
  CHECK(code_of(parts.tickets.complete(parts.user, id)) == ErrorCode::not_found);

  parts.clock->advance(std::chrono::hours(2));
  CHECK(parts.clean_up.sweep().tickets == 2);
  parts.consistent();
}

TEST_CASE("S17: nor does a completion that was under way when it was deleted", "[service]") {
  Parts parts;
  const std::string id = staged_ticket(parts, audiostore::make_wav(100));
  const std::string moment = GENERATE("get", "copy");            // ahead of its row, and with it
  const bool is_cut = moment == "get" && GENERATE(false, true);  // it is killed behind its copy, and the sweep comes
  bool is_first = true;
  bool is_deleted = false;
  const auto store_and_delete = [&](const std::string& operation, const std::string&) -> Result<void> {
    if (operation != moment || !std::exchange(is_first, false)) return {};
    must(parts.tickets.complete(parts.user, id));
    must(parts.recordings.remove(parts.user, {.recording = "r"}));
    must(parts.memory->put(must(ObjectKey::parse("staging/" + id)), parts.take().bytes));
    is_deleted = true;
    return {};
  };
  parts.store->before = store_and_delete;
  if (is_cut) {
    parts.store->after = [&](const std::string& operation, const std::string&) -> Result<void> {
      if (operation != "copy" || !is_deleted) return {};
      parts.database.lease()->exec(
          "CREATE TRIGGER dead BEFORE UPDATE ON recordings BEGIN SELECT RAISE(ABORT, 'dead'); END;"
          "CREATE TRIGGER dead_too BEFORE INSERT ON recordings BEGIN SELECT RAISE(ABORT, 'dead'); END");
      return {};
    };
    CHECK_THROWS_AS(parts.tickets.complete(parts.user, id), SQLite::Exception);
    parts.database.lease()->exec("DROP TRIGGER dead; DROP TRIGGER dead_too");
  } else {
    CHECK(code_of(parts.tickets.complete(parts.user, id)) == ErrorCode::not_found);
  }
  parts.store->before = parts.store->after = {};
  parts.clock->advance(std::chrono::hours(2));
  CHECK(parts.clean_up.sweep().failures.empty());
  CHECK(parts.state() == "none");
  parts.consistent();
}

TEST_CASE("a ticket lives as long as a slow upload takes, its parts' signatures half an hour", "[service]") {
  Parts parts;
  const auto lifetime_of = [&](std::uint64_t size) {
    return must(parts.tickets.open(parts.user, {parts.project, "r", size, "audio/wav"})).row.expires_at -
           parts.clock->now();
  };
  CHECK(lifetime_of(1) == std::chrono::minutes(30));
  CHECK(lifetime_of(16u << 20) == std::chrono::minutes(30) + std::chrono::seconds(1024));
  const std::string large = must(parts.tickets.open(parts.user, {parts.project, "r", 100u << 20, "audio/wav"})).row.id;
  CHECK(must(parts.tickets.sign_parts(parts.user, large, {1})).front().request.expires_in == std::chrono::minutes(30));
  CHECK(lifetime_of(100u << 20) == std::chrono::minutes(30) + std::chrono::seconds(6400));
  parts.clock->advance(std::chrono::hours(3));
  const TicketOptions slow{.slowest_rate = 1024};
  Tickets patient(parts.ticket_rows, parts.recordings, parts.store, parts.bucket, parts.clock, slow);
  CHECK(must(patient.open(parts.user, {parts.project, "r", 100u << 20, "audio/wav"})).row.expires_at ==
        parts.clock->now() + std::chrono::hours(12));
}

TEST_CASE("parts that come slowly become a recording", "[service]") {
  Parts parts({}, {.multipart_threshold = 10});
  const std::string take = audiostore::make_wav(6'000'000);  // 12 MB, 732 s at 16 KiB/s; two parts
  const Ticket ticket = must(parts.tickets.open(parts.user, request_for(parts, take)));
  REQUIRE(ticket.part_count == 2);
  for (int number = 1; number <= ticket.part_count; ++number) {
    parts.clock->advance(std::chrono::minutes(20));
    const SignedPart part = must(parts.tickets.sign_parts(parts.user, ticket.row.id, {number})).front();
    CHECK(part.request.expires_in <= std::chrono::minutes(number == 1 ? 23 : 3));  // no longer than the ticket
    const auto bytes = take.substr(ticket.part_size * static_cast<std::uint64_t>(number - 1), ticket.part_size);
    CHECK(send("PUT", part.request.url, bytes).status == 200);
  }
  must(parts.tickets.complete(parts.user, ticket.row.id));
  CHECK(parts.rows.find(parts.user, "r")->size == take.size());
  parts.consistent();
}

TEST_CASE("what is written with the signature of an aborted ticket is known, and removed when that has ended",
          "[service]") {
  Parts parts;
  const std::string id = staged_ticket(parts, audiostore::make_wav(100));
  must(parts.tickets.abort(parts.user, id));
  CHECK(parts.objects().empty());
  CHECK(code_of(parts.tickets.abort(parts.user, id)) == ErrorCode::not_found);

  must(parts.memory->put(must(ObjectKey::parse("staging/" + id)), parts.take().bytes));
  CHECK(code_of(parts.tickets.complete(parts.user, id)) == ErrorCode::not_found);
  CHECK(must(parts.clean_up.compare()).empty());
  CHECK(parts.clean_up.sweep().tickets == 0);
  parts.clock->advance(std::chrono::hours(2));
  CHECK(parts.clean_up.sweep().tickets == 1);
  parts.consistent();
}

TEST_CASE("tickets that nobody used are swept, with the parts that were uploaded", "[service]") {
  Parts parts({}, {.multipart_threshold = 10});
  const std::string wav = audiostore::make_wav(100);
  const std::string id = must(parts.tickets.open(parts.user, request_for(parts, wav))).row.id;
  CHECK(must(parts.bucket->list_uploads()).size() == 1);
  CHECK(parts.clean_up.sweep().tickets == 0);
  parts.clock->advance(std::chrono::hours(2));
  CHECK(parts.clean_up.sweep().tickets == 1);
  CHECK(must(parts.bucket->list_uploads()).empty());
  CHECK_FALSE(parts.ticket_rows.has(id));
  parts.consistent();
}
