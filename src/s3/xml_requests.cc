#include "s3/xml_requests.h"

#include "core/text.h"
#include "s3/xml_tree.h"

#include <fmt/format.h>

namespace audiostore {
namespace {

constexpr std::size_t max_parts = 10'000;
constexpr std::size_t max_complete_bytes = std::size_t{4} << 20;
constexpr std::size_t max_complete_elements = 4 * max_parts + 1;  // a part, its number, ETag and checksum

Error malformed(const std::string& what) { return Error(ErrorCode::corrupt, what); }

/// Reads "<ChecksumCRC32>" and its kin, of which a part has one at most.
Result<void> read_checksum(CompletedPart& part, const XmlNode& field) {
  constexpr std::string_view prefix = "Checksum";
  const auto algorithm = field.name.starts_with(prefix)
                             ? checksum_algorithm(std::string_view(field.name).substr(prefix.size()))
                             : std::nullopt;
  if (!algorithm)
    return malformed(fmt::format("a <Part> has a <{}>, which is not known here", printable(field.name, 64)));
  if (part.checksum) return malformed("a <Part> has more than one checksum");
  part.checksum = StatedChecksum{*algorithm, field.text};
  return {};
}

Result<CompletedPart> parse_part(const XmlNode& node) {
  CompletedPart part;
  if (node.name != "Part") return malformed("there is something else than <Part> in the list of parts");
  for (const XmlNode& field : node.children) {
    if (field.name == "PartNumber") {
      const auto number = parse_decimal(field.text);
      if (!number || *number < 1 || *number > max_parts) return malformed("a <PartNumber> is not 1 to 10,000");
      part.number = static_cast<int>(*number);
    } else if (field.name == "ETag") {
      part.etag = field.text;
    } else if (auto read = read_checksum(part, field); !read) {
      return std::move(read).error();
    }
  }
  if (part.number == 0 || part.etag.empty()) return malformed("a <Part> lacks its <PartNumber> or <ETag>");
  return part;
}

}  // namespace

Result<std::vector<CompletedPart>> parse_complete_request(std::string_view xml) {
  const auto root = parse_xml(xml, "CompleteMultipartUpload", max_complete_bytes, max_complete_elements);
  if (!root) return root.error();
  if (root->children.empty() || root->children.size() > max_parts) return malformed("name 1 to 10,000 parts");
  std::vector<CompletedPart> parts;
  for (const XmlNode& child : root->children) {
    auto part = parse_part(child);
    if (!part) return std::move(part).error();
    parts.push_back(std::move(*part));
  }
  return parts;
}

}  // namespace audiostore
