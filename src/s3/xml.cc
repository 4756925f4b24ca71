#include "s3/xml.h"

#include "core/dates.h"
#include "core/text.h"
#include "s3/xml_text.h"
#include "s3/xml_tree.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

Error unexpected(const std::string& message) { return Error(ErrorCode::corrupt, message); }

/// Calls `visit` for each child called `name`, until it returns an error.
template <class F>
Result<void> for_each(const XmlNode& parent, std::string_view name, F&& visit) {
  for (const XmlNode& child : parent.children) {
    if (child.name != name) continue;
    if (Result<void> visited = visit(child); !visited) return visited;
  }
  return {};
}

std::string text_of(const XmlNode& parent, std::string_view name) { return std::string(parent.text_of(name)); }

S3ErrorDocument error_fields(const XmlNode& node) {
  return {text_of(node, "Code"), text_of(node, "Message"), text_of(node, "RequestId"), text_of(node, "Region"),
          text_of(node, "Endpoint")};
}

}  // namespace

Result<std::string> listed_name(const XmlNode& parent, std::string_view element, bool encoded) {
  std::string text = text_of(parent, element);
  if (text.empty()) return unexpected(fmt::format("the listing has an entry without <{}>", element));
  if (!encoded) return text;
  for (char& c : text) c = c == '+' ? ' ' : c;  // as HTML forms encode: AWS and MinIO send blanks so
  auto decoded = uri_decode(text);
  if (!decoded || !is_valid_utf8(*decoded)) return unexpected("the listing has a name that cannot be URL-decoded");
  return *std::move(decoded);
}

namespace {

/// Reads the entries of one listing, whose names the server may have URL-encoded.
class ListReader {
 public:
  explicit ListReader(const XmlNode& root) : encoded_(root.text_of("EncodingType") == "url") {}

  [[nodiscard]] Result<std::string> name(const XmlNode& parent, std::string_view element) const {
    return listed_name(parent, element, encoded_);
  }

  [[nodiscard]] Result<ObjectSummary> object(const XmlNode& contents) const {
    auto key = name(contents, "Key");
    if (!key) return std::move(key).error();
    const auto size = parse_decimal(text_of(contents, "Size"));
    const auto modified = parse_iso_date(text_of(contents, "LastModified"));
    if (!size || !modified) return unexpected("the listing has an entry without a size or a date").with_key(*key);
    auto etag = quoted_etag(text_of(contents, "ETag"));
    if (!etag) return std::move(etag).error().with_key(*key);
    ObjectSummary summary{*std::move(key), *size, *std::move(etag), *modified};
    if (std::string named = text_of(contents, "StorageClass"); is_token(named))
      summary.storage_class = std::move(named);
    return summary;
  }

 private:
  bool encoded_;
};

}  // namespace

std::optional<S3ErrorDocument> parse_error_document(std::string_view xml) {
  const auto root = parse_xml(xml, "Error", max_error_bytes);
  if (!root) return std::nullopt;
  return error_fields(*root);
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
  const auto root = parse_xml(xml, "ListBucketResult", max_listing_bytes);
  if (!root) return root.error();
  const ListReader reader(*root);
  ListPage page;
  const auto add_object = [&](const XmlNode& contents) {
    return reader.object(contents).transform([&](ObjectSummary object) { page.objects.push_back(std::move(object)); });
  };
  const auto add_prefix = [&](const XmlNode& prefixes) {
    return reader.name(prefixes, "Prefix").transform([&](std::string prefix) {
      page.common_prefixes.push_back(std::move(prefix));
    });
  };
  if (auto read = for_each(*root, "Contents", add_object); !read) return std::move(read).error();
  if (auto read = for_each(*root, "CommonPrefixes", add_prefix); !read) return std::move(read).error();
  const std::string truncated = text_of(*root, "IsTruncated");
  if (truncated == "true") page.next_token = text_of(*root, "NextContinuationToken");
  if (truncated == "true" && page.next_token.empty())
    return unexpected("the listing is truncated but gives no token to go on with");
  if (truncated != "true" && truncated != "false") return unexpected("the listing does not say whether it is complete");
  return page;
}

Result<std::string> parse_copy_result(std::string_view xml) {
  const auto root = parse_xml(xml, "CopyObjectResult", max_small_reply_bytes);
  if (!root) return root.error();
  const std::string etag = text_of(*root, "ETag");
  if (etag.empty()) return unexpected("the reply to a copy has no ETag");
  return quoted_etag(etag);
}

Result<DeleteResultDocument> parse_delete_result(std::string_view xml) {
  const auto root = parse_xml(xml, "DeleteResult", max_listing_bytes);
  if (!root) return root.error();
  DeleteResultDocument result;
  auto deleted = for_each(*root, "Deleted", [&](const XmlNode& entry) -> Result<void> {
    result.deleted.push_back(text_of(entry, "Key"));
    return {};
  });
  auto failed = for_each(*root, "Error", [&](const XmlNode& entry) -> Result<void> {
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
  const auto root = parse_xml(xml, "Delete", max_listing_bytes);
  if (!root) return root.error();
  DeleteObjectsRequest request;
  request.quiet = text_of(*root, "Quiet") == "true";
  auto read = for_each(*root, "Object", [&](const XmlNode& object) -> Result<void> {
    // VersionId, ETag and the like narrow what is to go: who does not know them must not remove without them.
    if (object.children.size() != 1 || object.children.front().name != "Key") {
      return unexpected("an <Object> has something else than one <Key>");
    }
    request.keys.push_back(text_of(object, "Key"));
    return {};
  });
  return std::move(read).transform([&] { return std::move(request); });
}

Result<Credentials> parse_sts_credentials(std::string_view xml, std::string_view action) {
  const auto root = parse_xml(xml, fmt::format("{}Response", action), max_small_reply_bytes);
  if (!root) return root.error();
  const XmlNode* result = root->child(fmt::format("{}Result", action));
  const XmlNode* found = result == nullptr ? nullptr : result->child("Credentials");
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
  const auto root = parse_xml(xml, "ErrorResponse", max_error_bytes);
  const XmlNode* error = root ? root->child("Error") : nullptr;
  if (error == nullptr) return std::nullopt;
  S3ErrorDocument fields = error_fields(*error);
  fields.request_id = text_of(*root, "RequestId");
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
