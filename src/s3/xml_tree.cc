#include "s3/xml_tree.h"

#include "core/text.h"
#include "s3/xml_guard.h"

#include <fmt/format.h>
#include <tinyxml2.h>

#include <algorithm>

namespace audiostore {
namespace {

std::string_view or_empty(const char* text) { return text == nullptr ? std::string_view() : text; }

std::string_view local_name(const tinyxml2::XMLElement& element) {
  const std::string_view name = or_empty(element.Name());
  return name.substr(name.find(':') + 1);  // npos + 1 is 0
}

/// A copy of `element` and all below it. The guard has bounded the depth.
XmlNode copy_of(const tinyxml2::XMLElement& element) {
  XmlNode node{.name = std::string(local_name(element)),
               .text = std::string(or_empty(element.GetText())),
               .type = std::string(or_empty(element.Attribute("xsi:type")))};
  for (const auto* child = element.FirstChildElement(); child != nullptr; child = child->NextSiblingElement()) {
    node.children.push_back(copy_of(*child));
  }
  return node;
}

}  // namespace

const XmlNode* XmlNode::child(std::string_view child_name) const {
  const auto found = std::ranges::find(children, child_name, &XmlNode::name);
  return found == children.end() ? nullptr : &*found;
}

std::string_view XmlNode::text_of(std::string_view child_name) const {
  const XmlNode* node = child(child_name);
  return node == nullptr ? std::string_view() : node->text;
}

Result<XmlNode> parse_xml(std::string_view xml, std::string_view root, std::size_t max_bytes,
                          std::size_t max_elements) {
  if (auto safe = guard_xml(xml, max_bytes, max_elements); !safe) return std::move(safe).error();
  tinyxml2::XMLDocument document;
  if (document.Parse(xml.data(), xml.size()) != tinyxml2::XML_SUCCESS || document.RootElement() == nullptr) {
    return Error(ErrorCode::corrupt, "the XML document is malformed");
  }
  const tinyxml2::XMLElement& element = *document.RootElement();
  if (local_name(element) == root) return copy_of(element);
  return Error(ErrorCode::corrupt, fmt::format("the document is not the <{}> that was expected", root));
}

}  // namespace audiostore
