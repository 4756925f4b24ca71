// A small XML document as a value. Its .cc is the only place that knows tinyxml2.
#pragma once

#include <audiostore/error.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// An element: its name without a namespace prefix, its text, its child elements in order. Attributes are left out, but
/// for xsi:type, which S3's documents use in place of a name.
struct XmlNode {
  std::string name;
  std::string text = {};
  std::string type = {};
  std::vector<XmlNode> children = {};

  /// The first child called `name`; nullptr where there is none.
  [[nodiscard]] const XmlNode* child(std::string_view child_name) const;
  /// The text of the first child called `name`; "" where there is none.
  [[nodiscard]] std::string_view text_of(std::string_view child_name) const;
};

/// The root element of a document that guard_xml() admits, of at most `max_bytes` and `max_elements`, called `root`.
/// Errors: corrupt.
Result<XmlNode> parse_xml(std::string_view xml, std::string_view root, std::size_t max_bytes,
                          std::size_t max_elements = 20'000);

}  // namespace audiostore
