// Many callers at once. Few operations each, since the store may be on the other side of the world.
#include "conformance/fixture.h"

#include <atomic>
#include <functional>
#include <set>
#include <thread>

namespace audiostore::conformance {
namespace {

constexpr int threads = 8;
constexpr int rounds = 10;

/// Runs `work(0)` to `work(threads - 1)` at once. Catch2's assertions are not thread-safe, so `work` counts or returns
/// what is to be checked afterwards.
void at_once(const std::function<void(int)>& work) {
  std::vector<std::jthread> running;
  for (int i = 0; i < threads; ++i) running.emplace_back(work, i);
}

/// Of one letter, and as long as it is late in the alphabet, so that every mixture of two can be told.
std::string writers_bytes(int writer) {
  return std::string(static_cast<std::size_t>(100'000 + 10'000 * writer), static_cast<char>('a' + writer));
}

bool is_whole(const std::string& bytes) {
  return !bytes.empty() && bytes.front() >= 'a' && bytes.front() < 'a' + threads &&
         bytes == writers_bytes(bytes.front() - 'a');
}

PutOptions writers_options(int writer) {
  return {.attributes = {.content_type = "audio/wav",
                         .metadata = {{"writer", std::string(1, static_cast<char>('a' + writer))}}}};
}

/// The object's bytes are those of one writer, and size and metadata are those of the same one.
bool is_one_writers(const ObjectInfo& info, const std::string& bytes) {
  const auto writer = info.attributes.metadata.find("writer");
  return is_whole(bytes) && info.size == bytes.size() && writer != info.attributes.metadata.end() &&
         writer->second.front() == bytes.front();
}

}  // namespace

TEST_CASE_METHOD(Fixture, "writers of one key never leave a mixture", "[concurrency]") {
  put(key(), writers_bytes(0), writers_options(0));
  std::atomic<int> bad = 0;
  at_once([&](int self) {
    ObjectStore& mine = self % 2 == 0 ? store : second;
    for (int i = 0; i < rounds; ++i) {
      if (!mine.put(key(), Payload::from_string(writers_bytes(self)), writers_options(self))) ++bad;
    }
  });
  CHECK(bad == 0);
  const auto got = must(get(key()));
  CHECK(is_one_writers(got.info, got.bytes));
}

TEST_CASE_METHOD(Fixture, "readers among writers see whole objects with their own attributes", "[concurrency]") {
  put(key(), writers_bytes(0), writers_options(0));
  std::atomic<int> bad = 0;
  const auto one = key();
  at_once([&](int self) {
    ObjectStore& mine = self % 2 == 0 ? store : second;
    for (int i = 0; i < rounds; ++i) {
      if (self < threads / 2) {
        if (!mine.put(one, Payload::from_string(writers_bytes(self)), writers_options(self))) ++bad;
        continue;
      }
      std::string bytes;
      const auto info = mine.get(one, [&](ByteSpan piece) -> Result<void> {
        bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
        return {};
      });
      if (!info || !is_one_writers(*info, bytes)) ++bad;
    }
  });
  CHECK(bad == 0);
}

TEST_CASE_METHOD(Fixture, "of many creators of one key one wins", "[concurrency]") {
  if (!can.conditional_put) return;  // that it says so is a case of its own
  for (int round = 0; round < rounds; ++round) {
    const auto one = key("create-" + std::to_string(round));
    std::atomic<int> winners = 0;
    std::atomic<int> others = 0;
    std::atomic<int> winner = -1;
    at_once([&](int self) {
      ObjectStore& mine = self % 2 == 0 ? store : second;
      const auto options = PutOptions{.mode = PutMode::create};
      const auto created =
          mine.put(one, Payload::from_string(std::string(1000, static_cast<char>('a' + self))), options);
      if (created) {
        ++winners;
        winner = self;
      } else if (created.error().code() != ErrorCode::already_exists && created.error().code() != ErrorCode::conflict) {
        ++others;
      }
    });
    CHECK(winners == 1);
    CHECK(others == 0);
    CHECK(bytes_of(one) == std::string(1000, static_cast<char>('a' + winner)));
  }
}

TEST_CASE_METHOD(Fixture, "writers of many keys do not disturb each other", "[concurrency]") {
  std::atomic<int> bad = 0;
  at_once([&](int self) {
    for (int i = 0; i < rounds; ++i) {
      const auto name = "t" + std::to_string(self) + "/" + std::to_string(i);
      const auto one = ObjectKey::parse(prefix() + name).value();
      if (!store.put(one, Payload::from_string(name))) ++bad;
      if (read_to_string(store, one).value_or("") != name) ++bad;
    }
  });
  CHECK(bad == 0);
  CHECK(list_all().keys.size() == threads * rounds);
}

TEST_CASE_METHOD(Fixture, "puts and removes in one directory do not disturb each other", "[concurrency]") {
  std::atomic<int> bad = 0;
  at_once([&](int self) {
    ObjectStore& mine = self % 2 == 0 ? store : second;
    const auto one = ObjectKey::parse(prefix() + "deep/er/" + std::to_string(self)).value();
    for (int i = 0; i < rounds; ++i) {
      if (!mine.put(one, Payload::from_string("x"))) ++bad;
      if (!mine.head(one)) ++bad;
      if (!mine.remove(one)) ++bad;
    }
  });
  CHECK(bad == 0);
  CHECK(list_all().keys.empty());
}

TEST_CASE_METHOD(Fixture, "a listing during writes shows all that was there before", "[concurrency]") {
  for (int i = 0; i < 10; ++i) put(key("m" + std::to_string(i)), "steady");
  std::atomic<int> bad = 0;
  at_once([&](int self) {
    for (int i = 0; i < rounds; ++i) {
      const auto one = ObjectKey::parse(prefix() + (i % 2 == 0 ? "a" : "z") + std::to_string(self)).value();
      if (self % 2 == 0) {
        if (!store.put(one, Payload::from_string("x")) || !store.remove(one)) ++bad;
        continue;
      }
      std::set<std::string> steady;
      const auto page = second.list({.prefix = prefix()});
      if (!page) ++bad;
      for (const auto& object : page.value_or(ListPage()).objects) {
        if (object.key.find("/m") != object.key.npos) steady.insert(object.key);
      }
      if (steady.size() != 10) ++bad;
    }
  });
  CHECK(bad == 0);
}

TEST_CASE_METHOD(Fixture, "copies and writes of one key never leave a mixture", "[concurrency]") {
  put(key("source-a"), writers_bytes(0), writers_options(0));
  put(key("source-b"), writers_bytes(1), writers_options(1));
  const auto target = key("target");
  std::atomic<int> bad = 0;
  at_once([&](int self) {
    const auto from = ObjectKey::parse(prefix() + (self % 2 == 0 ? "source-a" : "source-b")).value();
    for (int i = 0; i < rounds; ++i) {
      if (!store.copy(from, target)) ++bad;
    }
  });
  CHECK(bad == 0);
  const auto got = must(get(target));
  CHECK(is_one_writers(got.info, got.bytes));
}

}  // namespace audiostore::conformance
