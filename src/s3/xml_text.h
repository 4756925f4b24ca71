// XML documents as S3 is sent them.
#pragma once

#include "s3/xml_tree.h"

#include <string>
#include <string_view>

namespace audiostore {

inline constexpr std::string_view s3_namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

/// Appends `text` so that every reader gets it back as it is: blanks too, which some drop where nothing else is.
/// REQUIRES: valid UTF-8 without control characters.
void append_escaped(std::string& xml, std::string_view text);

/// A document whose root is `root`, in S3's namespace. Texts as for append_escaped(); an element has a text or
/// children.
std::string to_xml(const XmlNode& root);

/// An element that holds text only.
inline XmlNode xml_text(std::string_view name, std::string_view text) {
  return {.name = std::string(name), .text = std::string(text)};
}

}  // namespace audiostore
