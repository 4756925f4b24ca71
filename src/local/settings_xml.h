// How the documents of a bucket's settings are checked, element by element. All errors are S3's.
#pragma once

#include "s3/xml_tree.h"

#include <audiostore/error.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace audiostore::local {

constexpr std::size_t max_settings_bytes = std::size_t{512} * 1024;  // 1,000 rules of a lifecycle

/// An element that another one may have.
struct Child {
  std::string_view name;
  std::size_t least = 0;
  std::size_t most = 1;
};

/// The document with this root. Errors: MalformedXML.
Result<XmlNode> parse_settings(std::string_view xml, std::string_view root);

/// Errors: MalformedXML unless `node` has children of these names in these numbers, and no others, and no text.
Result<void> check_children(const XmlNode& node, std::initializer_list<Child> known);

/// Errors: MalformedXML unless `node` is an element that holds text only.
Result<void> check_text(const XmlNode& node);

/// The number in the child called `name`; nullopt where there is none. Errors: InvalidArgument for what is no number
/// between `least` and 2^31 - 1.
Result<std::optional<std::uint64_t>> number_in(const XmlNode& node, std::string_view name, std::uint64_t least);

/// Errors: MalformedXML, naming the element.
Error malformed_element(const XmlNode& node);

}  // namespace audiostore::local
