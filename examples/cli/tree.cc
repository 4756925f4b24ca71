#include "tree.h"

#include "report.h"

#include <utility>

namespace cli {

void Tree::add(std::string_view key, std::string note) {
  Node* node = &root_;
  for (std::size_t slash = key.find('/'); slash != std::string_view::npos; slash = key.find('/')) {
    node = &node->folders[std::string(key.substr(0, slash))];
    key.remove_prefix(slash + 1);
  }
  node->leaves[std::string(key)] = std::move(note);
}

std::vector<std::string> Tree::lines() const {
  std::vector<std::string> lines;
  append(root_, "", lines);
  return lines;
}

void Tree::append(const Node& node, const std::string& indent, std::vector<std::string>& lines) {
  std::size_t left = node.folders.size() + node.leaves.size();
  for (const auto& [name, folder] : node.folders) {
    const bool last = --left == 0;
    lines.push_back(indent + (last ? "└── " : "├── ") + printable(name) + "/");
    append(folder, indent + (last ? "    " : "│   "), lines);
  }
  for (const auto& [name, note] : node.leaves) {
    lines.push_back(indent + (--left == 0 ? "└── " : "├── "));
    lines.back().append(printable(name)).append("  ").append(note);
  }
}

}  // namespace cli
