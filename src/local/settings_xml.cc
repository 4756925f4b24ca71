#include "local/settings_xml.h"

#include "core/text.h"
#include "local/s3_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace audiostore::local {

Result<XmlNode> parse_settings(std::string_view xml, std::string_view root) {
  return parse_xml(xml, root, max_settings_bytes).transform_error([](const Error& error) {
    return s3_error(S3Code::malformed_xml, error.message());
  });
}

Result<void> check_children(const XmlNode& node, std::initializer_list<Child> known) {
  for (const XmlNode& child : node.children) {
    if (std::ranges::find(known, child.name, &Child::name) == known.end()) return malformed_element(child);
  }
  for (const auto& [name, least, most] : known) {
    const auto count = static_cast<std::size_t>(std::ranges::count(node.children, name, &XmlNode::name));
    if (count >= least && count <= most) continue;
    return s3_error(S3Code::malformed_xml,
                    fmt::format("<{}> has {} elements <{}>.", printable(node.name, 64), count, name));
  }
  const bool has_text = node.text.find_first_not_of(" \t\r\n") != std::string::npos;
  return has_text ? malformed_element(node) : Result<void>();
}

Result<void> check_text(const XmlNode& node) {
  return node.children.empty() && is_valid_utf8(node.text) ? Result<void>() : malformed_element(node);
}

Result<std::optional<std::uint64_t>> number_in(const XmlNode& node, std::string_view name, std::uint64_t least) {
  const XmlNode* child = node.child(name);
  if (child == nullptr) return std::optional<std::uint64_t>();
  if (!child->children.empty()) return malformed_element(*child);
  const auto number = parse_decimal(child->text);
  if (number && *number >= least && *number <= std::numeric_limits<std::int32_t>::max()) return number;
  return s3_error(S3Code::invalid_argument, fmt::format("'{}' in <{}> must be an integer of at least {}.", name,
                                                        printable(node.name, 64), least));
}

Error malformed_element(const XmlNode& node) {
  return s3_error(S3Code::malformed_xml,
                  fmt::format("The element <{}> is misplaced or malformed.", printable(node.name, 64)));
}

}  // namespace audiostore::local
