#include "local/wire_request.h"

#include "core/text.h"
#include "local/s3_error.h"

#include <algorithm>

namespace audiostore::local {
namespace {

constexpr std::size_t max_fields = 100;
constexpr std::size_t max_parameters = 100;

Error bad_request(std::string_view what) { return s3_error(S3Code::bad_request, what); }
Error bad_uri(std::string_view what) { return s3_error(S3Code::invalid_uri, what); }

Error bad_parameter(std::string_view what) { return s3_error(S3Code::invalid_argument, what); }

bool is_field_value(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; });
}

/// Takes the next line, which ends in CRLF or with the text, off the front of `rest`.
std::string_view take_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find("\r\n"), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 2, rest.size()));
  return line;
}

Result<RequestHead> parse_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return bad_request("the request line has not three parts");
  RequestHead head{.method = std::string(line.substr(0, first)),
                   .target = std::string(line.substr(first + 1, last - first - 1)),
                   .headers = {}};
  const std::string_view version = line.substr(last + 1);
  head.http_1_0 = version == "HTTP/1.0";
  if (head.target.empty() || head.target.find(' ') != std::string::npos) return bad_request("the target is no target");
  if (!is_token(head.method)) return bad_request("the method is no token");
  if (!head.http_1_0 && version != "HTTP/1.1") return bad_request("the protocol is neither HTTP/1.1 nor HTTP/1.0");
  return head;
}

/// Adds one field to those that came before it.
Result<void> add_field(Headers& headers, std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return bad_request("a header has no name");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  if (!is_field_value(value)) return bad_request("a header holds a control character");
  const auto same = std::ranges::find_if(headers, [&](const Header& h) { return equal_ignoring_case(h.name, name); });
  if (same == headers.end()) {
    if (headers.size() == max_fields) return bad_request("the request has more than 100 headers");
    headers.push_back({std::string(name), std::string(value)});
    return {};
  }
  if (equal_ignoring_case(name, "host") || equal_ignoring_case(name, "content-length")) {
    return bad_request("Host and Content-Length must not be sent twice");
  }
  same->value.append(",").append(value);
  return {};
}

std::string with_blanks(std::string_view text) {
  std::string out(text);
  std::ranges::replace(out, '+', ' ');
  return out;
}

Result<QueryParameter> parse_parameter(std::string_view text) {
  const std::size_t equals = std::min(text.find('='), text.size());
  auto name = uri_decode(with_blanks(text.substr(0, equals)));
  auto value = uri_decode(with_blanks(text.substr(std::min(equals + 1, text.size()))));
  if (!name || !value) return bad_uri("the query holds a '%' that two hex digits do not follow");
  return QueryParameter{std::move(*name), std::move(*value)};
}

Result<std::vector<QueryParameter>> parse_query(std::string_view text) {
  std::vector<QueryParameter> query;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('&', start), text.size());
    if (end > start) {
      auto parameter = parse_parameter(text.substr(start, end - start));
      if (!parameter) return std::move(parameter).error();
      if (find_parameter(query, parameter->name)) return bad_parameter("a query parameter is given twice");
      if (query.size() == max_parameters) return bad_parameter("the query has more than 100 parameters");
      query.push_back(std::move(*parameter));
    }
    start = end + 1;
  }
  return query;
}

Result<std::string> parse_path(std::string_view text) {
  if (text.find('+') != std::string_view::npos) return bad_uri("write a '+' in the path as %2B, a blank as %20");
  auto path = uri_decode(text);
  if (!path) return bad_uri("the path holds a '%' that two hex digits do not follow");
  return std::move(*path);
}

}  // namespace

Result<RequestHead> parse_request_head(std::string_view bytes) {
  auto head = parse_request_line(take_line(bytes));
  while (head && !bytes.empty()) {
    if (auto added = add_field(head->headers, take_line(bytes)); !added) return std::move(added).error();
  }
  return head;
}

Result<WireTarget> parse_target(std::string_view target) {
  if (!target.starts_with('/')) return bad_uri("the request target must be an absolute path");
  const bool visible = std::ranges::all_of(target, [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
  if (!visible) return bad_uri("blanks, '#', control characters and bytes above 127 must be percent-encoded");
  const std::size_t mark = std::min(target.find('?'), target.size());
  auto path = parse_path(target.substr(0, mark));
  if (!path) return std::move(path).error();
  auto query = parse_query(target.substr(std::min(mark + 1, target.size())));
  if (!query) return std::move(query).error();
  return WireTarget{std::move(*path), std::move(*query)};
}

std::optional<std::string_view> find_parameter(const std::vector<QueryParameter>& query, std::string_view name) {
  const auto found = std::ranges::find(query, name, &QueryParameter::name);
  if (found == query.end()) return std::nullopt;
  return found->value;
}

}  // namespace audiostore::local
