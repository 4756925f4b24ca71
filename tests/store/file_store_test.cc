// What the file store leaves on the disk, and what it makes of what it finds there.
#include <audiostore/file_store.h>

#include "support/manual_clock.h"
#include "support/results.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <atomic>
#include <fstream>
#include <functional>
#include <thread>

namespace audiostore {
namespace {

namespace fs = std::filesystem;

ObjectKey key(std::string_view text) { return ObjectKey::parse(text).value(); }
Payload payload(std::string text) { return Payload::from_string(std::move(text)); }

std::string text_in(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::size_t files_below(const fs::path& path) {
  std::size_t count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(path)) count += entry.is_regular_file() ? 1 : 0;
  return count;
}

struct Disk {
  TempFolder folder;
  fs::path root = folder.path() / "root";
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::unique_ptr<ObjectStore> store = must(make_file_store(root, {.clock = clock}));

  [[nodiscard]] std::size_t side_cars() const { return files_below(root / ".audiostore/meta"); }
  [[nodiscard]] std::size_t temporaries() const { return files_below(root / ".audiostore/tmp"); }
};

/// A payload that looks around when it is read.
class WatchingSource final : public PayloadSource {
 public:
  explicit WatchingSource(std::function<void()> watch) : watch_(std::move(watch)) {}
  [[nodiscard]] std::uint64_t size() const override { return 4; }
  [[nodiscard]] Result<void> read_at(std::uint64_t, std::span<std::byte> out) const override {
    watch_();
    std::ranges::fill(out, std::byte{'x'});
    return {};
  }

 private:
  std::function<void()> watch_;
};

mode_t mode_of(const fs::path& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_mode & 07777 : 0;
}

}  // namespace

TEST_CASE("an object is a plain file under its key", "[file_store]") {
  Disk disk;
  must(disk.store->put(key("users/1/take.wav"), payload("the bytes")));
  CHECK(text_in(disk.root / "users/1/take.wav") == "the bytes");
  CHECK(disk.side_cars() == 1);
  CHECK(disk.temporaries() == 0);
}

TEST_CASE("a put that replaces leaves one side-car", "[file_store]") {
  Disk disk;
  for (int i = 0; i < 5; ++i) must(disk.store->put(key("take.wav"), payload("the bytes")));
  CHECK(disk.side_cars() == 1);
  must(disk.store->copy(key("take.wav"), key("copy.wav")));
  must(disk.store->copy(key("take.wav"), key("copy.wav")));
  CHECK(disk.side_cars() == 2);
}

TEST_CASE("a remove leaves neither side-car nor empty directory", "[file_store]") {
  Disk disk;
  must(disk.store->put(key("a/b/c/take.wav"), payload("x")));
  must(disk.store->put(key("a/other.wav"), payload("x")));
  must(disk.store->remove(key("a/b/c/take.wav")));
  CHECK(disk.side_cars() == 1);
  CHECK_FALSE(fs::exists(disk.root / "a/b"));
  must(disk.store->remove(key("a/other.wav")));
  CHECK(disk.side_cars() == 0);
  CHECK_FALSE(fs::exists(disk.root / "a"));
}

TEST_CASE("the time is the clock's, to the millisecond", "[file_store]") {
  Disk disk;
  disk.clock->advance(std::chrono::microseconds(123'456));
  must(disk.store->put(key("a"), payload("x")));
  CHECK(must(disk.store->head(key("a"))).last_modified ==
        std::chrono::floor<std::chrono::milliseconds>(disk.clock->now()));
}

TEST_CASE("puts at the same instant are told apart", "[file_store]") {
  Disk disk;  // whose clock stands still
  for (char c = 'a'; c <= 'z'; ++c) {
    const std::string value(1, c);
    must(disk.store->put(key("take.wav"), payload(value), {.attributes = {.metadata = {{"value", value}}}}));
    CHECK(must(disk.store->head(key("take.wav"))).attributes.metadata.at("value") == value);
  }
  CHECK(disk.side_cars() == 1);
}

TEST_CASE("files and directories are the owner's only, whatever the umask", "[file_store]") {
  const mode_t umask_before = ::umask(0);
  Disk disk;
  mode_t temporary = 0;
  const auto watch = [&] {
    for (const auto& entry : fs::directory_iterator(disk.root / ".audiostore/tmp")) temporary = mode_of(entry.path());
  };
  must(disk.store->put(key("a/take.wav"), Payload(std::make_shared<WatchingSource>(watch))));
  ::umask(umask_before);
  CHECK(temporary == 0600);
  CHECK(mode_of(disk.root) == 0700);
  for (const auto& entry : fs::recursive_directory_iterator(disk.root)) {
    INFO(entry.path());
    CHECK(mode_of(entry.path()) == (entry.is_directory() ? 0700 : 0600));
  }
}

TEST_CASE("a file under way has a long random name and is listed nowhere", "[file_store]") {
  Disk disk;
  std::string name;
  std::size_t listed = 1;
  const auto watch = [&] {
    for (const auto& entry : fs::directory_iterator(disk.root / ".audiostore/tmp")) name = entry.path().filename();
    listed = disk.store->list().value().objects.size();
  };
  must(disk.store->put(key("take.wav"), Payload(std::make_shared<WatchingSource>(watch))));
  CHECK(name.size() == 32);
  CHECK(name.find_first_not_of("0123456789abcdef") == name.npos);
  CHECK(listed == 0);
  CHECK(must(disk.store->list()).objects.size() == 1);
}

TEST_CASE("a payload that throws leaves nothing", "[file_store]") {
  Disk disk;
  must(disk.store->put(key("take.wav"), payload("old")));
  const auto fail = [] { throw std::runtime_error("no more"); };
  const auto stored = disk.store->put(key("take.wav"), Payload(std::make_shared<WatchingSource>(fail)));
  CHECK(code_of(stored) == ErrorCode::internal);
  CHECK(disk.temporaries() == 0);
  CHECK(disk.side_cars() == 1);
  CHECK(must(read_to_string(*disk.store, key("take.wav"))) == "old");
}

TEST_CASE("a create that comes too late leaves nothing of its own", "[file_store]") {
  Disk disk;
  const auto other = must(make_file_store(disk.root));
  // Too late only after its bytes were read.
  const auto watch = [&] { other->put(key("take.wav"), payload("first")).value(); };
  const auto stored =
      disk.store->put(key("take.wav"), Payload(std::make_shared<WatchingSource>(watch)), {.mode = PutMode::create});
  CHECK(code_of(stored) == ErrorCode::already_exists);
  CHECK(disk.temporaries() == 0);
  CHECK(disk.side_cars() == 1);
  CHECK(must(read_to_string(*disk.store, key("take.wav"))) == "first");
}

TEST_CASE("a file that somebody put there is an object with default attributes", "[file_store]") {
  Disk disk;
  fs::create_directories(disk.root / "imported");
  std::ofstream(disk.root / "imported/old take.wav") << "not a name of ours";
  std::ofstream(disk.root / "imported/take.wav") << "by hand";
  const auto info = must(disk.store->head(key("imported/take.wav")));
  CHECK(info.size == 7);
  CHECK(info.attributes == ObjectAttributes{});
  CHECK(info.etag.find('-') != std::string::npos);
  CHECK(must(read_to_string(*disk.store, key("imported/take.wav"))) == "by hand");
  const auto page = must(disk.store->list());
  REQUIRE(page.objects.size() == 1);
  CHECK(page.objects[0].key == "imported/take.wav");
  CHECK(page.objects[0].etag == info.etag);
  must(disk.store->remove(key("imported/take.wav")));
  CHECK(fs::exists(disk.root / "imported/old take.wav"));
}

TEST_CASE("a file that somebody changed has another ETag and no attributes", "[file_store]") {
  Disk disk;
  const auto etag =
      must(disk.store->put(key("take.wav"), payload("ours"), {.attributes = {.content_type = "audio/wav"}})).etag;
  std::ofstream(disk.root / "take.wav", std::ios::app) << " and theirs";
  const auto info = must(disk.store->head(key("take.wav")));
  CHECK(info.etag != etag);
  CHECK(info.size == 15);
  CHECK(info.attributes == ObjectAttributes{});
}

TEST_CASE("a file whose time was changed loses its attributes, whatever the time", "[file_store]") {
  Disk disk;
  must(disk.store->put(key("take.wav"), payload("ours"), {.attributes = {.content_type = "audio/wav"}}));
  for (const std::time_t seconds : {std::time_t{0}, std::time_t{-40'000'000'000}, std::time_t{40'000'000'000}}) {
    CAPTURE(seconds);
    const timespec times[2] = {{seconds, 1}, {seconds, 1}};
    REQUIRE(::utimensat(AT_FDCWD, (disk.root / "take.wav").c_str(), times, 0) == 0);
    CHECK(must(disk.store->head(key("take.wav"))).attributes == ObjectAttributes{});
    CHECK(must(disk.store->list()).objects.size() == 1);
  }
}

TEST_CASE("F44: a whole object that has rotted on the disk is corrupt, and its last bytes are kept back",
          "[file_store]") {
  Disk disk;
  const std::string bytes(200'000, 'b');
  must(disk.store->put(key("take.wav"), payload(bytes)));
  const fs::path path = disk.root / "take.wav";
  const auto time = fs::last_write_time(path);
  std::fstream(path, std::ios::in | std::ios::out | std::ios::binary).seekp(1'000).put('?');
  fs::last_write_time(path, time);
  std::size_t taken = 0;
  const auto sink = [&](ByteSpan piece) -> Result<void> {
    taken += piece.size();
    return {};
  };
  const auto got = disk.store->get(key("take.wav"), sink);
  CHECK(code_of(got) == ErrorCode::corrupt);
  CHECK(got.error().message().find("MD5") != std::string::npos);
  CHECK(taken < bytes.size());
  taken = 0;
  CHECK(must(disk.store->get(key("take.wav"), sink, {.verify = false})).digests.md5.size() == 32);
  CHECK(taken == bytes.size());
  must(disk.store->get(key("take.wav"), sink, {.range = ByteRange::between(0, 10)}));
  CHECK(code_of(disk.store->get_to_file(key("take.wav"), disk.folder.path() / "copy", {.part_size = 50'000})) ==
        ErrorCode::corrupt);
  CHECK_FALSE(fs::exists(disk.folder.path() / "copy"));
}

TEST_CASE("a damaged side-car is an error for its object only", "[file_store]") {
  Disk disk;
  must(disk.store->put(key("a"), payload("x")));
  must(disk.store->put(key("b"), payload("y")));
  must(disk.store->remove(key("b")));
  for (const auto& entry : fs::recursive_directory_iterator(disk.root / ".audiostore/meta")) {
    if (entry.is_regular_file()) fs::resize_file(entry.path(), 20);
  }
  must(disk.store->put(key("b"), payload("y")));
  CHECK(code_of(disk.store->head(key("a"))) == ErrorCode::corrupt);
  CHECK(must(disk.store->list()).objects.size() == 2);
  must(disk.store->put(key("a"), payload("again")));
  CHECK(must(read_to_string(*disk.store, key("a"))) == "again");
}

TEST_CASE("a store finds what an earlier one left", "[file_store]") {
  Disk disk;
  const ObjectAttributes attributes{.content_type = "audio/wav", .metadata = {{"take", "1"}}};
  const auto etag = must(disk.store->put(key("a/b"), payload("x"), {.attributes = attributes})).etag;
  disk.store.reset();
  const auto later = must(make_file_store(disk.root));
  const auto info = must(later->head(key("a/b")));
  CHECK(info.etag == etag);
  CHECK(info.attributes == attributes);
}

TEST_CASE("of 16 threads in two stores that create one key one wins", "[file_store]") {
  Disk disk;
  const auto second = must(make_file_store(disk.root));
  for (int round = 0; round < 20; ++round) {
    const auto one = key("take-" + std::to_string(round));
    std::atomic<int> winners = 0;
    std::atomic<int> losers = 0;
    {
      std::vector<std::jthread> threads;
      for (int i = 0; i < 16; ++i) {
        threads.emplace_back([&, i] {
          ObjectStore& store = i % 2 == 0 ? *disk.store : *second;
          const auto created = store.put(one, payload(std::string(100, 'x')), {.mode = PutMode::create});
          if (created) ++winners;
          if (!created && created.error().code() == ErrorCode::already_exists) ++losers;
        });
      }
    }
    CHECK(winners == 1);
    CHECK(losers == 15);
  }
  CHECK(disk.side_cars() == 20);
  CHECK(disk.temporaries() == 0);
}

TEST_CASE("of many processes that create one key one wins", "[file_store]") {
  Disk disk;
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const auto store = make_file_store(disk.root);
      int won = 0;
      for (int k = 0; store && k < 10; ++k) {
        if ((*store)->put(key("k" + std::to_string(k)), payload("x"), {.mode = PutMode::create})) ++won;
      }
      ::_exit(won);
    }
    children.push_back(child);
  }
  int won = 0;
  for (const pid_t child : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    won += WEXITSTATUS(status);
  }
  CHECK(won == 10);
  CHECK(disk.side_cars() == 10);
}

TEST_CASE("16 writers of one key leave one whole object and one side-car", "[file_store]") {
  Disk disk;
  const auto second = must(make_file_store(disk.root));
  std::atomic<int> bad = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&, i] {
        ObjectStore& store = i % 2 == 0 ? *disk.store : *second;
        const std::string name(1, static_cast<char>('a' + i));
        for (int round = 0; round < 20; ++round) {
          if (!store.put(key("one"), payload(std::string(100, name[0])), {.attributes = {.metadata = {{"by", name}}}}))
            ++bad;
          std::string bytes;
          const auto info = store.get(key("one"), [&](ByteSpan piece) -> Result<void> {
            bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
            return {};
          });
          if (!info || bytes != std::string(100, info->attributes.metadata.at("by")[0])) ++bad;
        }
      });
    }
  }
  CHECK(bad == 0);
  CHECK(disk.side_cars() == 1);
  CHECK(disk.temporaries() == 0);
}

TEST_CASE("tags are changed in the side-car, which stays the only one", "[file_store]") {
  Disk disk;
  must(disk.store->put(key("take.wav"), payload("the bytes"), {.tags = {{"kind", "raw"}}}));
  must(disk.store->set_tags(key("take.wav"), {{"kind", "mix"}}));
  CHECK(must(disk.store->tags(key("take.wav"))) == Tags{{"kind", "mix"}});
  CHECK(disk.side_cars() == 1);
  CHECK(disk.temporaries() == 0);
  CHECK(code_of(disk.store->set_tags(key("none"), {{"a", "1"}})) == ErrorCode::not_found);
  CHECK(disk.temporaries() == 0);
}

TEST_CASE("a file of somebody else's making can be tagged and replaced on condition", "[file_store]") {
  Disk disk;
  std::ofstream(disk.root / "theirs.wav") << "the bytes";
  const std::string etag = must(disk.store->head(key("theirs.wav"))).etag;
  must(disk.store->set_tags(key("theirs.wav"), {{"kind", "raw"}}));
  CHECK(must(disk.store->tags(key("theirs.wav"))) == Tags{{"kind", "raw"}});
  CHECK(must(disk.store->head(key("theirs.wav"))).etag == etag);
  must(disk.store->put(key("theirs.wav"), payload("ours"), {.if_match = etag}));
  CHECK(must(disk.store->tags(key("theirs.wav"))).empty());
}

TEST_CASE("if_match that does not hold reads no byte and leaves nothing", "[file_store]") {
  Disk disk;
  must(disk.store->put(key("take.wav"), payload("old")));
  bool read = false;
  const Payload watched(std::make_shared<WatchingSource>([&] { read = true; }));
  CHECK(code_of(disk.store->put(key("take.wav"), watched, {.if_match = "\"other\""})) ==
        ErrorCode::precondition_failed);
  CHECK_FALSE(read);
  CHECK(disk.side_cars() == 1);
}

TEST_CASE("if_match is held against what is there when the put ends", "[file_store]") {
  Disk disk;
  const std::string etag = must(disk.store->put(key("take.wav"), payload("old"))).etag;
  const Payload slow(std::make_shared<WatchingSource>(
      [&] { must(disk.store->put(key("take.wav"), payload("of another"), {.if_match = etag})); }));
  CHECK(code_of(disk.store->put(key("take.wav"), slow, {.if_match = etag})) == ErrorCode::precondition_failed);
  CHECK(text_in(disk.root / "take.wav") == "of another");
  CHECK(disk.side_cars() == 1);
}

}  // namespace audiostore
