#include "store/target_file.h"

#include "support/files.h"
#include "support/results.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

namespace audiostore {

namespace fs = std::filesystem;

TEST_CASE("a target file appears when it is published, and only its owner can read it", "[target_file]") {
  const TempFolder folder;
  const fs::path path = folder.path() / "take.wav";
  {
    TargetFile file = must(TargetFile::create(path));
    must(file.write_at(5, as_bytes("bytes and more")));
    must(file.write_at(0, as_bytes("some ")));
    std::array<std::byte, 10> back{};
    must(must(file.contents(10)).read_at(0, back));
    CHECK(std::ranges::equal(back, as_bytes("some bytes")));
    CHECK_FALSE(fs::exists(path));
    must(file.publish(10));
  }
  CHECK(text_of(path) == "some bytes");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"take.wav"});
  CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
}

TEST_CASE("a target file that is not published leaves nothing behind and what was there", "[target_file]") {
  const TempFolder folder;
  const fs::path path = folder.path() / "take.wav";
  write_text(path, "old");
  must(must(TargetFile::create(path)).write_at(0, as_bytes("new")));
  CHECK(text_of(path) == "old");
  CHECK(names_in(folder.path()) == std::vector<std::string>{"take.wav"});
}

TEST_CASE("a target file replaces a file, and a link rather than what it leads to", "[target_file]") {
  const TempFolder folder;
  write_text(folder.path() / "elsewhere", "kept");
  fs::create_symlink("elsewhere", folder.path() / "link");
  TargetFile file = must(TargetFile::create(folder.path() / "link"));
  must(file.write_at(0, as_bytes("new")));
  must(file.publish(3));
  CHECK(text_of(folder.path() / "elsewhere") == "kept");
  CHECK_FALSE(fs::is_symlink(folder.path() / "link"));
  CHECK(text_of(folder.path() / "link") == "new");
}

TEST_CASE("a path that can be no file is refused", "[target_file]") {
  const TempFolder folder;
  fs::create_directory(folder.path() / "directory");
  write_text(folder.path() / "file", "");
  for (const char* name : {"", ".", "..", "directory", "directory/", "missing/take.wav", "file/take.wav"}) {
    CAPTURE(name);
    CHECK(code_of(TargetFile::create(folder.path() / name)) == ErrorCode::invalid_argument);
  }
  CHECK(code_of(TargetFile::create("")) == ErrorCode::invalid_argument);
  CHECK(names_in(folder.path()).size() == 2);
}

TEST_CASE("a path without a directory is one in the current one", "[target_file]") {
  const TempFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  auto file = TargetFile::create("take.wav");
  fs::current_path(before);
  must(must(std::move(file)).publish(0));
  CHECK(text_of(folder.path() / "take.wav").empty());
}

TEST_CASE("what no file can hold is too large", "[target_file]") {
  const TempFolder folder;
  const TargetFile file = must(TargetFile::create(folder.path() / "take.wav"));
  for (const std::uint64_t offset : {std::uint64_t{1} << 63, (std::uint64_t{1} << 63) - 1}) {
    CHECK(code_of(file.write_at(offset, as_bytes("x"))) == ErrorCode::too_large);
  }
}

}  // namespace audiostore
