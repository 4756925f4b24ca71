// Random faults under a random workload, held against a model: every acknowledged put is there and equal, every failed
// one is absent or whole, and nothing else is ever read or listed.
//
// AUDIOSTORE_TEST_SEED repeats a schedule by the seed that a failure prints; AUDIOSTORE_FAULT_SCHEDULES is how many.
#include "core/crypto.h"
#include "core/text.h"
#include "faults/fault_fixture.h"
#include "faults/object_model.h"
#include "support/random.h"

#include <audiostore/environment.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

using namespace audiostore;
using namespace std::chrono_literals;
using Content = ObjectModel::Content;
using Way = FaultProxy::Way;

namespace {

constexpr std::size_t operations = 14;
constexpr std::size_t most_faults = 5;

const std::array<ObjectKey, 4> keys{*ObjectKey::parse("a"), *ObjectKey::parse("users/1/take 1.wav"),
                                    *ObjectKey::parse("\xc3\xbc/%41+&='x"), *ObjectKey::parse("users/2/take.flac")};

std::string etag_of(const std::string& bytes) { return "\"" + to_hex(md5(as_bytes(bytes))) + "\""; }

/// One to five faults, each of which the workload is bound to meet.
struct Schedule {
  std::vector<Reaction> reactions;  // by the number of the request
  std::vector<FaultProxy::Fault> harms;
  bool stalls = false;
  TransferOptions transfer = {};

  [[nodiscard]] std::string story() const {
    std::string text = fmt::format("parts of {} above {}, {} at once; faults:", transfer.part_size,
                                   transfer.multipart_threshold, transfer.parts_in_flight);
    for (std::size_t i = 0; i < reactions.size(); ++i) {
      if (reactions[i].kind != Reaction::Kind::pass) text += fmt::format(" {}:{}", i, to_string(reactions[i]));
    }
    for (const auto& harm : harms) {
      text += fmt::format(" {} byte {}:{}", harm.way == Way::up ? "up" : "down", harm.at, static_cast<int>(harm.harm));
    }
    return text + "\n";
  }
};

/// Refusals that tell no lies about the object.
Reaction random_refusal(Random& random) {
  const std::array refusals{reaction::refuse(500, "InternalError"),
                            reaction::refuse(503, "SlowDown", "Retry-After: 2\r\n"),
                            reaction::refuse(502, "html"),
                            reaction::refuse(429, "TooManyRequests"),
                            reaction::refuse(400, "RequestTimeout", "Connection: close\r\n"),
                            reaction::refuse(403, "AccessDenied"),
                            reaction::refuse(501, "NotImplemented")};
  return refusals.at(random.below(refusals.size()));
}

Reaction random_answer(Random& random) {
  const std::array<const char*, 6> answers{"",
                                           "nonsense",
                                           "HTTP/1.1 200 OK\r\nContent-Le",
                                           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
                                           "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
                                           "HTTP/1.1 204 No Content\r\nbad header\r\n\r\n"};
  return reaction::answer(answers.at(random.below(answers.size())));
}

Reaction random_reaction(Random& random) {
  const auto end = random.below(2) == 0 ? Reaction::End::fin : Reaction::End::rst;
  const std::uint64_t at = random.below(2) == 0 ? random.below(100) : random.below(300'000);
  switch (random.below(20)) {
    case 0:
      if (random.below(4) == 0) return reaction::stall();
      return random.below(3) == 0 ? reaction::stall_reply(at) : reaction::slice_reply();
    case 1:
    case 2:
    case 3: return reaction::flip_request(at);
    case 4:
    case 5:
    case 6:
    case 7: return reaction::lose_reply(end);
    case 8:
    case 9:
    case 10: return reaction::cut_request(at);
    case 11:
    case 12:
    case 13: return reaction::cut_reply(at, end);
    case 14:
    case 15: return random_answer(random);
    default: return random_refusal(random);
  }
}

/// A break at a byte of some head or body: every request brings more than 200 up, and every reply more than 100 down.
FaultProxy::Fault random_harm(Random& random) {
  const auto harm = random.below(2) == 0 ? FaultProxy::Harm::end : FaultProxy::Harm::reset;
  if (random.below(2) == 0) return {.way = Way::up, .at = random.below(operations * 200), .harm = harm};
  return {.way = Way::down, .at = random.below((operations - most_faults) * 100), .harm = harm};
}

Schedule random_schedule(Random& random) {
  Schedule schedule;
  if (random.below(2) == 0) {
    schedule.transfer = {.multipart_threshold = 1'000 + random.below(100'000),
                         .part_size = 20'000 + random.below(100'000),
                         .parts_in_flight = 1 + static_cast<int>(random.below(4))};
  }
  const std::size_t faults = 1 + random.below(most_faults);
  for (std::size_t i = 0; i < faults; ++i) {
    if (random.below(4) == 0) {
      schedule.harms.push_back(random_harm(random));
      continue;
    }
    // Each operation makes one request at least. No more than one can lose all of them to harms of the proxy.
    const std::size_t request = random.below(operations - 1);
    if (request >= schedule.reactions.size()) schedule.reactions.resize(request + 1);
    Reaction& reaction = schedule.reactions.at(request);
    reaction = random_reaction(random);
    schedule.stalls =
        schedule.stalls || reaction.kind == Reaction::Kind::stall || reaction.kind == Reaction::Kind::stall_reply;
  }
  return schedule;
}

/// Random calls, each held against the model.
class Workload {
 public:
  Workload(FaultFixture& fixture, Random& random) : store_(*fixture.store), random_(random) {}

  void step() {
    ++calls_;
    switch (random_.below(13)) {
      case 0:
      case 1:
      case 2: return put(PutMode::overwrite);
      case 3:
      case 4: return put(PutMode::create);
      case 5: return get();
      case 6: return get_range();
      case 7: return head();
      case 8: return remove();
      case 9: return remove_many();
      case 10: return copy();
      case 11: return write();
      default: return list();
    }
  }

  [[nodiscard]] ObjectModel& model() { return model_; }
  [[nodiscard]] const std::string& story() const { return story_; }
  [[nodiscard]] std::size_t calls() const { return calls_; }
  /// Calls that learnt what they wanted to know, if only that there is nothing.
  [[nodiscard]] std::size_t answered() const { return answered_; }
  void list();

 private:
  void put(PutMode mode);
  void write();
  void get();
  void get_range();
  void head();
  void remove();
  void remove_many();
  void copy();

  const ObjectKey& random_key() { return keys.at(random_.below(keys.size())); }
  std::string random_bytes() {
    constexpr std::size_t longest = 300 * 1024;
    static const std::string noise = Random(1).bytes(2 * longest);
    const std::size_t limit = std::array<std::size_t, 3>{1, 2'000, longest}.at(random_.below(3));
    return noise.substr(random_.below(longest), random_.below(limit));
  }

  /// Notes the outcome of a call.
  template <class T>
  void note(std::string_view call, const std::string& key, const Result<T>& result) {
    constexpr std::array plain_answers{ErrorCode::not_found, ErrorCode::already_exists,
                                       ErrorCode::range_not_satisfiable};
    answered_ += result || std::ranges::find(plain_answers, result.error().code()) != plain_answers.end() ? 1 : 0;
    story_ += fmt::format("{} {}: {}\n", call, key, result ? "ok" : result.error().to_string());
  }
  /// Something that was seen has to be possible.
  void require(bool possible) const {
    INFO(story_);
    REQUIRE(possible);
  }

  ObjectStore& store_;
  Random& random_;
  ObjectModel model_;
  std::string story_;
  std::size_t calls_ = 0;
  std::size_t answered_ = 0;
};

void Workload::put(PutMode mode) {
  const ObjectKey& key = random_key();
  const std::string bytes = random_bytes();
  const auto result = store_.put(key, Payload::from_string(bytes), {.mode = mode});
  note(fmt::format("{} {} bytes", mode == PutMode::create ? "create" : "put", bytes.size()), key.str(), result);
  const bool creates = mode == PutMode::create;
  if (result) {
    require(!creates || model_.may_be_absent(key.str()));
    CHECK(result->etag == etag_of(bytes));
    model_.became(key.str(), {bytes});
  } else if (creates && result.error().code() == ErrorCode::already_exists) {
    require(model_.was_seen(key.str(), [](const Content& content) { return content.has_value(); }));
  } else if (!creates || model_.may_be_absent(key.str())) {
    model_.may_have_become(key.str(), {bytes});
  }
}

void Workload::write() {
  const ObjectKey& key = random_key();
  const std::string bytes = random_bytes();
  auto writer = store_.writer(key);
  Result<void> written = writer ? Result<void>() : writer.error();
  for (std::size_t at = 0; written && at < bytes.size();) {
    const std::string piece = bytes.substr(at, 1 + random_.below(50'000));
    written = (*writer)->write(as_bytes(piece));
    at += piece.size();
  }
  // Only finish() can have published it.
  const auto result = written ? (*writer)->finish() : Result<PutResult>(written.error());
  note(fmt::format("write {} bytes", bytes.size()), key.str(), result);
  if (result) {
    CHECK(result->etag == etag_of(bytes));
    model_.became(key.str(), {bytes});
  } else if (written) {
    model_.may_have_become(key.str(), {bytes});
  }
}

void Workload::get() {
  const ObjectKey& key = random_key();
  std::string bytes;
  const auto result = store_.get(key, [&](ByteSpan piece) -> Result<void> {
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  });
  note("get", key.str(), result);
  if (result) {
    require(model_.was_seen(key.str(), Content(bytes)));
  } else if (result.error().code() == ErrorCode::not_found) {
    require(model_.was_seen(key.str(), std::nullopt));
  } else if (!bytes.empty()) {
    require(std::ranges::any_of(model_.possible_objects(key.str()),
                                [&](const Content& content) { return content->starts_with(bytes); }));
  }
}

void Workload::get_range() {
  const ObjectKey& key = random_key();
  const std::uint64_t first = random_.below(1000);
  const ByteRange range = ByteRange::between(first, first + random_.below(100'000));
  std::string bytes;
  const auto result = store_.get(key,
                                 [&](ByteSpan piece) -> Result<void> {
                                   bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
                                   return {};
                                 },
                                 {.range = range});
  note("get " + range.to_header(), key.str(), result);
  const auto slice_of = [&](const Content& content) {
    return content ? range.resolve(content->size()) : Result<ByteRange::Slice>(Error(ErrorCode::not_found, ""));
  };
  if (result) {
    require(model_.was_seen(key.str(), [&](const Content& content) {
      const auto slice = slice_of(content);
      return slice && content->size() == result->size && content->substr(slice->offset, slice->length) == bytes;
    }));
  } else if (result.error().code() == ErrorCode::range_not_satisfiable) {
    require(model_.was_seen(key.str(), [&](const Content& content) { return content && !slice_of(content); }));
  } else if (result.error().code() == ErrorCode::not_found) {
    require(model_.was_seen(key.str(), std::nullopt));
  }
}

void Workload::head() {
  const ObjectKey& key = random_key();
  const auto result = store_.head(key);
  note("head", key.str(), result);
  if (result) {
    require(model_.was_seen(key.str(), [&](const Content& content) {
      return content && content->size() == result->size && etag_of(*content) == result->etag;
    }));
  } else if (result.error().code() == ErrorCode::not_found) {
    require(model_.was_seen(key.str(), std::nullopt));
  }
}

void Workload::remove() {
  const ObjectKey& key = random_key();
  const auto result = store_.remove(key);
  note("remove", key.str(), result);
  if (result) {
    model_.became(key.str(), {std::nullopt});
  } else {
    model_.may_have_become(key.str(), {std::nullopt});
  }
}

void Workload::remove_many() {
  const std::vector<ObjectKey> removed{keys.at(0), random_key()};
  const auto result = store_.remove_many(removed);
  note("remove_many", removed[1].str(), result);
  for (std::size_t i = 0; i < removed.size(); ++i) {
    if (result && !result->outcomes.at(i).error) {
      model_.became(removed[i].str(), {std::nullopt});
    } else {
      model_.may_have_become(removed[i].str(), {std::nullopt});
    }
  }
}

void Workload::copy() {
  const std::size_t from = random_.below(keys.size());
  const std::string& source = keys.at(from).str();
  const std::string& target = keys.at((from + 1) % keys.size()).str();
  const auto result = store_.copy(keys.at(from), keys.at((from + 1) % keys.size()));
  note("copy to " + target + " from", source, result);
  if (result) {
    require(
        model_.was_seen(source, [&](const Content& content) { return content && etag_of(*content) == result->etag; }));
    model_.became(target, model_.possible_objects(source));
  } else if (result.error().code() == ErrorCode::not_found) {
    require(model_.was_seen(source, std::nullopt));
  } else {
    model_.may_have_become(target, model_.possible_objects(source));
  }
}

void Workload::list() {
  const auto result = store_.list();
  note("list", "", result);
  if (!result) return;
  CHECK(result->next_token.empty());
  for (const ObjectKey& key : keys) {
    const auto entry = std::ranges::find(result->objects, key.str(), &ObjectSummary::key);
    if (entry == result->objects.end()) {
      require(model_.was_seen(key.str(), std::nullopt));
      continue;
    }
    require(model_.was_seen(key.str(), [&](const Content& content) {
      return content && content->size() == entry->size && etag_of(*content) == entry->etag;
    }));
  }
}

struct Tally {
  std::size_t calls = 0;
  std::size_t answered = 0;
  std::size_t parts = 0;
};

void run_schedule(std::uint64_t seed, Tally& tally) {
  Random random(seed);
  const Schedule schedule = random_schedule(random);
  INFO("AUDIOSTORE_TEST_SEED=" << seed << " repeats this; " << schedule.story());
  FaultFixture fixture({.total_timeout = schedule.stalls ? 250ms : 20s}, schedule.transfer);
  for (const Reaction& reaction : schedule.reactions) fixture.server.any(reaction);
  for (const FaultProxy::Fault& harm : schedule.harms) fixture.proxy.plan(harm);

  Workload workload(fixture, random);
  for (std::size_t i = 0; i < operations; ++i) workload.step();
  INFO(workload.story());
  for (const ObjectKey& key : keys) {
    INFO(key.str());
    REQUIRE(workload.model().was_seen(key.str(), fixture.stored(key)));
  }
  CHECK(fixture.server.left_over() == "");
  CHECK(fixture.proxy.left_over() == "");
  CHECK(fixture.server.complaints() == "");
  tally.calls += workload.calls();
  tally.answered += workload.answered();
  tally.parts += fixture.server.count("UploadPart");
}

}  // namespace

TEST_CASE("whatever goes wrong, acknowledged puts are there and equal, failed ones are absent or whole") {
  const std::uint64_t first = test_seed();
  const std::string wanted = process_environment("AUDIOSTORE_FAULT_SCHEDULES").value_or("500");
  Tally tally;
  for (std::uint64_t i = 0; i < std::stoull(wanted); ++i) run_schedule(first + i, tally);
  // Most faults are ridden out: a test in which nothing works would prove nothing.
  CHECK(tally.parts > 0);
  CHECK(tally.answered * 10 > tally.calls * 9);
}
