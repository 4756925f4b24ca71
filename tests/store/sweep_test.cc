// What processes that were killed leave behind, and what must not be taken for that.
#include <audiostore/file_store.h>

#include "store/file_handle.h"
#include "support/manual_clock.h"
#include "support/results.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <fstream>
#include <vector>

namespace audiostore {
namespace {

namespace fs = std::filesystem;
using std::chrono::hours;

ObjectKey key(std::string_view text) { return ObjectKey::parse(text).value(); }

struct Litter {
  TempFolder folder;
  fs::path root = folder.path() / "root";
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>(std::chrono::system_clock::now());
  std::unique_ptr<ObjectStore> store = must(make_file_store(root, {.clock = clock}));
  const ObjectAttributes wav{.content_type = "audio/wav"};

  void sweep() const { must(make_file_store(root, {.clock = clock})); }

  [[nodiscard]] std::vector<fs::path> side_cars() const {
    std::vector<fs::path> paths;
    for (const auto& entry : fs::recursive_directory_iterator(root / ".audiostore/meta"))
      if (entry.is_regular_file()) paths.push_back(entry.path());
    return paths;
  }

  /// Leaves the side-car of an object that is not there, as a kill between the two does.
  [[nodiscard]] fs::path orphan(std::string_view name) const {
    must(store->put(key(name), Payload::from_string("x"), {.attributes = wav}));
    const fs::path path = side_cars().at(0);
    const fs::path aside = folder.path() / "aside";
    fs::copy_file(path, aside);
    must(store->remove(key(name)));
    fs::rename(aside, path);
    return path;
  }
};

}  // namespace

TEST_CASE("temporary files of killed processes are swept up after a day", "[file_store]") {
  TempFolder folder;
  const auto clock = std::make_shared<ManualClock>(std::chrono::system_clock::now());
  must(make_file_store(folder.path(), {.clock = clock}));
  const auto left_behind = folder.path() / ".audiostore/tmp/0123456789abcdef0123456789abcdef";
  std::ofstream(left_behind) << "half";
  clock->advance(std::chrono::hours(23));
  must(make_file_store(folder.path(), {.clock = clock}));
  CHECK(fs::exists(left_behind));
  clock->advance(std::chrono::hours(2));
  must(make_file_store(folder.path(), {.clock = clock}));
  CHECK_FALSE(fs::exists(left_behind));
}

TEST_CASE("a side-car of no file is swept up after a day", "[sweep]") {
  const Litter litter;
  const auto left_behind = litter.orphan("users/1/take.wav");
  litter.clock->advance(hours(23));
  litter.sweep();
  CHECK(fs::exists(left_behind));
  litter.clock->advance(hours(2));
  litter.sweep();
  CHECK_FALSE(fs::exists(left_behind));
}

TEST_CASE("a side-car of a file that was replaced is swept up", "[sweep]") {
  const Litter litter;
  const auto left_behind = litter.orphan("take.wav");
  must(litter.store->put(key("take.wav"), Payload::from_string("new"), {.attributes = litter.wav}));
  CHECK(litter.side_cars().size() == 2);
  litter.clock->advance(hours(25));
  litter.sweep();
  CHECK_FALSE(fs::exists(left_behind));
  CHECK(must(litter.store->head(key("take.wav"))).attributes == litter.wav);
}

TEST_CASE("a side-car whose writer was killed before it wrote is swept up", "[sweep]") {
  const Litter litter;
  const auto left_behind = litter.orphan("take.wav");
  fs::resize_file(left_behind, 0);
  litter.clock->advance(hours(25));
  litter.sweep();
  CHECK(litter.side_cars().empty());
}

TEST_CASE("side-cars of objects stay, however old", "[sweep]") {
  const Litter litter;
  const std::string odd = "an odd/k\xc3\xa9y/" + std::string(200, 'x');
  for (const std::string& name : {std::string("a"), std::string("a/b.wav"), odd})
    must(litter.store->put(key(name), Payload::from_string("x"), {.attributes = litter.wav}));
  litter.clock->advance(hours(24 * 365));
  litter.sweep();
  CHECK(must(litter.store->head(key("a"))).attributes == litter.wav);
  CHECK(must(litter.store->head(key("a/b.wav"))).attributes == litter.wav);
  CHECK(must(litter.store->head(key(odd))).attributes == litter.wav);
}

TEST_CASE("what may be no litter stays", "[sweep]") {
  const Litter litter;
  const auto path = litter.orphan("take.wav");
  litter.clock->advance(hours(25));
  SECTION("because a put has the lock") {
    FileHandle directory(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    directory.lock();
    litter.sweep();
    CHECK(fs::exists(path));
    CHECK(directory.close());
    litter.sweep();
    CHECK_FALSE(fs::exists(path));
  }
  SECTION("because it is damaged, and its object must say so") {
    fs::resize_file(path, 20);
    litter.sweep();
    CHECK(fs::exists(path));
  }
  SECTION("because its name is another's") {
    const auto renamed = path.parent_path() / (std::string(64, '0') + path.filename().string().substr(64));
    fs::rename(path, renamed);
    litter.sweep();
    CHECK(fs::exists(renamed));
  }
  SECTION("because its name is not ours") {
    for (const char* name : {"notes.txt", "-1-2.json", "short.json"}) fs::copy_file(path, path.parent_path() / name);
    const auto no_time = path.parent_path() / (path.filename().string().substr(0, 65) + "x-1.json");
    const auto no_size = path.parent_path() / (path.filename().string().substr(0, 65) + "1.json");
    fs::copy_file(path, no_time);
    fs::rename(path, no_size);
    litter.sweep();
    CHECK(litter.side_cars().size() == 5);
  }
}

TEST_CASE("a sweep looks at no more than 200 side-cars, and in time at all", "[sweep]") {
  const Litter litter;
  const auto path = litter.orphan("take.wav");
  const auto text_of_time = path.filename().string();
  const std::string hash = text_of_time.substr(0, 65);
  for (int i = 0; i < 600; ++i) fs::copy_file(path, path.parent_path() / (hash + std::to_string(i) + "-1.json"));
  litter.clock->advance(hours(25));
  std::size_t left = litter.side_cars().size();
  CHECK(left == 601);
  for (int opened = 1; opened <= 4; ++opened) {
    litter.sweep();
    const std::size_t now = litter.side_cars().size();
    CHECK(left - now == std::min<std::size_t>(left, 200));
    left = now;
  }
  CHECK(left == 0);
}

}  // namespace audiostore
