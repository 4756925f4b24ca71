// Two services over one database file and one bucket, one of which is killed in the middle.
#include "service/client.h"
#include "service/shared_bucket.h"
#include "support/random.h"
#include "support/wav.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>

using namespace audio_service;

namespace {

using nlohmann::json;

constexpr int workers = 6;
constexpr int takes_each = 8;

/// One that lives to the end, and one that does not.
struct Pair {
  Client lasting;
  Client mortal;
};

struct Reply {
  Answer answer;
  bool was_repeated = false;  ///< the mortal one was asked, and died
};

/// `call` of one of them; of the lasting one if that is dead, as a proxy would do it.
template <class F>
Reply ask(const Pair& pair, bool mortal_first, const F& call) {
  if (!mortal_first) return {call(pair.lasting)};
  Answer answer = call(pair.mortal);
  if (answer.status != 0) return {std::move(answer)};
  return {call(pair.lasting), true};
}

/// What became of the takes, from all workers.
class Notes {
 public:
  void stored(const std::string& id, const std::string& bytes) {
    note([&] { stored_.emplace(id, bytes); });
  }
  /// A removal that was cut off may have begun or not.
  void removed(const std::string& id, bool for_certain) {
    note([&] { (for_certain ? removed_ : perhaps_removed_).insert(id); });
  }
  void refused(const std::string& what, const Answer& answer) {
    note([&] { refusals_.push_back(fmt::format("{}: {} {}", what, answer.status, answer.body)); });
  }
  void wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(60), [&] { return stored_.size() + refusals_.size() >= count; });
  }

  // For when no worker is at it any more.
  [[nodiscard]] const std::map<std::string, std::string>& stored() const { return stored_; }
  [[nodiscard]] const std::vector<std::string>& refusals() const { return refusals_; }
  [[nodiscard]] bool must_be_there(const std::string& id) const {
    return !removed_.contains(id) && !perhaps_removed_.contains(id);
  }
  [[nodiscard]] bool must_be_gone(const std::string& id) const { return removed_.contains(id); }

 private:
  void note(const std::function<void()>& change) {
    const std::scoped_lock lock(mutex_);
    change();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, std::string> stored_;
  std::set<std::string> removed_, perhaps_removed_;
  std::vector<std::string> refusals_;
};

class Worker {
 public:
  Worker(const Pair& pair, std::string project, int number, std::uint64_t seed, Notes& notes)
      : pair_(pair), project_(std::move(project)), number_(number), chance_(seed), notes_(notes) {}

  void work() {
    for (int take = 0; take < takes_each; ++take) {
      const std::string id = fmt::format("w{}t{}", number_, take);
      const std::string bytes = make_take(take);
      const Reply reply =
          take % 3 == 0 ? by_both(id, bytes) : (take % 3 == 1 ? by_ticket(id, bytes) : upload(id, bytes));
      if (reply.answer.status != 200) {
        notes_.refused("storing " + id, reply.answer);
        continue;
      }
      notes_.stored(id, bytes);
      if (!reply.was_repeated && chance_.below(4) == 0) remove(id);
    }
  }

 private:
  std::string make_take(int number) {
    return audiostore::make_wav(static_cast<std::uint32_t>(100 + chance_.below(4000)),
                                static_cast<std::uint16_t>(number + 1));
  }
  bool either() { return chance_.below(2) == 0; }

  Reply upload(const std::string& id, const std::string& bytes) {
    return ask(pair_, either(), [&](const Client& client) { return client.upload(project_, id, bytes); });
  }

  /// The same bytes by both services at the same time.
  Reply by_both(const std::string& id, const std::string& bytes) {
    Answer other;
    std::jthread twin([&] { other = pair_.mortal.upload(project_, id, bytes); });
    Reply reply{pair_.lasting.upload(project_, id, bytes)};
    twin.join();
    if (other.status != 200 && other.status != 0) notes_.refused("the twin of " + id, other);
    reply.was_repeated = other.status == 0;
    return reply;
  }

  /// A ticket of one service, completed by the other.
  Reply by_ticket(const std::string& id, const std::string& bytes) {
    const bool mortal_first = either();
    const Reply opened =
        ask(pair_, mortal_first, [&](const Client& client) { return client.open_ticket(project_, id, bytes.size()); });
    if (opened.answer.status != 200) return opened;
    const json ticket = opened.answer.json()["ticket"];
    const Answer sent = use_ticket(pair_.lasting, ticket, bytes);
    if (sent.status / 100 != 2) return {sent};
    const std::string path = fmt::format("/api/audio/ticket/{}/complete", ticket["id"].get<std::string>());
    return ask(pair_, !mortal_first, [&](const Client& client) { return client.post(path, json::object()); });
  }

  void remove(const std::string& id) {
    const Reply reply = ask(pair_, either(), [&](const Client& client) {
      return client.remove("/api/audio/delete", {{"recordingId", id}});
    });
    // Of one that was cut off the lease may still run, or the row may be gone.
    const bool cut_off = reply.was_repeated && (reply.answer.status == 404 || reply.answer.status == 409);
    if (reply.answer.status == 200 || cut_off) return notes_.removed(id, reply.answer.status == 200);
    notes_.refused("removing " + id, reply.answer);
  }

  const Pair& pair_;
  std::string project_;
  int number_;
  audiostore::Random chance_;
  Notes& notes_;
};

/// What is shown is what was stored, and plays.
std::set<std::string> check_what_is_shown(const Client& client, const std::string& project, const Notes& notes) {
  std::set<std::string> keys;
  std::set<std::string> ids;
  const json listed = client.get("/api/projects/" + project + "/recordings").json()["recordings"];
  for (const json& row : listed) {
    const std::string id = row["recordingId"];
    INFO(id);
    ids.insert(id);
    keys.insert(row["key"]);
    const Answer played = send("GET", client.get("/api/audio/url?recordingId=" + id).json()["url"]);
    CHECK(played.status == 200);
    if (notes.stored().contains(id)) CHECK((played.body == notes.stored().at(id)));
  }
  for (const auto& [id, bytes] : notes.stored()) {
    INFO(id);
    if (notes.must_be_there(id)) CHECK(ids.contains(id));
    if (notes.must_be_gone(id)) CHECK_FALSE(ids.contains(id));
  }
  return keys;
}

}  // namespace

TEST_CASE("two services over one database and one bucket, one of them killed, leave nothing that does not fit together",
          "[service]") {
  const std::string provider = GENERATE("local", "ceph");
  const std::uint64_t seed = audiostore::test_seed();
  INFO(provider << ", seed " << seed);
  audiostore::Random chance(seed);
  const SharedBucket bucket(provider);
  const std::vector<std::string> options{"--env", "--multipart-above", "4000", "--quiet"};
  ServiceProcess lasting(options);
  ServiceProcess mortal(lasting, options);
  const std::string token = lasting.add_user("alice");
  const Pair pair{{lasting, token}, {mortal, token}};
  const std::string project = pair.mortal.make_project();
  // The first request of each alone: at that cpp-httplib makes what all requests share, and Debian's build of it does
  // not show ThreadSanitizer how it guards that.
  REQUIRE(pair.lasting.get("/api/session").status == 200);

  Notes notes;
  std::vector<std::jthread> threads;
  for (int number = 0; number < workers; ++number) {
    threads.emplace_back([&, number, own = seed + static_cast<std::uint64_t>(number)] {
      Worker(pair, project, number, own, notes).work();
    });
  }
  notes.wait_for(workers + chance.below(workers * takes_each / 2));
  mortal.kill();
  threads.clear();
  CHECK(notes.refusals() == std::vector<std::string>{});
  CHECK(notes.stored().size() == std::size_t{workers} * takes_each);
  check_what_is_shown(pair.lasting, project, notes);

  lasting.kill();
  const auto [status, said] = lasting.reconcile();
  INFO(said);
  CHECK(status == 0);
  CHECK(said.find("without") == std::string::npos);
  lasting.start();
  const std::set<std::string> rows = check_what_is_shown({lasting, token}, project, notes);
  std::vector<std::string> objects = bucket.objects();
  std::erase_if(objects, [](const std::string& key) { return key.starts_with("staging/"); });  // until tickets end
  CHECK(objects == std::vector<std::string>(rows.begin(), rows.end()));
}
