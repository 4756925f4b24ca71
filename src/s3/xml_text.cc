#include "s3/xml_text.h"

#include <fmt/format.h>

namespace audiostore {
namespace {

void append_element(std::string& xml, const XmlNode& node, std::string_view attributes) {
  xml += fmt::format("<{}{}>", node.name, attributes);
  append_escaped(xml, node.text);
  for (const XmlNode& child : node.children) append_element(xml, child, "");
  xml += fmt::format("</{}>", node.name);
}

}  // namespace

void append_escaped(std::string& xml, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': xml += "&amp;"; break;
      case '<': xml += "&lt;"; break;
      case '>': xml += "&gt;"; break;
      case ' ': xml += "&#32;"; break;
      default: xml += c;
    }
  }
}

std::string to_xml(const XmlNode& root) {
  std::string xml;
  append_element(xml, root, fmt::format(" xmlns=\"{}\"", s3_namespace));
  return xml;
}

}  // namespace audiostore
