#include "local/uploads.h"

#include "local/concatenation.h"
#include "support/random.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>
#include <thread>

using namespace audiostore;
using namespace audiostore::local;

namespace {

constexpr std::uint64_t block = 4096;

std::string text_of(const Payload& payload) {
  std::string out(payload.size(), '\0');
  REQUIRE(payload.read_at(0, std::as_writable_bytes(std::span(out.data(), out.size()))));
  return out;
}

/// Uploads with one that has begun.
struct Fixture {
  explicit Fixture(std::uint64_t max_staged = 100 * block)
      : uploads({.min_part_bytes = 1, .max_object_bytes = 1000, .max_staged_bytes = max_staged}) {
    name.id = *uploads.begin({*ObjectKey::parse("k"), {}, {}});
  }

  StagedPart staged(std::string_view text) {
    auto bytes = uploads.reserve(text.size());
    REQUIRE(bytes);
    REQUIRE((*bytes)->append(as_bytes(text)));
    return {.bytes = std::move(*bytes), .etag = "\"" + std::string(text) + "\"", .stored = {}};
  }
  Result<PutResult> complete(const std::vector<NamedPart>& parts, const Uploads::Publish& publish) {
    return uploads.complete(name, parts, publish);
  }

  Uploads uploads;
  UploadName name{"k", ""};
};

}  // namespace

TEST_CASE("Staged parts take their place until nobody needs them") {
  Fixture f;
  REQUIRE(f.uploads.add(f.name, 1, f.staged("one")));
  CHECK(f.uploads.staged_bytes() == block);
  REQUIRE(f.uploads.add(f.name, 1, f.staged(std::string(block, 'x'))));
  CHECK(f.uploads.staged_bytes() == 2 * block);
  std::optional<Payload> published;
  REQUIRE(f.complete(
               {{1, std::string(block, 'x')}},
               [&](const UploadPlan&, const Payload&) -> Result<PutResult> { return Error(ErrorCode::too_large, ""); })
              .error()
              .service_code() == "EntityTooLarge");
  REQUIRE(f.uploads.add(f.name, 2, f.staged("two")));
  REQUIRE(f.complete({{2, "two"}}, [&](const UploadPlan&, const Payload& payload) -> Result<PutResult> {
    published = payload;
    return PutResult{"\"e\""};
  }));
  CHECK(f.uploads.staged_bytes() == block);
  CHECK(text_of(*published) == "two");
  published.reset();
  CHECK(f.uploads.staged_bytes() == 0);
}

TEST_CASE("A failure to publish leaves the upload as it was") {
  Fixture f;
  REQUIRE(f.uploads.add(f.name, 1, f.staged("one")));
  const auto failing = [](const UploadPlan&, const Payload&) -> Result<PutResult> {
    return Error(ErrorCode::unavailable, "later");
  };
  CHECK(f.complete({{1, "one"}}, failing).error().code() == ErrorCode::unavailable);
  CHECK(f.uploads.parts(f.name, 0, 10)->size() == 1);
  CHECK(f.complete({{1, "one"}}, [](const UploadPlan&, const Payload&) { return PutResult{"\"e\""}; }));
}

TEST_CASE("An abort waits for a completion that is under way, and then finds nothing") {
  Fixture f;
  REQUIRE(f.uploads.add(f.name, 1, f.staged("one")));
  std::thread aborting;
  std::string code;
  const auto publish = [&](const UploadPlan&, const Payload& payload) -> Result<PutResult> {
    aborting = std::thread([&] { code = f.uploads.abort(f.name).error().service_code(); });
    CHECK(f.uploads.add(f.name, 2, f.staged("late")));
    CHECK(text_of(payload) == "one");
    return PutResult{"\"e\""};
  };
  CHECK(f.complete({{1, "one"}}, publish));
  aborting.join();
  CHECK(code == "NoSuchUpload");
  CHECK(f.uploads.staged_bytes() == 0);
}

TEST_CASE("A part that comes after the end is dropped") {
  Fixture f;
  auto part = f.staged("one");
  REQUIRE(f.uploads.abort(f.name));
  CHECK(f.uploads.add(f.name, 1, std::move(part)).error().service_code() == "NoSuchUpload");
  CHECK(f.uploads.staged_bytes() == 0);
}

TEST_CASE("Parts do not run into each other") {
  const std::uint64_t seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  const auto area = StagingArea::create(1000 * block);
  std::vector<std::pair<std::unique_ptr<StagedBytes>, std::string>> held;
  for (int step = 0; step < 300; ++step) {
    if (!held.empty() && random.below(3) == 0) {
      held.erase(held.begin() + static_cast<std::ptrdiff_t>(random.below(held.size())));
    } else {
      std::string text(random.below(3 * block), static_cast<char>('a' + random.below(26)));
      auto bytes = area->reserve(text.size());
      REQUIRE(bytes);
      REQUIRE((*bytes)->append(as_bytes(text)));
      held.emplace_back(std::move(*bytes), std::move(text));
    }
  }
  for (const auto& [bytes, text] : held) {
    std::string back(text.size(), '\0');
    REQUIRE(bytes->read_at(0, std::as_writable_bytes(std::span(back.data(), back.size()))));
    CHECK(back == text);
  }
  held.clear();
  CHECK(area->used() == 0);
}

TEST_CASE("A place takes what was reserved and no more") {
  const auto area = StagingArea::create(block);
  auto bytes = area->reserve(3);
  REQUIRE(bytes);
  CHECK((*bytes)->append(as_bytes("12")));
  CHECK((*bytes)->append(as_bytes("34")).error().code() == ErrorCode::too_large);
  CHECK(area->reserve(0).error().code() == ErrorCode::no_space);
  CHECK(StagingArea::create(block)->reserve(UINT64_MAX).error().code() == ErrorCode::no_space);
}

TEST_CASE("Uploads have a number, too") {
  Uploads uploads({.min_part_bytes = 1, .max_object_bytes = 1, .max_staged_bytes = 1});
  const auto key = *ObjectKey::parse("k");
  for (int i = 0; i < 10'000; ++i) REQUIRE(uploads.begin({key, {}, {}}));
  CHECK(uploads.begin({key, {}, {}}).error().service_code() == "SlowDown");
}

TEST_CASE("A concatenation reads across its pieces") {
  struct Text final : PayloadSource {
    explicit Text(std::string t) : text(std::move(t)) {}
    [[nodiscard]] std::uint64_t size() const override { return text.size(); }
    [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
      std::ranges::copy(as_bytes(text).subspan(offset, out.size()), out.begin());
      return {};
    }
    std::string text;
  };
  const auto piece = [](const char* text) { return std::make_shared<const Text>(text); };
  const Payload whole = concatenate({piece(""), piece("ab"), piece(""), piece("cde"), piece("f"), piece("")});
  REQUIRE(whole.size() == 6);
  const std::string expected = "abcdef";
  for (std::size_t first = 0; first <= 6; ++first) {
    for (std::size_t count = 0; first + count <= 6; ++count) {
      std::string out(count, '\0');
      REQUIRE(whole.read_at(first, std::as_writable_bytes(std::span(out.data(), out.size()))));
      CHECK(out == expected.substr(first, count));
    }
  }
  CHECK(concatenate({}).size() == 0);
}
