// Keys as a tree of folders.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

class Tree {
 public:
  /// `key` ends in a leaf that is shown with `note` behind its name.
  void add(std::string_view key, std::string note);

  /// A line for each folder and leaf, by name.
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  struct Node {
    std::map<std::string, Node, std::less<>> folders;
    std::map<std::string, std::string, std::less<>> leaves;  // name to note
  };
  static void append(const Node& node, const std::string& indent, std::vector<std::string>& lines);

  Node root_;
};

}  // namespace cli
