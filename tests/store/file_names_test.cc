#include "store/file_names.h"

#include "conformance/weird_keys.h"
#include "support/random.h"
#include "support/results.h"

#include <audiostore/object_key.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace audiostore {
namespace {

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> names;
  for (std::size_t start = 0; start <= path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    names.push_back(path.substr(start, end - start));
    start = end + 1;
  }
  return names;
}

/// The key of a file, put together from the names on the way to it.
std::string key_for(const std::string& path) {
  std::string key;
  const auto names = names_in(path);
  for (const auto& name : names) {
    const auto meaning = parse_file_name(name, &name != &names.back());
    if (!meaning) return "no key: " + name;
    key += meaning->text;
  }
  return key;
}

/// A directory, as a walk sees it.
struct Node {
  std::map<std::string, Node> below;
};

void walk(const Node& node, const std::string& beginning, std::vector<std::string>& keys) {
  std::map<std::string, const Node*> ordered;
  for (const auto& [name, child] : node.below) {
    ordered[parse_file_name(name, !child.below.empty()).value().text] = &child;
  }
  for (const auto& [text, child] : ordered) {
    if (child->below.empty()) keys.push_back(beginning + text);
    walk(*child, beginning + text, keys);
  }
}

/// What must hold for any set of keys: every name is one that all file systems take, each key has a file of its own
/// that leads back to it, no file is also a directory, and a walk gives the keys in byte order.
void check_all(const std::set<std::string>& keys) {
  constexpr std::string_view allowed = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-%+";
  Node root;
  std::set<std::string> files;
  for (const auto& key : keys) {
    INFO(key);
    const std::string path = file_path_for(key);
    CHECK(files.insert(path).second);
    CHECK(key_for(path) == key);
    CHECK(path.size() < 4096);
    Node* node = &root;
    for (const auto& name : names_in(path)) {
      CHECK_FALSE(name.empty());
      CHECK(name.size() <= 255);
      CHECK(name.front() != '.');
      CHECK(name.back() != '.');
      CHECK(name.find_first_not_of(allowed) == name.npos);
      node = &node->below[name];
    }
  }
  std::vector<std::string> walked;
  walk(root, "", walked);
  CHECK(walked == std::vector<std::string>(keys.begin(), keys.end()));
}

}  // namespace

TEST_CASE("ordinary keys are their own file names", "[file_names]") {
  for (const std::string key :
       {"take.wav", "users/1/take.wav", "users/u_1/projects/p-1/recordings/r.webm", "a.b.c", "A.WAV"}) {
    CHECK(file_path_for(key) == key);
  }
}

TEST_CASE("odd keys get names that every file system takes", "[file_names]") {
  const std::map<std::string, std::string> table{
      {"a", "a%o"},
      {"a/b", "a/b%o"},
      {"a.wav/b.wav", "a.wav%d/b.wav"},
      {"my take.wav", "my%20take.wav"},
      {"100%", "100%25%o"},
      {"a%o", "a%25o%o"},
      {".hidden", "%2Ehidden"},
      {".audiostore/meta/x.json", "%2Eaudiostore%d/meta/x.json"},
      {"dot.", "dot%2E"},
      {"...", "%2E.%2E"},
      {"caf\u00e9.wav", "caf%C3%A9.wav"},
      {"CON", "%43ON%o"},
      {"nul.wav", "%6Eul.wav"},
      {"com1/a.wav", "%63om1/a.wav"},
      {"console.wav", "console.wav"},
      {"com10.wav", "com10.wav"},
      {"a\\b", "a%5Cb%o"},
      {"C:", "C%3A%o"},
      {std::string(79, 'x'), std::string(79, 'x') + "%o"},
      {std::string(80, 'x'), std::string(80, 'x') + "%+/%o"},
      {std::string(80, 'x') + "/y.wav", std::string(80, 'x') + "%+/%d/y.wav"},
      {std::string(84, 'x') + ".wav", std::string(80, 'x') + "%+/xxxx.wav"},
  };
  for (const auto& [key, path] : table) {
    CHECK(file_path_for(key) == path);
    CHECK(key_for(path) == key);
  }
}

TEST_CASE("names that we did not make mean nothing", "[file_names]") {
  for (const std::string name : {".audiostore", ".DS_Store", "", ".", "..", "a", "my take.wav", "%61.wav", "a%2fb.wav",
                                 "a%2Fb.wav", "a%2e", "%", "%o%o", "a%x", "a.b%o", "caf\u00e9.wav", "CON.wav", "x%+"}) {
    INFO(name);
    CHECK_FALSE(parse_file_name(name, false));
  }
  for (const std::string name :
       {".audiostore", ".git", "", ".", "..", "a.b", "a%d", "a%o", "my music", "aux", "%+", "x%+"}) {
    INFO(name);
    CHECK_FALSE(parse_file_name(name, true));
  }
}

TEST_CASE("weird keys get names of their own", "[file_names]") {
  const auto keys = conformance::weird_keys("");
  check_all({keys.begin(), keys.end()});
}

TEST_CASE("random keys get names of their own", "[file_names]") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  for (int round = 0; round < 50; ++round) {
    std::set<std::string> keys;
    while (keys.size() < 40) {
      const auto& alphabet =
          random.below(2) == 0 ? std::string_view("aB./%-") : std::string_view("a/.%+od0 \xc3\xa9\xe3\x81\x82");
      std::string key = random.text(alphabet, 1 + random.below(random.below(8) == 0 ? 1024 : 12));
      if (random.below(4) == 0) key = std::string(75 + random.below(12), 'a') + key;
      if (ObjectKey::parse(key)) keys.insert(key);
      if (ObjectKey::parse(key + "/b")) keys.insert(key + "/b");
    }
    check_all(keys);
  }
}

TEST_CASE("a prefix leads to the directory that holds its keys", "[file_names]") {
  CHECK(directory_path_for("") == "");
  CHECK(directory_path_for("us") == "");
  CHECK(directory_path_for("users/") == "users");
  CHECK(directory_path_for("users/1/ta") == "users/1");
  CHECK(directory_path_for("a.b/c") == "a.b%d");
  CHECK(directory_path_for(std::string(80, 'x') + "/y") == std::string(80, 'x') + "%+/%d");
  for (const std::string prefix : {"/", "a//", "./", "../", "a/../", "a/./b"}) {
    INFO(prefix);
    CHECK_FALSE(directory_path_for(prefix));
  }
}

}  // namespace audiostore
