#include "store/directory_tree.h"

#include "store/beneath.h"
#include "support/results.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <algorithm>
#include <fstream>
#include <thread>

namespace audiostore {
namespace {

namespace fs = std::filesystem;

void write_file(const fs::path& path, std::string_view text = "text") { std::ofstream(path) << text; }

struct Tree {
  TempFolder folder;
  fs::path root = folder.path() / "root";
  DirectoryTree tree = must(DirectoryTree::open(root));
};

using Opener = FileHandle (*)(const FileHandle&, const std::string&, int);

}  // namespace

TEST_CASE("a file is opened beneath a directory and nowhere else", "[directory_tree]") {
  // The kernel's way and ours for systems without it must agree.
  const auto open = GENERATE(Opener(open_beneath), Opener(open_beneath_stepwise));
  const TempFolder folder;
  fs::create_directories(folder.path() / "root/a/b");
  write_file(folder.path() / "root/a/b/file");
  write_file(folder.path() / "outside");
  fs::create_symlink("file", folder.path() / "root/a/b/link");
  fs::create_symlink("b", folder.path() / "root/a/directory_link");
  fs::create_symlink("../outside", folder.path() / "root/up_link");
  fs::create_symlink(folder.path(), folder.path() / "root/absolute_link");
  const FileHandle root(::open((folder.path() / "root").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));

  CHECK(open(root, "a/b/file", O_RDONLY).is_open());
  CHECK(open(root, "a/b", O_RDONLY | O_DIRECTORY).is_open());
  CHECK(open(root, "", O_RDONLY | O_DIRECTORY).is_open());
  for (const std::string path :
       {"a/b/link", "a/directory_link", "a/directory_link/file", "up_link", "absolute_link", "absolute_link/outside",
        "..", "../outside", "a/../../outside", "a/b/none", "a/b/file/x"}) {
    INFO(path);
    CHECK_FALSE(open(root, path, O_RDONLY).is_open());
  }
  CHECK_FALSE(open(root, "a/b/link", O_WRONLY | O_CREAT).is_open());
  CHECK_FALSE(open(root, "up_link", O_WRONLY | O_CREAT | O_EXCL).is_open());
}

TEST_CASE("a root that nobody can make is an error, though what is above it is there", "[directory_tree]") {
  const auto tree = DirectoryTree::open("/proc/no/such/root");  // mkdir says ENOENT there
  REQUIRE_FALSE(tree);
  CHECK(tree.error().code() == ErrorCode::not_found);
}

TEST_CASE("the root is created, with what is missing above it", "[directory_tree]") {
  const TempFolder folder;
  must(DirectoryTree::open(folder.path() / "a/b/c"));
  CHECK(fs::is_directory(folder.path() / "a/b/c"));
  must(DirectoryTree::open(folder.path() / "a/b/c"));
  must(DirectoryTree::open(folder.path() / "d/e/"));
  CHECK(fs::is_directory(folder.path() / "d/e"));
}

TEST_CASE("a root that cannot be one is refused", "[directory_tree]") {
  const TempFolder folder;
  write_file(folder.path() / "file");
  CHECK(code_of(DirectoryTree::open(folder.path() / "file")) == ErrorCode::invalid_argument);
  CHECK(code_of(DirectoryTree::open(folder.path() / "file/below")) == ErrorCode::invalid_argument);
  CHECK(code_of(DirectoryTree::open("")) == ErrorCode::invalid_argument);
  CHECK(code_of(DirectoryTree::open(folder.path() / std::string("a\0b", 3))) == ErrorCode::invalid_argument);
}

TEST_CASE("a root may itself be a link", "[directory_tree]") {
  const TempFolder folder;
  fs::create_directory(folder.path() / "real");
  fs::create_directory_symlink(folder.path() / "real", folder.path() / "link");
  const auto tree = must(DirectoryTree::open(folder.path() / "link"));
  auto file = must(tree.create_file("a", "b"));
  file.keep();
  CHECK(fs::exists(folder.path() / "real/a/b"));
}

TEST_CASE("a new file goes away unless it is kept", "[directory_tree]") {
  Tree t;
  { const auto dropped = must(t.tree.create_file("d", "dropped")); }
  CHECK_FALSE(fs::exists(t.root / "d/dropped"));
  {
    auto kept = must(t.tree.create_file("d", "kept"));
    kept.keep();
  }
  CHECK(fs::exists(t.root / "d/kept"));
  CHECK(code_of(t.tree.create_file("d", "kept")) == ErrorCode::already_exists);
}

TEST_CASE("a file is moved over an old one or beside none", "[directory_tree]") {
  Tree t;
  const auto move = [&](const std::string& path, DirectoryTree::Existing existing) {
    auto file = must(t.tree.create_file("tmp", "x"));
    return t.tree.move_into_place(file, path, existing);
  };
  must(move("a/b/c", DirectoryTree::Existing::keep));
  CHECK(code_of(move("a/b/c", DirectoryTree::Existing::keep)) == ErrorCode::already_exists);
  must(move("a/b/c", DirectoryTree::Existing::replace));
  CHECK(fs::is_empty(t.root / "tmp"));
  must(t.tree.sync_directories("a/b"));
}

TEST_CASE("what is in the way of a directory is named", "[directory_tree]") {
  Tree t;
  write_file(t.root / "a");
  const auto made = t.tree.create_file("a/b", "c");
  CHECK(code_of(made) == ErrorCode::internal);
  CHECK(made.error().message().find("'a'") != std::string::npos);
}

TEST_CASE("removing takes the file and then the empty directories", "[directory_tree]") {
  Tree t;
  fs::create_directories(t.root / "a/b/c");
  write_file(t.root / "a/b/c/file");
  write_file(t.root / "a/other");
  must(t.tree.remove_file("a/b/c/file"));
  must(t.tree.remove_file("a/b/c/file"));
  must(t.tree.remove_file("no/such/file"));
  CHECK(fs::exists(t.root / "a/b/c"));
  t.tree.prune("a/b/c");
  CHECK_FALSE(fs::exists(t.root / "a/b"));
  CHECK(fs::exists(t.root / "a/other"));
}

TEST_CASE("a directory tells what is in it", "[directory_tree]") {
  Tree t;
  fs::create_directory(t.root / "directory");
  write_file(t.root / "file");
  fs::create_symlink("file", t.root / "link");
  auto entries = must(t.tree.entries(""));
  std::ranges::sort(entries, {}, &DirectoryEntry::name);
  REQUIRE(entries.size() == 3);
  CHECK(entries[0].kind == DirectoryEntry::Kind::directory);
  CHECK(entries[1].kind == DirectoryEntry::Kind::file);
  CHECK(entries[2].kind == DirectoryEntry::Kind::other);
  CHECK(must(t.tree.entries("none")).empty());
}

TEST_CASE("directories can be made while others prune them", "[directory_tree]") {
  Tree t;
  std::atomic<int> bad = 0;
  std::atomic<bool> done = false;
  std::jthread pruner([&] {
    while (!done) t.tree.prune("a/b/c");
  });
  for (int i = 0; i < 200; ++i) {
    auto file = must(t.tree.create_file("tmp", "x"));
    if (!t.tree.move_into_place(file, "a/b/c/d", DirectoryTree::Existing::replace)) ++bad;
    if (!t.tree.status("a/b/c/d")) ++bad;
    if (!t.tree.remove_file("a/b/c/d")) ++bad;
  }
  done = true;
  CHECK(bad == 0);
}

TEST_CASE("a time of any kind is kept", "[directory_tree]") {
  Tree t;
  auto file = must(t.tree.create_file("", "x"));
  for (const std::int64_t ns :
       {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, std::int64_t{1'369'353'600'123'456'789}}) {
    must(file.file().set_modified(ns));
    CHECK(must(file.file().status()).modified_ns == ns);
  }
}

}  // namespace audiostore
