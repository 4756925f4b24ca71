#include "s3/xml.h"

#include "core/dates.h"
#include "core/text.h"
#include "s3/xml_guard.h"

#include <fmt/format.h>
#include <tinyxml2.h>

#include <algorithm>

namespace audiostore {
namespace {

using tinyxml2::XMLDocument;
using tinyxml2::XMLElement;

Error unexpected(const std::string& message) { return Error(ErrorCode::corrupt, message); }

/// An element's name without its namespace prefix.
std::string_view local_name(const XMLElement& element) {
  const std::string_view name = element.Name();
  const auto colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

/// Parses `xml` and returns its root element, which `document` owns. REQUIRES of callers: keep `document` alive.
Result<const XMLElement*> parse(XMLDocument& document, std::string_view xml, std::size_t max_bytes) {
  if (auto safe = guard_xml(xml, max_bytes); !safe) return std::move(safe).error();
  if (document.Parse(xml.data(), xml.size()) != tinyxml2::XML_SUCCESS || document.RootElement() == nullptr) {
    return unexpected("the XML reply is malformed");
  }
  return document.RootElement();
}

Result<const XMLElement*> parse_as(XMLDocument& document, std::string_view xml, std::string_view root,
                                   std::size_t max_bytes) {
  return parse(document, xml, max_bytes).and_then([&](const XMLElement* element) -> Result<const XMLElement*> {
    if (local_name(*element) == root) return element;
    return unexpected(
        fmt::format("the reply is a <{}> where a <{}> was expected", printable(element->Name(), 64), root));
  });
}

/// Calls `visit` for each child element called `name`, until it returns an error.
template <class F>
Result<void> for_each(const XMLElement& parent, std::string_view name, F&& visit) {
  for (const XMLElement* child = parent.FirstChildElement(); child != nullptr; child = child->NextSiblingElement()) {
    if (local_name(*child) != name) continue;
    if (Result<void> visited = visit(*child); !visited) return visited;
  }
  return {};
}

const XMLElement* child(const XMLElement& parent, std::string_view name) {
  const XMLElement* element = parent.FirstChildElement();
  while (element != nullptr && local_name(*element) != name) element = element->NextSiblingElement();
  return element;
}

/// The text of the child called `name`, "" where there is none.
std::string text_of(const XMLElement& parent, std::string_view name) {
  const XMLElement* element = child(parent, name);
  const char* text = element == nullptr ? nullptr : element->GetText();
  return text == nullptr ? "" : text;
}

S3ErrorDocument error_fields(const XMLElement& element) {
  return {text_of(element, "Code"), text_of(element, "Message"), text_of(element, "RequestId"),
          text_of(element, "Region"), text_of(element, "Endpoint")};
}

/// Appends `text` so that every reader gets it back as it is: blanks too, which some drop where nothing else is.
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

/// Reads the key-like texts of one listing, which the server may have URL-encoded.
class ListReader {
 public:
  explicit ListReader(const XMLElement& root) : encoded_(text_of(root, "EncodingType") == "url") {}

  [[nodiscard]] Result<std::string> name(const XMLElement& parent, std::string_view element) const {
    std::string text = text_of(parent, element);
    if (text.empty()) return unexpected(fmt::format("the listing has an entry without <{}>", element));
    if (!encoded_) return text;
    for (char& c : text) c = c == '+' ? ' ' : c;  // as HTML forms encode: AWS and MinIO send blanks so
    auto decoded = uri_decode(text);
    if (!decoded || !is_valid_utf8(*decoded)) return unexpected("the listing has a name that cannot be URL-decoded");
    return *std::move(decoded);
  }

  [[nodiscard]] Result<ObjectSummary> object(const XMLElement& contents) const {
    auto key = name(contents, "Key");
    if (!key) return std::move(key).error();
    const auto size = parse_decimal(text_of(contents, "Size"));
    const auto modified = parse_iso_date(text_of(contents, "LastModified"));
    if (!size || !modified) return unexpected("the listing has an entry without a size or a date").with_key(*key);
    auto etag = quoted_etag(text_of(contents, "ETag"));
    if (!etag) return std::move(etag).error().with_key(*key);
    return ObjectSummary{*std::move(key), *size, *std::move(etag), *modified};
  }

 private:
  bool encoded_;
};

}  // namespace

std::optional<S3ErrorDocument> parse_error_document(std::string_view xml) {
  XMLDocument document;
  const auto root = parse(document, xml, max_error_bytes);
  if (!root || local_name(**root) != "Error") return std::nullopt;
  return error_fields(**root);
}

std::string mended_error_document(std::string_view xml) {
  constexpr std::string_view root_end = "</Error>";
  if (const auto whole = xml.find(root_end); whole != std::string_view::npos) {
    return std::string(xml.substr(0, whole + root_end.size()));
  }
  xml = xml.substr(0, xml.rfind('>') + 1);  // npos + 1 is 0
  const auto last_end_tag = xml.rfind("</");
  if (last_end_tag == std::string_view::npos) return {};
  return std::string(xml.substr(0, xml.find('>', last_end_tag) + 1)).append(root_end);
}

Result<ListPage> parse_list_result(std::string_view xml) {
  XMLDocument document;
  const auto root = parse_as(document, xml, "ListBucketResult", max_listing_bytes);
  if (!root) return root.error();
  const ListReader reader(**root);
  ListPage page;
  const auto add_object = [&](const XMLElement& contents) {
    return reader.object(contents).transform([&](ObjectSummary object) { page.objects.push_back(std::move(object)); });
  };
  const auto add_prefix = [&](const XMLElement& prefixes) {
    return reader.name(prefixes, "Prefix").transform([&](std::string prefix) {
      page.common_prefixes.push_back(std::move(prefix));
    });
  };
  if (auto read = for_each(**root, "Contents", add_object); !read) return std::move(read).error();
  if (auto read = for_each(**root, "CommonPrefixes", add_prefix); !read) return std::move(read).error();
  const std::string truncated = text_of(**root, "IsTruncated");
  if (truncated == "true") page.next_token = text_of(**root, "NextContinuationToken");
  if (truncated == "true" && page.next_token.empty())
    return unexpected("the listing is truncated but gives no token to go on with");
  if (truncated != "true" && truncated != "false") return unexpected("the listing does not say whether it is complete");
  return page;
}

Result<std::string> parse_copy_result(std::string_view xml) {
  XMLDocument document;
  const auto root = parse_as(document, xml, "CopyObjectResult", max_small_reply_bytes);
  if (!root) return root.error();
  const std::string etag = text_of(**root, "ETag");
  if (etag.empty()) return unexpected("the reply to a copy has no ETag");
  return quoted_etag(etag);
}

Result<DeleteResultDocument> parse_delete_result(std::string_view xml) {
  XMLDocument document;
  const auto root = parse_as(document, xml, "DeleteResult", max_listing_bytes);
  if (!root) return root.error();
  DeleteResultDocument result;
  auto deleted = for_each(**root, "Deleted", [&](const XMLElement& entry) -> Result<void> {
    result.deleted.push_back(text_of(entry, "Key"));
    return {};
  });
  auto failed = for_each(**root, "Error", [&](const XMLElement& entry) -> Result<void> {
    result.failed.push_back({text_of(entry, "Key"), error_fields(entry)});
    return {};
  });
  if (!deleted || !failed) return unexpected("the reply to DeleteObjects is malformed");
  return result;
}

std::string write_delete_objects_request(std::span<const ObjectKey> keys) {
  std::string xml = R"(<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)";
  for (const ObjectKey& key : keys) {
    xml += "<Object><Key>";
    append_escaped(xml, key.str());
    xml += "</Key></Object>";
  }
  return xml += "</Delete>";
}

Result<DeleteObjectsRequest> parse_delete_objects_request(std::string_view xml) {
  XMLDocument document;
  const auto root = parse_as(document, xml, "Delete", max_listing_bytes);
  if (!root) return root.error();
  DeleteObjectsRequest request;
  request.quiet = text_of(**root, "Quiet") == "true";
  auto read = for_each(**root, "Object", [&](const XMLElement& object) -> Result<void> {
    // VersionId, ETag and the like narrow what is to go: who does not know them must not remove without them.
    const XMLElement* key = object.FirstChildElement();
    if (key == nullptr || local_name(*key) != "Key" || key->NextSiblingElement() != nullptr) {
      return unexpected("an <Object> has something else than one <Key>");
    }
    request.keys.push_back(text_of(object, "Key"));
    return {};
  });
  return std::move(read).transform([&] { return std::move(request); });
}

Result<Credentials> parse_sts_credentials(std::string_view xml, std::string_view action) {
  XMLDocument document;
  const auto root = parse_as(document, xml, fmt::format("{}Response", action), max_small_reply_bytes);
  if (!root) return root.error();
  const XMLElement* result = child(**root, fmt::format("{}Result", action));
  const XMLElement* found = result == nullptr ? nullptr : child(*result, "Credentials");
  if (found == nullptr) return unexpected("the reply of STS has no <Credentials>");
  Credentials credentials{.access_key_id = text_of(*found, "AccessKeyId"),
                          .secret_access_key = Secret(text_of(*found, "SecretAccessKey")),
                          .session_token = Secret(text_of(*found, "SessionToken")),
                          .expires_at = parse_iso_date(text_of(*found, "Expiration"))};
  if (credentials.access_key_id.empty() || credentials.secret_access_key.empty() || credentials.session_token.empty() ||
      !credentials.expires_at) {
    return unexpected("the reply of STS lacks a part of the credentials");
  }
  return credentials;
}

std::optional<S3ErrorDocument> parse_sts_error(std::string_view xml) {
  XMLDocument document;
  const auto root = parse_as(document, xml, "ErrorResponse", max_error_bytes);
  const XMLElement* error = root ? child(**root, "Error") : nullptr;
  if (error == nullptr) return std::nullopt;
  S3ErrorDocument fields = error_fields(*error);
  fields.request_id = text_of(**root, "RequestId");
  return fields;
}

Result<std::string> quoted_etag(std::string_view etag) {
  if (!std::ranges::all_of(etag, [](char c) { return c >= 0x20 && c < 0x7f; })) {
    return unexpected("the reply has an ETag with a control character or other bytes that no ETag may have");
  }
  if (etag.empty() || etag.starts_with('"') || etag.starts_with("W/")) return std::string(etag);
  return fmt::format("\"{}\"", etag);
}

}  // namespace audiostore
