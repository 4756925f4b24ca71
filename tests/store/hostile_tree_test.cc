// Somebody else writes in the store's directory and wants us to read or write outside of it.
#include <audiostore/file_store.h>

#include "support/results.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <thread>

namespace audiostore {
namespace {

namespace fs = std::filesystem;

constexpr auto secret = "what nobody may read";

ObjectKey key(std::string_view text) { return ObjectKey::parse(text).value(); }

std::string text_in(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A store, and a directory beside its root that must stay as it is.
struct Scene {
  TempFolder folder;
  fs::path root = folder.path() / "root";
  fs::path outside = folder.path() / "outside";
  std::unique_ptr<ObjectStore> store = must(make_file_store(root));

  Scene() {
    fs::create_directory(outside);
    std::ofstream(outside / "take.wav") << secret;
  }

  /// True while nobody wrote, removed or created anything out there.
  [[nodiscard]] bool outside_is_untouched() const {
    return std::distance(fs::directory_iterator(outside), {}) == 1 && text_in(outside / "take.wav") == secret;
  }
};

}  // namespace

TEST_CASE("a link in place of an object is no object", "[hostile_tree]") {
  Scene scene;
  fs::create_symlink(scene.outside / "take.wav", scene.root / "take.wav");
  CHECK(code_of(scene.store->head(key("take.wav"))) == ErrorCode::not_found);
  CHECK(code_of(read_to_string(*scene.store, key("take.wav"))) == ErrorCode::not_found);
  CHECK(code_of(scene.store->copy(key("take.wav"), key("copy.wav"))) == ErrorCode::not_found);
  CHECK(must(scene.store->list()).objects.empty());
}

TEST_CASE("a remove leaves a link and what it leads to", "[hostile_tree]") {
  Scene scene;
  fs::create_symlink(scene.outside / "take.wav", scene.root / "take.wav");
  must(scene.store->remove(key("take.wav")));
  CHECK(fs::is_symlink(scene.root / "take.wav"));
  CHECK(scene.outside_is_untouched());
}

TEST_CASE("a put replaces a link, not what it leads to", "[hostile_tree]") {
  Scene scene;
  fs::create_symlink(scene.outside / "take.wav", scene.root / "take.wav");
  const auto created = scene.store->put(key("take.wav"), Payload::from_string("new"), {.mode = PutMode::create});
  CHECK(code_of(created) == ErrorCode::already_exists);
  must(scene.store->put(key("take.wav"), Payload::from_string("new")));
  CHECK_FALSE(fs::is_symlink(scene.root / "take.wav"));
  CHECK(must(read_to_string(*scene.store, key("take.wav"))) == "new");
  CHECK(scene.outside_is_untouched());
}

TEST_CASE("nothing goes through a directory that is a link", "[hostile_tree]") {
  Scene scene;
  fs::create_directory_symlink(scene.outside, scene.root / "users");
  CHECK(code_of(read_to_string(*scene.store, key("users/take.wav"))) == ErrorCode::not_found);
  const auto stored = scene.store->put(key("users/new.wav"), Payload::from_string("new"));
  CHECK(code_of(stored) == ErrorCode::internal);
  CHECK(stored.error().message().find("'users'") != std::string::npos);
  CHECK_FALSE(scene.store->put(key("users/deep/er.wav"), Payload::from_string("new")));
  must(scene.store->remove(key("users/take.wav")));
  CHECK(must(scene.store->list()).objects.empty());
  CHECK(must(scene.store->list({.prefix = "users/"})).objects.empty());
  CHECK(scene.outside_is_untouched());
}

TEST_CASE("nothing goes through our own directory when it is a link", "[hostile_tree]") {
  Scene scene;
  fs::remove_all(scene.root / ".audiostore");
  fs::create_directory_symlink(scene.outside, scene.root / ".audiostore");
  CHECK_FALSE(scene.store->put(key("take.wav"), Payload::from_string("new")));
  CHECK_FALSE(make_file_store(scene.root));
  CHECK(scene.outside_is_untouched());
}

TEST_CASE("a put does not write into a hard-linked file", "[hostile_tree]") {
  Scene scene;
  fs::create_hard_link(scene.outside / "take.wav", scene.root / "take.wav");
  must(scene.store->put(key("take.wav"), Payload::from_string("new")));
  CHECK(must(read_to_string(*scene.store, key("take.wav"))) == "new");
  CHECK(scene.outside_is_untouched());
}

TEST_CASE("a pipe is no object and makes nobody wait", "[hostile_tree]") {
  Scene scene;
  REQUIRE(::mkfifo((scene.root / "take.wav").c_str(), 0600) == 0);
  CHECK(code_of(scene.store->head(key("take.wav"))) == ErrorCode::not_found);
  CHECK(code_of(read_to_string(*scene.store, key("take.wav"))) == ErrorCode::not_found);
  CHECK(must(scene.store->list()).objects.empty());
  must(scene.store->remove(key("take.wav")));
  CHECK(fs::is_fifo(scene.root / "take.wav"));
}

TEST_CASE("a directory with the name of an object is no object", "[hostile_tree]") {
  Scene scene;
  fs::create_directories(scene.root / "take.wav/below");
  CHECK(code_of(scene.store->head(key("take.wav"))) == ErrorCode::not_found);
  CHECK_FALSE(scene.store->put(key("take.wav"), Payload::from_string("new")));
  must(scene.store->remove(key("take.wav")));
  CHECK(must(scene.store->list()).objects.empty());
  CHECK(fs::exists(scene.root / "take.wav/below"));
}

TEST_CASE("a directory that keeps turning into a link lets nothing out", "[hostile_tree]") {
  Scene scene;
  must(scene.store->put(key("users/take.wav"), Payload::from_string("mine")));
  fs::create_directory_symlink(scene.outside, scene.root / "trap");
  std::atomic<bool> done = false;
  std::atomic<int> swaps = 0;
  std::jthread swapper([&] {
    const auto users = (scene.root / "users").string();
    const auto trap = (scene.root / "trap").string();
    while (!done) swaps += ::renameat2(AT_FDCWD, users.c_str(), AT_FDCWD, trap.c_str(), RENAME_EXCHANGE) == 0 ? 1 : 0;
  });
  int escapes = 0;
  int reads = 0;
  for (int i = 0; i < 3000; ++i) {
    const auto bytes = read_to_string(*scene.store, key("users/take.wav"));
    if (bytes && *bytes == "mine") ++reads;
    if (bytes && *bytes != "mine") ++escapes;
    if (i % 50 == 0) static_cast<void>(scene.store->put(key("users/new.wav"), Payload::from_string("new")));
    if (i % 50 == 25) static_cast<void>(scene.store->remove(key("users/new.wav")));
    const auto page = scene.store->list({.prefix = "users/"});
    for (const auto& object : page.value_or(ListPage()).objects) escapes += object.size == std::strlen(secret) ? 1 : 0;
  }
  done = true;
  swapper.join();
  CHECK(escapes == 0);
  CHECK(scene.outside_is_untouched());
  CHECK(reads > 0);  // else nothing was tried
  CHECK(swaps > 10);
}

}  // namespace audiostore
